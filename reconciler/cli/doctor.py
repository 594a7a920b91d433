"""`reconciler doctor`: can we sign in, may we do what the files want, and who must do what if not. Writes nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, tell

if TYPE_CHECKING:
    from reconciler.reporting.checkups import Output


@click.command(short_help="Check sign-in, permissions, licences and credentials.")
@options.tenants
@options.endpoint
@click.option(
    "--output",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="The form of the result on standard output.",
)
def doctor(folder: Path, endpoint: str, output: Output) -> int:
    """Check sign-in, permissions, licences and credentials of every tenant, and say who must grant what.

    Exits with 8 when something needed is missing, and with 9 when a tenant cannot be reached. What cannot be checked
    is said, and is no failure.
    """
    from reconciler.doctoring import Wanted, examine, exit_code
    from reconciler.reporting.checkups import render_checkup

    site = Site(folder, endpoint)
    clock = site.clock()
    wanted = Wanted(site.estate(), site.kinds(), clock.now())
    checks = asyncio.run(examine(wanted, site.network(clock).inspector))
    code = exit_code(checks)
    tell(render_checkup(checks, code, output, colour=in_colour()))
    return code
