"""Cross-tenant access settings as resources: the policy, the default and the partners of a tenant, and what partners
may synchronize into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.emulator.blocks import (
    FALLBACK_PROVIDERS,
    FLAGS,
    GUID,
    PRIMARY_PROVIDERS,
    REDEMPTION,
    SETTINGS,
    checked,
    everyone,
    everything,
    flags,
    refuse_conflict,
    whole,
)
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.refusals import Refusal, bad_request, denied, invalid_property
from reconciler.emulator.resources import Audited, Resource, Writing, known, overlay
from reconciler.emulator.switches import Switches

if TYPE_CHECKING:
    from reconciler.emulator.world import World

READ = ("Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess")
WRITE = ("Policy.ReadWrite.CrossTenantAccess",)
POLICY = "/policies/crossTenantAccessPolicy"
CLOUDS = ("microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn")
# Every tenant that is emulated lives in the global cloud.
OWN_CLOUD = CLOUDS[0]


def resources(switches: Switches) -> tuple[Resource, ...]:
    """Return the resources of this area under these assumptions."""
    return (POLICY_ITSELF, _default(switches), PARTNER, SYNCHRONIZATION)


def _default(switches: Switches) -> Resource:
    """The default. Its values are those captured from a tenant in which all of them are stock."""
    order = list(PRIMARY_PROVIDERS)
    if switches.redemption_order == "directory-first":
        order[:2] = reversed(order[:2])
    return Resource(
        kind="default",
        path=f"{POLICY}/default",
        stock={
            "isServiceDefault": True,
            "inboundTrust": flags("inboundTrust", False),
            "b2bCollaborationOutbound": whole("allowed"),
            "b2bCollaborationInbound": whole("allowed"),
            "b2bDirectConnectOutbound": whole("blocked"),
            "b2bDirectConnectInbound": whole("blocked"),
            "tenantRestrictions": {"devices": None, **whole("blocked")},
            "automaticUserConsentSettings": flags("automaticUserConsentSettings", False),
            REDEMPTION: {
                "primaryIdentityProviderPrecedenceOrder": order,
                "fallbackIdentityProvider": FALLBACK_PROVIDERS[-1],
            },
            "m365CollaborationInbound": {"users": everyone("blocked")},
            "m365CollaborationOutbound": {"usersAndGroups": everyone("allowed")},
            "appServiceConnectInbound": {"applications": everything("blocked")},
            "blockServiceProviderOutboundAccess": False,
        },
        read=READ,
        write=WRITE,
        read_only=("isServiceDefault",),
        undeclared={
            "crossCloudMeetingConfiguration": {"inboundAllowed": False, "outboundAllowed": False},
            "protectedContentSharing": {"inboundAllowed": True, "outboundAllowed": True},
        },
        preview=("blockServiceProviderOutboundAccess",),
        has_id=True,
        reset="resetToSystemDefault",
        check=_check_default,
        settle=_settle_default,
        audited=Audited(
            update="Update the company default cross-tenant access setting",
            delete="Reset the cross-tenant access default setting",
        ),
        units=4,
    )


# ------------------------------------------------------------------------------------------ the policy


def _check_policy(writing: Writing) -> Body:
    body = known(writing)
    name = body.get("displayName")
    if name is not None and not isinstance(name, str):
        raise bad_request("Invalid value specified for property 'displayName' of resource.")
    if "allowedCloudEndpoints" in body:
        _check_clouds(body["allowedCloudEndpoints"], writing.switches)
    return body


def _check_clouds(value: Json, switches: Switches) -> None:
    if not isinstance(value, list) or any(cloud not in CLOUDS for cloud in value):
        raise bad_request("Invalid value specified for property 'allowedCloudEndpoints' of resource.")
    if switches.own_cloud_refused and OWN_CLOUD in value:
        raise bad_request("Property 'allowedCloudEndpoints' cannot contain the cloud of the tenant.")


POLICY_ITSELF = Resource(
    kind="policy",
    path=POLICY,
    stock={"displayName": "CrossTenantAccessPolicy", "description": None, "allowedCloudEndpoints": []},
    read=READ,
    write=WRITE,
    read_only=("description",),
    beta={"deletedDateTime": None},
    has_id=True,
    check=_check_policy,
    audited=Audited(update="Update a cross-tenant access policy"),
)


# ------------------------------------------------------------------------------------------ the default


def _check_default(writing: Writing) -> Body:
    stock, switches = writing.resource.stock, writing.switches
    body: dict[str, Json] = {}
    sent = {name: value for name, value in writing.sent.items() if name not in {"id", "isServiceDefault"}}
    for name, value in known(_with(writing, sent)).items():
        if value is None:
            if not switches.default_null_is_stock:
                raise bad_request(f"Property '{name}' cannot be null.")
            body[name] = stock[name]
            continue
        if isinstance(stock[name], bool):
            body[name] = _flag(name, value)
            continue
        said = checked(name, value, switches, nulls=False) or {}
        body[name] = _filled(overlay(writing.before[name], said, switches) if said else {}, stock[name], switches)
        refuse_conflict(name, body[name], switches)
    return _without_consent(body, switches)


def _filled(block: dict[str, Json], stock: Body, switches: Switches) -> dict[str, Json]:
    """Return a block of the default with the service's own value where it says null: it inherits from nothing."""
    nulls = [member for member in block if block[member] is None and stock[member] is not None]
    if nulls and not switches.default_null_is_stock:
        raise bad_request(f"Property '{nulls[0]}' cannot be null.")
    return {member: stock[member] if block.get(member) is None else block[member] for member in stock}


