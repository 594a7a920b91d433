"""Trials of links in the test's own process: an apply that something befalls, and the runs after it.

It collects what the oracle needs, and judges nothing. Killed here means that nothing more is sent or heard from one
write on; what a dead process leaves in files is for the trials of the real command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import emulated
import httpx
from breakages import Breakage, Place
from driving import Documents, Notes, Rehearsal, estate
from oracle import Command, Trial

from reconciler.emulator.seeds import seed_of
from reconciler.emulator.world import World
from reconciler.graph.connecting import Network
from reconciler.kinds import ALL
from reconciler.model import Plan
from reconciler.reporting.machine import plan_json, report_json

# After this many runs without a fault something is wrong for good.
MOST_RUNS = 3
READING = frozenset({"GET", "HEAD"})
QUESTIONS = ("/$batch", "/validateCredentials", "/token")

When = Literal["before", "inside", "after"]


class Killed(BaseException):
    """The process is gone: no handler of an error may go on."""


@dataclass(slots=True)
class Killing(httpx.AsyncBaseTransport):
    """Lets requests through until a write at which the process dies.

    It dies before the request leaves, inside, when it is carried out and nobody hears of it, or after its answer, at
    the next request anywhere.
    """

    inner: httpx.AsyncBaseTransport
    tenant_id: str
    number: int
    when: When
    seen: int = 0
    dead: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.dead:
            raise Killed
        if self._counts(request):
            self.seen += 1
            if self.seen == self.number:
                return await self._die(request)
        return await self.inner.handle_async_request(request)

    def _counts(self, request: httpx.Request) -> bool:
        if request.method in READING or request.url.path.endswith(QUESTIONS):
            return False
        return _tenant_of(request) == self.tenant_id

    async def _die(self, request: httpx.Request) -> httpx.Response:
        self.dead = True
        answer = await self.inner.handle_async_request(request) if self.when != "before" else None
        if answer is not None and self.when == "after":
            return answer
        raise Killed


def _tenant_of(request: httpx.Request) -> str:
    """Return the tenant that a token is for."""
    import base64

    payload = request.headers["Authorization"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["tid"])


@dataclass(frozen=True, slots=True)
class Stage:
    """Documents, and the seed of the world that they are applied to; every trial begins anew.

    A world makes the same ids in the same order each time. `passed_over` are as many of them as nobody gets: so what
    is made later may have the lower id.
    """

    folder: Path
    documents: Documents
    seed: Mapping[str, Any]
    passed_over: int = 0

    def rehearsal(self) -> Rehearsal:
        """Return a fresh world, and the files."""
        world = World.from_seed(deepcopy(dict(self.seed)))
        for _ in range(self.passed_over):
            world.new_id()
        return Rehearsal(world, estate(self.folder, self.documents, ALL), ALL)


@dataclass(frozen=True, slots=True)
class Death:
    """Where and when the process dies."""

    place: Place
    when: When


Befalling: TypeAlias = Breakage | Death


def carry_out(stage: Stage, *befalling: Befalling, within: float = 0.0) -> Trial:
    """Let an apply run into the first thing, the run after it into the second, and so on, then run without faults.

    `within` are the seconds that pass between a run and the next.
    """
    rehearsal = stage.rehearsal()
    world = rehearsal.world
    plan = rehearsal.plan()
    before = seed_of(world)
    applies: list[Command] = []
    for number, one in enumerate(befalling):
        applies.append(run(rehearsal, one, plan if number == 0 else None, f"run {number + 1}"))
        world.clock.wait(within)
    for number in range(MOST_RUNS):
        applies.append(run(rehearsal, None, None, f"run {len(applies) + 1} (no fault)"))
        if applies[-1].code == 0 or number == MOST_RUNS - 1:
            break
    last = world.store.last_sequence()
    idle = rehearsal.plan()
    code = 2 if any(tenant.steps for tenant in idle.tenants) else 0
    entries = [entry.as_json() for entry in world.store.journal(since=last)]
    ended = Command("the plan at the end", code, plan_json(idle), "", entries)
    return Trial(shown(plan), before, seed_of(world), applies, ended)


def shown(plan: Plan) -> Mapping[str, Any]:
    """Return a plan as programs read it."""
    document: Mapping[str, Any] = json.loads(plan_json(plan))
    return document


def run(rehearsal: Rehearsal, one: Befalling | None, plan: Plan | None, name: str) -> Command:
    """Run an apply to its end, whatever that is."""
    world = rehearsal.world
    since = world.store.last_sequence()
    notes = Notes()
    rehearsal = replace(rehearsal, notes=notes)
    if isinstance(one, Breakage):
        for rule in one.rules:
            world.add_fault(rule)
    if isinstance(one, Death):
        rehearsal = replace(rehearsal, network=lambda world: _dying(world, one))
    code, stdout = _ended(rehearsal, plan)
    world.faults.clear()
    entries = [entry.as_json() for entry in world.store.journal(since=since)]
    lines = [json.dumps({"event": event, **facts}, default=str) for event, facts in notes.lines]
    return Command(f"{name} ({_called(one)})" if one else name, code, stdout, "", entries, lines)


def _called(one: Befalling) -> str:
    return one.name if isinstance(one, Breakage) else f"killed {one.when} {one.place}"


def _ended(rehearsal: Rehearsal, plan: Plan | None) -> tuple[int, str]:
    try:
        report = rehearsal.apply(plan)
    except Killed:
        return -9, ""
    return report.exit_code, report_json(report)


def _dying(world: World, death: Death) -> Network:
    served = world.directory.named(death.place.tenant)
    assert served is not None
    transport = Killing(emulated.AsyncTransport(world), served.id, death.place.number, death.when)
    return emulated.network(world, transport=transport)


def names(befalling: Sequence[Befalling]) -> str:
    """Return what a case is called."""
    return " then ".join(_called(one) for one in befalling)
