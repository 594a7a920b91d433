"""After writing, look: one good read before a dependent write, and two agreeing reads before anything counts as done.

One read that agrees is not proof: replicas are known to show the new value, then the old one again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from reconciler.applying.verdicts import Result
from reconciler.clock import Clock
from reconciler.errors import GraphError, NotFound
from reconciler.graph.client import Graph
from reconciler.live import agrees, read_items
from reconciler.model import Action, Address, Body, Kind, Outcome, Resource, Step, Verdict

AGREEING = 2
# Seconds: how long we wait for the service to show what it acknowledged, and the pauses between two looks.
DEADLINE = 300.0
DEPENDENT_DEADLINE = 60.0
PAUSES = (2.0, 4.0, 8.0, 15.0, 30.0)


class Sight(NamedTuple):
    """What an object shows when all is done: these blocks, what the service begins with, or, by None, nothing."""

    body: Body | None
    reset: bool = False


def expected(steps: Iterable[Step], kinds: Mapping[str, Kind]) -> Mapping[Address, Sight]:
    """Return what the objects show when these steps, in this order, are done."""
    shown: dict[Address, Sight] = {}
    for step in steps:
        change = step.change
        before = shown.get(change.address, Sight(None)).body or {}
        after = kinds[change.address.kind].shown(change.after or {})
        body = None if change.action is Action.DELETE else {**before, **after}
        shown[change.address] = Sight(body, change.action is Action.RESET)
    return shown


async def visible(
    steps: Sequence[Step], kinds: Mapping[str, Kind], graph: Graph, clock: Clock, stopping: Callable[[], int]
) -> bool:
    """Wait until all steps show once; False when a minute has passed, or five where something has to be gone."""
    # What was deleted is known to be shown for minutes, what was made or changed is not.
    deleting = any(step.change.action is Action.DELETE for step in steps)
    deadline = DEADLINE if deleting else DEPENDENT_DEADLINE
    seen = await _look(expected(steps, kinds), 1, deadline, kinds, graph, clock, stopping)
    return all(seen.values())


async def confirm(
    steps: Sequence[Step],
    results: Sequence[Result],
    kinds: Mapping[str, Kind],
    graph: Graph,
    clock: Clock,
    stopping: Callable[[], int],
) -> list[Result]:
    """Return the results after two agreeing looks.

    Applied becomes applied-unverified when the service does not show it within five minutes; unknown becomes applied
    when it does. What the service called done already is looked at as well: we sent it, and saw it once.
    """
    written = [step for step, result in zip(steps, results, strict=True) if _needs_a_look(result.outcome)]
    seen = await _look(expected(written, kinds), AGREEING, DEADLINE, kinds, graph, clock, stopping) if written else {}
    return [_confirmed(result, seen.get(result.outcome.address)) for result in results]


async def _look(
    wanted: Mapping[Address, Sight],
    times: int,
    deadline: float,
    kinds: Mapping[str, Kind],
    graph: Graph,
    clock: Clock,
    stopping: Callable[[], int],
) -> Mapping[Address, bool]:
    """Return, for each address, whether it showed what is wanted `times` times running before the deadline."""
    end = clock.monotonic() + deadline
    agreeing = dict.fromkeys(wanted, 0)
    looks = 0
    while True:
        open_ = [address for address, count in agreeing.items() if count < times]
        for address, there in (await _read(kinds, open_, graph)).items():
            agreeing[address] = agreeing[address] + 1 if _shows(there, wanted[address], kinds[address.kind]) else 0
        pause = PAUSES[min(looks, len(PAUSES) - 1)]
        looks += 1
        done = all(count >= times for count in agreeing.values())
        if done or stopping() or clock.monotonic() + pause > end:
            return {address: count >= times for address, count in agreeing.items()}
        await clock.sleep(pause)


async def _read(
    kinds: Mapping[str, Kind], addresses: Iterable[Address], graph: Graph
) -> Mapping[Address, Resource | GraphError]:
    addresses = list(addresses)
    try:
        return await read_items(kinds, addresses, graph)
    except GraphError as error:
        return dict.fromkeys(addresses, error)


def _shows(there: Resource | GraphError, wanted: Sight, kind: Kind) -> bool:
    if wanted.body is None:
        return isinstance(there, NotFound)
    if not isinstance(there, Resource):
        return False
    return kind.is_reset(there) if wanted.reset else agrees(there.body, wanted.body)


def _needs_a_look(outcome: Outcome) -> bool:
    sent = outcome.attempts > 0
    return outcome.verdict in (Verdict.APPLIED, Verdict.UNKNOWN) or (sent and outcome.verdict is Verdict.SUPERSEDED)


def _confirmed(result: Result, seen: bool | None) -> Result:
    outcome = result.outcome
    match outcome.verdict, seen:
        case Verdict.APPLIED | Verdict.SUPERSEDED, False if _needs_a_look(outcome):
            detail = "acknowledged, but not shown by two looks running; plan again to see what is there"
            return replace(result, outcome=replace(outcome, verdict=Verdict.UNVERIFIED, detail=detail))
        case Verdict.UNKNOWN, True:
            detail = f"{outcome.detail}; two looks running show that it was done"
            return replace(result, outcome=replace(outcome, verdict=Verdict.APPLIED, detail=detail))
        case _:
            return result
