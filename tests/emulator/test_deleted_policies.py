"""Partners and synchronization policies that were deleted: listed, restored and purged, in beta."""

from __future__ import annotations

import json

import pytest
from worlds import CONTOSO, MFA, TAILSPIN, Client, code, partner_path, small_world, written

from reconciler.emulator.calls import Json

PARTNERS = "/policies/deletedItems/crossTenantPartners"
POLICIES = "/policies/deletedItems/crossTenantSyncPolicyPartners"
SYNC = f"{partner_path(TAILSPIN)}/identitySynchronization"
DAY = 24 * 60 * 60


def beta(**switches: Json) -> Client:
    """Return somebody in a world where applications may use the lists."""
    return Client(small_world(switches={"deleted_items_refused": False, **switches}), version="beta")


def ids(client: Client, path: str = PARTNERS) -> list[str]:
    return [one["tenantId"] for one in client.get(path).body["value"]]


def test_deleted_partner_is_listed_with_its_moment() -> None:
    client = beta()
    before = client.world.clock.now()
    client.delete(partner_path(TAILSPIN))
    [shown] = client.get(f"{PARTNERS}/").body["value"]

    assert (shown["tenantId"], shown["inboundTrust"]["isMfaAccepted"], shown["displayName"]) == (TAILSPIN, True, None)
    assert shown["deletedDateTime"].startswith(f"{before:%Y-%m-%dT%H:%M}")
    assert client.get(f"{PARTNERS}/{TAILSPIN.upper()}").body == shown


def test_what_stands_is_not_listed() -> None:
    client = beta()

    assert ids(client) == []
    assert (client.get(f"{PARTNERS}/{TAILSPIN}").status, code(client.get(f"{PARTNERS}/{TAILSPIN}"))) == (
        404,
        "Request_ResourceNotFound",
    )


def test_restored_partner_is_as_it_was() -> None:
    client = beta()
    whole = client.get(partner_path(TAILSPIN)).body
    client.delete(partner_path(TAILSPIN))

    assert client.post(f"{PARTNERS}/{TAILSPIN}/restore").status == 200
    assert client.get(partner_path(TAILSPIN)).body == whole
    assert ids(client) == []


def test_partner_that_was_made_anew_is_not_restored() -> None:
    client = beta()
    client.delete(partner_path(TAILSPIN))
    client.post("/policies/crossTenantAccessPolicy/partners", {"tenantId": TAILSPIN})

    assert client.post(f"{PARTNERS}/{TAILSPIN}/restore").status == 404


def test_purged_partner_is_gone_for_good() -> None:
    client = beta()
    client.delete(partner_path(TAILSPIN))

    assert client.delete(f"{PARTNERS}/{TAILSPIN}").status == 204
    assert ids(client) == []
    assert client.post(f"{PARTNERS}/{TAILSPIN}/restore").status == 404
    assert client.post("/policies/crossTenantAccessPolicy/partners", {"tenantId": TAILSPIN}).status == 201


def test_deleted_again_after_a_purge_is_listed_again() -> None:
    client = beta()
    client.delete(partner_path(TAILSPIN))
    client.delete(f"{PARTNERS}/{TAILSPIN}")
    client.post("/policies/crossTenantAccessPolicy/partners", {"tenantId": TAILSPIN})
    client.delete(partner_path(TAILSPIN))

    assert ids(client) == [TAILSPIN]


@pytest.mark.parametrize(("days", "there"), [(29, [TAILSPIN]), (31, [])])
def test_thirty_days_are_given(days: int, there: list[str]) -> None:
    client = beta(token_lifetime_seconds=40 * DAY)
    client.delete(partner_path(TAILSPIN))
    client.world.clock.wait(days * DAY)

    assert ids(client) == there


def test_policy_is_restored_below_its_partner() -> None:
    client = beta()
    client.ask("PUT", SYNC, {"groupSyncInbound": {"isSyncAllowed": True}})
    client.delete(SYNC)
    client.delete(partner_path(TAILSPIN))

    assert client.post(f"{POLICIES}/{TAILSPIN}/restore").status == 404
    client.post(f"{PARTNERS}/{TAILSPIN}/restore")
    assert ids(client, POLICIES) == [TAILSPIN]
    assert client.post(f"{POLICIES}/{TAILSPIN}/restore").status == 200
    assert client.get(SYNC).body["groupSyncInbound"] == {"isSyncAllowed": True}


def test_version_1_does_not_have_it() -> None:
    client = Client(beta().world)

    assert (client.get(PARTNERS).status, code(client.get(PARTNERS))) == (400, "BadRequest")


def test_reader_may_not_restore() -> None:
    client = beta()
    client.delete(partner_path(TAILSPIN))
    reader = Client(client.world, purpose="plan", version="beta")

    assert (ids(reader), reader.post(f"{PARTNERS}/{TAILSPIN}/restore").status) == ([TAILSPIN], 403)


def test_person_may_where_applications_may_not() -> None:
    world = small_world()
    Client(world).delete(partner_path(TAILSPIN))
    contoso = world.directory.tenants[CONTOSO]

    answer = world.portal(contoso, "Megan Bowen", "POST", f"/beta{PARTNERS}/{TAILSPIN}/restore")

    assert answer.status == 200
    assert json.loads(answer.raw or b"")["tenantId"] == TAILSPIN
    assert [(entry.method, entry.before is None) for entry in written(world)] == [("DELETE", False), ("POST", True)]
    assert (
        Client(world).get(partner_path(TAILSPIN)).body["inboundTrust"]["isMfaAccepted"]
        is MFA["inboundTrust"]["isMfaAccepted"]
    )
