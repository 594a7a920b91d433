"""One user of the source on the way to the target: read, judged, looked for, decided about, prepared to be written.

For a cycle and for on-demand provisioning alike. Nothing is written here: what is to be is returned, so that a cycle
can hold a deletion back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from reconciler.emulator import discarding
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.committing import Written, stamp
from reconciler.emulator.directory_objects import DELETED, USERS
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.synchronization import cycle, exporting, persons
from reconciler.emulator.synchronization.events import (
    Action as Told,
)
from reconciler.emulator.synchronization.events import (
    Happening,
    Identity,
    Status,
    Step,
    Trouble,
)
from reconciler.emulator.synchronization.persons import Verdict
from reconciler.provisioning import Action, Decision, PatternTimeout, Standing, decide
from reconciler.provisioning.deciding import Account, Scope, Target
from reconciler.provisioning.flowing import Flowed
from reconciler.provisioning.values import Misfit, Value, text_of

if TYPE_CHECKING:
    from reconciler.emulator.synchronization.ground import Ground

Steps: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the source: `body` is their account, or what the bin has of it, or nothing but the id."""

    body: Body
    account: Account
    user: Mapping[str, Value]
    assigned: bool

    @property
    def id(self) -> str:
        """Their id in the source."""
        return str(self.body["id"])

    @property
    def name(self) -> str:
        """Their principal name, "" where nothing is known of them any more."""
        return str(self.body.get("userPrincipalName") or "")


@dataclass(frozen=True, slots=True)
class Treated:
    """What becomes of a person: what is told of it, what is written in the target, and the link as it is then."""

    what: Happening
    action: Action
    written: tuple[Written, ...] = ()
    link: Body | None = None
    manager: str = ""

    @property
    def failed(self) -> bool:
        """Whether it is to be tried again."""
        return self.what.status == "Failure"


def person(ground: Ground, source_id: str, assigned: Collection[str] | None = None) -> Person:
    """Return somebody of the source; `assigned` are all who are, where that is known."""
    store, tenant = ground.world.store, ground.tenant
    body = store.get(tenant, USERS.kind, source_id)
    if body is None:
        binned = store.get(tenant, DELETED.kind, source_id)
        is_kept = binned is not None and discarding.is_kept(ground.world, binned)
        return Person(binned or {"id": source_id}, "deleted" if is_kept else "gone", {}, assigned=False)
    if assigned is None:
        entitled = persons.is_assigned(ground.world, tenant, str(ground.principal["id"]), source_id)
    else:
        entitled = source_id in assigned
    is_active = body.get("accountEnabled", True) is not False
    account: Account = "active" if is_active else "disabled"
    return Person(body, account, persons.seen(body, assigned=entitled), entitled)


def treat(ground: Ground, one: Person, *, managers_now: bool = False) -> Treated:
    """Return what becomes of a person. A manager who is in the target is written at once only when told so."""
    return _Way(ground, one, ground.link_to(one.id), managers_now=managers_now).end()


