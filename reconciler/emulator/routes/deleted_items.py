"""Serves the bin: what was deleted, by its type; its restoration; its end.

A list without a type is refused, as the service does. A restored application comes back without its service
principal, which has to be restored too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reconciler.emulator import paging, permissions, views
from reconciler.emulator.calls import Answer, Body, Call, Json, Route
from reconciler.emulator.committing import Written, commit_all
from reconciler.emulator.directory_objects import BY_TYPE, DELETED, GROUPS, USERS, Collection
from reconciler.emulator.discarding import collection_of, is_kept, restoration
from reconciler.emulator.finding import check_owned, principal
from reconciler.emulator.listing import Listing, answered, counted
from reconciler.emulator.refusals import bad_request, denied, no_such_object
from reconciler.emulator.showing import context, shown

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_PATH = "/directory/deletedItems"
_TYPED = f"{_PATH}/microsoft.graph.{{type}}"


def _untyped(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    raise bad_request("The type of the deleted items must be part of the request.", code="BadRequest")


def _list(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return answered(world, call, _listing(world, call, caught))


def _count(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return counted(call, _listing(world, call, caught))


def _listing(world: World, call: Call, caught: Mapping[str, str]) -> Listing:
    collection = BY_TYPE.get(caught["type"].lower())
    if collection is None:
        raise bad_request(f"Resource not found for the segment 'microsoft.graph.{caught['type']}'.", code="BadRequest")
    _check_read(call, collection)

    def source(named: str, after: str) -> Iterator[tuple[str, Body]]:
        for key, body in views.following(world, call, DELETED, after=after):
            if collection_of(body) is collection and is_kept(world, body):
                yield key, body

    return Listing(
        collection,
        source,
        show=lambda body: _shown(world, call, collection, body),
        size=lambda: sum(1 for _ in source("", "")),
        name=collection.name,
    )


def _get(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$select", "$format"})
    body = views.item(world, call, DELETED, caught["key"].lower())
    if body is None or not is_kept(world, body):
        raise no_such_object(caught["key"])
    collection = collection_of(body)
    _check_read(call, collection)
    return _one(world, call, collection, body)


def _one(world: World, call: Call, collection: Collection, body: Body) -> Answer:
    mark = {"@odata.type": f"#microsoft.graph.{collection.type}"}
    said = {**context(call, "directoryObjects", "/$entity"), **mark, **_shown(world, call, collection, body)}
    return Answer(200, said)


def _shown(world: World, call: Call, collection: Collection, body: Body) -> dict[str, Json]:
    when = {} if "$select" in call.query else {"deletedDateTime": body.get("deletedDateTime")}
    return {**shown(world, call, collection, body), **when}


def _check_read(call: Call, collection: Collection) -> None:
    if not principal(call).may(collection.resource.read):
        raise denied()


# ------------------------------------------------------------------------------------------ writing


def _restore(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    binned = _binned(world, call, caught)
    if not principal(call).may(collection_of(binned).resource.write):
        raise denied()
    check_owned(call, collection_of(binned), binned)
    collection, body, written = restoration(world, call, binned)
    sequences = commit_all(world, call, written, 200)
    return Answer(200, _one(world, call, collection, body).body, committed=sequences)


def _delete(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    binned = _binned(world, call, caught)
    collection, asking = collection_of(binned), principal(call)
    if not asking.may(collection.resource.write):
        raise denied()
    if collection in (USERS, GROUPS) and asking.kind == "app" and not world.switches.applications_purge_people:
        raise denied()
    check_owned(call, collection, binned)
    written = [Written(DELETED, str(binned["id"]), binned, None)]
    return Answer(204, committed=commit_all(world, call, written, 204))


def _binned(world: World, call: Call, caught: Mapping[str, str]) -> dict[str, Json]:
    body = world.store.get(call.tenant, DELETED.kind, caught["key"].lower())
    if body is None or not is_kept(world, body):
        raise no_such_object(caught["key"])
    return body


# Whoever may write any kind may knock; the route looks at the kind it is about.
_ANY_READ = (*permissions.READ_USERS, *permissions.READ_GROUPS, *permissions.READ_APPLICATIONS)
_ANY_WRITE = (*permissions.WRITE_USERS, *permissions.WRITE_GROUPS, *permissions.WRITE_APPLICATIONS)

ROUTES = (
    Route("GET", _PATH, _untyped, _ANY_READ, kind=DELETED.kind),
    Route("GET", f"{_TYPED}/$count", _count, _ANY_READ, kind=DELETED.kind),
    Route("GET", _TYPED, _list, _ANY_READ, kind=DELETED.kind),
    Route("GET", f"{_PATH}/{{key}}", _get, _ANY_READ, kind=DELETED.kind),
    Route("POST", f"{_PATH}/{{key}}/restore", _restore, _ANY_WRITE, kind=DELETED.kind),
    Route("POST", f"{_PATH}/{{key}}/microsoft.graph.restore", _restore, _ANY_WRITE, kind=DELETED.kind),
    Route("DELETE", f"{_PATH}/{{key}}", _delete, _ANY_WRITE, kind=DELETED.kind),
)
