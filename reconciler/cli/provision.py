"""`reconciler provision`: people who changed are provisioned now, not with the next cycle. Writes, and asks first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from reconciler.cli import options
from reconciler.cli.by_hand import agree, hand
from reconciler.cli.moments import moment
from reconciler.cli.site import Site
from reconciler.cli.stopping import stoppable
from reconciler.cli.talking import in_colour, show, tell
from reconciler.clock import Clock, Wakeable
from reconciler.errors import SetupError

if TYPE_CHECKING:
    from reconciler.model import Estate, Link, Tenant
    from reconciler.model.haste import Haste, Queue
    from reconciler.operating import Hand

LAST_CYCLE = "last-cycle"


def _since(context: click.Context, option: click.Parameter, text: str) -> timedelta | datetime | None:
    return None if text == LAST_CYCLE else moment(context, option, text)


@click.command(short_help="Provision people who changed now, and not with the next cycle.")
@click.argument("link", metavar="LINK")
@click.option(
    "--changed-since",
    "since",
    callback=_since,
    default=LAST_CYCLE,
    show_default=True,
    metavar="TIME",
    help="Whom: those who changed in the source since the last cycle began, or since 30m, 24h, 2026-11-24T08:00Z.",
)
@click.option(
    "--at-most",
    type=click.IntRange(1, 1000),
    default=100,
    show_default=True,
    help="Send nobody when more people than this are due; each takes two seconds or more.",
)
@click.option("--yes", is_flag=True, help="Do it without asking.")
@options.tenants
@options.endpoint
@options.text_or_json
def provision(
    link: str,
    since: timedelta | datetime | None,
    at_most: int,
    yes: bool,
    folder: Path,
    endpoint: str,
    output: Literal["text", "json"],
) -> int:
    """Provision people on demand who changed in the source of a link, within the rate that the service allows.

    The interval of cycles is fixed at 40 minutes; this is the way to less for a few people. Whoever would be created,
    adopted or updated by the next cycle is sent. Whoever would be soft-deleted, blocked or restored is named, and left
    to the cycle. It goes by the directory audits, which are some minutes late: whoever is not in them yet comes with
    the cycle as well.
    """
    from reconciler.operating import choose_one, writable
    from reconciler.reporting.hastes import render_haste, render_queue

    site = Site(folder, endpoint)
    clock = site.clock()
    estate = site.estate()
    found, tenant = choose_one(estate, link)
    writable(tenant)
    queue = asyncio.run(_queue(site, clock, estate, link, since))
    show(render_queue(queue, colour=in_colour("stderr")))
    if len(queue.sent) > at_most:
        raise SetupError(
            f"{len(queue.sent)} people are due, and --at-most is {at_most}; nobody was sent; a cycle has them all in "
            "40 minutes at most"
        )
    done, stopped = _nobody(queue), 0
    if queue.sent:
        agree(f"Shall these {len(queue.sent)} be provisioned? Only `yes` counts.", "yes", yes=yes, switch="--yes")
        with hand(site, clock) as mine:
            done, stopped = asyncio.run(_hasten(site, estate, tenant, found, queue, mine))
    tell(render_haste(done, output, colour=in_colour()))
    return 128 + stopped if stopped else done.exit_code


def _nobody(queue: Queue) -> Haste:
    from reconciler.model.haste import Haste

    return Haste(queue, ())


async def _queue(site: Site, clock: Clock, estate: Estate, link: str, since: timedelta | datetime | None) -> Queue:
    from reconciler.reconciling.queueing import queue

    begin = clock.now() - since if isinstance(since, timedelta) else since
    return await queue(estate, link, site.network(clock).reader, clock.now, begin)


async def _hasten(
    site: Site, estate: Estate, tenant: Tenant, link: Link, queue: Queue, mine: Hand
) -> tuple[Haste, int]:
    """Return what became of them, and the signal that came meanwhile, or 0."""
    from reconciler.operating import hasten

    with stoppable() as stop:
        graph = site.network(mine.clock).writer(tenant)
        awake = replace(mine, clock=Wakeable(mine.clock, stop.heard))
        try:
            done = await hasten(queue, graph, estate, tenant, link, awake, stop.heard.is_set)
        finally:
            await graph.aclose()
    return done, stop.signal
