"""What somebody else has to do in a tenant where we do not write: the same in YAML, as calls of Graph, and by hand.

Words to hand over. Whether they are needed is for `pairing`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from reconciler.model import Json, Link

_PARTNERS = "/policies/crossTenantAccessPolicy/partners"
_SETTINGS = "External Identities > Cross-tenant access settings > Organizational settings"


@dataclass(frozen=True, slots=True)
class Other:
    """The tenant that a step is about, as its reader has to name it."""

    name: str
    tenant_id: str
    label: str
    domain: str


def to_accept(link: Link, source: Other) -> tuple[str, ...]:
    """Return the steps in the target of a link."""
    blocks = ["userSyncInbound", *(["groupSyncInbound"] if link.group_sync else [])]
    policy = {"displayName": source.label, **{block: {"isSyncAllowed": True} for block in blocks}}
    version = "beta" if link.group_sync else "v1.0"
    what = "users and groups" if link.group_sync else "users"
    by_hand = (
        f"under Inbound access > Cross-tenant sync, allow {what} to be synchronized into the tenant; "
        "under Trust settings, redeem invitations automatically"
    )
    return (
        f"what has to be done in {link.target}, by whoever looks after it: the document below, or",
        *_entry(source, "inboundAllowed"),
        f"Microsoft Graph: PUT /{version}{_PARTNERS}/{source.tenant_id}/identitySynchronization {_json(policy)}",
        f"or in the admin center: {_SETTINGS}: add {source.tenant_id}; {by_hand}",
    )


def to_send(link: Link, target: Other) -> tuple[str, ...]:
    """Return the steps in the source of a link."""
    by_hand = "under Outbound access > Trust settings, redeem invitations automatically"
    configured = f"a new configuration with the tenant id {target.tenant_id}"
    return (
        f"what has to be done in {link.source}, by whoever looks after it: the document below, or",
        *_entry(target, "outboundAllowed"),
        f"or in the admin center: {_SETTINGS}: add {target.tenant_id}; {by_hand}",
        f"then in the admin center: External Identities > Cross-tenant synchronization > Configurations: {configured}",
    )


def _entry(other: Other, flag: str) -> tuple[str, str]:
    consent = {"automaticUserConsentSettings": {flag: True}}
    return (
        f"Microsoft Graph: POST /v1.0{_PARTNERS} {_json({'tenantId': other.tenant_id})}, unless it is there",
        f"Microsoft Graph: PATCH /v1.0{_PARTNERS}/{other.tenant_id} {_json(consent)}",
    )


def acceptance(link: Link, source: Other) -> str:
    """Return the document with which a target accepts a link; its owner has to be filled in."""
    groups = ["groupSync: true"] if link.group_sync else []
    return _document("SyncAcceptance", [f"source: {_json(_party(source))}", *groups, 'owner: ""'])


def configuration(link: Link, target: Other) -> str:
    """Return the document with which a source sends people; who is meant, and its owner, have to be filled in."""
    lines = [f"name: {link.name}", f"target: {_json(_party(target))}", 'owner: ""']
    return _document("SyncConfiguration", [*lines, 'spec: {scope: {assigned: {groups: [{name: ""}]}}}'])


def _document(kind: str, lines: list[str]) -> str:
    return "\n".join(["apiVersion: crosstenant/v1", f"kind: {kind}", *lines, ""])


def _party(other: Other) -> Json:
    return {"name": other.name, "tenantId": other.tenant_id, "domain": other.domain}


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=True)
