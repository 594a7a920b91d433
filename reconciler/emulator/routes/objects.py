"""Serves the collections of directory objects: lists with queries, single objects, PATCH, and DELETE into the bin.

How an object comes to be differs from kind to kind: `people` and `registrations` serve that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from reconciler.emulator import paging, permissions, views
from reconciler.emulator.calls import Answer, Body, Call, Route
from reconciler.emulator.changing import MEMBERS, changed
from reconciler.emulator.committing import commit_all
from reconciler.emulator.directory_objects import APPLICATIONS, COLLECTIONS, GROUPS, SERVICE_PRINCIPALS, Collection
from reconciler.emulator.discarding import deletion
from reconciler.emulator.finding import addressed, principal, seen, writable
from reconciler.emulator.listing import Listing, answered, counted
from reconciler.emulator.refusals import denied
from reconciler.emulator.showing import context, shown

if TYPE_CHECKING:
    from reconciler.emulator.world import World


def routes() -> Iterator[Route]:
    """Yield the routes that all collections have."""
    for one in COLLECTIONS:
        path, read, write, kind = one.resource.path, one.resource.read, one.resource.write, one.kind
        yield Route("GET", f"{path}/$count", partial(_count, one), read, kind=kind)
        yield Route("GET", path, partial(_list, one), read, kind=kind)
        for item in addressed(f"{path}/{{key}}") if one in (APPLICATIONS, SERVICE_PRINCIPALS) else (f"{path}/{{key}}",):
            yield Route("GET", item, partial(_get, one), read, kind=kind)
            # To add members takes less than to change a group.
            change = tuple(dict.fromkeys((*write, *permissions.WRITE_MEMBERS))) if one is GROUPS else write
            yield Route("PATCH", item, partial(_patch, one), change, kind=kind)
            yield Route("DELETE", item, partial(_delete, one), write, kind=kind)


def _get(collection: Collection, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$select", "$expand", "$format"})
    body = shown(world, call, collection, seen(world, call, collection, caught))
    return Answer(200, {**context(call, collection.name, "/$entity"), **body})


def _list(collection: Collection, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return answered(world, call, _listing(collection, world, call))


def _count(collection: Collection, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return counted(call, _listing(collection, world, call))


def _listing(collection: Collection, world: World, call: Call) -> Listing:
    def source(named: str, after: str) -> Iterator[tuple[str, Body]]:
        return views.following(world, call, collection.resource, named=named, after=after)

    return Listing(
        collection,
        source,
        show=lambda body: shown(world, call, collection, body),
        size=lambda: views.count(world, call, collection.resource),
        name=collection.name,
    )


def _patch(collection: Collection, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    before = writable(world, call, collection, caught)
    if collection is GROUPS and call.object().keys() - {MEMBERS} and not _may_write(call, collection):
        raise denied()
    return Answer(204, committed=commit_all(world, call, changed(world, call, collection, before), 204))


def _may_write(call: Call, collection: Collection) -> bool:
    asking = principal(call)
    return asking.kind != "app" or not asking.roles.isdisjoint(collection.resource.write)


def _delete(collection: Collection, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    before = writable(world, call, collection, caught)
    return Answer(204, committed=commit_all(world, call, deletion(world, call, collection, before), 204))
