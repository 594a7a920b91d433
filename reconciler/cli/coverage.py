"""`reconciler coverage`: how much of the tenants the files speak of. Reads with clients that cannot write."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import tell

if TYPE_CHECKING:
    from reconciler.model import Coverage


@click.command(short_help="Count what files speak of, and what not.")
@options.tenants
@options.endpoint
@click.option(
    "--output",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="The form of the result on standard output.",
)
def coverage(folder: Path, endpoint: str, output: Literal["text", "markdown", "json"]) -> int:
    """Count what is managed, undeclared and ignored in each tenant: objects, and the blocks that are set in them."""
    from reconciler.reporting import render_coverage

    found = made(Site(folder, endpoint))
    tell(render_coverage(found, output))
    return next((one.exit_code for one in found if one.exit_code), 0)


def made(site: Site) -> list[Coverage]:
    """Return the numbers of all tenants, by name.

    Raises:
        ReconcilerError: when the files are wrong, or nothing can be read at all.
    """
    from reconciler import reconciling

    clock = site.clock()
    desired = site.desired(clock)
    return asyncio.run(reconciling.coverage(desired, site.network(clock).reader))
