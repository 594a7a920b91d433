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
    from reconciler.reporting.impacts import Named

# People of each fate: more are told by `reconciler preview`.
NAMED = 20


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
@click.option("--impact", is_flag=True, help="Count for every link who comes, changes and goes by the next cycle.")
@click.option("--names", is_flag=True, help="With --impact: name people as well. No saved plan holds them.")
def plan(
    folder: Path, endpoint: str, output: Output, detailed_exitcode: bool, out: Path | None, impact: bool, names: bool
) -> int:
    """Show what would change, and change nothing."""
    if names and not impact:
        raise click.UsageError("--names goes with --impact.")
    from reconciler import planfile
    from reconciler.reconciling import plan_exit_code
    from reconciler.reporting import render_plan

    sealed, named = make(Site(folder, endpoint), impact=impact, names=NAMED if names else 0)
    if out is not None:
        planfile.write(out, sealed)
        say(f"Saved in {out}; digest {sealed.envelope.digest[:16]}.")
    tell(render_plan(sealed.plan, sealed.envelope, output, colour=in_colour(), named=named))
    return plan_exit_code(sealed.plan, detailed=detailed_exitcode)


def make(site: Site, *, impact: bool = False, names: int = 0) -> tuple[PlanFile, Named]:
    """Return a plan of what is there now, in its envelope; and so many people of each fate as `names`, by link.

    With `impact` it says of every link what becomes of its people.

    Raises:
        ReconcilerError: when the files are wrong, or nothing can be read at all.
    """
    from reconciler import planfile, reconciling

    clock = site.clock()
    desired = site.desired(clock, attributing=True)
    network = site.network(clock)
    inquiry = reconciling.Inquiry(impact, names)
    made, named = asyncio.run(reconciling.plan_with_people(desired, network.reader, inquiry))
    commit = repository.commit_id(site.folder)
    return planfile.seal(made, created=clock.now(), commit=commit, rehearsal=site.is_rehearsal), named
