"""Writes, from the moment they are decided: the object, its journal row and its audit record in one transaction.

The journal also keeps the writes that came to nothing. Whether a write is allowed is decided elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body, Call, Json, Principal
from reconciler.emulator.directory import Tenant
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.resources import Resource

if TYPE_CHECKING:
    from reconciler.emulator.world import World


def stamp(moment: datetime) -> str:
    """Return a moment as the journal and the audits write it; later ones sort later."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def by(call: Call, tenant: Tenant, principal: Principal) -> Call:
    """Return a request as one that somebody makes who is known without a token."""
    return replace(call, tenant=tenant.id, principal=principal)


@dataclass(frozen=True, slots=True)
class Written:
    """One object that a request changes: None is no object."""

    resource: Resource
    key: str
    before: Body | None
    after: Body | None


def commit(
    world: World, call: Call, resource: Resource, key: str, before: Body | None, after: Body | None, status: int
) -> int:
    """Make `after` of `before`, where None is no object, and return the number of the journal row."""
    return commit_all(world, call, [Written(resource, key, before, after)], status)[0]


def commit_all(world: World, call: Call, changes: Iterable[Written], status: int) -> tuple[int, ...]:
    """Carry out everything that one request changes, in this order, and return the numbers of the journal rows."""
    with world.store.transaction():
        return tuple(_commit(world, call, one, status) for one in changes)


def _commit(world: World, call: Call, one: Written, status: int) -> int:
    if one.after is None:
        world.store.delete(call.tenant, one.resource.kind, one.key)
    else:
        world.store.put(call.tenant, one.resource.kind, one.key, one.after)
    if one.resource.kind == "synchronizationJob":
        world.cycles.noted(world, call.tenant, one.key, one.before, one.after)
    row = {
        **_received(world, call),
        "kind": one.resource.kind,
        "key": one.key,
        "before": one.before,
        "after": one.after,
        "committed": True,
        "status": status,
        "answered": status,
        "fault": "",
    }
    sequence = world.store.record(row)
    if one.resource.audited.category:
        record = _audit(world, call, one.resource, one.key, one.before, one.after)
        world.store.audit(call.tenant, stamp(world.clock.now()), record)
    return sequence


def note_uncommitted(world: World, call: Call, kind: str, key: str, status: int, answered: int, fault: str) -> None:
    """Write down a write that changed nothing: it was refused, or never got as far as being decided (status 0)."""
    standing = world.store.get(call.tenant, kind, key) if kind else None
    row = {
        **_received(world, call),
        "kind": kind,
        "key": key,
        "before": standing,
        "after": standing,
        "committed": False,
        "status": status,
        "answered": answered,
        "fault": fault,
    }
    world.store.record(row)


def _received(world: World, call: Call) -> dict[str, Json]:
    return {
        "time": stamp(world.clock.now()),
        "tenant": call.tenant,
        "principal": _who(call.principal),
        "method": call.method,
        "path": call.path,
        "sent": _sent(call),
        "request_id": call.request_id,
        "client_request_id": call.client_request_id,
    }


def _who(principal: Principal | None) -> dict[str, Json]:
    if principal is None:
        return {}
    return {"kind": principal.kind, "id": principal.id, "name": principal.name}


def _sent(call: Call) -> Json:
    """Return the body as it can be kept: text where it is not JSON, None where there is none."""
    if not call.body:
        return None
    try:
        return call.json()
    except Refusal:
        return call.body[:2000].decode("utf-8", "replace")


# ------------------------------------------------------------------------------------------ audits


def _audit(
    world: World, call: Call, resource: Resource, key: str, before: Body | None, after: Body | None
) -> dict[str, Json]:
    words = resource.audited
    is_reset = after is not None and bool(resource.reset) and call.path.endswith(resource.reset)
    shown = {} if words.type == "Policy" else after or before or {}
    activity, operation = words.update, "Update"
    if before is None:
        activity, operation = words.create, "Add"
    elif after is None or is_reset:
        activity, operation = words.delete, "Delete"
    return {
        "id": f"Directory_{world.new_id()}",
        "category": words.category,
        "correlationId": call.client_request_id,
        "result": "success",
        "resultReason": "",
        "activityDisplayName": activity,
        "activityDateTime": stamp(world.clock.now()),
        "loggedByService": words.service,
        "operationType": operation,
        "initiatedBy": _initiator(call.principal),
        "targetResources": [
            {
                "id": _target(world, call, resource, key),
                "displayName": shown.get("displayName"),
                "type": words.type,
                "userPrincipalName": shown.get("userPrincipalName"),
                "groupType": None,
                "modifiedProperties": _modified(world, resource, before or {}, after or {}),
            }
        ],
        "additionalDetails": [],
    }


def _target(world: World, call: Call, resource: Resource, key: str) -> str:
    """Return the id of what changed; for what links two objects, that of the one it leads to.

    Of provisioning that is the service principal, whichever part of it was changed.
    """
    start, _, end = key.partition("/")
    if resource.audited.category == "ProvisioningManagement":
        return start
    return end[:36] or key or world.directory.tenants[call.tenant].object_id(resource.kind)


def _initiator(principal: Principal | None) -> Mapping[str, Json]:
    if principal is None:
        return {"app": None, "user": None}
    if principal.kind == "user":
        user = {"id": principal.object_id, "displayName": principal.name, "userPrincipalName": principal.id}
        return {"app": None, "user": {**user, "ipAddress": None}}
    app = {"appId": principal.id, "displayName": principal.name, "servicePrincipalId": principal.object_id}
    return {"app": {**app, "servicePrincipalName": None}, "user": None}


def _modified(world: World, resource: Resource, before: Body, after: Body) -> list[Json]:
    """Return what changed, and the key, which says what it changed in."""
    names_partner = world.switches.audit_names_partner and resource.audited.type == "Policy"
    always = resource.key if names_partner else ""
    names = [name for name in {**before, **after} if name == always or before.get(name) != after.get(name)]
    return [{"displayName": name, "oldValue": _text(before, name), "newValue": _text(after, name)} for name in names]


def _text(body: Body, name: str) -> str | None:
    return json.dumps(body[name]) if name in body else None