@dataclass(frozen=True, slots=True)
class _Found:
    """What stands in the target."""

    target: Target
    body: Body | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """The way of one person through a run."""

    ground: Ground
    one: Person
    link: Body | None
    managers_now: bool
    steps: Steps = field(default=())

    def end(self) -> Treated:
        if self.one.account in ("deleted", "gone"):
            return self._decided(None, "out")
        imported = _imported(self.one.user, self.ground.attributes)
        try:
            verdict = self.ground.scope.verdict(
                self.one.user,
                active=self.one.account == "active",
                assigned=self.one.assigned or self.ground.syncs_all,
                switches=self.ground.world.switches,
            )
        except PatternTimeout as error:
            step = Step("EntrySynchronizationScoping", "Scoping", "Failure", str(error), {})
            return self._with(imported, step)._failed(Action.FAIL, "Timeout", str(error), "Other")
        way = self._with(imported, _scoped(verdict))
        return way._decided(verdict, _scope(verdict))

    def _with(self, *steps: Step) -> _Way:
        return replace(self, steps=(*self.steps, *steps))

    def _decided(self, verdict: Verdict | None, scope: Scope) -> Treated:
        """Look at the target as far as that matters, and decide."""
        found = self._found(needed=verdict is not None and verdict.in_scope)
        standing = Standing(
            linked=self.link is not None and found.target not in ("none", "match", "conflict"),
            account=self.one.account,
            scope=scope,
            target=found.target,
            reason=(verdict.reason if verdict else "") or "EntrySynchronizationSkipped",
            conflict=found.trouble.code if found.trouble else "",
            allowed=self.ground.allowed,
        )
        decision = decide(standing, self.ground.ways)
        has_looked = found.target != "none" or decision.action is Action.CREATE
        way = self._with(_matched(found)) if has_looked else self
        return way._done(decision, found)

    def _found(self, *, needed: bool) -> _Found:
        store, target = self.ground.world.store, self.ground.target
        if self.link is None:
            return self._unlinked() if needed else _Found("none")
        user = store.get(target.id, USERS.kind, str(self.link["target"]))
        if user is not None:
            return _Found("blocked" if user.get("accountEnabled", True) is False else "live", user)
        binned = store.get(target.id, DELETED.kind, str(self.link["target"]))
        if binned is not None and discarding.is_kept(self.ground.world, binned):
            return _Found("removed" if self.link["removed"] else "discarded", binned)
        if not self.link["removed"]:
            return _Found("gone")
        # Nothing is left of whom the service removed: as good as never linked.
        return self._unlinked() if needed else _Found("expired")

    def _unlinked(self) -> _Found:
        world, target = self.ground.world, self.ground.target
        found = exporting.found(world, target, self.one.body)
        if found.user is not None:
            return _Found("match", found.user)
        home = world.directory.organizations[self.ground.tenant]
        trouble = found.trouble or exporting.refused(world, home, target, self.one.body)
        return _Found("none") if trouble is None else _Found("conflict", trouble=trouble)

    # ---------------------------------------------------------------------------------------- what is decided

    def _done(self, decision: Decision, found: _Found) -> Treated:
        match decision.action:
            case Action.SKIP:
                return self._skipped(decision.reason, found.body)
            case Action.FAIL:
                words = "The object that this one is linked to is not there any more."
                reason = found.trouble.reason if found.trouble else words
                return self._failed(Action.FAIL, decision.reason, reason, "Update" if self.link else "Create")
            case Action.REMOVE:
                return self._removed(found)
            case Action.CREATE:
                return self._created()
            case _:
                return self._updated(decision.action, found)

    def _created(self) -> Treated:
        ground, source = self.ground, self.one.body
        flowed = ground.flow.created(self.one.user)
        if flowed.failures:
            return self._misfit(flowed, Action.CREATE)
        now = stamp(ground.world.clock.now())
        after = exporting.made(source, flowed.values, ground.target, ground.world.new_id(), now)
        after = self._with_manager(after, flowed)
        written = Written(USERS.resource, str(after["id"]), None, after)
        return self._exported(Action.CREATE, flowed, None, after, (written,))

    def _updated(self, action: Action, found: _Found) -> Treated:
        ground, user = self.ground, found.body or {}
        written: tuple[Written, ...] = ()
        if user.get("onPremisesSyncEnabled"):
            words = "The user of the target is mastered on premises."
            return self._failed(action, exporting.MASTERED, words, "Update")
        if action is Action.RESTORE:
            try:
                _, user, changes = discarding.restoration(ground.world, ground.there, dict(user))
            except Refusal as refusal:
                return self._failed(action, "Conflict", refusal.message, "Update")
            written = tuple(changes)
        flowed = ground.flow.updated(self.one.user, exporting.present(user, self.one.body, ground.target))
        if self._keeps_name(user):
            flowed.values.pop("userPrincipalName", None)
        if flowed.failures:
            return self._misfit(flowed, action)
        flowed.values.update(dict.fromkeys(self._blanked(user)))
        foreign = exporting.owned_elsewhere(user, flowed.values)
        if foreign and ground.world.switches.mailbox_writes == "failure":
            words = f"'{foreign[0]}' of a user with a mailbox is written by another service."
            return self._failed(action, exporting.ORIGINATED_ELSEWHERE, words, "Update")
        for name in foreign:
            del flowed.values[name]
        after = self._with_manager(exporting.written(user, flowed.values, ground.target), flowed)
        if after == user and not written:
            return self._skipped("RedundantExport", user, flowed)
        if after != user:
            written = (*written, Written(USERS.resource, str(after["id"]), user, after))
        return self._exported(action, flowed, user, after, written)

    def _blanked(self, user: Body) -> Iterator[str]:
        """Yield what a `Switch` empties that decides by what did not change while something else did."""
        moved = self.ground.moved.get(self.one.id) if self.ground.world.switches.switch_in_deltas == "blank" else None
        if moved:
            present = exporting.present(user, self.one.body, self.ground.target)
            for target, asked in self.ground.switched.items():
                if not asked & moved and present.get(target) is not None:
                    yield target

    def _keeps_name(self, user: Body) -> bool:
        """Tell whether somebody who was invited and never came keeps the principal name of the invitation.

        A restart renames them, and so does provisioning on demand.
        """
        is_open = user.get("externalUserState") == "PendingAcceptance"
        is_looked_at_again = self.managers_now or (self.ground.looks_at_all and self.link is not None)
        return is_open and not is_looked_at_again and self.ground.world.switches.invited_name == "kept"

    def _with_manager(self, after: dict[str, Json], flowed: Flowed) -> dict[str, Json]:
        """Return the user with the manager, where that one is in the target already."""
        link = self.ground.link_to(_manager(flowed)) if self.managers_now else None
        return after if link is None else {**after, "manager": link["target"]}

    def _exported(
        self, action: Action, flowed: Flowed, before: Body | None, after: Body, written: tuple[Written, ...]
    ) -> Treated:
        target, verb = self.ground.target, "Create" if before is None else "Update"
        shown = exporting.shown(flowed.values, target)
        # A manager is a later write, and told then; on demand it is part of this one, and by whom it becomes there.
        shown.pop("manager", None)
        if after.get("manager") != (before or {}).get("manager"):
            shown["manager"] = after["manager"]
        details = {name: _text(value) for name, value in shown.items()}
        name = "EntryExportAdd" if before is None else "EntryExportUpdate"
        way = self._with(Step(name, "Export", "Success", f"The user was written ({verb}).", details))
        old = exporting.shown(exporting.present(before, self.one.body, target), target) if before else {}
        old["manager"] = (before or {}).get("manager")
        changes = tuple(
            (name, None if old.get(name) is None else _text(old[name]), _text(value)) for name, value in shown.items()
        )
        told: Told = "Create" if before is None else "Update"
        if action is Action.BLOCK and self.ground.world.switches.block_told_as == "disable":
            told = "Disable"
        what = replace(way._ended(told, "Success", None, after), changes=changes)
        return Treated(what, action, written, self._linked(after), _manager(flowed))

    def _linked(self, user: Body) -> Body:
        return cycle.linked(self.one.id, str(user["id"]))

    def _removed(self, found: _Found) -> Treated:
        ground, user = self.ground, found.body or {}
        is_final = self.one.account == "gone"
        name = "EntryExportDelete" if is_final else "EntryExportUpdateSoftDelete"
        way = self._with(Step(name, "Export", "Success", "The user was deleted.", {}))
        written = (
            (Written(DELETED, str(user["id"]), user, None),)
            if found.target == "removed"
            else tuple(discarding.deletion(ground.world, ground.there, USERS, user))
        )
        what = way._ended("Delete", "Success", None, user)
        return Treated(what, Action.REMOVE, written, cycle.linked(self.one.id, str(user["id"]), removed=True))

    # ---------------------------------------------------------------------------------------- the ends

    def _skipped(self, reason: str, target: Body | None, flowed: Flowed | None = None) -> Treated:
        details = {"SkipReason": reason, "ReportableIdentifier": self.one.name}
        way = self._with(Step("EntrySynchronizationSkip", "Export", "Skipped", f"Skipped: {reason}.", details))
        what = way._ended("Other", "Skipped", Trouble(reason, ""), target)
        if flowed is None or target is None:
            return Treated(what, Action.SKIP)
        return Treated(what, Action.SKIP, link=self._linked(target), manager=_manager(flowed))

    def _misfit(self, flowed: Flowed, action: Action) -> Treated:
        (name, reason), *_ = flowed.failures.items()
        told: Told = "Create" if action is Action.CREATE else "Update"
        return self._failed(action, "AttributeMappingFailed", f"{name}: {reason}", told)

    def _failed(self, action: Action, code: str, reason: str, told: Told) -> Treated:
        way = self
        if told != "Other":
            name = "EntryExportAdd" if told == "Create" else "EntryExportUpdate"
            way = self._with(Step(name, "Export", "Failure", reason, {"errorCode": code}))
        return Treated(way._ended(told, "Failure", Trouble(code, reason), None), action)

    def _ended(self, told: Told, status: Status, trouble: Trouble | None, target: Body | None) -> Happening:
        name = str(self.one.body.get("displayName") or "")
        source = Identity(self.one.id, name, principal_name=self.one.name)
        there = Identity(str(target["id"])) if target is not None else Identity()
        return Happening(told, status, source, there, self.steps, trouble=trouble)


