"""`reconciler logs`: what the service did for whom. Reads with a client that cannot write."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from reconciler.cli import options
from reconciler.cli.moments import moment
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, tell

if TYPE_CHECKING:
    from reconciler.model import Estate
    from reconciler.model.operations import Happened
    from reconciler.operating import Connect, Narrowed


@click.command(short_help="Show what the service did for whom.")
@click.argument("link", metavar="LINK")
@click.option(
    "--since",
    callback=moment,
    default="24h",
    show_default=True,
    metavar="TIME",
    help="How far back: 30m, 24h, 7d, or a moment such as 2026-11-24T08:00Z.",
)
@click.option("--user", default="", metavar="ID|UPN", help="Only what became of this person of the source.")
@click.option("--failures", is_flag=True, help="Only what failed.")
@options.tenants
@options.endpoint
@options.text_or_json_with("json is one line an entry")
def logs(
    link: str,
    since: timedelta | datetime,
    user: str,
    failures: bool,
    folder: Path,
    endpoint: str,
    output: Literal["text", "json"],
) -> int:
    """Show the provisioning log of a link: what was created, changed, deleted or skipped, and why something failed,
    with cause and fix.

    The service writes the log some minutes late, and keeps it for 30 days, or for 7 without a licence.
    """
    from reconciler.operating import Narrowed
    from reconciler.reporting.events import render_log

    site = Site(folder, endpoint)
    clock = site.clock()
    begin = clock.now() - since if isinstance(since, timedelta) else since
    wanted = Narrowed(begin, user, failures)
    found = asyncio.run(_read(site.estate(), link, wanted, site.network(clock).reader))
    tell(render_log(link, found, output, colour=in_colour()))
    return 0


async def _read(estate: Estate, name: str, wanted: Narrowed, connect: Connect) -> tuple[Happened, ...]:
    from reconciler.operating import choose_one, locate, read_log

    link, tenant = choose_one(estate, name)
    graph = connect(tenant)
    try:
        return await read_log(graph, await locate(graph, estate, tenant, link), wanted)
    finally:
        await graph.aclose()