def _without_consent(body: dict[str, Json], switches: Switches) -> dict[str, Json]:
    consent = body.pop("automaticUserConsentSettings", None) or {}
    if any(consent.values()) and switches.default_consent_refused:
        raise bad_request("Property 'automaticUserConsentSettings' cannot be updated on the default configuration.")
    return body


def _settle_default(world: World, body: Body) -> Body:
    stock = world.resources["default"].stock
    touched = world.switches.any_write_customises or any(
        body[name] != stock[name] for name in stock if name != "isServiceDefault"
    )
    return {**body, "isServiceDefault": not touched}


# ------------------------------------------------------------------------------------------ partners


def _check_partner(writing: Writing) -> Body:
    if "isServiceProvider" in writing.sent:
        _refuse_service_provider(writing)
    sent = {name: value for name, value in writing.sent.items() if not _unchanged_fact(writing, name, value)}
    body: dict[str, Json] = {}
    for name, value in known(_with(writing, sent)).items():
        body[name] = _block(writing, name, value)
        refuse_conflict(name, body[name], writing.switches)
    if writing.action == "create":
        _check_identity(writing)
    return body


def _block(writing: Writing, name: str, value: Json) -> Json:
    cleared = writing.resource.stock[name]
    if name == "isServiceProvider":
        return _flag(name, value)
    if value is None:
        if not writing.switches.null_clears and name != "inboundTrust" and writing.action == "update":
            raise bad_request(f"Property '{name}' cannot be null.")
        return cleared
    said = checked(name, value, writing.switches, nulls=True)
    if said is None:
        return cleared
    standing = writing.before.get(name) or dict.fromkeys((*FLAGS.get(name, ()), *SETTINGS.get(name, ())))
    return overlay(standing, said, writing.switches)


def _flag(name: str, value: Json) -> Json:
    if value is not None and not isinstance(value, bool):
        raise bad_request(f"Invalid value specified for property '{name}' of resource.")
    return value


def _unchanged_fact(writing: Writing, name: str, value: Json) -> bool:
    """Clients send back what they read: a fact that is sent as it is changes nothing."""
    return name in writing.resource.read_only and writing.action == "update" and value == writing.before.get(name)


