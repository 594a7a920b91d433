"""The people of links as a plan needs them: one preview of a link, whatever asks for it. Writes nothing.

A preview is taken where the plan can move people into the scope of a link or out of it, where the link fills groups of
its target, and of every link where somebody asks what the plan does to people. What it tells is numbers and ids; names
only where they are asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from itertools import islice
from typing import Final

from reconciler.diffing import diff
from reconciler.errors import GraphError, SetupError
from reconciler.graph.client import Graph
from reconciler.guarding.synced import brought as counted
from reconciler.kinds.synchronization.job import BASE
from reconciler.model import (
    Action,
    Address,
    Brought,
    Change,
    Estate,
    Link,
    Reading,
    Synchronizations,
    Unreadable,
    link_of,
)
from reconciler.model.impacts import Impact, Surprise
from reconciler.model.people import Altered, Confidence, Fate, Forecast, Preview
from reconciler.previewing import OWN, Wish, preview
from reconciler.reconciling.facing import Face, face_of
from reconciler.reconciling.forecasting import ASSIGNMENT, JOB, MAPPINGS, SETTINGS, place_of
from reconciler.reconciling.seeing import Desired, Readings, groups_of

SHOWN: Final = 10

_STAY: Final = (Fate.UPDATE, Fate.IN_SYNC, Fate.BLOCK, Fate.ADOPT)
_COME: Final = (Fate.CREATE, Fate.RESTORE)
_APPEAR: Final = (Fate.CREATE, Fate.ADOPT, Fate.RESTORE)
_NOBODY: Final = (Fate.CREATE, Fate.ADOPT, Fate.RESTORE, Fate.CONFLICT)
_SURE: Final = (Confidence.EXACT, Confidence.LIKELY)

# Target attributes by which the service says who is there at all.
_DECIDING: Final = frozenset({"issoftdeleted", "alternativesecurityids"})


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of the people of a link: whom it has in the target, what the plan does, and some of their names."""

    brought: Brought
    impact: Impact | None = None
    people: Mapping[Fate, tuple[Forecast, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What somebody wants to know of people beside what the guard has to: the impact on all links, and `names`.

    `names`: of so many people of each fate.
    """

    impact: bool = False
    names: int = 0


NOTHING: Final = Inquiry()


async def surveyed(
    desired: Desired, readings: Readings, connected: Mapping[str, Graph | Unreadable], inquiry: Inquiry = NOTHING
) -> Mapping[str, Survey]:
    """Return what there is to know of the people of links, by link, of those alone of which it is needed."""
    fills = _filling(desired.estate)
    wanted = [one for name in readings for one in _from(name, desired, readings, connected, inquiry, fills)]
    found = await asyncio.gather(*(one.taken() for one in wanted))
    return {one.link.name: survey for one, survey in zip(wanted, found, strict=True)}


def told(readings: Readings, surveys: Mapping[str, Survey]) -> Readings:
    """Return the readings, those of tenants in which links begin with the impact on their people."""
    return {name: _with_impacts(reading, surveys) for name, reading in readings.items()}


def _with_impacts(reading: Reading | Unreadable, surveys: Mapping[str, Survey]) -> Reading | Unreadable:
    if not isinstance(reading, Reading) or reading.synchronizations is None:
        return reading
    mine = {name: one for name, one in sorted(surveys.items()) if one.impact and one.impact.source == reading.tenant}
    return replace(
        reading,
        impacts={name: one.impact for name, one in mine.items() if one.impact},
        people={name: one.people for name, one in mine.items() if one.people},
    )


def _from(
    name: str,
    desired: Desired,
    readings: Readings,
    connected: Mapping[str, Graph | Unreadable],
    inquiry: Inquiry,
    fills: Collection[str],
) -> Iterator[_Taking]:
    """Yield the previews to take of links that begin in a tenant. Most tenants need none, and are not looked at."""
    reading, source = readings[name], connected.get(name)
    if not isinstance(reading, Reading) or not isinstance(source, Graph) or reading.synchronizations is None:
        return
    links = list(_beginning(name, desired.estate, reading.synchronizations))
    jobs = {one.name: reading.state.get(Address(name, JOB, one.name)) for one in links}
    running = {link for link, job in jobs.items() if job and link in reading.synchronizations.ids}
    peopled = {link for link in running if counted(jobs[link]) != 0}
    if not (inquiry.impact or peopled or running & {*fills}):
        return
    face = face_of(desired.estate.tenants[name], desired, reading)
    moving = frozenset(_moving(face, peopled))
    now = datetime.combine(desired.today, time(), UTC)
    for link in links:
        asked = inquiry.impact or link.name in moving
        if asked or (link.name in fills and link.name in running):
            target = connected.get(link.target, Unreadable(link.target, f"nobody here signs in to {link.target}", 0))
            yield _Taking(link, face, source, target, now, link.name in moving, asked, inquiry.names)


def _beginning(name: str, estate: Estate, read: Synchronizations) -> Iterator[Link]:
    """Yield the links that begin in a tenant and can be told from all others there."""
    for one in estate.links:
        if one.source == name and one.shape != "SyncAcceptance" and one.name not in read.ambiguous:
            yield one


def _filling(estate: Estate) -> frozenset[str]:
    """Return the links that fill groups of their targets."""
    groups = (groups_of(estate, tenant) for tenant in estate.tenants.values())
    return frozenset(link for one in groups for of in one.values() for link in of)


# ---------------------------------------------------------------------------------------------- what moves people


def _moving(face: Face, peopled: Collection[str]) -> Iterator[str]:
    """Yield the links of those with people of which the plan changes who is in scope."""
    for change in diff(face.wanted, face.seen.live, face.seen.documents):
        name = link_of(change.address.key)
        if name in peopled and Address(change.address.tenant, JOB, name) in face.wanted and _moves(change):
            yield name


def _moves(change: Change) -> bool:
    """Whether a change can bring people into scope, or out of it."""
    before, after = change.before or {}, change.after or {}
    match change.address.kind:
        case kind if kind == ASSIGNMENT:
            return change.action in (Action.CREATE, Action.DELETE)
        case kind if kind == SETTINGS:
            return "scope" in after and before.get("scope") != after["scope"]
        case kind if kind == MAPPINGS:
            if "filters" in after and before.get("filters") != after["filters"]:
                return True
            return _decides(change)
    return False


def _decides(change: Change) -> bool:
    """Whether a change is about a mapping by which the service says who is there at all."""
    before, after = ((body or {}).get("mappings") or {} for body in (change.before, change.after))
    names = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return change.address.kind == MAPPINGS and not _DECIDING.isdisjoint(name.lower() for name in names)


# ---------------------------------------------------------------------------------------------- one link


@dataclass(frozen=True, slots=True)
class _Taking:
    """A preview that is needed. `asked`: what the plan changes counts, and not only what is there."""

    link: Link
    face: Face
    source: Graph
    target: Graph | Unreadable
    now: datetime
    moves: bool
    asked: bool
    names: int

    async def taken(self) -> Survey:
        """Return what the preview tells; where there is none, why."""
        try:
            shown = await self._shown()
        except (GraphError, SetupError, ValueError) as error:
            nothing = Impact(
                self.link.name,
                self.link.source,
                self.link.target,
                self.moves,
                linked=self._linked(),
                whole=False,
                problem=str(error),
            )
            return Survey(Brought(problem=str(error)), nothing if self.asked else None)
        try:
            return self._told(shown)
        finally:
            shown.people.close()

    async def _shown(self) -> Preview:
        reading, link = self.face.reading, self.link
        read = reading.synchronizations
        ids = read.ids.get(link.name) if read else None
        job = reading.state.get(Address(link.source, JOB, link.name))
        schema = await self.source.get(f"{BASE.format_map(ids)}/jobs/{ids['job']}/schema") if ids and job else None
        at = place_of(link, reading, self.face.seen, self.face.wanted, schema, self.source, self.target)
        # What the files want beside has not brought anybody yet.
        wish = at.wish if self.asked else Wish(at.live, same=True)
        return await preview(at.seat, at.source, at.target, at.live, wish, lambda: self.now, linked=self._linked())

    def _linked(self) -> int | None:
        job = self.face.reading.state.get(Address(self.link.source, JOB, self.link.name))
        return counted(job) if job else None

    def _told(self, shown: Preview) -> Survey:
        brought = brought_by(shown, shown.people.forecasts(live=True)) if shown.live else Brought()
        if not self.asked:
            return Survey(brought)
        named = {fate: tuple(islice(shown.people.forecasts(fate), self.names)) for fate in Fate if self.names}
        impact = impact_of(self.link, shown, moves=self.moves)
        return Survey(brought, self._foreseen(impact), named)

    def _foreseen(self, impact: Impact) -> Impact:
        """Return the impact; where the plan changes by what the service decides who is there, nobody here can say."""
        seen, name = self.face.seen, self.link.name
        changes = diff(self.face.wanted, seen.live, seen.documents)
        if not self.moves or not any(link_of(one.address.key) == name and _decides(one) for one in changes):
            return impact
        words = "what another mapping of IsSoftDeleted does to people: it is not computed here; their fate is unknown"
        return replace(impact, whole=False, missed=(*impact.missed, words))


def impact_of(link: Link, shown: Preview, *, moves: bool) -> Impact:
    """Return a preview as numbers, with what of it the plan is the reason for."""
    turns = [turn for turn in shown.turns if turn.live is not turn.wanted]
    removed = sum(turn.people for turn in turns if turn.wanted is Fate.REMOVE) if shown.live else 0
    appearing = sum(turn.people for turn in turns if turn.wanted in _APPEAR and turn.live not in _APPEAR)
    gone = (one.wanted.source_id for one in shown.people.altered() if _goes(one)) if removed else ()
    return Impact(
        link.name,
        link.source,
        link.target,
        moves,
        counts=shown.wanted.counts,
        guard=shown.wanted.guard,
        linked=shown.linked,
        unnamed=shown.unnamed,
        removed=removed,
        appearing=appearing,
        unsure=_unsure(link, shown),
        whole=shown.whole,
        examples=tuple(sorted(islice(gone, SHOWN))),
        surprises=tuple(Surprise(one.severity, one.message, one.details) for one in shown.findings),
        missed=tuple(f"{one.what}: {one.why}; {one.effect}" for one in shown.missed),
    )


def _goes(one: Altered) -> bool:
    return one.wanted.fate is Fate.REMOVE and (one.live is None or one.live.fate is not Fate.REMOVE)


def _unsure(link: Link, shown: Preview) -> int:
    """Return of how many people nobody can say whether the plan soft-deletes them.

    Who is out of scope without the plan as well is not its business, whether they are linked or not.
    """
    if shown.live is None or not shown.differences:
        return 0
    people = shown.people
    named = sum(not _is_outside(people.find(one.source_id, live=True)) for one in people.forecasts(Fate.UNKNOWN))
    return named + _nameless(link, shown)


def _is_outside(live: Forecast | None) -> bool:
    return live is not None and live.fate is Fate.UNKNOWN and live.in_scope is False


def _nameless(link: Link, shown: Preview) -> int:
    """Return how many of those who are linked without a name the plan may soft-delete.

    They may be people who are in scope and seem to be nobody in the target: as many as leave the scope. Of a link that
    goes, everybody is meant.
    """
    leaving = sum(turn.people for turn in shown.turns if turn.live in _NOBODY and turn.wanted is Fate.SKIP)
    if shown.unnamed is None:
        return leaving
    return shown.unnamed if link.absent else min(shown.unnamed, leaving)


def brought_by(shown: Preview, people: Iterable[Forecast]) -> Brought:
    """Return what is sure of the people of a link, and how many others there are."""
    present, parted = set[str](), set[str]()
    coming = guessed = unknown = 0
    for one in people:
        coming += one.fate in _COME
        unknown += one.fate is Fate.UNKNOWN
        guessed += one.fate in _STAY and one.confidence is Confidence.GUESS
        # An account of the target's own joins nothing, whatever the log says: nobody could take it out again.
        if one.fate in _STAY and one.confidence in _SURE and OWN not in one.notes:
            present.add(one.target_id.lower())
        # That somebody came by this link is known by its log alone.
        if one.in_scope is False and one.confidence is Confidence.EXACT and one.target_id:
            parted.add(one.target_id.lower())
    if unknown and shown.missed:
        unread = "; ".join(f"{one.what}: {one.why}" for one in shown.missed)
        return Brought(problem=f"of {unknown} nobody can say whether they are meant, since this was not read: {unread}")
    return Brought(frozenset(present), frozenset(parted - present), guessed, coming, unknown)
