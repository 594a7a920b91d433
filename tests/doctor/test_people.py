"""Somebody signs in with a code: what their directory roles allow, and what the check-up says of them."""

from __future__ import annotations

import asyncio

import pytest
from emulated import network, tenant_of
from patients import CONTOSO, NOON, checkup, found

from reconciler.emulator.lending import SECURITY_ADMINISTRATOR, SECURITY_READER, TEAMS_ADMINISTRATOR
from reconciler.emulator.world import World
from reconciler.errors import Forbidden, SignInFailed
from reconciler.model import Check, Health

CODE = {"RECONCILER_SIGN_IN": "device-code"}
FABRIKAM = "39429824-604b-49fc-a4b3-b89447a14fd9"
PARTNER = f"/policies/crossTenantAccessPolicy/partners/{FABRIKAM}"
LENT = ["Policy.Read.All", "Organization.Read.All", "Policy.ReadWrite.CrossTenantAccess"]
HYBRID_IDENTITY_ADMINISTRATOR = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"


def world(*roles: str, people: bool = True) -> World:
    """Return a tenant with one partner, where one person has these directory roles, or nobody is there at all."""
    applications = [{"name": name, "roles": LENT} for name in ("plan", "apply")]
    megan = {"name": "Megan Bowen", "roles": list(roles)}
    tenant = {
        "tenantId": CONTOSO,
        "displayName": "Contoso",
        "applications": applications,
        "people": [megan] if people else [],
        "partners": [{"tenantId": FABRIKAM}],
    }
    return World.from_seed({"clock": NOON, "tenants": {"contoso": tenant}})


def roles_found(purpose: str, *roles: str) -> Check:
    return found(checkup(world(*roles), environment=CODE, tell=list[str]().append), "directory roles", purpose)


async def writing(there: World, method: str, path: str) -> None:
    graph = network(there, CODE, tell=list[str]().append).writer(tenant_of(there, "contoso"))
    try:
        await graph.write(method, path, {"displayName": "x"} if method == "PUT" else {"inboundTrust": None})
    finally:
        await graph.aclose()


@pytest.mark.parametrize("purpose", ["plan", "apply"])
def test_role_that_suffices_is_named(purpose: str) -> None:
    check = roles_found(purpose, SECURITY_ADMINISTRATOR)

    assert (check.health, check.message) == (Health.FINE, "the person is Security Administrator")


def test_reader_is_enough_to_plan_and_doubtful_to_apply() -> None:
    assert roles_found("plan", SECURITY_READER).health is Health.FINE
    assert roles_found("apply", SECURITY_READER).health is Health.DOUBTFUL


def test_other_role_is_doubtful() -> None:
    check = roles_found("plan", HYBRID_IDENTITY_ADMINISTRATOR)

    assert check.health is Health.DOUBTFUL
    assert check.message.startswith("the token names none of the directory roles that are known to suffice: ")


def test_code_that_nobody_types_ends_the_sign_in() -> None:
    with pytest.raises(SignInFailed, match="nobody typed the code"):
        asyncio.run(writing(world(people=False), "PATCH", PARTNER))


def test_write_of_a_person_is_theirs() -> None:
    there = world(SECURITY_ADMINISTRATOR)
    asyncio.run(writing(there, "PATCH", PARTNER))
    [entry] = there.store.journal()

    assert (entry.committed, entry.principal["kind"], entry.principal["name"]) == (True, "user", "Megan Bowen")


@pytest.mark.parametrize(
    ("role", "method", "path", "may"),
    [
        (TEAMS_ADMINISTRATOR, "PATCH", PARTNER, True),
        (TEAMS_ADMINISTRATOR, "PUT", f"{PARTNER}/identitySynchronization", False),
        (SECURITY_ADMINISTRATOR, "PUT", f"{PARTNER}/identitySynchronization", True),
        (SECURITY_READER, "PATCH", PARTNER, False),
        (HYBRID_IDENTITY_ADMINISTRATOR, "PATCH", PARTNER, False),
    ],
)
def test_directory_roles_decide_beside_permissions(role: str, method: str, path: str, may: bool) -> None:
    there = world(role)
    if may:
        asyncio.run(writing(there, method, path))
    else:
        with pytest.raises(Forbidden):
            asyncio.run(writing(there, method, path))

    assert [entry.committed for entry in there.store.journal()] == [may]
