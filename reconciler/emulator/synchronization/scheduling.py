"""When the cycles of the jobs of a world are due, and that they run when that moment has come.

A cycle runs with the next request after its moment, as everything does that is put off. Several moments that nobody
asked anything in between are one cycle: nothing can have changed. A world without a started job pays nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from reconciler.emulator.calls import Body
from reconciler.emulator.committing import stamp
from reconciler.emulator.synchronization import cycle, jobs, running
from reconciler.emulator.synchronization.kinds import JOB, STATE

if TYPE_CHECKING:
    from reconciler.emulator.world import World

INTERVAL: Final = timedelta(minutes=40)


class Cycles:
    """The moments at which something is due, by tenant and job; read from the store when something changed."""

    def __init__(self) -> None:
        self._due: dict[tuple[str, str], datetime] | None = None
        self._is_running = False

    def forget(self) -> None:
        """Read anew what is due, the next time that somebody asks."""
        self._due = None

    def run_due(self, world: World) -> None:
        """Run the cycles whose moment has come, the earliest first."""
        if self._due is None:
            self._due = dict(_dues(world))
        if not self._due or self._is_running:
            return
        now = world.clock.now()
        for (tenant, key), due in sorted(self._due.items(), key=lambda pair: (pair[1], pair[0])):
            if due <= now:
                self._run(world, tenant, key, due)

    def noted(self, world: World, tenant: str, key: str, before: Body | None, after: Body | None) -> None:
        """Give a job that was set going, stopped, or put into or out of quarantine its next moment."""
        self._due = None
        if after is None or (before is not None and _way(before) == _way(after)):
            return
        known = cycle.state(world, tenant, key)
        world.store.put(tenant, STATE.kind, key, {**known, "due": first(world, after, known)})

    def run_all(self, world: World, tenant: str = "") -> list[str]:
        """Run the cycles of the started jobs of a tenant or of all, due or not; return the ids of the jobs."""
        found = sorted(key for key, _ in _dues(world) if key[0] == tenant or not tenant)
        for one, key in found:
            self._run(world, one, key, world.clock.now())
        return [key.partition("/")[2] for _, key in found]

    def _run(self, world: World, tenant: str, key: str, due: datetime) -> None:
        self._is_running = True
        try:
            moment = latest(due, world.clock.now())
            running.run(world, tenant, key, moment, moment + INTERVAL)
        finally:
            self._is_running = False
            self._due = None


def latest(due: datetime, now: datetime) -> datetime:
    """Return the last moment that has come of those that follow a first one: they are counted from start to start."""
    return due + INTERVAL * ((now - due) // INTERVAL)


def _dues(world: World) -> list[tuple[tuple[str, str], datetime]]:
    """Return what is due, and give a moment to jobs of a seed that have none yet."""
    found = []
    for tenant in world.directory.tenants:
        for key, job in world.store.all(tenant, JOB.kind).items():
            known = cycle.state(world, tenant, key)
            moment = known["due"] or first(world, job, known)
            if moment is None or not jobs.is_active(job):
                continue
            _settle(world, tenant, key, {**known, "due": moment})
            found.append(((tenant, key), datetime.fromisoformat(moment)))
    return found


def _settle(world: World, tenant: str, key: str, known: Body) -> None:
    """Keep a moment; a place in the journal that this one has not come to is that of another world."""
    last = world.store.last_sequence()
    watermark = known["watermark"]
    after = {**known, "watermark": min(watermark, last) if isinstance(watermark, int) else watermark}
    if after != world.store.get(tenant, STATE.kind, key):
        world.store.put(tenant, STATE.kind, key, after)


def first(world: World, job: Body, known: Body) -> str | None:
    """Return when the next cycle of a job that was just set going or stopped is due; None where it is not."""
    if not jobs.is_active(job):
        return None
    quarantine = job["status"]["quarantine"]
    if quarantine is not None and not known["forcesDeletes"]:
        return str(quarantine["nextAttempt"])
    seconds = world.switches.first_cycle_seconds if known["watermark"] is None else 0
    return stamp(world.clock.now() + timedelta(seconds=seconds))


def _way(job: Body) -> tuple[bool, object]:
    return jobs.is_active(job), job["status"]["quarantine"]
