"""What the service does by its documentation and by captured answers, row by row."""

import pytest
from worlds import (
    CONTOSO,
    DEFAULT,
    FABRIKAM,
    GRAPH,
    MFA,
    NORTHWIND,
    PARTNERS,
    TAILSPIN,
    Client,
    code,
    partner_path,
    small_world,
    written,
)

from reconciler.emulator.calls import Json

EVERYONE = {"accessType": "allowed", "targets": [{"target": "AllUsers", "targetType": "user"}]}
EVERYTHING = {"accessType": "allowed", "targets": [{"target": "AllApplications", "targetType": "application"}]}
NOBODY = {**EVERYONE, "accessType": "blocked"}
NOTHING = {**EVERYTHING, "accessType": "blocked"}
GROUP = {"target": NORTHWIND, "targetType": "group"}


@pytest.fixture
def client() -> Client:
    return Client(small_world())


# ------------------------------------------------------------------------------------------ the default


def test_fresh_default_is_stock(client: Client) -> None:
    body = client.get(DEFAULT).body

    assert body["isServiceDefault"] is True
    assert body["b2bCollaborationInbound"] == {"usersAndGroups": EVERYONE, "applications": EVERYTHING}
    assert body["b2bDirectConnectInbound"] == {"usersAndGroups": NOBODY, "applications": NOTHING}
    assert body["inboundTrust"] == {
        "isMfaAccepted": False,
        "isCompliantDeviceAccepted": False,
        "isHybridAzureADJoinedDeviceAccepted": False,
    }
    assert body["tenantRestrictions"] == {"devices": None, "usersAndGroups": NOBODY, "applications": NOTHING}
    assert body["m365CollaborationOutbound"] == {"usersAndGroups": EVERYONE}


def test_nothing_in_the_default_is_null(client: Client) -> None:
    body = client.get(DEFAULT).body

    assert [name for name, value in body.items() if value is None] == []
    assert body["protectedContentSharing"] == {"inboundAllowed": True, "outboundAllowed": True}


def test_changed_default_is_no_service_default(client: Client) -> None:
    assert client.patch(DEFAULT, MFA).status == 204
    body = client.get(DEFAULT).body

    assert body["isServiceDefault"] is False
    assert body["inboundTrust"]["isMfaAccepted"] is True
    assert body["inboundTrust"]["isCompliantDeviceAccepted"] is False


def test_reset_restores_the_default(client: Client) -> None:
    fresh = client.get(DEFAULT).body
    client.patch(DEFAULT, MFA)

    answer = client.post(f"{DEFAULT}/resetToSystemDefault")

    assert (answer.status, answer.body) == (204, None)
    assert client.get(DEFAULT).body == fresh


def test_default_that_is_sent_back_is_accepted(client: Client) -> None:
    undeclared = {"crossCloudMeetingConfiguration", "protectedContentSharing"}
    read = {name: value for name, value in client.get(DEFAULT).body.items() if name not in undeclared}

    assert client.patch(DEFAULT, read).status == 204


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_default_cannot_be_made_or_deleted(client: Client, method: str) -> None:
    answer = client.ask(method, DEFAULT, {})

    assert (answer.status, code(answer)) == (405, "Request_BadRequest")


# ------------------------------------------------------------------------------------------ reading partners


def test_fresh_partner_inherits_everything(client: Client) -> None:
    created = client.post(PARTNERS, {"tenantId": NORTHWIND})

    assert created.status == 201
    assert client.get(partner_path(NORTHWIND)).body == created.body
    assert created.body["@odata.context"] == f"{GRAPH}/v1.0/$metadata#policies/crossTenantAccessPolicy/partners/$entity"
    assert created.body["automaticUserConsentSettings"] == {"inboundAllowed": None, "outboundAllowed": None}
    assert created.body["isInMultiTenantOrganization"] is False
    assert {name for name, value in created.body.items() if value is None} == {
        "isServiceProvider",
        "inboundTrust",
        "b2bCollaborationInbound",
        "b2bCollaborationOutbound",
        "b2bDirectConnectInbound",
        "b2bDirectConnectOutbound",
        "tenantRestrictions",
        "m365CollaborationInbound",
        "m365CollaborationOutbound",
        "appServiceConnectInbound",
    }


def test_beta_shows_more_than_v1(client: Client) -> None:
    beta = Client(client.world, version="beta")
    more = beta.get(partner_path(TAILSPIN)).body.keys() - client.get(partner_path(TAILSPIN)).body.keys()

    assert more == {"blockServiceProviderOutboundAccess", "deletedDateTime"}


