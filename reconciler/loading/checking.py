"""Whether a link can be what somebody wrote: all that needs no other document. Changes nothing, and makes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.errors import Problem
from reconciler.loading.engine import objections
from reconciler.loading.link_shapes import CONFIGURATION, TOPOLOGY
from reconciler.loading.secrecy import show
from reconciler.loading.wishes import Side, Wish
from reconciler.model import Json

_FILLED_IN = re.compile(r"\{(source|target)\.\w+\}")


def by_itself(wish: Wish) -> Iterator[Problem]:
    """Yield what is wrong with a link by itself."""
    source, target = wish.source, wish.target
    if source.tenant_id == target.tenant_id:
        message = f"{source.name} cannot be synchronized into itself"
        yield Problem(target.origin, message, "name another tenant")
    yield from across_clouds(source, target)
    yield from _state(wish)
    yield from _lifecycle(wish)
    if wish.spec is not None:
        yield from _scope(wish)
        yield from _groups(wish)
        yield from objections(wish.spec.scope.filters, wish.spec.mappings, wish.page)
        if wish.shape != TOPOLOGY:
            yield from _unfilled(wish)


def across_clouds(source: Side, target: Side) -> Iterator[Problem]:
    """Yield that two tenants live in different clouds, which is not supported here."""
    if source.tenant and target.tenant and source.tenant.cloud != target.tenant.cloud:
        message = (
            f"{source.name} is in cloud {source.tenant.cloud} and {target.name} in {target.tenant.cloud}: "
            "synchronization across clouds is not supported here"
        )
        yield Problem(target.origin, message, "link tenants of one cloud")


def _state(wish: Wish) -> Iterator[Problem]:
    home = wish.home
    if wish.absent and wish.people is None:
        hint = "write people: deprovision, which deletes them in the target, or people: keep"
        message = f"{wish.name} is absent, and nothing says what becomes of the people who were synchronized"
        yield home.problem(("state",), message, hint)
    if not wish.absent and wish.people is not None:
        hint = "write state: absent too, or take it out"
        yield home.problem(("people",), "people is for a link that is absent, and this one is not", hint)
    if not wish.absent and wish.spec is None:
        hint = "write spec with scope, or state: absent"
        yield Problem(wish.origin, f"{wish.name} does not say who is synchronized", hint)


def _lifecycle(wish: Wish) -> Iterator[Problem]:
    if wish.absent and wish.said.lifecycle.preventDestroy:
        there = wish.root.key_origin("lifecycle", "preventDestroy")
        message = f"{wish.name} is to be removed, and lifecycle.preventDestroy forbids it, at {there}"
        yield wish.home.problem(("state",), message, "take out the one or the other")


def _scope(wish: Wish) -> Iterator[Problem]:
    spec, page = wish.spec, wish.page
    if spec is None:
        return
    if spec.groupSync and not spec.scope.says_who:
        hint = "write scope.assigned, with the groups that are meant"
        yield page.problem(("groupSync",), "groups are only synchronized when they are assigned, not with all", hint)
    if spec.scope.says_who and spec.scope.assigned.exclusive and not wish.principals():
        hint = "name groups or users; exclusive: false leaves the assignments to others, state: absent removes the link"
        yield page.problem(("scope", "assigned"), "nobody is assigned, which would take everybody out", hint)
    yield from _twice(wish)


def _groups(wish: Wish) -> Iterator[Problem]:
    """Yield groups of a tenant that the document cannot speak for, and groups that are named twice."""
    groups = wish.spec.targetGroups if wish.spec else ()
    if groups and wish.shape == CONFIGURATION:
        message = f"a SyncConfiguration speaks for its own tenant, and the groups of {wish.target.name} are not its"
        hint = "write a SyncLink where both tenants are of this repository; elsewhere its owner fills the groups"
        yield wish.page.problem(("targetGroups",), message, hint)
        return
    seen: dict[tuple[str, str], int] = {}
    for index, one in enumerate(groups):
        for key in {("id", one.group.id), ("name", one.group.name)} - {("id", ""), ("name", "")}:
            first = seen.setdefault(key, index)
            if first != index and not (key[0] == "name" and one.group.id and groups[first].group.id):
                there = wish.page.origin("targetGroups", first)
                message = f"{show(key[1])} is named already, at {there}"
                yield wish.page.problem(("targetGroups", index), message, "take one of them out")


def _twice(wish: Wish) -> Iterator[Problem]:
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for word, index, shape in wish.principals():
        for key in {("id", shape.id), (word, shape.name)} - {("id", ""), (word, "")}:
            first = seen.setdefault(key, (word, index))
            if first != (word, index):
                there = wish.page.origin("scope", "assigned", *first)
                message = f"{show(key[1])} is assigned already, at {there}"
                yield wish.page.problem(("scope", "assigned", word, index), message, "take one of them out")


def _unfilled(wish: Wish) -> Iterator[Problem]:
    """Yield where a link says what only the template of a topology may say: nothing would fill it in."""
    for path, text in texts(wish.spec.model_dump(exclude_unset=True, by_alias=True) if wish.spec else {}):
        if found := _FILLED_IN.search(text):
            origin = wish.page.character(path, text, found.start())
            yield Problem(origin, f"{found[0]} is only filled in by a Topology", "write the name itself")


def texts(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text in a value, and the way to it."""
    match value:
        case str():
            yield path, value
        case Mapping():
            for name, member in value.items():
                yield from texts(member, (*path, name))
        case list() | tuple():
            for index, member in enumerate(value):
                yield from texts(member, (*path, index))
        case _:
            return