def _refuse_service_provider(writing: Writing) -> None:
    if writing.principal.kind == "user":
        return
    if writing.switches.service_provider_refused:
        raise denied()
    raise bad_request("Property 'isServiceProvider' is read-only and cannot be set.")


def _check_identity(writing: Writing) -> None:
    tenant_id = writing.sent.get("tenantId")
    if not isinstance(tenant_id, str) or not GUID.fullmatch(tenant_id):
        raise bad_request("Property 'tenantId' must be a valid tenant identifier.")
    if tenant_id.lower() == writing.tenant and writing.switches.own_tenant_refused:
        raise bad_request("A tenant cannot be a partner of itself.")
    if not writing.switches.unknown_tenant_accepted and writing.world.organization(tenant_id.lower()) is None:
        raise Refusal(400, "Request_BadRequest", f"Tenant '{tenant_id}' does not exist.")


def _with(writing: Writing, sent: Body) -> Writing:
    return replace(writing, sent=sent)


PARTNER = Resource(
    kind="partner",
    path=f"{POLICY}/partners",
    key="tenantId",
    stock={
        "isServiceProvider": None,
        "isInMultiTenantOrganization": False,
        "inboundTrust": None,
        **dict.fromkeys(SETTINGS),
        "automaticUserConsentSettings": flags("automaticUserConsentSettings", None),
    },
    read=READ,
    write=WRITE,
    read_only=("isInMultiTenantOrganization",),
    undeclared={"crossCloudMeetingConfiguration": {"inboundAllowed": None, "outboundAllowed": None}},
    beta={"blockServiceProviderOutboundAccess": None, "deletedDateTime": None},
    check=_check_partner,
    expands={"identitySynchronization": "identitySynchronization"},
    audited=Audited(
        create="Add a partner to cross-tenant access setting",
        update="Update a partner cross-tenant access setting",
        delete="Delete partner specific cross-tenant access setting",
    ),
)


# ------------------------------------------------------------------------------------------ synchronization


def _check_synchronization(writing: Writing) -> Body:
    body: dict[str, Json] = {}
    for name, value in known(writing).items():
        body[name] = _label(value) if name == "displayName" else permission(writing, name, value)
    allowed = (body.get("userSyncInbound") or {}).get("isSyncAllowed")
    if allowed and not writing.switches.sync_before_consent and not _consents(writing):
        raise bad_request("Automatic user consent must be allowed for inbound before inbound synchronization.")
    return body


def _label(value: Json) -> Json:
    if value is not None and not isinstance(value, str):
        raise bad_request("Invalid value specified for property 'displayName' of resource.")
    return value


def permission(writing: Writing, name: str, value: Json) -> Json:
    """Return what a body says of one sort of synchronized objects, laid over what stands there."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise bad_request(f"Invalid value specified for property '{name}' of resource.")
    for member, flag in value.items():
        if member != "isSyncAllowed":
            raise invalid_property(member)
        _flag(member, flag)
    return overlay(writing.before.get(name) or {"isSyncAllowed": None}, dict(value), writing.switches)


def _consents(writing: Writing) -> bool:
    partner = writing.world.store.get(writing.tenant, "partner", str(writing.before["tenantId"])) or {}
    return (partner.get("automaticUserConsentSettings") or {}).get("inboundAllowed") is True


SYNCHRONIZATION = Resource(
    kind="identitySynchronization",
    path=f"{POLICY}/partners/{{key}}/identitySynchronization",
    key="tenantId",
    parent="partner",
    stock={"displayName": None, "userSyncInbound": None, "groupSyncInbound": None},
    preview=("groupSyncInbound",),
    read=READ,
    write=WRITE,
    beta={"externalCloudAuthorizedApplicationId": None, "deletedDateTime": None},
    check=_check_synchronization,
    audited=Audited(
        create="Create a partner cross-tenant identity sync setting",
        update="Update a partner cross-tenant identity sync setting",
        delete="Delete a partner cross-tenant identity sync setting",
    ),
)
