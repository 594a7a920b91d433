"""Who changed in the source of a link, and what the next cycle would make of each: who is worth not waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from reconciler.model import Estate
from reconciler.model.haste import Due, Queue, Touched
from reconciler.operating import Connect, choose_one, read_recent, running, since_last_cycle
from reconciler.previewing import of_one
from reconciler.reconciling.forecasting import placed

# People who are asked about side by side; each is a handful of requests.
_AT_ONCE = 8


async def queue(
    estate: Estate, name: str, connect: Connect, now: Callable[[], datetime], since: datetime | None
) -> Queue:
    """Return who changed in the source of a link since then, or since its last cycle began, and what is due to them.

    Raises:
        SetupError: there is no such link, or its job does not run.
        GraphError: who changed cannot be read, or the configuration of the link.
    """
    link, tenant = choose_one(estate, name)
    async with placed(estate, name, connect, now) as at:
        shown = await running(at.source, estate, tenant, link, now())
        live = at.made()
        moment = since or since_last_cycle(shown.status)
        recent = await read_recent(at.source, moment)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def due(one: Touched) -> Due:
            async with gate:
                found = await of_one(at.seat, at.source, at.target, live, one.id, now, linked=at.linked)
            return Due(one, found.forecast, found.missed)

        people = await asyncio.gather(*map(due, recent.people))
    return Queue(link.name, link.source, link.target, moment, tuple(people), recent.groups)
