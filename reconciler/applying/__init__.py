"""Carrying out a plan: step by step in each tenant, tenants side by side, every outcome told as it is.

It decides nothing: a step is carried out exactly as planned or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.applying.journal import Journal
from reconciler.applying.sweeping import confirm, visible
from reconciler.applying.verdicts import CONFIRMED, Result
from reconciler.applying.writing import Bench, carry_out, note_outcome
from reconciler.clock import Clock
from reconciler.errors import Blocked, SetupError, Unavailable
from reconciler.graph.client import Graph
from reconciler.model import Kind, Outcome, Standing, Step, TenantPlan, Verdict

__all__ = ["Run", "apply"]


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
    kinds: Mapping[str, Mapping[str, Kind]] | None = None,
) -> tuple[Result, ...]:
    """Carry out the steps of every tenant that may be written to, and return a result for each, in the plan's order.

    `kinds` are those of a tenant, where they are not simply those of the run.
    """
    writable = [plan for plan in plans if plan.standing in (Standing.PLANNED, Standing.UNREADABLE)]
    groups = await asyncio.gather(
        *(
            _apply_tenant(plan, graphs, replace(run, kinds=(kinds or {}).get(plan.tenant, run.kinds)))
            for plan in writable
        )
    )
    return tuple(result for group in groups for result in group)


async def _apply_tenant(plan: TenantPlan, graphs: Mapping[str, Graph], run: Run) -> Sequence[Result]:
    if plan.standing is Standing.UNREADABLE:
        detail = f"{plan.tenant} could not be read before the first write: {plan.reason}"
        return [_idle(step, Verdict.NOT_STARTED, detail, plan.exit_code) for step in plan.steps]
    if plan.blocked:
        detail = "a finding of this tenant stands in the way; nothing was sent"
        return [_idle(step, Verdict.BLOCKED, detail, Blocked.exit_code) for step in plan.steps]
    if not plan.steps:
        return []
    graph = graphs[plan.tenant]
    results = await _carry_out_all(plan.steps, graph, run)
    confirmed = await _confirmed(plan.steps, results, graph, run)
    for before, after in zip(results, confirmed, strict=True):
        _tell(before, after, run)
    return confirmed


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


async def _carry_out_all(steps: Sequence[Step], graph: Graph, run: Run) -> list[Result]:
    results: dict[str, Result] = {}
    halt: tuple[str, int] | None = None
    for step in steps:
        halt = halt or _why_not(run)
        result = _idle(step, Verdict.NOT_STARTED, *halt) if halt else await _carry_out(step, steps, results, graph, run)
        results[step.id] = result
        halt = halt or ((result.halts, result.cause) if result.halts else None)
    return list(results.values())


async def _carry_out(
    step: Step, steps: Sequence[Step], results: Mapping[str, Result], graph: Graph, run: Run
) -> Result:
    (result,) = await asyncio.gather(_tried(step, steps, results, graph, run), return_exceptions=True)
    if isinstance(result, Result):
        return result
    if isinstance(result, Exception):
        return _broken(step, result)
    raise result


async def _tried(step: Step, steps: Sequence[Step], results: Mapping[str, Result], graph: Graph, run: Run) -> Result:
    obstacle = await _obstacle(step, steps, results, graph, run)
    if obstacle:
        return _idle(step, Verdict.SKIPPED, obstacle, 1)
    ours = any(done.outcome.address == step.change.address for done in results.values())
    bench = Bench(run.kinds[step.change.address.kind], graph, run.clock, run.journal, run.id, run.stopping)
    return await carry_out(step, bench, ours=ours)


async def _obstacle(step: Step, steps: Sequence[Step], results: Mapping[str, Result], graph: Graph, run: Run) -> str:
    """Return why a step that needs others cannot be carried out, or ""."""
    needed = [other for other in steps if other.id in step.needs]
    for other in needed:
        if results[other.id].outcome.verdict not in CONFIRMED:
            return f"it needs {other.change.address} done first, and that is {results[other.id].outcome.verdict}"
    if needed and not await visible(needed, run.kinds, graph, run.clock):
        return "what it needs was acknowledged, but the service does not show it yet; apply again"
    return ""


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
