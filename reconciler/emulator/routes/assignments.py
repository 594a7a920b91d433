"""Serves who is assigned to an application: `appRoleAssignedTo` of a service principal, `appRoleAssignments` of others.

Both show the same links from their two ends, and both write them. An assignment to somebody who was deleted is not
shown, and shows again when they are restored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from reconciler.emulator import paging, permissions, views
from reconciler.emulator.assigning import NO_ROLE, assigned, principal_in
from reconciler.emulator.blocks import GUID
from reconciler.emulator.calls import Answer, Body, Call, Json, Route
from reconciler.emulator.committing import Written, commit_all, stamp
from reconciler.emulator.directory_objects import (
    ASSIGNMENT,
    BY_TYPE,
    GROUPS,
    SERVICE_PRINCIPALS,
    USERS,
    Collection,
    assignment_of,
    live,
)
from reconciler.emulator.finding import addressed, principal, seen, there
from reconciler.emulator.querying import Filter, Properties, parsed
from reconciler.emulator.refusals import bad_request, denied, no_such_object
from reconciler.emulator.showing import context

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_OWN = "appRoleAssignments"
_TO = "appRoleAssignedTo"
_MOST = 999
_PROPERTIES = Properties(
    "appRoleAssignment",
    frozenset({"appRoleId", "principalId", "principalType", "principalDisplayName", "resourceId"}),
    frozenset({"createdDateTime", "resourceDisplayName"}),
    frozenset({"id", *ASSIGNMENT.stock}),
)
_GIVEN = ("principalId", "resourceId", "appRoleId")


# ------------------------------------------------------------------------------------------ reading


def _list(collection: Collection, way: str, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$select", "$filter", "$top", "$skiptoken", "$count"})
    body = seen(world, call, collection, caught)
    said = parsed(call.query.get("$filter", ""), _PROPERTIES)
    size = paging.number(call, "$top", world.switches.page_size, _MOST)
    after, skip = paging.place(call)
    page = []
    for key, link in _links(world, call, way, str(body["id"]), after):
        if _matches(said, link):
            page.append((key, link))
        if len(page) > size:
            break
    answer = context(call, f"{collection.name}('{body['id']}')/{way}")
    if len(page) > size:
        answer["@odata.nextLink"] = paging.next_link(call, page[size - 1][0], skip + size)
    answer["value"] = [_shown(call, link) for _, link in page[:size]]
    return Answer(200, answer)


def _matches(said: Filter, link: Body) -> bool:
    return said.is_everything or said.holds({**ASSIGNMENT.stock, **link})


def _links(world: World, call: Call, way: str, key: str, after: str) -> Iterator[tuple[str, Body]]:
    """Yield the assignments to a service principal, or those of anybody, whose other end is there."""
    found: Iterator[tuple[str, Body]]
    if way == _TO:
        found, end = views.following(world, call, ASSIGNMENT, below=key, after=after), "principalId"
    else:
        found, end = _led_to(world, call, key, after), "resourceId"
    for one, link in found:
        if live(world, call.tenant, str(link[end])) is not None:
            yield one, link


def _led_to(world: World, call: Call, principal_id: str, after: str) -> Iterator[tuple[str, dict[str, Json]]]:
    everything = sorted(world.store.ending(call.tenant, ASSIGNMENT.kind, principal_id).items())
    yield from ((key, link) for key, link in everything if key > after)


def _get(collection: Collection, way: str, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    body = seen(world, call, collection, caught)
    _, link = _found(_links(world, call, way, str(body["id"]), ""), caught["assignment"])
    return Answer(200, {**context(call, _OWN, "/$entity"), **_shown(call, link)})


def _found(links: Iterator[tuple[str, Body]], assignment_id: str) -> tuple[str, Body]:
    for key, link in links:
        if link["id"] == assignment_id:
            return key, link
    raise no_such_object(assignment_id)


def _shown(call: Call, link: Body) -> dict[str, Json]:
    whole = {"id": link["id"], **ASSIGNMENT.stock, **link}
    if "$select" not in call.query:
        return whole
    names = [name.strip() for name in call.query["$select"].split(",")]
    for name in names:
        if name not in whole:
            raise bad_request(
                f"Could not find a property named '{name[:60]}' on type 'appRoleAssignment'.", "BadRequest"
            )
    return {name: whole[name] for name in names}


# ------------------------------------------------------------------------------------------ writing


def _add(collection: Collection, way: str, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    _check_reader(world, call)
    body = there(world, call, collection, caught)
    said = _said(call)
    owner = "resourceId" if way == _TO else "principalId"
    if said[owner] != body["id"]:
        raise bad_request(f"Property '{owner}' must be the id of the object in the path.")
    resource = there(world, call, SERVICE_PRINCIPALS, {"key": said["resourceId"]})
    kind, who = _principal(world, call, said["principalId"])
    _check_role(SERVICE_PRINCIPALS.whole(resource), kind, said["appRoleId"])
    key = f"{resource['id']}/{who['id']}/{said['appRoleId']}"
    if world.store.get(call.tenant, ASSIGNMENT.kind, key) is not None:
        raise bad_request("Permission being assigned already exists on the object")
    link = assigned(resource, kind, who, said["appRoleId"], world.new_id(), stamp(world.clock.now()))
    written = [Written(assignment_of(str(link["principalType"])), key, None, link)]
    answer = {**context(call, f"{collection.name}('{body['id']}')/{way}", "/$entity"), **_shown(call, link)}
    return Answer(201, answer, committed=commit_all(world, call, written, 201))


def _check_reader(world: World, call: Call) -> None:
    """Granting takes the right to read applications too."""
    if world.switches.assigning_takes_reading and not principal(call).may(permissions.ALSO_FOR_ASSIGNMENTS):
        raise denied()


def _said(call: Call) -> dict[str, str]:
    """Return the three ids that make an assignment, in lower case.

    Raises:
        Refusal: 400, when one is missing or no GUID, or something else is said.
    """
    sent = call.object()
    for name in sent:
        if name not in ASSIGNMENT.stock and name != "id" and "@odata." not in name:
            raise bad_request(f"Invalid property '{name[:60]}'.")
    for name in _GIVEN:
        if not isinstance(sent.get(name), str) or not GUID.fullmatch(sent[name]):
            raise bad_request(f"Property '{name}' must be given and be a GUID.")
    return {name: str(sent[name]).lower() for name in _GIVEN}


def _principal(world: World, call: Call, principal_id: str) -> tuple[Collection, Body]:
    found = live(world, call.tenant, principal_id)
    if (
        found is None
        or found[0] not in (USERS, GROUPS, SERVICE_PRINCIPALS)
        or views.is_newborn(world, call.tenant, found[0].resource, principal_id)
    ):
        raise no_such_object(principal_id)
    collection, body = found
    if collection is GROUPS and not GROUPS.whole(body)["securityEnabled"]:
        raise bad_request("Only security-enabled groups can be assigned to an application.")
    return collection, body


def _check_role(resource: Body, kind: Collection, role_id: str) -> None:
    """Refuse a role that the application does not have, or not for this kind of principal."""
    roles = {str(one["id"]): one for one in resource["appRoles"] if one.get("isEnabled", True)}
    if role_id == NO_ROLE and not roles:
        return
    if role_id not in roles:
        raise bad_request("Permission being assigned was not found on application")
    wanted = "Application" if kind is SERVICE_PRINCIPALS else "User"
    if wanted not in roles[role_id]["allowedMemberTypes"]:
        raise bad_request("Permission being assigned cannot be given to a principal of this type")


def _delete(collection: Collection, way: str, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    body = there(world, call, collection, caught)
    links = _standing(world, call, way, str(body["id"]), caught["assignment"])
    key, link = _found(links, caught["assignment"])
    written = [Written(assignment_of(str(link["principalType"])), key, link, None)]
    return Answer(204, committed=commit_all(world, call, written, 204))


def _standing(world: World, call: Call, way: str, key: str, assignment_id: str) -> Iterator[tuple[str, Body]]:
    """Yield the assignments that may be the one that is meant: its id begins with that of its principal."""
    if way == _TO:
        yield from world.store.scan(call.tenant, ASSIGNMENT.kind, below=f"{key}/{principal_in(assignment_id)}")
    else:
        yield from world.store.ending(call.tenant, ASSIGNMENT.kind, key).items()


# ------------------------------------------------------------------------------------------ the table


def routes() -> Iterator[Route]:
    """Yield the routes of assignments, from both ends."""
    paths = addressed(f"/servicePrincipals/{{key}}/{_TO}")
    for path in paths:
        yield from _both(SERVICE_PRINCIPALS, _TO, path, permissions.READ_ASSIGNMENTS)
    own = permissions.READ_ASSIGNMENTS_OF_USERS
    for one in BY_TYPE.values():
        if one in (USERS, GROUPS):
            yield from _both(one, _OWN, f"{one.resource.path}/{{key}}/{_OWN}", own)
    for path in addressed(f"/servicePrincipals/{{key}}/{_OWN}"):
        yield from _both(SERVICE_PRINCIPALS, _OWN, path, permissions.READ_ASSIGNMENTS)


def _both(one: Collection, way: str, path: str, read: tuple[str, ...]) -> Iterator[Route]:
    item, write, kind = f"{path}/{{assignment}}", permissions.WRITE_ASSIGNMENTS, ASSIGNMENT.kind
    yield Route("GET", path, partial(_list, one, way), read, kind=kind)
    yield Route("POST", path, partial(_add, one, way), write, kind=kind)
    yield Route("GET", item, partial(_get, one, way), read, kind=kind)
    yield Route("DELETE", item, partial(_delete, one, way), write, kind=kind)
