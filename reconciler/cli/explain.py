"""`reconciler explain`: who gets from one tenant into another, and what stands in the way. Cannot write."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, tell


@click.command(short_help="Say who gets from one tenant into another, and why.")
@click.option("--from", "one", default="", metavar="TENANT", help="One of the two: a name, a domain or a tenant id.")
@click.option("--to", "two", default="", metavar="TENANT", help="The other one. At least one has a folder.")
@click.option("--declared", is_flag=True, help="Explain what would hold if all were as the files say.")
@options.tenants
@options.endpoint
@click.option(
    "--output",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="The form of the result on standard output.",
)
def explain(
    one: str, two: str, declared: bool, folder: Path, endpoint: str, output: Literal["text", "markdown", "json"]
) -> int:
    """Say what holds between two tenants, in both directions: collaboration, direct connect, trust, consent and
    synchronization.

    Each answer comes with what both tenants say, where that comes from, and what stands in the way. A tenant that
    nobody here can read makes an answer unknown.
    """
    from reconciler import reconciling
    from reconciler.explaining import choose
    from reconciler.reporting import render_explanation

    if not (one and two):
        raise click.UsageError("Say which two tenants are meant: --from and --to.")
    site = Site(folder, endpoint)
    clock = site.clock()
    desired = site.desired(clock)
    parties = choose(desired.estate, one, two)
    reader = site.network(clock).reader
    found = asyncio.run(reconciling.explain(desired, reader, *parties, declared=declared))
    tell(render_explanation(found, output, colour=in_colour()))
    return found.exit_code
