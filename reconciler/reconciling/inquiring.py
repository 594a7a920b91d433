"""One person, and every link that may concern them: finds them, asks each link, and puts the answers together.

Writes nothing. A link that cannot be read has an answer as well: that nobody knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from reconciler.errors import GraphError, ReconcilerError, SetupError
from reconciler.explaining import choose as parties_of
from reconciler.explaining.presence import Sighting, way
from reconciler.graph.client import Graph
from reconciler.model import Capability, Estate, Judgement, Link, Tenant, Unreadable
from reconciler.model.operations import Happened
from reconciler.model.whereabouts import Presence, Way, Whereabouts
from reconciler.operating import (
    Connect,
    Known,
    Narrowed,
    at_home,
    choose,
    find_user,
    home,
    locate,
    read_log,
    show_job,
    show_user,
)
from reconciler.previewing import of_one
from reconciler.reconciling import PARTS, Desired, explain_all
from reconciler.reconciling.forecasting import Home, Place, opened, seated

_EVENTS = 5
# The service keeps its log for so long at most.
_KEPT = timedelta(days=30)
_GATES = (Capability.COLLABORATION, Capability.CONSENT)


async def whereabouts(
    desired: Desired, words: Iterable[str], word: str, connect: Connect, now: Callable[[], datetime]
) -> Whereabouts:
    """Return what these links, or all, say about somebody, by id, sign-in name or mail, at home or in a target.

    Raises:
        SetupError: there is no such link, or nobody has heard of such a person.
    """
    estate, moment = desired.estate, now()
    links = [link for link in choose(estate, words) if home(estate, link) is not None]
    if not links:
        raise SetupError("no link begins in a tenant to which somebody here signs in, so nobody can be asked about")
    name = at_home(word)
    found = await _homes(estate, links, name, connect)
    concerned = {
        source: [link for link in links if link.source == source] for source, who in found.items() if who is not None
    }
    if not concerned:
        places = ", ".join(sorted(found))
        raise SetupError(f"nobody called {word!r} is in {places}; name somebody by id, sign-in name or mail")
    gates = await _gates(desired, [link for those in concerned.values() for link in those], connect)
    asking = (_asked(desired, those, found[source], gates, connect, now) for source, those in sorted(concerned.items()))
    ways = [way for several in await asyncio.gather(*asking) for way in several]
    return Whereabouts(name, moment, tuple(sorted(ways, key=lambda one: (one.link, one.source))))


async def _homes(
    estate: Estate, links: Iterable[Link], word: str, connect: Connect
) -> dict[str, Known | GraphError | None]:
    """Return somebody in each tenant that links begin in; None where there is no such person."""
    names = sorted({link.source for link in links})
    found = await asyncio.gather(*(_at_home(estate.tenants[name], word, connect) for name in names))
    return dict(zip(names, found, strict=True))


async def _at_home(tenant: Tenant, word: str, connect: Connect) -> Known | GraphError | None:
    try:
        graph = connect(tenant)
    except GraphError as error:
        return error
    try:
        return await find_user(graph, word)
    except GraphError as error:
        return error
    finally:
        await graph.aclose()


async def _asked(
    desired: Desired,
    links: Sequence[Link],
    who: Known | GraphError | None,
    gates: Mapping[str, tuple[Judgement, ...]],
    connect: Connect,
    now: Callable[[], datetime],
) -> list[Way]:
    """Return what links say that begin in one tenant; what belongs to them is read once for all."""
    if not isinstance(who, Known):
        return [_unread(link, who) for link in links] if who else []
    tenant = desired.estate.tenants[links[0].source]
    try:
        async with opened(desired.estate, tenant, connect, now) as there:
            answers = (_way(there, link, who, gates[link.name], connect, now) for link in links)
            return list(await asyncio.gather(*answers))
    except ReconcilerError as error:
        return [_unread(link, error) for link in links]


async def _way(
    there: Home,
    link: Link,
    who: Known,
    gates: tuple[Judgement, ...],
    connect: Connect,
    now: Callable[[], datetime],
) -> Way:
    try:
        async with seated(there, link, connect) as at:
            return way(link, await _sighted(there, link, at, who, gates, now))
    except ReconcilerError as error:
        return _unread(link, error)


def _unread(link: Link, error: ReconcilerError) -> Way:
    code = error.exit_code if isinstance(error, GraphError) else 0
    return Way(link.name, link.source, link.target, Presence.UNKNOWN, because=(str(error),), exit_code=code)


async def _sighted(
    there: Home, link: Link, at: Place, who: Known, gates: tuple[Judgement, ...], now: Callable[[], datetime]
) -> Sighting:
    """Read what concerns one person on the way of one link."""
    live = at.made()
    estate = there.desired.estate
    shown, single, (events, remarks) = await asyncio.gather(
        show_job(at.source, estate, there.tenant, link, now()),
        of_one(at.seat, at.source, at.target, live, who.id, now, linked=at.linked),
        _events(estate, link, at.source, who.id, now()),
    )
    seen = Sighting(single, shown.status, who.enabled, gates=gates, events=events, remarks=remarks)
    target = single.forecast.target_id if single.forecast else ""
    if not target or isinstance(at.target, Unreadable):
        return seen
    user, unseen, code = await show_user(at.target, target)
    return replace(seen, there=user, unseen=unseen, exit_code=code)


async def _gates(desired: Desired, links: Sequence[Link], connect: Connect) -> Mapping[str, tuple[Judgement, ...]]:
    """Return what both tenants of each link say about who of the source may use the target, by link."""
    pairs = [parties_of(desired.estate, link.source, link.target) for link in links]
    # What synchronizes is not asked for here, and so it is not read either.
    documents = {at: one for at, one in desired.estate.documents.items() if at.kind not in PARTS}
    alone = replace(desired.estate, links=(), documents=documents)
    found = await explain_all(replace(desired, estate=alone), connect, pairs)
    return {
        link.name: tuple(one for one in explained.directions[0].judgements if one.capability in _GATES)
        for link, explained in zip(links, found, strict=True)
    }


async def _events(
    estate: Estate, link: Link, graph: Graph, who: str, now: datetime
) -> tuple[tuple[Happened, ...], tuple[str, ...]]:
    """Return the last of the provisioning log about somebody, or why it is not there."""
    try:
        job = await locate(graph, estate, estate.tenants[link.source], link)
        return (await read_log(graph, job, Narrowed(now - _KEPT, who)))[:_EVENTS], ()
    except GraphError as error:
        return (), (f"the provisioning log was not read: {error}",)
