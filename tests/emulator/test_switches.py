"""Every assumption in both positions: the default, and what else may be true."""

from collections.abc import Callable
from dataclasses import fields

import pytest
from cycle_switches import CYCLES
from directory_switches import ASSIGNING, DIRECTORY_CASES, EVERYTHING, PEOPLE
from sync_switches import SYNCHRONIZATION
from worlds import (
    CONTOSO,
    DEFAULT,
    GRAPH,
    MFA,
    NORTHWIND,
    PARTNERS,
    POLICY,
    TAILSPIN,
    Client,
    code,
    partner_path,
    small_world,
    token,
)

from reconciler.emulator.calls import Json
from reconciler.emulator.switches import Switches

PARTNER = partner_path(TAILSPIN)
SYNC = "identitySynchronization"
ALL = {"target": "AllUsers", "targetType": "user"}
ALL_APPLICATIONS = {"target": "AllApplications", "targetType": "application"}
LOW = {"target": "bbbbbbbb-0000-4000-8000-000000000001", "targetType": "group"}
HIGH = {"target": "AAAAAAAA-0000-4000-8000-000000000002", "targetType": "user"}

Sees = Callable[[Client], Json]


def allowed(*targets: Json) -> Json:
    return {"accessType": "allowed", "targets": list(targets)}


def status(method: str, path: str, body: Json = None) -> Sees:
    return lambda client: client.ask(method, path, body).status


def status_and_code(method: str, path: str, body: Json = None) -> Sees:
    def see(client: Client) -> Json:
        answer = client.ask(method, path, body)
        return answer.status, code(answer)

    return see


def after(body: Json, path: str = PARTNER, *, block: str) -> Sees:
    def see(client: Client) -> Json:
        answer = client.patch(path, body)
        return client.get(path).body[block] if answer.status == 204 else answer.status

    return see


def targets(*sent: Json) -> Sees:
    see = after({"b2bCollaborationInbound": {"usersAndGroups": allowed(*sent)}}, block="b2bCollaborationInbound")

    def narrow(client: Client) -> Json:
        shown = see(client)
        return shown if isinstance(shown, int) else [one["target"] for one in shown["usersAndGroups"]["targets"]]

    return narrow


def put_twice(client: Client) -> Json:
    path = f"{PARTNER}/{SYNC}"
    return tuple(client.ask("PUT", path, {"displayName": name}).status for name in ("one", "two"))


def twice_patched(client: Client) -> Json:
    client.patch(PARTNER, {"automaticUserConsentSettings": {"inboundAllowed": True}})
    client.patch(PARTNER, {"automaticUserConsentSettings": {"outboundAllowed": True}})
    return client.get(PARTNER).body["automaticUserConsentSettings"]["inboundAllowed"]


def default_after(*bodies: Json, name: str) -> Sees:
    def see(client: Client) -> Json:
        for body in bodies:
            if client.patch(DEFAULT, body).status != 204:
                return 400
        return client.get(DEFAULT).body[name]

    return see


def created_key(client: Client) -> Json:
    client.post(PARTNERS, {"tenantId": NORTHWIND.upper()})
    return client.get(partner_path(NORTHWIND)).body["tenantId"]


def first_page(client: Client) -> Json:
    client.post(PARTNERS, {"tenantId": NORTHWIND})
    return len(client.get(PARTNERS).body["value"])


def listed_as_created(client: Client) -> Json:
    made = [f"{last}0000000-0000-4000-8000-00000000000{9 - int(last)}" for last in "4567"]
    for tenant_id in made:
        client.post(PARTNERS, {"tenantId": tenant_id})
    listed = client.partners()
    assert sorted(listed) == sorted([TAILSPIN, *made])
    return listed == [TAILSPIN, *made]


def deleted_and_made_anew(client: Client) -> Json:
    client.delete(PARTNER)
    soon = (
        client.get(PARTNER).status,
        client.partners() == [TAILSPIN],
        client.post(PARTNERS, {"tenantId": TAILSPIN}).status,
    )
    client.world.clock.wait(60)
    return *soon, client.get(PARTNER).status


def read_after_write(client: Client) -> Json:
    client.patch(DEFAULT, MFA)
    soon = client.get(DEFAULT).body["inboundTrust"]["isMfaAccepted"]
    client.world.clock.wait(60)
    return soon, client.get(DEFAULT).body["inboundTrust"]["isMfaAccepted"]


def batch_order(client: Client) -> Json:
    requests = [{"id": str(number), "method": "GET", "url": DEFAULT} for number in range(20)]
    return list(client.batch(*requests)) == [request["id"] for request in requests]


def absolute(client: Client) -> Json:
    requests = [{"id": "1", "method": "GET", "url": f"{GRAPH}/v1.0{DEFAULT}"}]
    return client.post("/$batch", {"requests": requests}).status


def lifetime(client: Client) -> Json:
    claims = client.world.signer.claims(client.bearer) or {}
    return claims["exp"] - claims["iat"]