def test_unknown_partner_is_missing(client: Client) -> None:
    answer = client.get(partner_path(NORTHWIND))

    assert (answer.status, code(answer)) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize(
    "path",
    [
        partner_path(TAILSPIN),
        partner_path(TAILSPIN.upper()),
        f"{PARTNERS}('{TAILSPIN}')",
        f"{PARTNERS}(tenantId='{TAILSPIN}')",
        f"/{partner_path(TAILSPIN)}",
        f"{partner_path(TAILSPIN)}/",
    ],
)
def test_one_partner_has_many_spellings(client: Client, path: str) -> None:
    assert client.get(path).body["tenantId"] == TAILSPIN


def test_select_narrows(client: Client) -> None:
    body = client.get(f"{PARTNERS}?%24select=tenantId,inboundTrust").body

    assert [partner.keys() for partner in body["value"]] == [{"tenantId", "inboundTrust"}]


def test_expand_shows_that_there_is_no_policy(client: Client) -> None:
    query = "$expand=identitySynchronization"

    assert client.get(f"{partner_path(TAILSPIN)}?{query}").body["identitySynchronization"] is None
    assert client.get(f"{PARTNERS}?{query}").body["value"][0]["identitySynchronization"] is None


def test_expand_shows_the_policy(client: Client) -> None:
    policy = {"tenantId": TAILSPIN, "displayName": "Tailspin", "userSyncInbound": {"isSyncAllowed": True}}
    client.world.store.put(CONTOSO, "identitySynchronization", TAILSPIN, policy)

    shown = client.get(f"{PARTNERS}?$expand=identitySynchronization").body["value"][0]

    assert shown["identitySynchronization"] == policy


@pytest.mark.parametrize(
    "query",
    [
        "$filter=tenantId eq 'x'",
        "$skip=1",
        "$orderby=tenantId",
        "$search=x",
        "$select=nothing",
        "$expand=nothing",
        "$top=0",
        "$top=-1",
        "$top=٣",
        "$top=1000000",
        "$skiptoken=nonsense",
    ],
)
def test_odd_queries_are_refused(client: Client, query: str) -> None:
    answer = client.get(f"{PARTNERS}?{query}")

    assert (answer.status, code(answer)) == (400, "BadRequest")


def test_pages_are_whole_and_end() -> None:
    world = small_world(partners=[{"generate": 7}], switches={"page_size": 3})
    client = Client(world)
    first = client.get(PARTNERS)
    second = client.follow(first)
    third = client.follow(second)

    assert [len(page.body["value"]) for page in (first, second, third)] == [3, 3, 1]
    assert "@odata.nextLink" not in third.body
    assert len(set(client.partners())) == 7


def test_next_link_keeps_the_query() -> None:
    client = Client(small_world(partners=[{"generate": 5}]))
    first = client.get(f"{PARTNERS}?$top=2&$select=tenantId&$count=true")
    second = client.follow(first)

    assert first.body["@odata.nextLink"].startswith(f"{GRAPH}/v1.0{PARTNERS}?")
    assert [partner.keys() for partner in second.body["value"]] == [{"tenantId"}] * 2
    assert first.body["@odata.count"] == second.body["@odata.count"] == 5


def test_partner_that_vanishes_between_pages_hides_nobody() -> None:
    client = Client(small_world(partners=[{"generate": 6}], switches={"page_size": 2}))
    everyone = client.partners()
    first = client.get(PARTNERS)
    client.delete(partner_path(everyone[4]))
    second = client.follow(first)

    assert [partner["tenantId"] for partner in second.body["value"]] == everyone[2:4]


def test_count_is_a_number_as_text(client: Client) -> None:
    answer = client.get(f"{PARTNERS}/$count")

    assert (answer.raw, answer.headers["Content-Type"]) == (b"1", "text/plain")


# ------------------------------------------------------------------------------------------ writing partners


def test_duplicate_is_a_conflict(client: Client) -> None:
    answer = client.post(PARTNERS, {"tenantId": TAILSPIN.upper()})

    assert (answer.status, code(answer)) == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert client.partners() == [TAILSPIN]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "tenantId"),
        ({"tenantId": None}, "tenantId"),
        ({"tenantId": 7}, "tenantId"),
        ({"tenantId": "contoso"}, "tenantId"),
        ({"tenantId": CONTOSO}, "itself"),
        ({"tenantId": NORTHWIND, "unknown": 1}, "Invalid property 'unknown'"),
        ({"tenantId": NORTHWIND, "b2BCollaborationInbound": {}}, "Invalid property 'b2BCollaborationInbound'"),
        ({"tenantId": NORTHWIND, "inboundTrust": {"isMFAAccepted": True}}, "Invalid property 'isMFAAccepted'"),
        ({"tenantId": NORTHWIND, "inboundTrust": {"isMfaAccepted": "true"}}, "isMfaAccepted"),
        ({"tenantId": NORTHWIND, "isInMultiTenantOrganization": True}, "read-only"),
    ],
)
def test_partner_that_makes_no_sense_is_refused(client: Client, body: Json, message: str) -> None:
    answer = client.post(PARTNERS, body)

    assert (answer.status, code(answer)) == (400, "Request_BadRequest")
    assert message in answer.body["error"]["message"]
    assert client.partners() == [TAILSPIN]


