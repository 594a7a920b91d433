"""One cycle of one job: whom it looks at, what it does about them in which order, and what it leaves behind.

What becomes of one person is decided in `treating`, and when a cycle runs in `scheduling`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body, Call, Json
from reconciler.emulator.committing import Written, commit_all, stamp
from reconciler.emulator.directory_objects import SERVICE_PRINCIPALS, USERS
from reconciler.emulator.resources import Audited
from reconciler.emulator.synchronization import cycle, escrowing, grouping, jobs, settings, subjects
from reconciler.emulator.synchronization.carrying_out import carry_out
from reconciler.emulator.synchronization.events import FABRIC, Happening
from reconciler.emulator.synchronization.ground import Ground
from reconciler.emulator.synchronization.grouping import treat_group
from reconciler.emulator.synchronization.kinds import JOB, SECRETS, STATE
from reconciler.emulator.synchronization.treating import Treated, person, treat
from reconciler.provisioning import Action, excess, holds_deletions

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
    syncs_all = settings.syncs_all(given) if known["watermark"] is None else bool(known["syncsAll"])
    return Ground.of(world, call, principal, job, syncs_all=syncs_all)


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
        self._managers([one for one in waiting if one.manager])
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
        escrows = {key: one for key, one in self.known["escrows"].items() if one["kind"] == kind}
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
        if more and kind == "User" and grouping.is_on(self.ground):
            self.tally.groups.update(dict.fromkeys(grouping.groups_of(self.ground, source_id)))
        self.tally.escrows.pop(source_id, None)
        if treated.failed:
            before = self.known["escrows"].get(source_id)
            gap = timedelta(minutes=self.ground.world.switches.first_gap_minutes)
            self.tally.escrows[source_id] = escrowing.escrowed(before, treated.what, self.due, gap)
        self.ground.told(treated.what)

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

    def _managers(self, waiting: list[Treated]) -> None:
        """Let people have their managers, now that everybody is there who comes."""
        for one in waiting:
            manager, own = self.ground.link_to(one.manager), self.ground.link_to(one.what.source.id)
            if manager is None or own is None or manager["removed"]:
                continue
            self._managed(one.what, str(own["target"]), str(manager["target"]))

    def _managed(self, what: Happening, user_id: str, manager_id: str) -> None:
        store, target = self.ground.world.store, self.ground.target.id
        user = store.get(target, USERS.kind, user_id)
        if user is None or user.get("manager") == manager_id or store.get(target, USERS.kind, manager_id) is None:
            return
        written = Written(USERS.resource, user_id, user, {**user, "manager": manager_id})
        commit_all(self.ground.world, self.ground.there, [written], 200)
        self.tally.exported += 1
        changes = (("manager", user.get("manager"), manager_id),)
        self.ground.told(replace(what, action="Update", status="Success", changes=changes, trouble=None))

    def _members(self, groups: Iterable[str]) -> None:
        """Let groups have their members, now that everybody is there who comes."""
        for group_id in groups:
            written = grouping.membership(self.ground, group_id)
            commit_all(self.ground.world, self.ground.there, written, 200)
            self.tally.exported += bool(written)

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
        failed = len(self.tally.escrows)
        if self.tally.staged:
            words = f"{len(self.tally.staged)} deletions were held back by the guard against accidental deletions."
            self._quarantined("TooManyDeletes", "TooManyDeletes", words, after)
            return
        reason = excess(failed, 0, self.tally.done)
        if reason:
            self._quarantined(reason, reason, f"{failed} objects could not be written.", after)
            return
        job = jobs.executed(jobs.released(self.ground.job), self._execution("Succeeded"), synchronized)
        self._written(job, {**after, "due": stamp(self.following)})

    def _quarantined(self, reason: str, code: str, message: str, after: Body | None = None) -> None:
        execution = self._execution("Failed", code, message)
        job = jobs.quarantined(self.ground.job, reason, code, message, self.due)
        job = {**job, "status": {**job["status"], "lastExecution": execution}}
        quarantine = job["status"]["quarantine"]
        known = {**(after or self.known), "due": quarantine["nextAttempt"] if jobs.is_active(job) else None}
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
