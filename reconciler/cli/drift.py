"""`reconciler drift`: where live differs from Git. Reads every tenant with clients that cannot write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.plan import make
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, tell

if TYPE_CHECKING:
    from reconciler.reporting import Output


@click.command(short_help="Report where live differs from Git.")
@options.tenants
@options.endpoint
@options.output
@options.detailed_exitcode
def drift(folder: Path, endpoint: str, output: Output, detailed_exitcode: bool) -> int:
    """Report where live differs from Git: in sync, drift or unknown, tenant by tenant."""
    from reconciler.reconciling import drift_exit_code
    from reconciler.reporting import render_drift

    made = make(Site(folder, endpoint))[0].plan
    tell(render_drift(made, output, colour=in_colour()))
    return drift_exit_code(made, detailed=detailed_exitcode)
