"""Carrying out a plan: step by step in each tenant, tenants side by side, every outcome told as it is.

It decides nothing: a step is carried out exactly as planned or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.applying.journal import Journal
from reconciler.applying.places import Place
from reconciler.applying.sweeping import confirm, visible
from reconciler.applying.verdicts import CONFIRMED, Result
from reconciler.applying.writing import Bench, carry_out, note_outcome
from reconciler.clock import Clock
from reconciler.errors import Blocked, PlanStale, SetupError, Unavailable
from reconciler.graph.client import Graph
from reconciler.model import Address, Kind, Outcome, Part, Standing, Step, TenantPlan, Verdict

__all__ = ["Place", "Run", "apply", "blocked"]


@dataclass(frozen=True, slots=True)
class Run:
    """What one apply works with.

    `id` tells its lines in the journal from those of other runs. `stopping` returns the number of the signal that asked
    us to end, or 0. `deadline` is a moment of `clock.monotonic()` after which no further step is begun. `told` hears
    each outcome.
    """

    id: str
    kinds: Mapping[str, Kind]
    clock: Clock
    journal: Journal
    stopping: Callable[[], int]
    deadline: float
    told: Callable[[Outcome], None]


async def apply(
    plans: Sequence[TenantPlan],
    graphs: Mapping[str, Graph],
    run: Run,
    places: Mapping[str, Place] | None = None,
) -> tuple[Result, ...]:
    """Carry out the steps of every tenant that may be written to, and return a result for each, in the plan's order.

    Access first, in all tenants, then what synchronizes: who sends waits for the word of who receives. `places` are
    what is to be known of a tenant beside its steps, where that is not simply the kinds of the run.
    """
    writable = [plan for plan in plans if plan.standing in (Standing.PLANNED, Standing.UNREADABLE)]
    board = Board({}, run.clock.monotonic())
    benches = [_tenant(plan, graphs, run, (places or {}).get(plan.tenant), board) for plan in writable]
    for is_in_wave in (_is_access, _is_part):
        await asyncio.gather(*(_apply_wave(tenant, is_in_wave) for tenant in benches))
    return tuple(board.results[step.id] for plan in writable for step in plan.steps)


@dataclass(frozen=True, slots=True)
class Board:
    """What became of all steps of all tenants so far, and since when this run knows what is there.

    `touched` are the objects that a step was about, `shown` the steps whose effect was seen once.
    """

    results: dict[str, Result]
    since: float
    touched: set[Address] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)

    def note(self, step: Step, result: Result) -> None:
        self.results[step.id] = result
        self.touched.add(step.change.address)


@dataclass(slots=True)
class _Tenant:
    """One tenant in the course of an apply. `halt` says why nothing more is begun there."""

    plan: TenantPlan
    graph: Graph | None
    run: Run
    place: Place
    board: Board
    halt: tuple[str, int] | None = None


def _tenant(plan: TenantPlan, graphs: Mapping[str, Graph], run: Run, place: Place | None, board: Board) -> _Tenant:
    place = place or Place(plan.tenant_id, run.kinds)
    located = {name: kind.located(place.ids) for name, kind in place.kinds.items()}
    return _Tenant(plan, graphs.get(plan.tenant), replace(run, kinds=located), place, board)


def _is_part(tenant: _Tenant, step: Step) -> bool:
    kind = tenant.run.kinds.get(step.change.address.kind)
    return kind is not None and isinstance(kind.endpoint, Part)


def _is_access(tenant: _Tenant, step: Step) -> bool:
    return not _is_part(tenant, step)


async def _apply_wave(tenant: _Tenant, is_in_wave: Callable[[_Tenant, Step], bool]) -> None:
    steps = [step for step in tenant.plan.steps if is_in_wave(tenant, step)]
    for step, result in zip(steps, await _apply_steps(tenant, steps), strict=True):
        tenant.board.note(step, result)


async def _apply_steps(tenant: _Tenant, steps: Sequence[Step]) -> Sequence[Result]:
    plan = tenant.plan
    if plan.standing is Standing.UNREADABLE:
        detail = f"{plan.unread} could not be read before the first write: {plan.reason}"
        return [_idle(step, Verdict.NOT_STARTED, detail, plan.exit_code) for step in steps]
    if plan.blocked:
        return blocked(steps)
    if not steps or tenant.graph is None:
        return []
    results = await _carry_out_all(tenant, steps)
    confirmed = await _confirmed(steps, results, tenant.graph, tenant.run)
    for before, after in zip(results, confirmed, strict=True):
        _tell(before, after, tenant.run)
    return confirmed


def blocked(steps: Iterable[Step]) -> list[Result]:
    """Return what becomes of steps in a tenant in which a finding stands in the way."""
    detail = "a finding of this tenant stands in the way; nothing was sent"
    return [_idle(step, Verdict.BLOCKED, detail, Blocked.exit_code) for step in steps]


async def _confirmed(steps: Sequence[Step], results: Sequence[Result], graph: Graph, run: Run) -> Sequence[Result]:
    """Return the results after the looks at the end; a defect of our own proves nothing, and loses nothing."""
    looking = confirm(steps, results, run.kinds, graph, run.clock, run.stopping)
    (confirmed,) = await asyncio.gather(looking, return_exceptions=True)
    match confirmed:
        case Exception():
            return [_unlooked(result, confirmed) for result in results]
        case BaseException():
            raise confirmed
    return confirmed


def _unlooked(result: Result, defect: Exception) -> Result:
    outcome = result.outcome
    if outcome.verdict is not Verdict.APPLIED:
        return result
    detail = f"acknowledged, but {type(defect).__name__} in this program, which is a defect, kept us from looking"
    return replace(result, outcome=replace(outcome, verdict=Verdict.UNVERIFIED, detail=detail))


async def _carry_out_all(tenant: _Tenant, steps: Sequence[Step]) -> list[Result]:
    results: list[Result] = []
    for step in steps:
        tenant.halt = halt = tenant.halt or _why_not(tenant.run)
        result = _idle(step, Verdict.NOT_STARTED, *halt) if halt else await _carry_out(tenant, step)
        results.append(result)
        tenant.board.note(step, result)
        tenant.halt = halt or ((result.halts, result.cause) if result.halts else None)
    return results


async def _carry_out(tenant: _Tenant, step: Step) -> Result:
    (result,) = await asyncio.gather(_tried(tenant, step), return_exceptions=True)
    if isinstance(result, Result):
        return result
    if isinstance(result, Exception):
        return _broken(step, result)
    raise result


async def _tried(tenant: _Tenant, step: Step) -> Result:
    obstacle = await _obstacle(tenant, step)
    if obstacle:
        return _idle(step, *obstacle)
    run, graph = tenant.run, tenant.graph
    if graph is None:
        raise TypeError(f"nobody is signed in to {tenant.plan.tenant}")
    ours = step.change.address in tenant.board.touched
    kind = run.kinds[step.change.address.kind]
    bench = Bench(
        kind,
        graph,
        run.clock,
        run.journal,
        run.id,
        run.stopping,
        place=tenant.place,
        since=tenant.board.since,
        why_not=lambda: _why_not(run),
        moved=any(tenant.board.results[name].outcome.attempts for name in step.needs),
    )
    return await carry_out(step, bench, ours=ours)


async def _obstacle(tenant: _Tenant, step: Step) -> tuple[Verdict, str, int] | None:
    """Return what becomes of a step that needs others, here or in another tenant, and cannot be carried out; or None.

    What needs something that waits, and of which nothing was sent, waits as well.
    """
    if step.id in tenant.place.outdated:
        return (
            Verdict.BLOCKED,
            "people moved since the plan was made: it is not right any more",
            PlanStale.exit_code,
        )
    for name in step.needs:
        done = tenant.board.results.get(name)
        if done is None:
            return Verdict.SKIPPED, "it needs a step of another tenant first, of which this plan says nothing", 1
        told = f"it needs {done.outcome.address} done first, and that is {done.outcome.verdict}"
        if done.outcome.verdict is Verdict.WAITING and not done.outcome.attempts:
            return Verdict.WAITING, told, 0
        if done.outcome.verdict not in CONFIRMED:
            return Verdict.SKIPPED, told, 1
    needed = _unseen(tenant, step) if step.needs else []
    run, graph = tenant.run, tenant.graph
    if needed and graph is not None and not await visible(needed, run.kinds, graph, run.clock, run.stopping):
        return Verdict.SKIPPED, "what it needs was acknowledged, but the service does not show it yet; apply again", 1
    tenant.board.shown.update(other.id for other in needed)
    return None


def _unseen(tenant: _Tenant, step: Step) -> list[Step]:
    """Return what a step needs of its own tenant and wave, as far as its effect was not seen yet.

    What was done in another tenant, or in an earlier wave, has been looked at already.
    """
    names = set(step.needs) - tenant.board.shown
    return [
        other for other in tenant.plan.steps if other.id in names and _is_part(tenant, other) == _is_part(tenant, step)
    ]


def _broken(step: Step, defect: Exception) -> Result:
    """Tell a defect of our own as what it is: nobody knows what was sent, and other tenants shall not pay for it."""
    detail = f"{type(defect).__name__} in this program, which is a defect: nobody knows what was sent"
    idle = _idle(step, Verdict.UNKNOWN, detail, 1)
    return replace(idle, halts="a defect of this program ended the run here")


def _why_not(run: Run) -> tuple[str, int] | None:
    if run.stopping():
        return "the run was interrupted before it", 1
    if run.clock.monotonic() >= run.deadline:
        return "the time for this run was over before it; apply again to go on", Unavailable.exit_code
    return None


def _idle(step: Step, verdict: Verdict, detail: str, cause: int) -> Result:
    change = step.change
    return Result(Outcome(step.id, change.address, change.action, verdict, detail, label=change.label), cause)


def _tell(before: Result, after: Result, run: Run) -> None:
    if after.outcome.verdict is not before.outcome.verdict:
        try:
            note_outcome(run.journal, run.id, after.outcome, run.clock)
        except SetupError as error:
            after = replace(after, outcome=replace(after.outcome, detail=f"{after.outcome.detail} ({error})"))
    run.told(after.outcome)