def promised(client: Client) -> Json:
    """Read with a token that speaks of fewer roles than the application has."""
    client.world.add_fault({"match": {"path": "*/token"}, "action": {"claims": {"roles": []}}})
    return Client(client.world, bearer=token(client.world)).get(DEFAULT).status


def audited_at_once(client: Client) -> Json:
    client.patch(DEFAULT, MFA)
    reader = Client(client.world, purpose="audit")
    soon = len(reader.get("/auditLogs/directoryAudits").body["value"])
    client.world.clock.wait(60)
    return soon, len(reader.get("/auditLogs/directoryAudits").body["value"])


def audited_names(client: Client) -> Json:
    client.patch(PARTNER, {"inboundTrust": None})
    (record,) = Client(client.world, purpose="audit").get("/auditLogs/directoryAudits").body["value"]
    return [one["displayName"] for one in record["targetResources"][0]["modifiedProperties"]]


UNKNOWN = f"/tenantRelationships/findTenantInformationByTenantId(tenantId='{NORTHWIND}')"
NO_BLOCK = {"b2bCollaborationInbound": {"usersAndGroups": None, "applications": None}}
CLEARED = {"b2bCollaborationInbound": None}
BLOCKED = {"accessType": "blocked", "targets": [ALL]}
CONTRADICTION = {"b2bCollaborationInbound": {"usersAndGroups": BLOCKED, "applications": allowed(ALL_APPLICATIONS)}}
STOCK = {"inboundTrust": dict.fromkeys(("isMfaAccepted", "isCompliantDeviceAccepted"), False)}
ANNOTATED = {"inboundTrust": {"@odata.type": "#microsoft.graph.x", "isMfaAccepted": True}}
CONSENT = {"automaticUserConsentSettings": {"inboundAllowed": True}}

# switch: (what to look at, what it shows by default, the other setting, what it shows then)
CASES: dict[str, tuple[Sees, Json, Json, Json]] = {
    "nested_patch": (twice_patched, True, "replace", None),
    "null_clears": (after(CLEARED, block="b2bCollaborationInbound"), None, False, 400),
    "default_null_is_stock": (
        default_after(MFA, {"inboundTrust": None}, name="inboundTrust"),
        dict.fromkeys(("isMfaAccepted", "isCompliantDeviceAccepted", "isHybridAzureADJoinedDeviceAccepted"), False),
        False,
        400,
    ),
    "empty_block_refused": (after(NO_BLOCK, block="b2bCollaborationInbound"), 400, False, None),
    "conflict_refused": (status("PATCH", PARTNER, CONTRADICTION), 400, False, 204),
    "mixed_all_refused": (targets(ALL, LOW), 400, False, ["AllUsers", LOW["target"]]),
    "target_case": (targets(HIGH), [HIGH["target"]], "lower", [HIGH["target"].lower()]),
    "target_order": (targets(LOW, HIGH), [LOW["target"], HIGH["target"]], "sorted", [HIGH["target"], LOW["target"]]),
    "partner_key_case": (created_key, NORTHWIND, "as-sent", NORTHWIND.upper()),
    "duplicate_targets_kept": (targets(LOW, LOW), [LOW["target"]] * 2, False, [LOW["target"]]),
    "annotations_accepted": (status("PATCH", PARTNER, ANNOTATED), 204, False, 400),
    "default_consent_refused": (status("PATCH", DEFAULT, CONSENT), 400, False, 204),
    "any_write_customises": (default_after(STOCK, name="isServiceDefault"), False, False, True),
    "undeclared_properties": (lambda client: "protectedContentSharing" in client.get(DEFAULT).body, True, False, False),
    "service_provider_refused": (status("PATCH", PARTNER, {"isServiceProvider": True}), 403, False, 400),
    "expand_on_list": (status("GET", f"{PARTNERS}?$expand={SYNC}"), 200, False, 400),
    "expanded_nothing": (
        lambda client: SYNC in client.get(f"{PARTNER}?$expand={SYNC}").body,
        True,
        "absent",
        False,
    ),
    "put_only_creates": (put_twice, (204, 409), False, (204, 204)),
    "sync_before_consent": (
        status("PUT", f"{PARTNER}/{SYNC}", {"userSyncInbound": {"isSyncAllowed": True}}),
        204,
        False,
        400,
    ),
    "own_cloud_refused": (
        status("PATCH", POLICY, {"allowedCloudEndpoints": ["microsoftonline.com", "microsoftonline.us"]}),
        400,
        False,
        204,
    ),
    "own_tenant_refused": (status("POST", PARTNERS, {"tenantId": CONTOSO}), 400, False, 201),
    "unknown_tenant_accepted": (status("POST", PARTNERS, {"tenantId": NORTHWIND}), 201, False, 400),
    "missing_partner_read": (
        status_and_code("GET", partner_path(NORTHWIND)),
        (404, "Request_ResourceNotFound"),
        "ResourceNotFound",
        (404, "ResourceNotFound"),
    ),
    "missing_partner_write": (
        status_and_code("PATCH", partner_path(NORTHWIND), MFA),
        (404, "Directory_ObjectNotFound"),
        "Request_ResourceNotFound",
        (404, "Request_ResourceNotFound"),
    ),
    "malformed_key_is_missing": (status("GET", partner_path("contoso")), 404, False, 400),
    "unknown_tenant_information": (status("GET", UNKNOWN), 404, 400, 400),
    "page_size": (first_page, 2, 1, 1),
    "list_order": (listed_as_created, True, "shuffled", False),
    "filter_refused": (status("GET", f"{PARTNERS}?$filter=tenantId eq '{TAILSPIN}'"), 400, False, 200),
    "skip_refused": (status("GET", f"{PARTNERS}?$skip=1"), 400, False, 200),
    "count_route": (status("GET", f"{PARTNERS}/$count"), 200, False, 400),
    "delete_lingers_seconds": (deleted_and_made_anew, (404, False, 201, 200), 30, (200, True, 409, 404)),
    "deleted_items_refused": (
        lambda client: Client(client.world, version="beta").get("/policies/deletedItems/crossTenantPartners").status,
        403,
        False,
        200,
    ),
    "read_lag_seconds": (read_after_write, (True, True), 30, (False, True)),
    "batch_order": (batch_order, False, "as-sent", True),
    "batch_absolute_url": (absolute, 200, "whole", 400),
    "token_lifetime_seconds": (lifetime, 3599, 60, 60),
    "roles_travel_in_token": (promised, 403, False, 200),
    "audit_names_partner": (audited_names, ["tenantId", "inboundTrust"], False, ["inboundTrust"]),
    "audit_lag_seconds": (audited_at_once, (1, 1), 30, (0, 1)),
    "redemption_order": (
        lambda client: client.get(DEFAULT).body["invitationRedemptionIdentityProviderConfiguration"][
            "primaryIdentityProviderPrecedenceOrder"
        ][0],
        "externalFederation",
        "directory-first",
        "azureActiveDirectory",
    ),
    **DIRECTORY_CASES,
}


