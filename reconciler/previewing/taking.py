"""The preview of one link: takes a census, judges everybody in it, and counts. Writes nothing to a tenant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.errors import Unavailable
from reconciler.graph.client import Graph, whole
from reconciler.kinds.synchronization import settings
from reconciler.model import MASKED, Body, Unreadable
from reconciler.model.people import Fate, Guarded, Missed, Preview, Single, Tally
from reconciler.previewing.asking import Asking
from reconciler.previewing.census import Census
from reconciler.previewing.judging import LIVE, Judge
from reconciler.previewing.known import Known, Seat
from reconciler.previewing.ledger import Ledger
from reconciler.previewing.managing import managed
from reconciler.previewing.sourcing import Sourcing
from reconciler.previewing.targeting import Targeting
from reconciler.previewing.terms import Terms, terms
from reconciler.provisioning import holds_deletions


@dataclass(frozen=True, slots=True)
class Configured:
    """A job as it is or as the files want it: its schema as Graph shows it, its settings in our words."""

    schema: Body
    settings: Body


async def configured(graph: Graph, job: str) -> Configured:
    """Return a job as it is; `job` is its path.

    Raises:
        GraphError: a part of it cannot be read, or has a form that nobody has described to us.
    """
    paths = (f"{job}/schema", f"{job.partition('/jobs/')[0]}/secrets")
    answers = await graph.get_all(paths)
    schema, said = (whole(answers[path]) for path in paths)
    try:
        return Configured(schema, settings.translate("", said))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable(f"{job}: {error}; this version cannot tell what it means") from error


async def preview(
    seat: Seat,
    source: Graph,
    target: Graph | Unreadable,
    live: Configured,
    now: Callable[[], datetime],
    *,
    linked: int | None = None,
) -> Preview:
    """Return what the next cycle of a link would do. `linked` is how many people the service says it has linked.

    Whoever gets the preview closes its people.

    Raises:
        ValueError: the configuration has a form that nobody has described to us.
    """
    on = terms(live.schema, live.settings, now)
    census, known = Census(), Known()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Sourcing(census, known, seat, [on], source).read())
        if isinstance(target, Unreadable):
            _unread(known, seat, target)
        else:
            tasks.create_task(Targeting(census, known, seat, [on], target).read())
    ledger = Ledger(census)
    ledger.same = True
    tally = _run(LIVE, ledger, census, known, on, linked)
    return Preview(
        link=seat.link,
        source=seat.source,
        target=seat.target,
        live=tally,
        wanted=tally,
        people=ledger,
        linked=linked,
        missed=tuple(known.missed),
    )


async def of_one(
    seat: Seat,
    source: Graph,
    target: Graph | Unreadable,
    live: Configured,
    word: str,
    now: Callable[[], datetime],
    *,
    linked: int | None = None,
) -> Single:
    """Return what the next cycle would make of one person, named by id, principal name or mail.

    Raises:
        GraphError: whether there is such a person cannot be had.
        ValueError: the configuration has a form that nobody has described to us.
    """
    on = terms(live.schema, live.settings, now)
    census, known = Census(), Known()
    if isinstance(target, Unreadable):
        _unread(known, seat, target)
    there = None if isinstance(target, Unreadable) else target
    try:
        key = await Asking(census, known, seat, on, source, there).read(word)
        ledger = Ledger(census)
        ledger.same = True
        _run(LIVE, ledger, census, known, on, linked)
        return Single(ledger.of(LIVE, key) if key else None, tuple(known.missed))
    finally:
        census.close()


def _unread(known: Known, seat: Seat, target: Unreadable) -> None:
    known.users = known.bin = False
    effect = "who is there already is not known: the fate of everybody in scope is unknown"
    known.missed.append(Missed(f"the tenant {seat.target}", target.reason, effect, target.exit_code))


def _run(run: int, ledger: Ledger, census: Census, known: Known, on: Terms, linked: int | None) -> Tally:
    """Judge everybody, and count."""
    judge = Judge(census, known, on, run, long_linked=_is_long_linked(census, known, linked))
    ledger.keep_chunked(run, map(judge.judge, census.people()))
    ledger.settle(run, linked)
    held = _guarded(on, ledger.counts(run))
    managed(run, ledger, census, held=held.holds is True)
    counts = ledger.counts(run)
    return Tally(counts, _guarded(on, counts))


def _is_long_linked(census: Census, known: Known, linked: int | None) -> bool:
    """Tell whether the job may have linked people whom its log does not name: it is kept for 7 or 30 days."""
    return not known.log if linked is None else linked > census.live_links()


def _guarded(on: Terms, counts: Mapping[Fate, int]) -> Guarded:
    removed, blocked, unknown = counts[Fate.REMOVE], counts[Fate.BLOCK], counts[Fate.UNKNOWN]
    if on.guard == MASKED or isinstance(on.guard, str):
        return Guarded(None, removed, blocked, None)
    if holds_deletions(removed, blocked, on.guard):
        return Guarded(on.guard, removed, blocked, holds=True)
    may = holds_deletions(removed + unknown, blocked, on.guard)
    return Guarded(on.guard, removed, blocked, holds=None if may else False)
