"""Serves what is peculiar to people: new users and groups, managers, members, and the groups somebody is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from reconciler.emulator import assigning, people, permissions, views
from reconciler.emulator.calls import Answer, Body, Call, Json, Route
from reconciler.emulator.changing import check_principal_name, checked
from reconciler.emulator.committing import Written, commit_all, stamp
from reconciler.emulator.directory_objects import (
    BY_KIND,
    BY_TYPE,
    GROUPS,
    MEMBER,
    SERVICE_PRINCIPALS,
    USERS,
    Collection,
)
from reconciler.emulator.finding import seen, there
from reconciler.emulator.linking import bound, links_of, referred, unbound
from reconciler.emulator.listing import Listing, answered, counted
from reconciler.emulator.refusals import bad_request, no_such_object
from reconciler.emulator.showing import context, polymorphic, shown

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_Ends: TypeAlias = "Callable[[World, Call, Body, str], Iterator[tuple[str, Collection, Body]]]"
"""Yields what an object leads to: with keys to go on from, after the last of which it goes on."""

_CAST = "microsoft.graph.{type}"
_USER_NEEDS = ("accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile")
_GROUP_NEEDS = ("displayName", "mailEnabled", "mailNickname", "securityEnabled")


# ------------------------------------------------------------------------------------------ new ones


def _add_user(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    sent = call.object()
    _check_given(sent, _USER_NEEDS)
    said = checked(world, call, USERS, "create", {}, sent)
    check_principal_name(world, call, str(said["userPrincipalName"]))
    home = world.directory.organizations[call.tenant]
    now = stamp(world.clock.now())
    made = people.user(str(said["mailNickname"]), {"mail": None, **said}, home, world.new_id(), now)
    written = [Written(USERS.resource, made["id"], None, USERS.sparse(made))]
    return _created(world, call, USERS, made, written)


def _add_group(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    sent = call.object()
    _check_given(sent, _GROUP_NEEDS)
    kinds = {name: sent[name] for name in ("mailEnabled",) if isinstance(sent[name], bool)}
    rest = {name: value for name, value in sent.items() if name not in kinds}
    said = checked(world, call, GROUPS, "create", {}, rest)
    is_unified = "Unified" in said.get("groupTypes", ())
    if kinds.get("mailEnabled") and not is_unified:
        raise bad_request("Mail-enabled security groups and distribution lists cannot be created here.")
    dynamic = "DynamicMembership" in said.get("groupTypes", ())
    if dynamic != bool(said.get("membershipRule")):
        raise bad_request("A membership rule and the group type 'DynamicMembership' go together.")
    made = people.group(str(said["mailNickname"]), {**said, **kinds}, world.new_id(), stamp(world.clock.now()))
    new = [Written(GROUPS.resource, made["id"], None, GROUPS.sparse(made))]
    return _created(world, call, GROUPS, made, new + bound(world, call, made, sent.get("members@odata.bind", [])))


def _check_given(sent: Body, names: tuple[str, ...]) -> None:
    for name in names:
        if sent.get(name) is None:
            raise bad_request(f"A value is required for property '{name}' of resource.")


def _created(world: World, call: Call, collection: Collection, body: Body, written: list[Written]) -> Answer:
    answer = {**context(call, collection.name, "/$entity"), **shown(world, call, collection, body)}
    return Answer(201, answer, committed=commit_all(world, call, written, 201))


# ------------------------------------------------------------------------------------------ lists of what is linked


def _direct(world: World, call: Call, group: Body, after: str) -> Iterator[tuple[str, Collection, Body]]:
    for key, link in links_of(world, call, str(group["id"]), after):
        collection = BY_KIND[str(link["kind"])]
        body = views.item(world, call, collection.resource, str(link["id"]))
        if body is not None:
            yield key, collection, body


def _transitive(world: World, call: Call, group: Body, after: str) -> Iterator[tuple[str, Collection, Body]]:
    found = assigning.everybody_in(world, call.tenant, str(group["id"]))
    yield from _after(((collection, body) for collection, body in found), after)


def _groups_of(world: World, call: Call, body: Body, after: str) -> Iterator[tuple[str, Collection, Body]]:
    found = assigning.groups_with(world, call.tenant, str(body["id"]))
    yield from _after(((GROUPS, group) for group in found), after)


def _all_groups_of(world: World, call: Call, body: Body, after: str) -> Iterator[tuple[str, Collection, Body]]:
    found = assigning.all_groups_with(world, call.tenant, str(body["id"]))
    yield from _after(((GROUPS, group) for group in found), after)


def _after(found: Iterator[tuple[Collection, Body]], after: str) -> Iterator[tuple[str, Collection, Body]]:
    ordered = sorted(found, key=lambda pair: str(pair[1]["id"]))
    yield from ((str(body["id"]), one, body) for one, body in ordered if str(body["id"]) > after)


def _ends(owner: Collection, ends: _Ends, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return answered(world, call, _listing(owner, ends, world, call, caught))


def _count(owner: Collection, ends: _Ends, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return counted(call, _listing(owner, ends, world, call, caught))


def _listing(owner: Collection, ends: _Ends, world: World, call: Call, caught: Mapping[str, str]) -> Listing:
    """Return the list of what an object leads to: of one type where the path casts, of all types otherwise."""
    body = seen(world, call, owner, caught)
    cast = _cast(caught)
    kinds: dict[str, Collection] = {}

    def source(named: str, after: str) -> Iterator[tuple[str, Body]]:
        for key, collection, end in ends(world, call, body, after):
            if cast is None or cast is collection:
                kinds[str(end["id"])] = collection
                yield key, end

    def show(end: Body) -> dict[str, Json]:
        return polymorphic(world, call, kinds[str(end["id"])], end)

    return Listing(
        cast or USERS,
        source,
        show=show,
        size=lambda: sum(1 for _ in source("", "")),
        name=cast.name if cast else "directoryObjects",
    )


def _cast(caught: Mapping[str, str]) -> Collection | None:
    if "type" not in caught:
        return None
    collection = BY_TYPE.get(caught["type"].lower())
    if collection is None:
        raise bad_request(f"Resource not found for the segment 'microsoft.graph.{caught['type']}'.", code="BadRequest")
    return collection


def _references(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    group = seen(world, call, GROUPS, caught)
    base = f"{call.base}/{call.version}/directoryObjects"
    value = [{"@odata.id": f"{base}/{link['id']}"} for _, link in links_of(world, call, str(group["id"]))]
    return Answer(200, {**context(call, "Collection($ref)"), "value": value})


# ------------------------------------------------------------------------------------------ changing links


def _add_member(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    group = there(world, call, GROUPS, caught)
    written = bound(world, call, group, [call.object().get("@odata.id")])
    return Answer(204, committed=commit_all(world, call, written, 204))


def _remove_member(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    group = there(world, call, GROUPS, caught)
    written = unbound(world, call, group, caught["end"])
    return Answer(204, committed=commit_all(world, call, [written], 204))


def _manager(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    user = seen(world, call, USERS, caught)
    manager = views.item(world, call, USERS.resource, str(user.get("manager", "")))
    if manager is None:
        raise no_such_object("manager")
    mark = {"@odata.type": "#microsoft.graph.user"}
    return Answer(200, {**context(call, "directoryObjects", "/$entity"), **mark, **shown(world, call, USERS, manager)})


def _set_manager(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    before = there(world, call, USERS, caught)
    collection, manager = referred(world, call, call.object().get("@odata.id"))
    if collection is not USERS:
        raise bad_request("A manager is a user.")
    return _with_manager(world, call, before, {**before, "manager": manager["id"]})


def _remove_manager(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    before = there(world, call, USERS, caught)
    if "manager" not in before:
        raise no_such_object("manager")
    return _with_manager(world, call, before, {name: value for name, value in before.items() if name != "manager"})


def _with_manager(world: World, call: Call, before: Body, after: Body) -> Answer:
    written = [Written(USERS.resource, str(before["id"]), before, after)]
    return Answer(204, committed=commit_all(world, call, written, 204))


# ------------------------------------------------------------------------------------------ the table


def routes() -> Iterator[Route]:
    """Yield the routes that only people and what they belong to have."""
    yield Route("POST", "/users", _add_user, permissions.WRITE_USERS, kind="user")
    yield Route("POST", "/groups", _add_group, permissions.CREATE_GROUPS, kind="group")
    manager = "/users/{key}/manager"
    yield Route("GET", manager, _manager, permissions.READ_USERS, kind="user")
    yield Route("PUT", f"{manager}/$ref", _set_manager, permissions.WRITE_USERS, kind="user")
    yield Route("DELETE", f"{manager}/$ref", _remove_manager, permissions.WRITE_USERS, kind="user")
    members, read, write = "/groups/{key}/members", permissions.READ_MEMBERS, permissions.WRITE_MEMBERS
    yield Route("GET", f"{members}/$ref", _references, read, kind=MEMBER.kind)
    yield Route("POST", f"{members}/$ref", _add_member, write, kind=MEMBER.kind)
    yield Route("DELETE", f"{members}/{{end}}/$ref", _remove_member, write, kind=MEMBER.kind)
    yield from _lists(GROUPS, members, _direct, read)
    yield from _lists(GROUPS, "/groups/{key}/transitiveMembers", _transitive, read)
    for one in (USERS, GROUPS, SERVICE_PRINCIPALS):
        may = one.resource.read
        yield from _lists(one, f"{one.resource.path}/{{key}}/memberOf", _groups_of, may)
        yield from _lists(one, f"{one.resource.path}/{{key}}/transitiveMemberOf", _all_groups_of, may)


def _lists(owner: Collection, path: str, ends: _Ends, read: tuple[str, ...]) -> Iterator[Route]:
    for whole in (path, f"{path}/{_CAST}"):
        yield Route("GET", f"{whole}/$count", partial(_count, owner, ends), read, kind=MEMBER.kind)
        yield Route("GET", whole, partial(_ends, owner, ends), read, kind=MEMBER.kind)
