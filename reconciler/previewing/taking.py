"""The preview of one link: takes a census, judges everybody in it, and counts. Writes nothing to a tenant."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from reconciler.errors import SetupError
from reconciler.graph.client import Graph
from reconciler.model import Body, Finding, Unreadable
from reconciler.model.people import Fate, Forecast, Guarded, Missed, Preview, Single, Tally
from reconciler.previewing.asking import Asking
from reconciler.previewing.census import Census
from reconciler.previewing.judging import LIVE, WANTED, Judge, Judged
from reconciler.previewing.known import Known, Seat
from reconciler.previewing.ledger import Ledger
from reconciler.previewing.linting import Linting
from reconciler.previewing.managing import managed
from reconciler.previewing.sourcing import Assigned, Sourcing
from reconciler.previewing.targeting import Targeting
from reconciler.previewing.terms import Terms, terms
from reconciler.provisioning import holds_deletions

UNKNOWN: Final = 7
"""The exit code where something is unknown, though nothing went wrong."""

LEFT: Final = "the job goes: whoever is in the target stays there as they are, and nobody cares for them any more"


@dataclass(frozen=True, slots=True)
class Configured:
    """A job as it is or as the files want it: schema as Graph shows it, settings in our words, who is assigned."""

    schema: Body
    settings: Body
    assigned: Assigned


@dataclass(frozen=True, slots=True)
class Wish:
    """What the files want of a link: a configuration, or that it goes, and in words what that changes.

    `same`: nothing of it makes a difference to anybody.
    """

    configured: Configured | None
    differences: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    same: bool = False


async def preview(
    seat: Seat,
    source: Graph,
    target: Graph | Unreadable,
    live: Configured | None,
    wish: Wish,
    now: Callable[[], datetime],
    *,
    linked: int | None = None,
) -> Preview:
    """Return what the next cycle of a link would do, as it is and as the files want it.

    `live` is None as long as there is no job; `linked` is how many people the service says it has linked. Whoever gets
    the preview closes its people.

    Raises:
        ValueError: a configuration has a form that nobody has described to us.
    """
    taking = _Taking.of(seat, live, wish, now, linked)
    try:
        await taking.read(source, target)
        return taking.judged()
    except sqlite3.Error as error:
        taking.census.close()
        raise SetupError(
            f"{seat.link}: people could not be kept in a temporary file ({error}); is there room?"
        ) from error
    except BaseException:
        taking.census.close()
        raise


@dataclass(frozen=True, slots=True)
class _Taking:
    """A preview that is under way."""

    seat: Seat
    wish: Wish
    live: Terms | None
    wanted: Terms | None
    assigned: Assigned
    linked: int | None
    census: Census
    known: Known

    @classmethod
    def of(
        cls, seat: Seat, live: Configured | None, wish: Wish, now: Callable[[], datetime], linked: int | None
    ) -> _Taking:
        """Understand both configurations."""
        there = None if live is None else terms(live.schema, live.settings, now)
        said = wish.configured
        wanted = there if wish.same else None if said is None else terms(said.schema, said.settings, now)
        return cls(seat, wish, there, wanted, live.assigned if live else {}, linked, Census(), Known())

    async def read(self, source: Graph, target: Graph | Unreadable) -> None:
        """Take the census."""
        both = [one for one in (self.live, self.wanted) if one is not None]
        there = self.assigned
        said = self.wish.configured
        wishes = there if self.wish.same else said.assigned if said else {}
        sides = [Sourcing(self.census, self.known, self.seat, both, source, there, wishes).read()]
        if isinstance(target, Unreadable):
            _unread(self.known, self.seat, target)
        else:
            sides.append(Targeting(self.census, self.known, self.seat, both, target).read())
        await asyncio.gather(*sides)

    def judged(self) -> Preview:
        """Judge everybody, and count."""
        ledger = Ledger(self.census, same=self.wish.same)
        live = None if self.live is None else self._run(LIVE, ledger, self.live)
        unnamed = self._unnamed(ledger)
        if self.wish.same and live is not None:
            wanted = live
        elif self.wanted is None:
            wanted = self._left(ledger)
        else:
            wanted = self._run(WANTED, ledger, self.wanted)
        return Preview(
            link=self.seat.link,
            source=self.seat.source,
            target=self.seat.target,
            live=live,
            wanted=wanted,
            people=ledger,
            linked=self.linked,
            unnamed=unnamed,
            differences=self.wish.differences,
            turns=ledger.turns(),
            findings=self._findings(),
            remarks=(*self._remarks(), *self.wish.remarks),
            missed=(*self.known.missed, *self._missed(unnamed)),
            whole=_is_whole(self.known),
        )

    def _findings(self) -> tuple[Finding, ...]:
        """Return what will surprise somebody, as the files want it, or as it is where that is the same."""
        run, on = (LIVE, self.live) if self.wish.same and self.live else (WANTED, self.wanted)
        return tuple(Linting(self.seat, self.census, self.known, on, run).findings()) if on else ()

    def _remarks(self) -> Iterator[str]:
        if self.known.lets_nobody_in:
            yield (
                f"as it is, {self.seat.target} does not let {self.seat.source} create people (userSyncInbound): until "
                "it does, a cycle does nothing, and the job goes into quarantine"
            )

    def _missed(self, unnamed: int | None) -> Iterator[Missed]:
        """Yield what follows where the log would have named people, and where an expression cannot be computed."""
        unread = {name: why for on in (self.live, self.wanted) if on for name, why in on.unread.items()}
        for name, why in sorted(unread.items()):
            effect = f"what would be written to {name} is unknown, and nobody's is compared"
            yield Missed(f"the mapping of {name}", f"this version cannot compute it: {why}", effect, UNKNOWN)
        if unnamed != 0 and not self.known.log:
            why = "the provisioning log, which would name them, was not read"
            yield Missed("who else is linked", why, "what becomes of them is unknown", self.known.log_exit_code)

    def _run(self, run: int, ledger: Ledger, on: Terms) -> Tally:
        long_linked = bool(self.seat.job) and _is_long_linked(self.census, self.known, self.linked)
        judge = Judge(self.census, self.known, on, run, long_linked, ledger.was)
        return run_over(run, ledger, judge, self.linked if self.seat.job else 0)

    def _unnamed(self, ledger: Ledger) -> int | None:
        """Return how many people are linked whom nothing that was read names, None where nobody can say.

        Who was not read may be among them, so that they are no news then.
        """
        if self.live is None:
            return 0
        if self.linked is None:
            return 0 if self.known.log else None
        return max(0, self.linked - ledger.accounted(LIVE))

    def _left(self, ledger: Ledger) -> Tally:
        """Return what becomes of everybody when the job is deleted: nothing, for good."""
        ledger.keep_chunked(WANTED, map(_kept, ledger.forecasts(live=True)))
        return Tally(ledger.counts(WANTED), Guarded(None, 0, 0, holds=False))


def _kept(one: Forecast) -> Judged:
    return Judged(replace(one, fate=Fate.SKIP, reason=LEFT, changes=()))


def run_over(run: int, ledger: Ledger, judge: Judge, linked: int | None) -> Tally:
    """Judge everybody of a census, and count."""
    on = judge.terms
    ledger.keep_chunked(run, judge.everybody())
    ledger.settle(run, linked)
    unnamed = 0 if linked is None else max(0, linked - ledger.accounted(LIVE))
    whole = _is_whole(judge.known) and (linked is not None or judge.known.log)
    held = _guarded(on, ledger.counts(run), unnamed, whole=whole)
    managed(run, ledger, judge.census, held=held.holds is True)
    counts = ledger.counts(run)
    return Tally(counts, _guarded(on, counts, unnamed, whole=whole))


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
        key = await Asking(census, known, seat, on, live.assigned, source, there).read(word)
        ledger = Ledger(census, same=True)
        long_linked = _is_long_linked(census, known, linked)
        run_over(LIVE, ledger, Judge(census, known, on, LIVE, long_linked, ledger.was), linked)
        return Single(ledger.of(LIVE, key) if key else None, tuple(known.missed))
    finally:
        census.close()


def _unread(known: Known, seat: Seat, target: Unreadable) -> None:
    known.users = known.bin = False
    effect = "who is there already is not known: the fate of everybody in scope is unknown"
    known.missed.append(Missed(f"the tenant {seat.target}", target.reason, effect, target.exit_code))


def _is_long_linked(census: Census, known: Known, linked: int | None) -> bool:
    """Tell whether the job may have linked people whom its log does not name: it is kept for 7 or 30 days."""
    return not known.log if linked is None else linked > census.live_links()


def _is_whole(known: Known) -> bool:
    """Tell whether nobody is missing who is in scope, or in the target."""
    return known.scope and known.people and known.users


def _guarded(on: Terms, counts: Mapping[Fate, int], unnamed: int, *, whole: bool) -> Guarded:
    """Return what the guard makes of a cycle; where not `whole`, there may be more people than were counted."""
    removed, blocked, unknown = counts[Fate.REMOVE], counts[Fate.BLOCK], counts[Fate.UNKNOWN] + unnamed
    if isinstance(on.guard, str):
        return Guarded(None, removed, blocked, None, unknown)
    if holds_deletions(removed, blocked, on.guard):
        return Guarded(on.guard, removed, blocked, holds=True, unknown=unknown)
    may = holds_deletions(removed + unknown, blocked, on.guard) or (on.guard is not None and not whole)
    return Guarded(on.guard, removed, blocked, holds=None if may else False, unknown=unknown)
