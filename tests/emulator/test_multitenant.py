"""The multitenant organization and its templates: who may read and write them, and what they look like."""

from __future__ import annotations

import pytest
from worlds import CONTOSO, POLICY, Client, code, small_world

from reconciler.emulator.calls import Json
from reconciler.emulator.world import World

ORGANIZATION = "/tenantRelationships/multiTenantOrganization"
PARTNERS = f"{POLICY}/templates/multiTenantOrganizationPartnerConfiguration"
SYNCHRONIZATION = f"{POLICY}/templates/multiTenantOrganizationIdentitySynchronization"
ALL = (ORGANIZATION, PARTNERS, SYNCHRONIZATION)
ROLES = ("MultiTenantOrganization.Read.All", "MultiTenantOrganization.ReadWrite.All")


def world(*roles: str) -> World:
    """Return a world in which contoso has one application with these roles."""
    one = {"name": "apply", "roles": list(roles)}
    return small_world(tenants={"contoso": {"tenantId": CONTOSO, "applications": [one]}})


def writer() -> Client:
    return Client(world("MultiTenantOrganization.ReadWrite.All"))


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("role", ROLES)
def test_one_of_two_permissions_reads(path: str, role: str) -> None:
    assert Client(world(role)).get(path).status == 200


@pytest.mark.parametrize("path", ALL)
def test_who_reads_policies_may_not_read_these(path: str) -> None:
    answer = Client(world("Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess")).get(path)

    assert (answer.status, code(answer)) == (403, "Authorization_RequestDenied")


def test_who_reads_may_not_write() -> None:
    client = Client(world("MultiTenantOrganization.Read.All"))

    assert [client.ask("PUT", ORGANIZATION, {"displayName": "Group"}).status, client.patch(PARTNERS, {}).status] == [
        403,
        403,
    ]


def test_nobody_is_in_an_organization_at_first() -> None:
    shown = writer().get(ORGANIZATION).body

    assert (shown["state"], shown["displayName"], shown["createdDateTime"]) == ("inactive", None, None)


def test_organization_is_begun_once() -> None:
    client = writer()

    begun = client.ask("PUT", ORGANIZATION, {"displayName": "Group", "description": None})
    again = client.ask("PUT", ORGANIZATION, {"displayName": "Other"})

    assert (begun.status, begun.body["state"], begun.body["displayName"]) == (201, "active", "Group")
    assert again.status == 400
    assert client.get(ORGANIZATION).body["id"] == begun.body["id"]


def test_organization_is_renamed_once_it_is_there() -> None:
    client = writer()

    assert client.patch(ORGANIZATION, {"displayName": "Early"}).status == 400
    client.ask("PUT", ORGANIZATION, {"displayName": "Group"})
    assert client.patch(ORGANIZATION, {"displayName": "Late"}).status == 204
    assert client.get(ORGANIZATION).body["displayName"] == "Late"


@pytest.mark.parametrize("path", ALL)
def test_none_of_them_can_be_deleted(path: str) -> None:
    assert writer().delete(path).status == 405


def test_fresh_templates_say_nothing() -> None:
    client = writer()
    partners, synchronization = client.get(PARTNERS).body, client.get(SYNCHRONIZATION).body

    assert partners.pop("templateApplicationLevel") == synchronization["templateApplicationLevel"]
    assert synchronization["templateApplicationLevel"] == "newPartners,existingPartners"
    assert synchronization["userSyncInbound"] is None
    assert {name for name, value in partners.items() if value is None} == {
        "inboundTrust",
        "automaticUserConsentSettings",
        "b2bCollaborationInbound",
        "b2bCollaborationOutbound",
        "b2bDirectConnectInbound",
        "b2bDirectConnectOutbound",
    }


def test_templates_are_written_and_reset() -> None:
    client = writer()

    assert client.patch(PARTNERS, {"automaticUserConsentSettings": {"inboundAllowed": True}}).status == 204
    assert client.patch(SYNCHRONIZATION, {"userSyncInbound": {"isSyncAllowed": True}}).status == 204
    assert client.patch(SYNCHRONIZATION, {"templateApplicationLevel": "existingPartners, newPartners"}).status == 204
    assert client.get(PARTNERS).body["automaticUserConsentSettings"] == {"inboundAllowed": True}
    assert client.get(SYNCHRONIZATION).body["templateApplicationLevel"] == "newPartners,existingPartners"

    assert client.post(f"{PARTNERS}/resetToDefaultSettings").status == 204
    assert client.get(PARTNERS).body["automaticUserConsentSettings"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PARTNERS, {"tenantRestrictions": None}),
        (PARTNERS, {"templateApplicationLevel": "everybody"}),
        (PARTNERS, {"templateApplicationLevel": 3}),
        (PARTNERS, {"inboundTrust": {"isMfaAccepted": "yes"}}),
        (PARTNERS, {"b2bCollaborationInbound": {}}),
        (SYNCHRONIZATION, {"userSyncInbound": {"isSyncAllowed": 1}}),
        (ORGANIZATION, {"state": "active"}),
    ],
)
def test_what_makes_no_sense_is_refused(path: str, body: Json) -> None:
    client = writer()
    client.ask("PUT", ORGANIZATION, {"displayName": "Group"})

    assert client.patch(path, body).status == 400


def test_seed_says_who_is_in_an_organization() -> None:
    objects = {"multiTenantOrganization": {"": {"displayName": "Group", "state": "active"}}}
    there = small_world(tenants={"contoso": {"tenantId": CONTOSO, "objects": objects}})

    assert Client(there, purpose="plan").get(ORGANIZATION).body["state"] == "active"