def client_of(**switches: Json) -> Client:
    applications = [
        {"name": "apply", "roles": ["Policy.ReadWrite.CrossTenantAccess", "CrossTenantInformation.ReadBasic.All"]},
        {"name": "audit", "roles": ["AuditLog.Read.All"]},
        EVERYTHING,
        ASSIGNING,
    ]
    partners = [{"tenantId": TAILSPIN, **MFA}]
    contoso = {"tenantId": CONTOSO, "applications": applications, "partners": partners, **PEOPLE}
    organizations = {"tailspin": {"tenantId": TAILSPIN}}
    return Client(small_world(switches=switches, organizations=organizations, tenants={"contoso": contoso}))


def test_every_switch_has_a_case() -> None:
    assert CASES.keys() | SYNCHRONIZATION.keys() | CYCLES.keys() == {switch.name for switch in fields(Switches)}


@pytest.mark.parametrize("name", CASES)
def test_default_does_what_it_says(name: str) -> None:
    see, shown, _, _ = CASES[name]

    assert see(client_of()) == shown


@pytest.mark.parametrize("name", CASES)
def test_other_setting_does_what_it_says(name: str) -> None:
    see, _, setting, shown = CASES[name]

    assert see(client_of(**{name: setting})) == shown


def test_skip_skips() -> None:
    client = client_of(skip_refused=False, page_size=2)
    client.post(PARTNERS, {"tenantId": NORTHWIND})

    assert [one["tenantId"] for one in client.get(f"{PARTNERS}?$skip=1").body["value"]] == [NORTHWIND]


def test_filter_finds_one_or_nobody() -> None:
    client = client_of(filter_refused=False)
    found = [client.get(f"{PARTNERS}?$filter=tenantId eq '{one}'").body["value"] for one in (TAILSPIN, NORTHWIND)]

    assert [len(value) for value in found] == [1, 0]
    assert client.get(f"{PARTNERS}?$filter=isServiceProvider eq true").status == 400


def test_shuffled_pages_are_whole() -> None:
    client = Client(small_world(partners=[{"generate": 9}], switches={"list_order": "shuffled", "page_size": 2}))

    assert len(set(client.partners())) == 9


def test_half_null_on_the_default_is_stock() -> None:
    half = {"b2bDirectConnectInbound": {"usersAndGroups": None, "applications": allowed(ALL_APPLICATIONS)}}
    client = client_of(conflict_refused=False)
    client.patch(DEFAULT, half)

    assert client.get(DEFAULT).body["b2bDirectConnectInbound"]["usersAndGroups"] == BLOCKED
    assert client_of(default_null_is_stock=False).patch(DEFAULT, half).status == 400


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"page_sise": 1}, "does not exist"),
        ({"page_size": "1"}, "takes int"),
        ({"null_clears": 1}, "takes bool"),
        ({"nested_patch": "append"}, "is one of merge, replace"),
        ({"unknown_tenant_information": 500}, "is one of 404, 400"),
    ],
)
def test_wrong_switch_is_refused(settings: dict[str, Json], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Switches.of(settings)
