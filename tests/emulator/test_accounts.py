"""Subscriptions, applications and service principals: what the emulator says of them, and to whom."""

from typing import Any

import pytest
from worlds import CONTOSO, Client, code, sign_in, small_world

from reconciler.emulator.calls import Answer
from reconciler.emulator.seeds import SeedError, application_id, application_secret, seed_of
from reconciler.emulator.world import World

APPLICATION = f"/applications(appId='{application_id(CONTOSO, 'plan')}')"
PRINCIPAL = f"/servicePrincipals(appId='{application_id(CONTOSO, 'plan')}')"
READING = {"name": "plan", "roles": ["Application.Read.All", "LicenseAssignment.Read.All"]}


def world(*, licences: list[str] | None = None, **application: Any) -> World:
    """Return a world of one tenant, in which one application may read all that is asked here."""
    tenant = {
        "tenantId": CONTOSO,
        "applications": [{**READING, **application}],
        **({} if licences is None else {"licences": licences}),
    }
    return small_world(tenants={"contoso": tenant})


def get(made: World, path: str) -> Answer:
    """Read as the application that plans."""
    return Client(made, purpose="plan").get(path)


def plans(made: World) -> list[str]:
    """Return the names of the service plans that the tenant has."""
    answer = get(made, "/subscribedSkus")
    assert answer.status == 200
    return [plan["servicePlanName"] for sku in answer.body["value"] for plan in sku["servicePlans"]]


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        (None, ["AAD_PREMIUM"]),
        ([], []),
        (["P2"], ["AAD_PREMIUM", "AAD_PREMIUM_P2"]),
        (["P1", "Governance"], ["AAD_PREMIUM", "Entra_Identity_Governance"]),
    ],
)
def test_tenant_has_the_licences_of_its_seed(licences: list[str] | None, expected: list[str]) -> None:
    assert plans(world(licences=licences)) == expected


def test_secret_shows_when_it_ends_and_not_what_it_is() -> None:
    answer = get(world(secretEnds="2026-12-01T00:00:00Z"), APPLICATION)

    (credential,) = answer.body["passwordCredentials"]
    assert credential["endDateTime"].startswith("2026-12-01T00:00:00")
    assert application_secret(CONTOSO, "plan") not in str(answer.body)


def test_secret_of_which_nobody_said_when_it_ends_is_good_for_long() -> None:
    answer = get(world(), APPLICATION)

    assert answer.body["passwordCredentials"][0]["endDateTime"].startswith("2299")


def test_application_is_narrowed_as_asked() -> None:
    answer = get(world(), f"{APPLICATION}?$select=appId,keyCredentials")

    assert {name for name in answer.body if "@" not in name} == {"appId", "keyCredentials"}


@pytest.mark.parametrize("path", [APPLICATION, PRINCIPAL])
def test_unknown_property_is_refused(path: str) -> None:
    assert get(world(), f"{path}?$select=nonsense").status == 400


@pytest.mark.parametrize("collection", ["applications", "servicePrincipals"])
def test_application_of_elsewhere_is_not_found(collection: str) -> None:
    answer = get(world(), f"/{collection}(appId='{CONTOSO}')")

    assert (answer.status, code(answer)) == (404, "Request_ResourceNotFound")


def test_service_principal_is_who_signs_in() -> None:
    made = world()

    answer = get(made, PRINCIPAL)

    assert answer.body["id"] == made.directory.tenants[CONTOSO].object_id(
        f"service principal {application_id(CONTOSO, 'plan')}"
    )


@pytest.mark.parametrize(
    ("path", "status"), [("/subscribedSkus", 200), (APPLICATION, 403), (PRINCIPAL, 403)], ids=["licences", "app", "sp"]
)
def test_default_applications_may_read_licences_alone(path: str, status: int) -> None:
    assert get(small_world(), path).status == status


def test_world_remembers_licences_and_ends() -> None:
    made = world(licences=["P2"], secretEnds="2026-12-01T00:00:00Z")

    again = World.from_seed(seed_of(made))

    assert seed_of(again) == seed_of(made)
    assert plans(again) == ["AAD_PREMIUM", "AAD_PREMIUM_P2"]


def test_unknown_licence_is_a_mistake_in_the_seed() -> None:
    with pytest.raises(SeedError, match=r"tenants\.contoso\.licences"):
        world(licences=["P3"])


def test_secret_that_has_ended_opens_nothing() -> None:
    made = world(secretEnds="2026-01-02T00:00:00Z")

    answer = sign_in(made, CONTOSO, application_id(CONTOSO, "plan"), application_secret(CONTOSO, "plan"))

    assert answer.body["error_codes"] == [7000222]
