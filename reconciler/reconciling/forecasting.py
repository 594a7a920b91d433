"""The people of a link: finds its job, signs in on both sides, and has the next cycle previewed. Writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from reconciler.errors import GraphError, SetupError
from reconciler.graph.client import Graph
from reconciler.model import Body, Estate, Link, Management, Unreadable
from reconciler.model.haste import Due, Queue, Touched
from reconciler.model.people import Preview, Single
from reconciler.operating import Connect, choose_one, locate, read_recent, running, since_last_cycle
from reconciler.previewing import Configured, Seat, configured, of_one, preview

# People who are asked about side by side; each is a handful of requests.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Place:
    """A link whose job was found: both sides, and the configuration as it is."""

    seat: Seat
    source: Graph
    target: Graph | Unreadable
    live: Configured
    linked: int | None


async def forecast(estate: Estate, name: str, connect: Connect, now: Callable[[], datetime]) -> Preview:
    """Return what the next cycle of a link would do. Whoever gets it closes its people.

    Raises:
        SetupError: there is no such link, or nobody here can sign in where it begins.
        GraphError: its configuration cannot be read.
    """
    async with _placed(estate, name, connect) as at:
        return await preview(at.seat, at.source, at.target, at.live, now, linked=at.linked)


async def forecast_one(estate: Estate, name: str, word: str, connect: Connect, now: Callable[[], datetime]) -> Single:
    """Return what the next cycle of a link would make of one person, by id, principal name or mail.

    Raises:
        SetupError: there is no such link, or nobody here can sign in where it begins.
        GraphError: its configuration cannot be read, or whether there is such a person.
    """
    async with _placed(estate, name, connect) as at:
        return await of_one(at.seat, at.source, at.target, at.live, word, now, linked=at.linked)


async def queue(
    estate: Estate, name: str, connect: Connect, now: Callable[[], datetime], since: datetime | None
) -> Queue:
    """Return who changed in the source of a link since then, or since its last cycle began, and what is due to them.

    Raises:
        SetupError: there is no such link, or its job does not run.
        GraphError: who changed cannot be read, or the configuration of the link.
    """
    link, tenant = choose_one(estate, name)
    async with _placed(estate, name, connect) as at:
        shown = await running(at.source, estate, tenant, link, now())
        moment = since or since_last_cycle(shown.status)
        recent = await read_recent(at.source, moment)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def due(one: Touched) -> Due:
            async with gate:
                found = await of_one(at.seat, at.source, at.target, at.live, one.id, now, linked=at.linked)
            return Due(one, found.forecast, found.missed)

        people = await asyncio.gather(*map(due, recent.people))
    return Queue(link.name, link.source, link.target, moment, tuple(people), recent.groups)


@asynccontextmanager
async def _placed(estate: Estate, name: str, connect: Connect) -> AsyncIterator[_Place]:
    link, tenant = choose_one(estate, name)
    source = connect(tenant)
    target: Graph | Unreadable = Unreadable(link.target, "", 0)
    try:
        target = _target(estate, link, connect)
        job = await locate(source, estate, tenant, link)
        seat = Seat(link.name, link.source, link.target, job.configuration.ids["servicePrincipal"], job.id)
        live = await configured(source, job.path)
        yield _Place(seat, source, target, live, _linked(job.body or {}))
    except ValueError as error:
        raise SetupError(f"{link.name}: {error}") from error
    finally:
        if isinstance(target, Graph):
            await target.aclose()
        await source.aclose()


def _target(estate: Estate, link: Link, connect: Connect) -> Graph | Unreadable:
    tenant = estate.tenants.get(link.target)
    if tenant is None or tenant.management is Management.ELSEWHERE:
        return Unreadable(link.target, f"nobody here signs in to {link.target}", 0)
    try:
        return connect(tenant)
    except GraphError as error:
        return Unreadable(link.target, str(error), error.exit_code)


def _linked(job: Body) -> int | None:
    """Return how many people the service says the job has linked."""
    counts = (job.get("status") or {}).get("synchronizedEntryCountByType")
    if not isinstance(counts, list):
        return None
    said = (one.get("value") for one in counts if isinstance(one, Mapping) and one.get("key") == "User")
    found = next(said, 0)
    return found if isinstance(found, int) else None
