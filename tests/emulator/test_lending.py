"""Codes that a person types to lend permissions to an application."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from worlds import CONTOSO, DEFAULT, FABRIKAM, MFA, Client, small_world, token

from reconciler.emulator.calls import Answer, Call, Json
from reconciler.emulator.lending import GRANT, SECURITY_ADMINISTRATOR
from reconciler.emulator.seeds import application_id, seed_of
from reconciler.emulator.world import World

APPLY = application_id(CONTOSO, "apply")
MEGAN = {"name": "Megan Bowen", "roles": [SECURITY_ADMINISTRATOR]}


def world(*people: Json) -> World:
    tenants = {
        "contoso": {"tenantId": CONTOSO, "people": list(people)},
        "fabrikam": {"tenantId": FABRIKAM, "people": [MEGAN]},
    }
    return small_world(tenants=tenants)


def ask(there: World, what: str, tenant: str = CONTOSO, **form: str) -> Answer:
    return there.serve_now(Call("POST", f"/{tenant}/oauth2/v2.0/{what}", body=urlencode(form).encode()))


def code(there: World) -> str:
    answer = ask(there, "devicecode", client_id=APPLY, scope="https://graph.microsoft.com/.default")
    assert (answer.status, answer.body["verification_uri"]) == (200, "https://microsoft.com/devicelogin")
    return str(answer.body["device_code"])


def typed(there: World, device_code: str, client_id: str = APPLY, tenant: str = CONTOSO) -> Answer:
    return ask(there, "token", tenant, grant_type=GRANT, client_id=client_id, device_code=device_code)


def test_first_of_the_people_types_the_code() -> None:
    there = world(MEGAN, {"name": "Adele Vance"})
    answer = typed(there, code(there))
    claims = there.signer.claims(answer.body["access_token"]) or {}

    assert (answer.status, claims["name"], claims["wids"]) == (200, "Megan Bowen", [SECURITY_ADMINISTRATOR])
    assert "Policy.ReadWrite.CrossTenantAccess" in claims["scp"].split()
    assert "roles" not in claims
    assert Client(there, bearer=answer.body["access_token"]).patch(DEFAULT, MFA).status == 204


def test_code_that_nobody_types_is_pending_and_then_over() -> None:
    there = world()
    given = code(there)

    assert (typed(there, given).status, typed(there, given).body["error"]) == (400, "authorization_pending")
    there.clock.wait(901)
    assert typed(there, given).body["error"] == "expired_token"


@pytest.mark.parametrize("other", ["application", "tenant", "token", "nonsense"])
def test_code_is_good_for_whom_it_was_given(other: str) -> None:
    there = world(MEGAN)
    given = {"token": token(there), "nonsense": "code"}.get(other) or code(there)
    client_id = application_id(CONTOSO, "plan") if other == "application" else APPLY
    answer = typed(there, given, client_id, FABRIKAM if other == "tenant" else CONTOSO)

    assert (answer.status, answer.body["error"]) == (400, "bad_verification_code")


def test_unknown_application_is_given_no_code() -> None:
    answer = ask(world(MEGAN), "devicecode", client_id="5b1d6d3a-55c7-4c5e-8f39-9c3a2f1b7e21")

    assert (answer.status, answer.body["error"]) == (400, "unauthorized_client")


def test_world_remembers_its_people() -> None:
    there = world(MEGAN)

    assert seed_of(there)["tenants"]["contoso"]["people"] == [MEGAN]
    assert World.from_seed(seed_of(there)).directory.tenants[CONTOSO].people[0].name == "Megan Bowen"
