"""Whom links have in their targets, and who is in the groups that they fill: asked once all tenants were read.

Reads alone. Who joins and who leaves is said by `resolving`. People are told apart by a preview of the next cycle, and
what counts of it is only what is sure: who is in scope and whose user is known, and who is not in scope any more
although the log of the job says that it brought them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Final

from reconciler.errors import GraphError
from reconciler.graph.client import Graph
from reconciler.guarding.synced import brought as counted
from reconciler.kinds.synchronization.job import BASE
from reconciler.model import Address, Brought, Ids, Link, Memberships, Reading, State, Unreadable
from reconciler.model.people import Confidence, Fate, Forecast, Preview
from reconciler.previewing import Seat, Wish, preview
from reconciler.reading import read_rosters
from reconciler.reconciling.forecasting import configured
from reconciler.reconciling.seeing import Desired, Readings, groups_of

Connected = Mapping[str, Graph | Unreadable]

_STAY: Final = (Fate.UPDATE, Fate.IN_SYNC, Fate.BLOCK, Fate.ADOPT)
_COME: Final = (Fate.CREATE, Fate.RESTORE)
_SURE: Final = (Confidence.EXACT, Confidence.LIKELY)


async def recruited(desired: Desired, readings: Readings, connected: Connected) -> Readings:
    """Return the readings, those of targets in which links fill groups with what there is to know about that."""
    found = await asyncio.gather(*(_tenant(name, desired, readings, connected) for name in readings))
    return dict(zip(readings, found, strict=True))


async def _tenant(name: str, desired: Desired, readings: Readings, connected: Connected) -> Reading | Unreadable:
    reading, graph = readings[name], connected[name]
    groups = groups_of(desired.estate, desired.estate.tenants[name])
    if not groups or not isinstance(reading, Reading) or not isinstance(graph, Graph):
        return reading
    names = {link for of in groups.values() for link in of}
    links = [link for link in desired.estate.links if link.name in names and link.target == name]
    now = datetime.combine(desired.today, time(), UTC)
    brought = await asyncio.gather(*(_brought(link, graph, readings, connected, now) for link in links))
    by_link = {link.name: one for link, one in zip(links, brought, strict=True)}
    return replace(reading, memberships=Memberships(await read_rosters(groups, graph), by_link))


async def _brought(link: Link, target: Graph, readings: Readings, connected: Connected, now: datetime) -> Brought:
    reading, source = readings.get(link.source), connected.get(link.source)
    if not isinstance(reading, Reading) or not isinstance(source, Graph):
        why = reading.reason if isinstance(reading, Unreadable) else "nobody here signs in there"
        return Brought(problem=f"{link.source} could not be read: {why}")
    read = reading.synchronizations
    if read is None or link.name in read.ambiguous:
        return Brought(problem="nobody can say which configuration is that of the link")
    ids = read.ids.get(link.name)
    if ids is None or Address(link.source, "job", link.name) not in reading.state:
        # What was never made brought nobody.
        return Brought()
    try:
        shown = await _previewed(link, reading.state, ids, source, target, now)
    except (GraphError, ValueError) as error:
        return Brought(problem=str(error))
    try:
        return _told(shown, shown.people.forecasts())
    finally:
        shown.people.close()


async def _previewed(link: Link, there: State, ids: Ids, source: Graph, target: Graph, now: datetime) -> Preview:
    """Return the next cycle as it would be now: what the files want beside that has not brought anybody yet."""
    seat = Seat(link.name, link.source, link.target, ids["servicePrincipal"], ids["job"])
    live = configured(link, there, await source.get(f"{BASE.format_map(ids)}/jobs/{ids['job']}/schema"))
    linked = counted(there.get(Address(link.source, "job", link.name)))
    return await preview(seat, source, target, live, Wish(live, same=True), lambda: now, linked=linked)


def _told(shown: Preview, people: Iterable[Forecast]) -> Brought:
    """Return what is sure of the people of a link, and how many others there are."""
    present, parted = set[str](), set[str]()
    coming = guessed = unknown = 0
    for one in people:
        coming += one.fate in _COME
        unknown += one.fate is Fate.UNKNOWN
        guessed += one.fate in _STAY and one.confidence is Confidence.GUESS
        if one.fate in _STAY and one.confidence in _SURE:
            present.add(one.target_id.lower())
        # That somebody came by this link is known by its log alone.
        if one.in_scope is False and one.confidence is Confidence.EXACT and one.target_id:
            parted.add(one.target_id.lower())
    if unknown and shown.missed:
        unread = "; ".join(f"{one.what}: {one.why}" for one in shown.missed)
        return Brought(problem=f"of {unknown} nobody can say whether they are meant, since this was not read: {unread}")
    return Brought(frozenset(present), frozenset(parted - present), guessed, coming, unknown)
