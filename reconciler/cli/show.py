"""`reconciler show`: a saved plan, or what the files mean once they are expanded. Reads no tenant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, tell

if TYPE_CHECKING:
    from reconciler.reporting import Output


@click.command(short_help="Show a saved plan, or the documents expanded.")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@click.option("--expanded", is_flag=True, help="Show the documents with profiles and partner sets written out.")
@options.tenants
@options.output
def show(plan_file: Path | None, expanded: bool, folder: Path, output: Output) -> int:
    """Show a saved plan, or with --expanded what the documents mean."""
    if expanded == (plan_file is not None):
        raise click.UsageError("Name a plan file, or say --expanded.")
    if plan_file is None:
        if output != "text":
            raise click.UsageError("--expanded is written as YAML; --output goes with a plan file.")
        from reconciler.reporting.expanded import expanded_text

        tell(expanded_text(Site(folder).estate()))
        return 0
    from reconciler import planfile
    from reconciler.reporting import render_plan

    sealed = planfile.read(plan_file)
    tell(render_plan(sealed.plan, sealed.envelope, output, colour=in_colour()))
    return 0
