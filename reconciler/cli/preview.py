"""`reconciler preview`: who the next cycle of a link would create, change and remove.

Reads with clients that cannot write.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, tell


@click.command(short_help="Say who comes, changes and goes by the next cycle of a link.")
@click.argument("link", metavar="LINK")
@click.option("--names", is_flag=True, help="Name people, and not only count them.")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="With --names: how many people of each kind."
)
@click.option("--user", default="", metavar="ID|UPN|MAIL", help="Only what becomes of this person of the source.")
@options.tenants
@options.endpoint
@options.text_or_json
def preview(
    link: str, names: bool, limit: int, user: str, folder: Path, endpoint: str, output: Literal["text", "json"]
) -> int:
    """Say who would be created, adopted, updated, blocked, soft-deleted, restored, left alone or in conflict by the
    next cycle of a link, with what the files say of it; where that differs from what is there, whose fate it changes.

    It is a model, computed from what both tenants show: the service has no dry run. Nothing is written.
    """
    from reconciler.reconciling.forecasting import forecast
    from reconciler.reporting.previews import render_preview

    site = Site(folder, endpoint)
    clock = site.clock()
    found = asyncio.run(forecast(site.estate(), link, site.network(clock).reader, clock.now))
    try:
        tell(render_preview(found, output, limit=limit if names else None, user=user, colour=in_colour()))
    finally:
        found.people.close()
    return found.exit_code
