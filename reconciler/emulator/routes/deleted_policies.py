"""What was deleted within thirty days and can be restored: partners and synchronization policies, in beta alone.

Nothing is kept for it: what is deleted, and what was purged since, stands in the journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Answer, Call, Json, Route
from reconciler.emulator.committing import commit, stamp
from reconciler.emulator.cross_tenant_access import PARTNER, READ, SYNCHRONIZATION, WRITE
from reconciler.emulator.refusals import Refusal, bad_request, denied, missing
from reconciler.emulator.resources import Audited, Resource
from reconciler.emulator.routes.resources import spelled

if TYPE_CHECKING:
    from reconciler.emulator.store import Entry
    from reconciler.emulator.world import World

KEPT = timedelta(days=30)
PATH = "/policies/deletedItems"

_COLLECTIONS: Mapping[str, Resource] = {
    "crossTenantPartners": PARTNER,
    "crossTenantSyncPolicyPartners": SYNCHRONIZATION,
}


def _purged(resource: Resource) -> Resource:
    """Return what the journal calls a deleted object that is deleted for good."""
    audited = Audited(delete=f"Hard delete of {resource.kind}")
    return Resource(f"deleted {resource.kind}", PATH, {}, READ, WRITE, key="tenantId", audited=audited)


def _deleted(world: World, tenant: str, resource: Resource) -> Mapping[str, Entry]:
    """Return the deletion of each object that can be restored, by key, newest first."""
    since = world.store.sequence_at(stamp(world.clock.now() - KEPT))
    purged: dict[str, int] = {}
    for entry in world.store.history(tenant, _purged(resource).kind, since=since):
        purged.setdefault(entry.key, entry.sequence)
    newest: dict[str, Entry] = {}
    for entry in world.store.history(tenant, resource.kind, since=since):
        newest.setdefault(entry.key, entry)
    return {
        key: entry
        for key, entry in newest.items()
        if entry.after is None and entry.before is not None and purged.get(key, 0) < entry.sequence
    }


def _shown(world: World, call: Call, resource: Resource, entry: Entry) -> dict[str, Json]:
    unnamed = {} if "displayName" in resource.stock else {"displayName": None}
    return {**spelled(world, call, resource, entry.before or {}), **unnamed, "deletedDateTime": entry.time}


def _open(world: World, call: Call) -> None:
    """Refuse v1.0, which does not have this, and applications, for which the documentation names no permission."""
    if call.version != "beta":
        raise bad_request("Resource not found for the segment 'deletedItems'.", code="BadRequest")
    if call.principal is not None and call.principal.kind == "app" and world.switches.deleted_items_refused:
        raise denied()


def _list(name: str, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    _open(world, call)
    resource = _COLLECTIONS[name]
    value = [_shown(world, call, resource, entry) for entry in _deleted(world, call.tenant, resource).values()]
    return Answer(200, {"@odata.context": f"{call.base}/beta/$metadata#policies/deletedItems/{name}", "value": value})


def _found(name: str, world: World, call: Call, key: str) -> Entry:
    _open(world, call)
    entry = _deleted(world, call.tenant, _COLLECTIONS[name]).get(key.lower())
    if entry is None:
        raise missing("Request_ResourceNotFound", key)
    return entry


def _get(name: str, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return Answer(200, _shown(world, call, _COLLECTIONS[name], _found(name, world, call, caught["key"])))


def _restore(name: str, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Bring an object back as it was; below a partner that is gone itself it has no place."""
    resource, entry = _COLLECTIONS[name], _found(name, world, call, caught["key"])
    if world.store.get(call.tenant, resource.kind, entry.key) is not None:
        raise Refusal(409, "Request_MultipleObjectsWithSameKeyValue", "The object exists already.")
    if resource.parent and world.store.get(call.tenant, resource.parent, entry.key) is None:
        raise missing(world.switches.missing_partner_write, entry.key)
    sequence = commit(world, call, resource, entry.key, None, entry.before, 200)
    return Answer(200, spelled(world, call, resource, entry.before or {}), committed=(sequence,))


def _purge(name: str, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    resource, entry = _COLLECTIONS[name], _found(name, world, call, caught["key"])
    sequence = commit(world, call, _purged(resource), entry.key, entry.before, None, 204)
    return Answer(204, committed=(sequence,))


def _routes(name: str) -> Iterator[Route]:
    yield Route("GET", f"{PATH}/{name}", partial(_list, name), READ)
    yield Route("GET", f"{PATH}/{name}/{{key}}", partial(_get, name), READ)
    yield Route("POST", f"{PATH}/{name}/{{key}}/restore", partial(_restore, name), WRITE)
    yield Route("DELETE", f"{PATH}/{name}/{{key}}", partial(_purge, name), WRITE)


ROUTES = tuple(route for name in _COLLECTIONS for route in _routes(name))
