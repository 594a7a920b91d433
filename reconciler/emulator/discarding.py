"""The bin of a directory: what a deletion moves into it, how long it stays there, and what a restoration takes out.

Nothing is written here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body, Call, Json
from reconciler.emulator.changing import conflicting
from reconciler.emulator.committing import Written, stamp
from reconciler.emulator.directory_objects import APPLICATIONS, BY_KIND, DELETED, GROUPS, SERVICE_PRINCIPALS, Collection

if TYPE_CHECKING:
    from reconciler.emulator.world import World

KEPT = timedelta(days=30)
"""How long the bin keeps what is in it."""

_KIND = "kind"


def deletion(world: World, call: Call, collection: Collection, body: Body) -> list[Written]:
    """Return everything that the deletion of an object changes. The service principal goes with its application."""
    key = str(body["id"])
    written = [Written(collection.resource, key, body, None)]
    if _is_recoverable(world, collection, body):
        binned = {**body, "deletedDateTime": stamp(world.clock.now()), _KIND: collection.kind}
        written.append(Written(DELETED, key, None, binned))
    if collection is APPLICATIONS:
        for principal in world.store.named(call.tenant, SERVICE_PRINCIPALS.kind, str(body["appId"])).values():
            written += deletion(world, call, SERVICE_PRINCIPALS, principal)
    return written


def _is_recoverable(world: World, collection: Collection, body: Body) -> bool:
    if collection is not GROUPS or world.switches.security_groups_recoverable:
        return True
    return "Unified" in body.get("groupTypes", ())


def restoration(world: World, call: Call, binned: Body) -> tuple[Collection, dict[str, Json], list[Written]]:
    """Return what comes back, in which collection, and everything that changes with it.

    Raises:
        Refusal: 409, when something else has its name meanwhile.
    """
    collection = collection_of(binned)
    key = str(binned["id"])
    body = {name: value for name, value in binned.items() if name not in {"deletedDateTime", _KIND}}
    name = body.get(collection.second)
    if collection is not GROUPS and world.store.named(call.tenant, collection.kind, str(name)):
        raise conflicting(collection.second)
    return collection, body, [Written(DELETED, key, binned, None), Written(collection.resource, key, None, body)]


def collection_of(binned: Body) -> Collection:
    """Return the collection that a deleted object was in."""
    return BY_KIND[str(binned[_KIND])]


def is_kept(world: World, binned: Body) -> bool:
    """Tell whether an object is in the bin still: after 30 days it is gone for good."""
    return datetime.fromisoformat(str(binned["deletedDateTime"])) > world.clock.now() - KEPT