def _scope(verdict: Verdict) -> Scope:
    if verdict.is_meant:
        return "in"
    return "out" if verdict.admitted else "ignored"


def _manager(flowed: Flowed) -> str:
    return str(flowed.values.get("manager") or "")


def _imported(user: Mapping[str, Value], attributes: Collection[str]) -> Step:
    """Return the step that read the user: what the source has of the attributes that its definition names."""
    details = {name: _text(user[name]) for name in attributes if user.get(name) is not None}
    return Step("EntryImportAdd", "Import", "Success", "The user was read from the source.", details)


def _scoped(verdict: Verdict) -> Step:
    words = "The user is in scope." if verdict.in_scope else "The user is not in scope."
    judged: Status = "Success" if verdict.in_scope else "Skipped"
    return Step("EntrySynchronizationScoping", "Scoping", judged, words, verdict.details())


def _matched(found: _Found) -> Step:
    name = "EntrySynchronizationAdd" if found.body is None else "EntryImport"
    words = "No user was found in the target." if found.body is None else "A user was found in the target."
    return Step(name, "Matching", "Success", words, {})


def _text(value: Value) -> str:
    """Return a value as steps show it."""
    try:
        return text_of(value) or ""
    except Misfit:
        return ",".join(str(one) for one in value) if isinstance(value, (list, tuple)) else str(value)
