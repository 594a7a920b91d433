"""`reconciler plan`: what would change. Reads every tenant with clients that cannot write."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler import repository
from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, say, tell

if TYPE_CHECKING:
    from reconciler.planfile import PlanFile
    from reconciler.reporting import Output


@click.command()
@options.tenants
@options.endpoint
@options.output
@options.detailed_exitcode
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Save the plan in this file, for `reconciler apply FILE`.",
)
def plan(folder: Path, endpoint: str, output: Output, detailed_exitcode: bool, out: Path | None) -> int:
    """Show what would change, and change nothing."""
    from reconciler import planfile
    from reconciler.reconciling import plan_exit_code
    from reconciler.reporting import render_plan

    sealed = make(Site(folder, endpoint))
    if out is not None:
        planfile.write(out, sealed)
        say(f"Saved in {out}; digest {sealed.envelope.digest[:16]}.")
    tell(render_plan(sealed.plan, sealed.envelope, output, colour=in_colour()))
    return plan_exit_code(sealed.plan, detailed=detailed_exitcode)


def make(site: Site) -> PlanFile:
    """Return a plan of what is there now, in its envelope.

    Raises:
        ReconcilerError: when the files are wrong, or nothing can be read at all.
    """
    from reconciler import planfile, reconciling

    clock = site.clock()
    desired = site.desired(clock, attributing=True)
    network = site.network(clock)
    made = asyncio.run(reconciling.plan(desired, network.reader))
    commit = repository.commit_id(site.folder)
    return planfile.seal(made, created=clock.now(), commit=commit, rehearsal=site.is_rehearsal)
