"""Managers, and members of groups: what leads to somebody else, and is written when everybody is there who comes.

Whoever is out of scope is left out without a word. A reference to somebody who should be in the target and is not there
fails: it is kept apart from other failures, and tried again as they are. Whether people come is decided in `treating`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from reconciler.emulator import assigning
from reconciler.emulator.committing import Written
from reconciler.emulator.directory_objects import GROUPS, MEMBER, USERS
from reconciler.emulator.synchronization import cycle
from reconciler.emulator.synchronization.events import Happening, Identity, Step, Trouble

if TYPE_CHECKING:
    from reconciler.emulator.calls import Body
    from reconciler.emulator.synchronization.ground import Ground

MANAGER: Final = "manager"
MEMBERS: Final = "members"
UNRESOLVED: Final = "InvalidAnchor"
"""The code for a reference to somebody who is not there."""

Standing = Literal["there", "out", "missing"]


@dataclass(frozen=True, slots=True)
class Referred:
    """What became of the references of one object: what is written and told, and which others failed, with words."""

    written: tuple[Written, ...] = ()
    told: tuple[Happening, ...] = ()
    failed: tuple[tuple[str, Happening], ...] = ()


def key_of(owner: str, to: str) -> str:
    """Return under which key the failure of a reference is kept: the manager of somebody, or a member of a group."""
    return f"{owner}/{to}"


def manager(ground: Ground, source_id: str, to: str, failed: Collection[str]) -> Referred:
    """Return what gives a user of the target their manager, who is `to` in the source; `failed` could not be written.

    Only objects that are there have references.
    """
    own = _user(ground, ground.link_to(source_id))
    if own is None or not to:
        return Referred()
    standing, there = _standing(ground, to, failed)
    source = ground.world.store.get(ground.tenant, USERS.kind, source_id) or {"id": source_id}
    if standing == "missing" or (standing == "out" and ground.world.switches.manager_out_of_scope == "failure"):
        return Referred(failed=((key_of(source_id, MANAGER), _failed(source, own, "User", MANAGER, to)),))
    if there is None or own.get("manager") == there["id"]:
        return Referred()
    written = Written(USERS.resource, str(own["id"]), own, {**own, "manager": there["id"]})
    changes = ((MANAGER, own.get("manager"), str(there["id"])),)
    return Referred((written,), (_written(source, own, "User", changes),))


def members(ground: Ground, group_id: str, failed: Collection[str]) -> Referred:
    """Return what makes the members of a group of the target those of the source who are there.

    Members to whom no link leads are the target's own, and stay.
    """
    link = ground.link_to(group_id)
    there = None if link is None else ground.world.store.get(ground.target.id, GROUPS.kind, str(link["target"]))
    if link is None or link["removed"] or there is None:
        return Referred()
    wanted: dict[str, None] = {}
    missing: list[str] = []
    for member in _members(ground, group_id):
        standing, user = _standing(ground, member, failed)
        if user is not None:
            wanted[str(user["id"])] = None
        elif standing == "missing":
            missing.append(member)
    source = ground.world.store.get(ground.tenant, GROUPS.kind, group_id) or {"id": group_id}
    written, changes = _differences(ground, str(there["id"]), wanted)
    told = (_written(source, there, "Group", changes),) if changes else ()
    return Referred(
        tuple(written),
        told,
        tuple((key_of(group_id, one), _failed(source, there, "Group", MEMBERS, one)) for one in missing),
    )


def _members(ground: Ground, group_id: str) -> Iterator[str]:
    for kind, member in assigning.members(ground.world, ground.tenant, group_id):
        if kind is USERS:
            yield str(member["id"])


def _differences(
    ground: Ground, group: str, wanted: Iterable[str]
) -> tuple[list[Written], tuple[tuple[str, str | None, str | None], ...]]:
    """Return what makes these users the members of a group of the target, and how that is told."""
    standing = {str(one["id"]): one for _, one in ground.world.store.scan(ground.target.id, MEMBER.kind, below=group)}
    added = [one for one in wanted if one not in standing]
    gone = [one for one in standing if one not in wanted]
    if gone and ground.world.switches.foreign_members == "kept":
        own = {str(one["target"]) for one in cycle.links(ground.world, ground.tenant, ground.key)}
        gone = [one for one in gone if one in own]
    written = [
        *(Written(MEMBER, f"{group}/{one}", None, {"id": one, "kind": USERS.kind}) for one in added),
        *(Written(MEMBER, f"{group}/{one}", standing[one], None) for one in gone),
    ]
    return written, (*((MEMBERS, None, one) for one in added), *((MEMBERS, one, None) for one in gone))


# ------------------------------------------------------------------------------------------ who is there


def _standing(ground: Ground, source_id: str, failed: Collection[str]) -> tuple[Standing, Body | None]:
    """Return whether somebody of the source is in the target, out of scope, or missing; and their user there."""
    link = ground.link_to(source_id)
    if link is None:
        return ("missing" if source_id in failed else "out"), None
    if link["removed"]:
        return "out", None
    user = _user(ground, link)
    return ("missing" if user is None else "there"), user


def _user(ground: Ground, link: Body | None) -> Body | None:
    if link is None or link["removed"]:
        return None
    return ground.world.store.get(ground.target.id, USERS.kind, str(link["target"]))


# ------------------------------------------------------------------------------------------ what is told


def _written(
    source: Body, target: Body, kind: str, changes: tuple[tuple[str, str | None, str | None], ...]
) -> Happening:
    details = {name: new or "" for name, _, new in changes}
    step = Step("EntryExportUpdate", "ReferenceResolution", "Success", "References were written.", details)
    return Happening(
        "Update", "Success", _source(source, kind), Identity(str(target["id"]), kind=kind), (step,), changes
    )


def _failed(source: Body, target: Body, kind: str, attribute: str, to: str) -> Happening:
    words = f"The object '{to}', to which '{attribute}' leads, is not in the target."
    details = {"errorCode": UNRESOLVED, attribute: to}
    step = Step("EntryExportUpdate", "ReferenceResolution", "Failure", words, details)
    there = Identity(str(target["id"]), kind=kind)
    return Happening("Update", "Failure", _source(source, kind), there, (step,), trouble=Trouble(UNRESOLVED, words))


def _source(body: Body, kind: str) -> Identity:
    name, principal_name = (str(body.get(one) or "") for one in ("displayName", "userPrincipalName"))
    return Identity(str(body["id"]), name, kind=kind, principal_name=principal_name)