HALVES: dict[str, Json] = {
    "access type missing": {"targets": EVERYONE["targets"]},
    "access type unknown": {**EVERYONE, "accessType": "unknownFutureValue"},
    "targets missing": {"accessType": "allowed"},
    "targets empty": {"accessType": "allowed", "targets": []},
    "targets no list": {"accessType": "allowed", "targets": {"target": "AllUsers"}},
    "all with some": {"accessType": "allowed", "targets": [*EVERYONE["targets"], GROUP]},
    "application among users": EVERYTHING,
    "a name as target": {"accessType": "allowed", "targets": [{"target": "Sales", "targetType": "group"}]},
    "all users as a group": {"accessType": "allowed", "targets": [{"target": "AllUsers", "targetType": "group"}]},
    "unknown member": {**EVERYONE, "label": "x"},
    "target with unknown member": {"accessType": "allowed", "targets": [{**GROUP, "name": "Sales"}]},
    "no object": "allowed",
    "a target that is no object": {"accessType": "allowed", "targets": ["AllUsers"]},
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_half_that_makes_no_sense_is_refused(client: Client, half: Json) -> None:
    body = {"b2bDirectConnectInbound": {"usersAndGroups": half}}

    for answer in (client.patch(partner_path(TAILSPIN), body), client.patch(DEFAULT, body)):
        assert (answer.status, code(answer)) == (400, "Request_BadRequest")
    assert not written(client.world)


@pytest.mark.parametrize(
    ("users", "applications", "status"),
    [
        (NOBODY, EVERYTHING, 400),
        (EVERYONE, NOTHING, 400),
        (NOBODY, NOTHING, 204),
        (EVERYONE, EVERYTHING, 204),
        ({"accessType": "blocked", "targets": [GROUP]}, EVERYTHING, 204),
        ({"accessType": "blocked", "targets": [GROUP]}, NOTHING, 204),
    ],
)
def test_halves_must_not_contradict(client: Client, users: Json, applications: Json, status: int) -> None:
    body = {"b2bCollaborationInbound": {"usersAndGroups": users, "applications": applications}}

    assert client.patch(partner_path(TAILSPIN), body).status == status


def test_half_a_block_is_stored_as_half(client: Client) -> None:
    client.patch(partner_path(TAILSPIN), {"b2bDirectConnectOutbound": {"usersAndGroups": EVERYONE}})
    shown = client.get(partner_path(TAILSPIN)).body["b2bDirectConnectOutbound"]

    assert shown == {"usersAndGroups": EVERYONE, "applications": None}


def test_properties_that_are_not_sent_stay(client: Client) -> None:
    before = client.get(partner_path(TAILSPIN)).body
    answer = client.patch(partner_path(TAILSPIN), {"automaticUserConsentSettings": {"inboundAllowed": True}})
    after = client.get(partner_path(TAILSPIN)).body

    assert (answer.status, answer.body) == (204, None)
    assert after["automaticUserConsentSettings"] == {"inboundAllowed": True, "outboundAllowed": None}
    assert {name for name in before if before[name] != after[name]} == {"automaticUserConsentSettings"}


def test_null_means_inherit(client: Client) -> None:
    assert client.patch(partner_path(TAILSPIN), {"inboundTrust": None}).status == 204
    assert client.get(partner_path(TAILSPIN)).body["inboundTrust"] is None


def test_null_for_consent_leaves_two_nulls(client: Client) -> None:
    client.patch(partner_path(TAILSPIN), {"automaticUserConsentSettings": {"inboundAllowed": True}})
    client.patch(partner_path(TAILSPIN), {"automaticUserConsentSettings": None})
    shown = client.get(partner_path(TAILSPIN)).body["automaticUserConsentSettings"]

    assert shown == {"inboundAllowed": None, "outboundAllowed": None}


def test_targets_are_replaced_as_a_whole(client: Client) -> None:
    for target in (TAILSPIN, FABRIKAM):
        half = {"accessType": "allowed", "targets": [{"target": target, "targetType": "group"}]}
        client.patch(partner_path(TAILSPIN), {"b2bCollaborationInbound": {"usersAndGroups": half}})
    shown = client.get(partner_path(TAILSPIN)).body["b2bCollaborationInbound"]

    assert shown["usersAndGroups"]["targets"] == [{"target": FABRIKAM, "targetType": "group"}]


def test_key_may_be_sent_but_not_changed(client: Client) -> None:
    assert client.patch(partner_path(TAILSPIN), {"tenantId": TAILSPIN, **MFA}).status == 204
    assert client.patch(partner_path(TAILSPIN), {"tenantId": NORTHWIND, **MFA}).status == 400


def test_fact_may_be_sent_but_not_changed(client: Client) -> None:
    assert client.patch(partner_path(TAILSPIN), {"isInMultiTenantOrganization": False}).status == 204
    assert client.patch(partner_path(TAILSPIN), {"isInMultiTenantOrganization": True}).status == 400


@pytest.mark.parametrize("value", [True, False, None])
def test_application_cannot_say_who_serves(client: Client, value: bool | None) -> None:
    answers = [
        client.patch(partner_path(TAILSPIN), {"isServiceProvider": value}),
        client.post(PARTNERS, {"tenantId": NORTHWIND, "isServiceProvider": value}),
    ]

    assert [(answer.status, code(answer)) for answer in answers] == [(403, "Authorization_RequestDenied")] * 2


def test_person_can_say_who_serves() -> None:
    world = small_world()
    contoso = world.directory.tenants[CONTOSO]
    answer = world.portal(contoso, "Megan Bowen", "PATCH", partner_path(TAILSPIN), b'{"isServiceProvider": true}')

    assert answer.status == 204
    assert Client(world).get(partner_path(TAILSPIN)).body["isServiceProvider"] is True


def test_unknown_partner_cannot_be_changed(client: Client) -> None:
    answers = [client.patch(partner_path(NORTHWIND), MFA), client.delete(partner_path(NORTHWIND))]

    assert [(answer.status, code(answer)) for answer in answers] == [(404, "Directory_ObjectNotFound")] * 2


def test_deleted_partner_is_gone(client: Client) -> None:
    answer = client.delete(partner_path(TAILSPIN))

    assert (answer.status, answer.body) == (204, None)
    assert client.get(partner_path(TAILSPIN)).status == 404
    assert client.partners() == []
    assert client.post(PARTNERS, {"tenantId": TAILSPIN}).status == 201


def test_partner_with_a_sync_policy_cannot_be_deleted(client: Client) -> None:
    client.world.store.put(CONTOSO, "identitySynchronization", TAILSPIN, {"tenantId": TAILSPIN})
    answer = client.delete(partner_path(TAILSPIN))

    assert (answer.status, code(answer)) == (400, "Request_BadRequest")
    assert client.partners() == [TAILSPIN]


def test_tenants_do_not_see_each_other(client: Client) -> None:
    assert Client(client.world, FABRIKAM).partners() == []


# ------------------------------------------------------------------------------------------ redeeming invitations

REDEMPTION = "invitationRedemptionIdentityProviderConfiguration"
ORDER = "primaryIdentityProviderPrecedenceOrder"


def test_order_of_redemption_is_kept(client: Client) -> None:
    order = ["socialIdentityProviders", "azureActiveDirectory"]

    assert client.patch(DEFAULT, {REDEMPTION: {ORDER: order}}).status == 204
    shown = client.get(DEFAULT).body[REDEMPTION]
    assert shown == {ORDER: order, "fallbackIdentityProvider": "defaultConfiguredIdp"}
    assert client.patch(DEFAULT, {REDEMPTION: {"fallbackIdentityProvider": "emailOneTimePasscode"}}).status == 204


@pytest.mark.parametrize(
    "block",
    [
        {ORDER: []},
        {ORDER: ["azureActiveDirectory"] * 2},
        {ORDER: ["emailOneTimePasscode"]},
        {ORDER: "azureActiveDirectory"},
        {"fallbackIdentityProvider": "azureActiveDirectory"},
        {"fallback": "microsoftAccount"},
    ],
)
def test_odd_redemption_is_refused(client: Client, block: Json) -> None:
    answer = client.patch(DEFAULT, {REDEMPTION: block})

    assert (answer.status, code(answer)) == (400, "Request_BadRequest")


def test_redemption_is_the_business_of_the_default_alone(client: Client) -> None:
    assert client.patch(partner_path(TAILSPIN), {REDEMPTION: {ORDER: ["azureActiveDirectory"]}}).status == 400


def test_devices_are_not_supported(client: Client) -> None:
    block = {"devices": {"mode": "allowed", "rule": "x"}}

    assert client.patch(partner_path(TAILSPIN), {"tenantRestrictions": block}).status == 400
