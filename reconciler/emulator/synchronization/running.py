"""One cycle of one job: whom it looks at, what it does about them in which order, and what it leaves behind.

What becomes of one person is decided in `treating`, and when a cycle runs in `scheduling`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body, Call, Json
from reconciler.emulator.committing import Written, commit_all, stamp
from reconciler.emulator.directory_objects import SERVICE_PRINCIPALS, USERS
from reconciler.emulator.resources import Audited
from reconciler.emulator.synchronization import cycle, escrowing, grouping, jobs, referencing, settings, subjects
from reconciler.emulator.synchronization.carrying_out import carry_out
from reconciler.emulator.synchronization.events import FABRIC, Happening
from reconciler.emulator.synchronization.ground import Ground
from reconciler.emulator.synchronization.grouping import treat_group
from reconciler.emulator.synchronization.kinds import JOB, SECRETS, STATE
from reconciler.emulator.synchronization.treating import Treated, person, treat
from reconciler.provisioning import Action, Limits, excess, holds_deletions

if TYPE_CHECKING:
    from reconciler.emulator.world import World


@dataclass(slots=True)
class Tally:
    """What a cycle has counted so far."""

    imported: int = 0
    entitled: int = 0
    exported: int = 0
    blocked: int = 0
    done: int = 0
    linked: dict[str, int] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)
    escrows: dict[str, Json] = field(default_factory=dict)
    staged: list[str] = field(default_factory=list)


def run(world: World, tenant: str, key: str, due: datetime, following: datetime) -> None:
    """Run the cycle of a started job that was due at a moment; the next is due at `following`."""
    job = world.store.get(tenant, JOB.kind, key)
    principal = world.store.get(tenant, SERVICE_PRINCIPALS.kind, key.partition("/")[0])
    known = cycle.state(world, tenant, key)
    if job is None or principal is None:
        # A job outlives its deleted service principal, which may be restored.
        world.store.put(tenant, STATE.kind, key, {**known, "due": stamp(following)})
        return
    with world.store.transaction():
        ground = _ground(world, tenant, principal, job, known)
        _Cycle(ground, known, due, following).run()


def _ground(world: World, tenant: str, principal: Body, job: Body, known: Body) -> Ground:
    path = f"/v1.0/servicePrincipals/{principal['id']}/synchronization/jobs/{job['id']}/cycle"
    call = Call("POST", path, tenant=tenant, principal=FABRIC, request_id=world.new_id())
    given = (world.store.get(tenant, SECRETS.kind, str(principal["id"])) or {"value": []})["value"]
    is_first = known["watermark"] is None
    syncs_all = settings.syncs_all(given) if is_first else bool(known["syncsAll"])
    return Ground.of(world, call, principal, job, syncs_all=syncs_all, looks_at_all=is_first, since=known["watermark"])


@dataclass(frozen=True, slots=True)
class _Cycle:
    """A cycle that is under way."""

    ground: Ground
    known: Body
    due: datetime
    following: datetime
    tally: Tally = field(default_factory=Tally)

    def run(self) -> None:
        if self.ground.objection is not None:
            objection = self.ground.objection
            self._quarantined("EncounteredQuarantineException", objection.code, objection.message)
            return
        upto = self.ground.world.store.last_sequence()
        self.tally.escrows.update(self.known["escrows"])
        waiting = self._treated(self._people())
        groups = self._groups()
        waiting += self._treated((one, treat_group(self.ground, one)) for one in groups)
        self._removed([one for one in waiting if one.action is Action.REMOVE])
        self._managers({one.what.source.id: one.manager for one in waiting if one.manager})
        self._members({**groups, **self.tally.groups})
        self._ended(upto)

    def _treated(self, objects: Iterable[tuple[str, Treated]]) -> list[Treated]:
        """Carry out what became of objects; return those with whom the cycle is not done yet."""
        waiting = []
        for source_id, treated in objects:
            self.tally.imported += 1
            if treated.action is not Action.REMOVE:
                self._carried_out(source_id, treated)
            if treated.action is Action.REMOVE or treated.manager:
                waiting.append(treated)
        return waiting

    # ---------------------------------------------------------------------------------------- who and what

    @property
    def _is_first(self) -> bool:
        return self.known["watermark"] is None

    def _people(self) -> Iterator[tuple[str, Treated]]:
        assigned = subjects.assigned(self.ground) if self._is_first and not self.ground.syncs_all else None
        if self._is_first:
            found = dict.fromkeys(subjects.everybody(self.ground, assigned or {}))
        else:
            found = subjects.changed(self.ground, self.known["watermark"])
        for source_id in {**found, **self._again("User")}:
            yield source_id, treat(self.ground, person(self.ground, source_id, assigned))

    def _groups(self) -> dict[str, None]:
        if self._is_first:
            found = grouping.all_groups(self.ground)
        elif grouping.is_on(self.ground):
            found = grouping.changed_groups(self.ground, self.known["watermark"])
        else:
            found = {}
        return {**found, **self._again("Group")}

    def _again(self, kind: str) -> dict[str, None]:
        """Return what failed and is tried again now, and what was held back."""
        escrows = {
            key: one
            for key, one in self.known["escrows"].items()
            if one["kind"] == kind and not escrowing.is_reference(key)
        }
        staged = (one for one in self.known["staged"] if (self.ground.link_to(one) or {}).get("kind") == kind)
        return dict.fromkeys((*escrowing.due(escrows, self.due), *staged))

    # ---------------------------------------------------------------------------------------- what is done

    def _carried_out(self, source_id: str, treated: Treated) -> None:
        _, more = carry_out(self.ground, treated)
        kind = treated.what.source.kind
        if more:
            self.tally.linked[kind] = self.tally.linked.get(kind, 0) + more
        self.tally.exported += bool(treated.written)
        self.tally.blocked += treated.action is Action.BLOCK
        self.tally.done += not treated.failed
        returns = self.ground.world.switches.returning_members == "at once"
        if more and kind == "User" and returns and grouping.is_on(self.ground):
            self.tally.groups.update(dict.fromkeys(grouping.groups_of(self.ground, source_id)))
        self._forget(source_id, kind)
        if treated.failed:
            self._escrow(source_id, treated.what)
        self.ground.told(treated.what)

    def _forget(self, source_id: str, kind: str) -> None:
        """Forget the failures of an object, and of its references."""
        escrows = self.tally.escrows
        references = [key for key in escrows if key.startswith(f"{source_id}/")] if kind == "Group" else ()
        for key in (source_id, referencing.key_of(source_id, referencing.MANAGER), *references):
            escrows.pop(key, None)

    def _escrow(self, key: str, what: Happening) -> None:
        """Keep a failure, to be tried again later."""
        gap = timedelta(minutes=self.ground.world.switches.first_gap_minutes)
        self.tally.escrows[key] = escrowing.escrowed(self.known["escrows"].get(key), what, self.due, gap)

    def _removed(self, doomed: list[Treated]) -> None:
        """Remove objects, or hold all of them back."""
        threshold = settings.delete_threshold(self.ground.settings)
        counts = self.ground.world.switches.guard_counts_blocked
        holds = holds_deletions(len(doomed), self.tally.blocked, threshold, counts_blocked=counts)
        for one in doomed:
            if holds and not self.known["forcesDeletes"]:
                self.tally.staged.append(one.what.source.id)
                self.ground.told(replace(one.what, action="StagedDelete", status="Skipped"))
            else:
                self._carried_out(one.what.source.id, one)

    def _managers(self, wanted: Mapping[str, str]) -> None:
        """Let people have their managers, now that everybody is there who comes."""
        again = (key.partition("/")[0] for key in self._references_again() if key.endswith(f"/{referencing.MANAGER}"))
        due = {one: self._manager_of(one) for one in again}
        for source_id, manager in {**due, **wanted}.items():
            self.tally.escrows.pop(referencing.key_of(source_id, referencing.MANAGER), None)
            self._referred(referencing.manager(self.ground, source_id, manager, self._failures))

    def _manager_of(self, source_id: str) -> str:
        user = self.ground.world.store.get(self.ground.tenant, USERS.kind, source_id) or {}
        return str(user.get("manager") or "")

    def _members(self, groups: Iterable[str]) -> None:
        """Let groups have their members, now that everybody is there who comes."""
        if not grouping.is_on(self.ground):
            return
        again = (key for key in self._references_again() if not key.endswith(f"/{referencing.MANAGER}"))
        for group_id in {**dict.fromkeys(groups), **dict.fromkeys(key.partition("/")[0] for key in again)}:
            found = referencing.members(self.ground, group_id, self._failures)
            for key in [one for one in self.tally.escrows if one.startswith(f"{group_id}/")]:
                del self.tally.escrows[key]
            self._referred(found)

    @property
    def _failures(self) -> Mapping[str, Json]:
        return self.tally.escrows

    def _references_again(self) -> list[str]:
        """Return which references are tried again now: those whose objects were not looked at anyway."""
        return [one for one in escrowing.due(self.tally.escrows, self.due) if escrowing.is_reference(one)]

    def _referred(self, found: referencing.Referred) -> None:
        commit_all(self.ground.world, self.ground.there, found.written, 200)
        self.tally.exported += bool(found.written)
        for what in found.told:
            self.ground.told(what)
        for key, what in found.failed:
            self._escrow(key, what)
            self.ground.told(what)

    # ---------------------------------------------------------------------------------------- the end

    def _ended(self, upto: int) -> None:
        synchronized = {"User": 0, **self.known["synchronized"]}
        for kind, more in self.tally.linked.items():
            synchronized[kind] = synchronized.get(kind, 0) + more
        after = {
            **self.known,
            "watermark": upto,
            "syncsAll": self.ground.syncs_all,
            "escrows": self.tally.escrows,
            "staged": self.tally.staged,
            "synchronized": synchronized,
            "forcesDeletes": False,
        }
        if self.tally.staged:
            words = f"{len(self.tally.staged)} deletions were held back by the guard against accidental deletions."
            self._quarantined("TooManyDeletes", "TooManyDeletes", words, after)
            return
        reason = self._excess()
        is_pruned = bool(reason) and self._is_first and self.ground.world.switches.initial_excess == "pruned"
        if reason and not is_pruned:
            self._quarantined(reason, reason, f"{len(self.tally.escrows)} objects could not be written.", after)
            return
        job = jobs.executed(jobs.released(self.ground.job), self._execution("Succeeded"), synchronized)
        if is_pruned:
            job, after = jobs.paused(job, self.ground.world.switches), {**after, "escrows": {}}
        if self._is_first:
            job = {**job, "status": {**job["status"], "escrowsPruned": is_pruned}}
        self._written(job, {**after, "due": None if is_pruned else stamp(self.following)})

    def _excess(self) -> str:
        """Return why there are more failures than a job may have, or nothing."""
        switches = self.ground.world.switches
        references = sum(map(escrowing.is_reference, self.tally.escrows))
        limits = Limits(switches.escrows_evaluated_from, switches.escrows_most, switches.escrows_most_of_all)
        return excess(len(self.tally.escrows) - references, references, self.tally.done, limits)

    def _quarantined(self, reason: str, code: str, message: str, after: Body | None = None) -> None:
        execution = self._execution("Failed", code, message)
        job = jobs.quarantined(self.ground.job, reason, code, message, self.due)
        job = {**job, "status": {**job["status"], "lastExecution": execution}}
        quarantine = job["status"]["quarantine"]
        known = {**(after or self.known), "due": quarantine["nextAttempt"]}
        if not jobs.is_active(job):
            known |= {"due": None, "escrows": {}}
        self._written(job, known)

    def _written(self, job: Body, known: Body) -> None:
        world, key = self.ground.world, self.ground.key
        before = world.store.get(self.ground.tenant, JOB.kind, key)
        word = "Quarantine" if job["status"]["quarantine"] is not None else ""
        audited = replace(JOB, audited=replace(JOB.audited, update=word) if word else Audited(category=""))
        commit_all(world, self.ground.call, [Written(audited, key, before, job)], 200)
        world.store.put(self.ground.tenant, STATE.kind, key, known)

    def _execution(self, state: str, code: str = "", message: str = "") -> dict[str, Json]:
        tally = self.tally
        return {
            **jobs.NO_EXECUTION,
            "activityIdentifier": self.ground.cycle_id,
            "countEntitled": tally.imported,
            "countEntitledForProvisioning": tally.imported,
            "countEscrowed": len(tally.escrows),
            "countEscrowedRaw": len(tally.escrows),
            "countExported": tally.exported,
            "countExports": tally.exported,
            "countImported": tally.imported,
            "countImportedDeltas": tally.imported,
            "error": {"code": code, "message": message, "tenantActionable": True} if code else None,
            "state": state,
            "timeBegan": self.due.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "timeEnded": self.due.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
