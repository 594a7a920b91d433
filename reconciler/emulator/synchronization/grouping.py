"""Groups of the source on the way to the target, where the mapping of groups is switched on: a preview of the service.

An assigned security group becomes a new one in the target; one that is there already is never adopted. Its members are
the business of `referencing`. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.emulator import assigning, discarding, people
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.committing import Written, stamp
from reconciler.emulator.directory_objects import ASSIGNMENT, GROUPS, MEMBER
from reconciler.emulator.synchronization import cycle
from reconciler.emulator.synchronization.attribute_mappings import engine_mappings
from reconciler.emulator.synchronization.events import Action as Told
from reconciler.emulator.synchronization.events import Happening, Identity, Status, Step, Trouble
from reconciler.emulator.synchronization.persons import Scope
from reconciler.emulator.synchronization.treating import Treated
from reconciler.provisioning import Action, Standing, Value, compile_mappings, decide
from reconciler.provisioning.deciding import Target

if TYPE_CHECKING:
    from reconciler.emulator.synchronization.ground import Ground

_WRITTEN: Final = ("displayName", "description", "mailNickname")


def is_on(ground: Ground) -> bool:
    """Tell whether groups are synchronized: only what is assigned is, so not where everybody is in scope."""
    return ground.mapping("Group")["enabled"] is True and not ground.syncs_all


# ------------------------------------------------------------------------------------------ which groups


def all_groups(ground: Ground) -> dict[str, None]:
    """Return the ids of the groups that are assigned, and of those that are linked."""
    found = dict.fromkeys(_assigned(ground))
    linked = cycle.links(ground.world, ground.tenant, ground.key)
    return {**found, **dict.fromkeys(str(one["id"]) for one in linked if one["kind"] == "Group")}


def _assigned(ground: Ground) -> Iterator[str]:
    principal = str(ground.principal["id"])
    for one in assigning.assignments(ground.world, ground.tenant, principal):
        if one["principalType"] == "Group":
            yield str(one["principalId"])


def changed_groups(ground: Ground, since: int) -> dict[str, None]:
    """Return the ids of the groups that a change of the source after this number of the journal touches."""
    store, tenant = ground.world.store, ground.tenant
    found = {entry.key: None for entry in store.changes(tenant, GROUPS.kind, since)}
    found.update({entry.key.partition("/")[0]: None for entry in store.changes(tenant, MEMBER.kind, since)})
    for entry in store.changes(tenant, ASSIGNMENT.kind, since):
        resource, who, *_ = entry.key.split("/")
        if resource == ground.principal["id"] and (entry.after or entry.before or {})["principalType"] == "Group":
            found[who] = None
    return {one: None for one in found if _is_known(ground, one)}


def _is_known(ground: Ground, group_id: str) -> bool:
    return ground.link_to(group_id) is not None or _is_assigned(ground, group_id)


def _is_assigned(ground: Ground, group_id: str) -> bool:
    below = f"{ground.principal['id']}/{group_id}"
    return any(True for _ in ground.world.store.scan(ground.tenant, ASSIGNMENT.kind, below=below))


# ------------------------------------------------------------------------------------------ one group


@dataclass(frozen=True, slots=True)
class _Group:
    """A group on its way: `body` is what the source has of it, or nothing but its id."""

    ground: Ground
    body: Body
    link: Body | None
    there: Body | None

    @property
    def id(self) -> str:
        return str(self.body["id"])


def treat_group(ground: Ground, group_id: str) -> Treated:
    """Return what becomes of a group; its members come later."""
    store = ground.world.store
    body, link = store.get(ground.tenant, GROUPS.kind, group_id), ground.link_to(group_id)
    there = None if link is None else store.get(ground.target.id, GROUPS.kind, str(link["target"]))
    one = _Group(ground, body or {"id": group_id}, link, there)
    if not is_on(ground):
        return _skipped(one, "EntityTypeNotSupported")
    decision = decide(
        Standing(
            linked=link is not None,
            account="gone" if body is None else "active",
            scope="in" if body is not None and _is_meant(ground, body) else "out",
            target=_target(link, there),
            allowed=frozenset(part.strip() for part in str(ground.mapping("Group")["flowTypes"]).split(",")),
        ),
        ground.ways,
    )
    match decision.action:
        case Action.CREATE:
            return _created(one)
        case Action.UPDATE:
            return _updated(one)
        case Action.REMOVE:
            return _removed(one)
        case Action.FAIL:
            words = "The group that this one is linked to is not there any more."
            return Treated(_ended(one, "Update", "Failure", None, Trouble(decision.reason, words)), Action.FAIL)
        case _:
            return _skipped(one, decision.reason)


def _target(link: Body | None, there: Body | None) -> Target:
    if link is None:
        return "none"
    if there is not None:
        return "live"
    return "expired" if link["removed"] else "gone"


def _is_meant(ground: Ground, body: Body) -> bool:
    is_assigned = body.get("securityEnabled", True) is True and _is_assigned(ground, str(body["id"]))
    return is_assigned and Scope.of(ground.mapping("Group")).passes.passes(_seen(body))


def _seen(body: Body) -> dict[str, Value]:
    whole = GROUPS.whole(body)
    return {"objectId": str(body["id"]), "IsSoftDeleted": False, **{name: whole[name] for name in _WRITTEN}}


def _values(one: _Group) -> dict[str, Json]:
    mappings = engine_mappings(one.ground.mapping("Group")["attributeMappings"], one.ground.exact("Group"))
    values = compile_mappings(mappings).created(_seen(one.body)).values
    return {name: values[name] for name in _WRITTEN if values.get(name) is not None}


def _created(one: _Group) -> Treated:
    world = one.ground.world
    values = _values(one)
    made = people.group(str(values["mailNickname"]), values, world.new_id(), stamp(world.clock.now()))
    body = GROUPS.sparse(made)
    written = (Written(GROUPS.resource, str(body["id"]), None, body),)
    what = _ended(one, "Create", "Success", body, None)
    return Treated(what, Action.CREATE, written, cycle.linked(one.id, str(body["id"]), kind="Group"))


def _updated(one: _Group) -> Treated:
    before = one.there or {}
    after = GROUPS.sparse({**before, **_values(one)})
    if after == before:
        return _skipped(one, "RedundantExport")
    written = (Written(GROUPS.resource, str(after["id"]), before, after),)
    link = cycle.linked(one.id, str(after["id"]), kind="Group")
    return Treated(_ended(one, "Update", "Success", after, None), Action.UPDATE, written, link)


def _removed(one: _Group) -> Treated:
    body = one.there or {}
    written = tuple(discarding.deletion(one.ground.world, one.ground.there, GROUPS, body))
    link = cycle.linked(one.id, str(body["id"]), kind="Group", removed=True)
    return Treated(_ended(one, "Delete", "Success", body, None), Action.REMOVE, written, link)


def _skipped(one: _Group, reason: str) -> Treated:
    return Treated(_ended(one, "Other", "Skipped", one.there, Trouble(reason, "")), Action.SKIP)


def _ended(one: _Group, told: Told, status: Status, target: Body | None, trouble: Trouble | None) -> Happening:
    name = str(one.body.get("displayName") or "")
    source = Identity(one.id, name, kind="Group")
    there = Identity(kind="Group") if target is None else Identity(str(target["id"]), kind="Group")
    reason = {"SkipReason": trouble.code, "ReportableIdentifier": name} if trouble and status == "Skipped" else {}
    names = {"Create": "EntryExportAdd", "Update": "EntryExportUpdate", "Delete": "EntryExportDelete"}
    step = Step(names.get(told, "EntrySynchronizationSkip"), "Export", status, f"The group: {told}.", reason)
    return Happening(told, status, source, there, (step,), trouble=trouble)


# ------------------------------------------------------------------------------------------ whose groups


def groups_of(ground: Ground, source_id: str) -> Iterator[str]:
    """Yield the ids of the linked groups that somebody of the source is a direct member of."""
    for group in assigning.groups_with(ground.world, ground.tenant, source_id):
        if ground.link_to(str(group["id"])) is not None:
            yield str(group["id"])
