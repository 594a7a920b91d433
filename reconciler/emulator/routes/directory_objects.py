"""Serves directory objects of whatever kind: one by its id, several at once by theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reconciler.emulator import paging, permissions, views
from reconciler.emulator.calls import Answer, Body, Call, Route
from reconciler.emulator.directory_objects import BY_TYPE, COLLECTIONS, Collection
from reconciler.emulator.refusals import bad_request, no_such_object
from reconciler.emulator.showing import context, polymorphic

if TYPE_CHECKING:
    from reconciler.emulator.world import World

# Graph's own limit.
_MOST_AT_ONCE = 1000


def _get(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$select"})
    for collection, body in _seen(world, call, [caught["key"]], COLLECTIONS):
        shown = polymorphic(world, call, collection, body)
        return Answer(200, {**context(call, "directoryObjects", "/$entity"), **shown})
    raise no_such_object(caught["key"])


def _by_ids(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$select"})
    sent = call.object()
    ids, types = sent.get("ids"), sent.get("types") or [one.type for one in COLLECTIONS]
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids) or len(ids) > _MOST_AT_ONCE:
        raise bad_request(f"Property 'ids' must be a list of at most {_MOST_AT_ONCE} identifiers.")
    if not isinstance(types, list) or not all(isinstance(one, str) for one in types):
        raise bad_request("Property 'types' must be a list of names.")
    wanted = tuple(BY_TYPE[one.lower()] for one in types if one.lower() in BY_TYPE)
    found = [polymorphic(world, call, *pair) for pair in _seen(world, call, dict.fromkeys(ids), wanted)]
    return Answer(200, {**context(call, "directoryObjects"), "value": found})


def _seen(
    world: World, call: Call, ids: Mapping[str, None] | list[str], collections: tuple[Collection, ...]
) -> Iterator[tuple[Collection, Body]]:
    """Yield those of the objects that the caller sees; what is not there is passed over."""
    for key in ids:
        for one in collections:
            body = views.item(world, call, one.resource, key.lower())
            if body is not None:
                yield one, body


ROUTES = (
    Route("GET", "/directoryObjects/{key}", _get, permissions.READ_OBJECTS),
    # Asking for many takes a POST and writes nothing.
    Route("POST", "/directoryObjects/getByIds", _by_ids, permissions.READ_OBJECTS),
    Route("POST", "/directoryObjects/microsoft.graph.getByIds", _by_ids, permissions.READ_OBJECTS),
)
