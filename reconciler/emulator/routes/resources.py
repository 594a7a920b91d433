"""Serves every Resource: singletons with GET, PATCH and a reset, collections with listing, POST and keys, and objects
below those of a collection, which PUT creates.

What a body may say is the resource's own business; here is what all of them have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from reconciler.emulator import paging, routing, views
from reconciler.emulator.blocks import GUID
from reconciler.emulator.calls import Answer, Body, Call, Json, Principal, Route
from reconciler.emulator.committing import commit
from reconciler.emulator.refusals import Refusal, bad_request, invalid_property, missing, shorten, unauthenticated
from reconciler.emulator.resources import Resource, Writing

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_LARGEST_PAGE = 999


def routes(resources: Iterable[Resource]) -> Iterator[Route]:
    """Yield the routes of all resources."""
    for resource in resources:
        if resource.parent:
            yield from _below(resource)
        else:
            yield from _collection(resource) if resource.key else _singleton(resource)


def _singleton(one: Resource) -> Iterator[Route]:
    yield Route("GET", one.path, partial(_get, one), one.read, one.units, one.kind)
    yield Route("PATCH", one.path, partial(_patch, one), one.write, one.units, one.kind)
    if one.reset:
        yield Route("POST", f"{one.path}/{one.reset}", partial(_reset, one), one.write, one.units, one.kind)


def _below(one: Resource) -> Iterator[Route]:
    yield Route("GET", one.path, partial(_get, one), one.read, one.units, one.kind)
    yield Route("PUT", one.path, partial(_put, one), one.write, one.units, one.kind)
    yield Route("PATCH", one.path, partial(_patch, one), one.write, one.units, one.kind)
    yield Route("DELETE", one.path, partial(_delete, one), one.write, one.units, one.kind)


def _collection(one: Resource) -> Iterator[Route]:
    item = f"{one.path}/{{key}}"
    yield Route("GET", f"{one.path}/$count", partial(_count, one), one.read, one.units, one.kind)
    yield Route("GET", one.path, partial(_list, one), one.read, one.units, one.kind)
    yield Route("POST", one.path, partial(_post, one), one.write, one.units, one.kind)
    yield Route("GET", item, partial(_get, one), one.read, one.units, one.kind)
    yield Route("PATCH", item, partial(_patch, one), one.write, one.units, one.kind)
    yield Route("DELETE", item, partial(_delete, one), one.write, one.units, one.kind)


# ------------------------------------------------------------------------------------------ reading


def _get(resource: Resource, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$select", "$expand"})
    key = _key(resource, world, caught, world.switches.missing_partner_read)
    body = views.item(world, call, resource, key)
    if body is None and resource.key:
        raise missing(world.switches.missing_partner_read, caught["key"])
    shown = _shown(world, call, resource, key, body or resource.stock)
    return Answer(200, {**_context(call, resource, "/$entity"), **shown})


def _list(resource: Resource, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    if "$filter" in call.query and not world.switches.filter_refused:
        return _filtered(resource, world, call)
    skips = set() if world.switches.skip_refused else {"$skip"}
    paging.only(call, {"$select", "$expand", "$top", "$skiptoken", "$count"} | skips)
    if "$expand" in call.query and not world.switches.expand_on_list:
        raise bad_request("The query option '$expand' is not supported.", code="BadRequest")
    size = min(paging.number(call, "$top", world.switches.page_size, _LARGEST_PAGE), world.switches.page_size)
    after, skip = paging.place(call)
    found = views.page(world, call, resource, size + 1, after, skip)
    answer = _context(call, resource)
    if call.query.get("$count") == "true":
        answer["@odata.count"] = views.count(world, call, resource)
    if len(found) > size:
        answer["@odata.nextLink"] = paging.next_link(call, found[size - 1][0], skip + size)
    answer["value"] = [_shown(world, call, resource, key, body) for key, body in found[:size]]
    return Answer(200, answer)


def _filtered(resource: Resource, world: World, call: Call) -> Answer:
    """Return the object whose key the filter names; no other filter is known."""
    name, _, value = call.query["$filter"].partition(" eq ")
    if name.strip() != resource.key:
        raise bad_request("The filter is not supported.", code="BadRequest")
    key = value.strip().strip("'").lower()
    body = views.item(world, call, resource, key)
    value_shown = [] if body is None else [_shown(world, call, resource, key, body)]
    return Answer(200, {**_context(call, resource), "value": value_shown})


def _count(resource: Resource, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    if not world.switches.count_route:
        raise bad_request("Resource not found for the segment '$count'.", code="BadRequest")
    number = views.count(world, call, resource)
    return Answer(200, raw=str(number).encode(), content_type="text/plain")


def spelled(world: World, call: Call, resource: Resource, body: Body) -> dict[str, Json]:
    """Return an object whole, as this version of the service spells it."""
    return {
        **({"id": world.directory.tenants[call.tenant].object_id(resource.kind)} if resource.has_id else {}),
        **{name: value for name, value in body.items() if call.version == "beta" or name not in resource.preview},
        **(resource.undeclared if world.switches.undeclared_properties else {}),
        **(resource.beta if call.version == "beta" else {}),
    }


def _shown(world: World, call: Call, resource: Resource, key: str, body: Body) -> dict[str, Json]:
    """Return an object as an answer spells it: with what is not declared, narrowed and expanded as asked."""
    whole = spelled(world, call, resource, body)
    return {**_selected(call, whole), **_expanded(world, call, resource, key)}


def _selected(call: Call, whole: dict[str, Json]) -> dict[str, Json]:
    if "$select" not in call.query:
        return whole
    names = [name.strip() for name in call.query["$select"].split(",")]
    for name in names:
        if name not in whole:
            raise bad_request(f"Could not find a property named '{shorten(name)}'.", code="BadRequest")
    return {name: whole[name] for name in names}


def _expanded(world: World, call: Call, resource: Resource, key: str) -> dict[str, Json]:
    if "$expand" not in call.query:
        return {}
    names = [name.strip() for name in call.query["$expand"].split(",")]
    for name in names:
        if name not in resource.expands:
            raise bad_request(f"Could not find a navigation property named '{shorten(name)}'.", code="BadRequest")
    below = {name: world.resources[resource.expands[name]] for name in names}
    found = {name: views.item(world, call, one, key) for name, one in below.items()}
    kept = found if world.switches.expanded_nothing == "null" else {name: body for name, body in found.items() if body}
    return {name: None if body is None else spelled(world, call, below[name], body) for name, body in kept.items()}


def _context(call: Call, resource: Resource, suffix: str = "") -> dict[str, Json]:
    return {"@odata.context": f"{call.base}/{call.version}/$metadata#{resource.context}{suffix}"}


# ------------------------------------------------------------------------------------------ writing


def _post(resource: Resource, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    sent = _known_here(resource, call)
    fresh = resource.fresh("")
    after = {**fresh, **resource.check(_writing(resource, "create", world, call, fresh, sent))}
    key = _new_key(resource, sent)
    taken = world.store.get(call.tenant, resource.kind, key) is not None
    if taken or views.lingers(world, call.tenant, resource.kind, key):
        message = f"Another object with the same value for property {resource.key} already exists."
        raise Refusal(409, "Request_MultipleObjectsWithSameKeyValue", message)
    shown_key = key if world.switches.partner_key_case == "lower" else sent[resource.key]
    after = dict(resource.settle(world, {**after, resource.key: shown_key}))
    sequence = commit(world, call, resource, key, None, after, 201)
    shown = _shown(world, call, resource, key, after)
    return Answer(201, {**_context(call, resource, "/$entity"), **shown}, committed=(sequence,))


def _put(resource: Resource, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    key = _key(resource, world, caught, world.switches.missing_partner_write)
    if world.store.get(call.tenant, resource.parent, key) is None:
        raise missing(world.switches.missing_partner_write, caught["key"])
    standing = world.store.get(call.tenant, resource.kind, key)
    if views.lingers(world, call.tenant, resource.kind, key) or (standing and world.switches.put_only_creates):
        message = "A conflicting object with one or more of the specified property values is present in the directory."
        raise Refusal(409, "Request_MultipleObjectsWithSameKeyValue", message)
    before, sent = standing or resource.fresh(key), _known_here(resource, call)
    said = resource.check(_writing(resource, "update" if standing else "create", world, call, before, sent))
    after = resource.settle(world, {**before, **said})
    return Answer(204, committed=(commit(world, call, resource, key, standing, after, 204),))


def _known_here(resource: Resource, call: Call) -> dict[str, Json]:
    """Return what was sent, refusing what only beta knows."""
    sent = call.object()
    for name in resource.preview if call.version != "beta" else ():
        if name in sent:
            raise invalid_property(name)
    return sent


def _patch(resource: Resource, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    key = _key(resource, world, caught, world.switches.missing_partner_write)
    before = world.store.get(call.tenant, resource.kind, key)
    if before is None and resource.key:
        raise missing(world.switches.missing_partner_write, caught["key"])
    before = before or dict(resource.stock)
    sent = _known_here(resource, call)
    if resource.key in sent and _folded(resource, sent[resource.key]) != key:
        raise bad_request(f"Property '{resource.key}' is read-only and cannot be changed.")
    said = resource.check(_writing(resource, "update", world, call, before, sent))
    after = resource.settle(world, {**before, **said})
    return Answer(204, committed=(commit(world, call, resource, key, before, after, 204),))


def _delete(resource: Resource, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    key = _key(resource, world, caught, world.switches.missing_partner_write)
    before = world.store.get(call.tenant, resource.kind, key)
    if before is None:
        raise missing(world.switches.missing_partner_write, caught["key"])
    for name, kind in resource.expands.items():
        if world.store.get(call.tenant, kind, key) is not None:
            raise bad_request(f"The object has a value for '{name}', which must be deleted first.")
    return Answer(204, committed=(commit(world, call, resource, key, before, None, 204),))


def _reset(resource: Resource, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    before = world.store.get(call.tenant, resource.kind) or resource.stock
    return Answer(204, committed=(commit(world, call, resource, "", before, resource.stock, 204),))


def _writing(resource: Resource, action: str, world: World, call: Call, before: Body, sent: dict[str, Json]) -> Writing:
    principal = _principal(call)
    return Writing(resource, "create" if action == "create" else "update", world, call.tenant, principal, before, sent)


def _principal(call: Call) -> Principal:
    if call.principal is None:
        raise unauthenticated("Access token is empty.")
    return call.principal


def _new_key(resource: Resource, sent: Body) -> str:
    value = sent.get(resource.key)
    if not isinstance(value, str) or not value or (resource.guid_key and not GUID.fullmatch(value)):
        raise bad_request(f"Property '{resource.key}' must be given and valid.")
    return _folded(resource, routing.printable(value))


def _key(resource: Resource, world: World, caught: Mapping[str, str], code: str) -> str:
    """Return the key of the object that the path names, "" for a singleton."""
    key = caught.get("key", "")
    if resource.key and resource.guid_key and not GUID.fullmatch(key):
        if world.switches.malformed_key_is_missing:
            raise missing(code, key)
        raise bad_request(f"Invalid object identifier '{shorten(key)}'.")
    return _folded(resource, key)


def key_of(resource: Resource, call: Call, caught: Mapping[str, str]) -> str:
    """Return the key of the object that a write is about, by its path or its body; "" where neither says."""
    if "key" in caught or not resource.key:
        return _folded(resource, caught.get("key", ""))
    try:
        said = call.object().get(resource.key, "")
    except Refusal:
        return ""
    return routing.printable(_folded(resource, said)) if isinstance(said, str) else ""


def _folded(resource: Resource, key: Json) -> str:
    return str(key).lower() if resource.guid_key else str(key)
