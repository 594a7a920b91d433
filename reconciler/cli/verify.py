"""`reconciler verify`: provision one person now, and see what becomes of them. Writes to the target, and asks first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from reconciler.cli import options
from reconciler.cli.by_hand import agree, hand
from reconciler.cli.site import Site
from reconciler.cli.stopping import stoppable
from reconciler.cli.talking import in_colour, say, tell
from reconciler.clock import Clock, Wakeable

if TYPE_CHECKING:
    from reconciler.model import Estate, Link, Tenant
    from reconciler.model.operations import Verified
    from reconciler.operating import Hand, Prepared


@click.command(short_help="Provision one person now, and explain each step.")
@click.argument("link", metavar="LINK")
@click.option("--user", required=True, metavar="ID|UPN", help="Who: a user of the source, by id or sign-in name.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@options.tenants
@options.endpoint
@options.text_or_json
def verify(link: str, user: str, yes: bool, folder: Path, endpoint: str, output: Literal["text", "json"]) -> int:
    """Provision one person of the source on demand, explain each step, and read the user of the target back.

    This writes to the target, as a cycle would: no dry run of it exists. Exits with 0 when the person is provisioned,
    or was in sync already, with 1 when they were skipped or it failed, and with 7 when nobody can say.
    """
    from reconciler.operating import choose_one, writable
    from reconciler.reporting.verifications import render_verification

    site = Site(folder, endpoint)
    clock = site.clock()
    estate = site.estate()
    found, tenant = choose_one(estate, link)
    writable(tenant)
    ready = asyncio.run(_prepare(site, clock, estate, found, tenant, user))
    say(
        f"{ready.name} of {found.source} will be created or changed in {found.target} now, as a cycle would do it, if "
        f"{found.name} has them in scope. A user that is soft-deleted there is not restored; there may be a second one."
    )
    agree("Shall that be done? Only `yes` counts.", "yes", yes=yes, switch="--yes")
    with hand(site, clock) as mine:
        done, stopped = asyncio.run(_verify(site, estate, tenant, ready, mine))
    tell(render_verification(done, output, colour=in_colour()))
    return 128 + stopped if stopped else done.exit_code


async def _prepare(site: Site, clock: Clock, estate: Estate, link: Link, tenant: Tenant, user: str) -> Prepared:
    from reconciler.operating import prepare

    graph = site.network(clock).reader(tenant)
    try:
        return await prepare(graph, estate, tenant, link, user)
    finally:
        await graph.aclose()


async def _verify(site: Site, estate: Estate, tenant: Tenant, ready: Prepared, mine: Hand) -> tuple[Verified, int]:
    """Return what became of it, and the signal that came meanwhile, or 0."""
    from reconciler.operating import verify as provision

    network = site.network(mine.clock)
    with stoppable() as stop:
        graph = network.writer(tenant)
        awake = replace(mine, clock=Wakeable(mine.clock, stop.heard))
        try:
            done, remark = await provision(ready, graph, estate, network.reader, awake)
        finally:
            await graph.aclose()
    if remark:
        say(remark)
    return done, stop.signal
