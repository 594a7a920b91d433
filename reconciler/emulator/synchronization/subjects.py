"""Whom a cycle looks at: everybody at first, then those whom the journal says something has changed for.

The cost of the second is that of the changes, and not of the directory. Changes of the target are never read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body
from reconciler.emulator.directory_objects import ASSIGNMENT, DELETED, GROUPS, MEMBER, USERS
from reconciler.emulator.synchronization import cycle, persons

if TYPE_CHECKING:
    from reconciler.emulator.store import Entry
    from reconciler.emulator.synchronization.ground import Ground
    from reconciler.emulator.world import World

_USER_KINDS = (USERS.kind, DELETED.kind)


def everybody(ground: Ground, assigned: dict[str, None]) -> Iterator[str]:
    """Yield the ids of all users whom a cycle may have to do something about, once: the candidates, and the linked."""
    candidates = assigned if not ground.syncs_all else None
    seen: set[str] = set()
    for one in candidates if candidates is not None else _all_users(ground):
        seen.add(one)
        yield one
    for link in cycle.links(ground.world, ground.tenant, ground.key):
        if link["kind"] == "User" and link["id"] not in seen:
            yield str(link["id"])


def _all_users(ground: Ground) -> Iterator[str]:
    yield from (key for key, _ in ground.world.store.scan(ground.tenant, USERS.kind))


def changed(ground: Ground, since: int) -> dict[str, None]:
    """Return the ids of users whom a change of the source after this number of the journal touches, in order."""
    return dict.fromkeys(_touched(ground.world, ground.tenant, str(ground.principal["id"]), since))


def _touched(world: World, tenant: str, principal: str, since: int) -> Iterator[str]:
    for kind in _USER_KINDS:
        for entry in world.store.changes(tenant, kind, since):
            if kind == USERS.kind or _was_user(entry):
                yield entry.key
    for entry in world.store.changes(tenant, MEMBER.kind, since):
        if (entry.after or entry.before or {}).get("kind") == USERS.kind:
            yield entry.key.partition("/")[2]
    for entry in world.store.changes(tenant, GROUPS.kind, since):
        if _counts(entry.before) != _counts(entry.after):
            yield from _members(world, tenant, entry.key)
    for entry in world.store.changes(tenant, ASSIGNMENT.kind, since):
        yield from _assigned(world, tenant, principal, entry)


def _was_user(entry: Entry) -> bool:
    return (entry.before or entry.after or {}).get("kind") == USERS.kind


def _counts(group: Body | None) -> bool:
    """Tell whether the members of a group may be in scope by it."""
    return group is not None and group.get("securityEnabled", True) is True


def _members(world: World, tenant: str, group: str) -> Iterator[str]:
    """Yield the users of a group, be it there or not, counted or not."""
    for _, link in world.store.scan(tenant, MEMBER.kind, below=group):
        if link["kind"] == USERS.kind:
            yield str(link["id"])


def _assigned(world: World, tenant: str, principal: str, entry: Entry) -> Iterator[str]:
    resource, who, *_ = entry.key.split("/")
    if resource != principal:
        return
    kind = (entry.after or entry.before or {}).get("principalType")
    if kind == "User":
        yield who
    if kind == "Group":
        yield from _members(world, tenant, who)


def assigned(ground: Ground) -> dict[str, None]:
    """Return the ids of all who are assigned."""
    return persons.everybody_assigned(ground.world, ground.tenant, str(ground.principal["id"]))
