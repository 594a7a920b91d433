"""`reconciler apply`: carry out a plan, the saved one or one that is shown and agreed to now."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler import repository
from reconciler.cli import options
from reconciler.cli.plan import make
from reconciler.cli.site import Site
from reconciler.cli.stopping import stoppable
from reconciler.cli.talking import in_colour, say, show, tell
from reconciler.errors import SetupError
from reconciler.locking import lock
from reconciler.model import Management

if TYPE_CHECKING:
    from reconciler.applying.journal import Journal, JournalFile
    from reconciler.graph.client import Graph
    from reconciler.graph.connecting import Network
    from reconciler.model import Outcome, Report, Tenant
    from reconciler.planfile import PlanFile
    from reconciler.reconciling import Desired
    from reconciler.reporting import Output

MINUTES = 30


@click.command(short_help="Carry out a plan, saved before or shown now.")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@options.tenants
@options.endpoint
@options.output
@click.option("--yes", is_flag=True, help="Carry out what is shown without asking.")
@click.option(
    "--minutes",
    type=click.IntRange(1, 24 * 60),
    default=MINUTES,
    show_default=True,
    help="Begin no further write after so many minutes.",
)
def apply(plan_file: Path | None, folder: Path, endpoint: str, output: Output, yes: bool, minutes: int) -> int:
    """Carry out a plan: a saved one, or one that is made, shown and agreed to now."""
    site = Site(folder, endpoint)
    with lock(site.keep() / "apply.lock"):
        sealed = _saved(site, plan_file) if plan_file else make(site)[0]
        if plan_file is None and not _agreed(sealed, yes):
            report = _nothing_to_carry_out(site, sealed)
        else:
            report = _carry_out(site, sealed, minutes)
    return _told(report, output)


def _saved(site: Site, plan_file: Path) -> PlanFile:
    from reconciler import planfile

    sealed = planfile.read(plan_file)
    planfile.check_envelope(sealed.envelope, site.clock().now(), rehearsal=site.is_rehearsal)
    return sealed


# ---------------------------------------------------------------------------------------------- asking


def _agreed(sealed: PlanFile, yes: bool) -> bool:
    """Show the plan, and tell whether its steps shall be carried out."""
    from reconciler.reconciling import writable
    from reconciler.reporting import render_plan

    show(render_plan(sealed.plan, sealed.envelope, "text", colour=in_colour("stderr")))
    if not any(writable(tenant) for tenant in sealed.plan.tenants):
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise SetupError("nobody is there to agree to the plan; save it with `plan --out`, or say --yes")
    say("Shall these steps be carried out? Only `yes` counts.")
    if sys.stdin.readline().strip() != "yes":
        raise SetupError("the plan was not agreed to; nothing was written")
    return True


def _nothing_to_carry_out(site: Site, sealed: PlanFile) -> Report:
    """Return how that ends. What a run that was cut off had left open may be just what is done already."""
    from reconciler.reconciling import unapplied

    report, pending = unapplied(sealed.plan), _left_open(site)
    report = _remember(site, sealed, site.desired(site.clock()), report)
    if not pending:
        return report
    with _journal(site) as journal:
        return settled(report, journal, pending)


# ---------------------------------------------------------------------------------------------- carrying out


def _carry_out(site: Site, sealed: PlanFile, minutes: int) -> Report:
    pending = _left_open(site)
    with _journal(site) as journal:
        report = asyncio.run(_run(site, sealed, journal, minutes))
        return settled(report, journal, pending)


@contextmanager
def _journal(site: Site) -> Iterator[JournalFile]:
    """Keep the journal open while the block runs."""
    from reconciler.applying.journal import JournalFile

    journal = JournalFile(site.journal)
    try:
        yield journal
    finally:
        journal.close()


def _connector(network: Network) -> Callable[[Tenant], Graph]:
    """Return what connects to a tenant: with a client that can write only where something may be written."""
    return lambda one: network.writer(one) if one.management is Management.HERE else network.reader(one)


async def _run(site: Site, sealed: PlanFile, journal: JournalFile, minutes: int) -> Report:
    from reconciler import applying, reconciling
    from reconciler.clock import Wakeable

    clock = site.clock()
    desired = site.desired(clock, attributing=True)
    # All writes are over when the block is: from there on a signal must not make another ending of this one.
    with stoppable() as stop:
        run = applying.Run(
            id=uuid.uuid4().hex[:12],
            kinds=desired.kinds,
            clock=Wakeable(clock, stop.heard),
            journal=journal,
            stopping=lambda: stop.signal,
            deadline=clock.monotonic() + minutes * 60,
            told=_say_outcome,
        )
        report = await reconciling.apply(sealed.plan, desired, _connector(site.network(clock)), run)
    return _remember(site, sealed, desired, report)


def _remember(site: Site, sealed: PlanFile, desired: Desired, report: Report) -> Report:
    """Note in Git what holds in each tenant now; not of files that are no longer those of the plan."""
    from reconciler.reconciling import records_of

    if desired.tree != sealed.plan.tree or not repository.inside_git(site.folder):
        return report
    remembered = records_of(sealed.plan, desired, report, sealed.envelope.digest)
    remarks = repository.remember(site.folder, site.namespace, remembered)
    return replace(report, remarks=(*report.remarks, *remarks))


def _say_outcome(outcome: Outcome) -> None:
    say(f"{outcome.verdict.value}: {outcome.action.value} {outcome.address} {outcome.label}".rstrip())


# ---------------------------------------------------------------------------------------------- an earlier run


def _left_open(site: Site) -> list[Mapping[str, Any]]:
    """Return what an earlier run was writing when it was cut off, after saying so."""
    from reconciler.applying.journal import unanswered

    pending = unanswered(site.journal)
    for line in _cut_off(pending):
        say(line)
    return pending


def _cut_off(pending: Iterable[Mapping[str, Any]]) -> list[str]:
    return [
        f"An earlier run ({entry.get('run')}) was cut off while it wrote: {entry.get('action')} {entry.get('address')} "
        f"at {entry.get('at')}; reading settles now what became of it."
        for entry in pending
    ]


def settled(report: Report, journal: Journal, pending: Sequence[Mapping[str, Any]]) -> Report:
    """Note that what an earlier run left open is known now, when this run left nothing open itself.

    A journal that takes no further line changes nothing of what was done to the tenants.
    """
    if not pending:
        return report
    remarks = _cut_off(pending)
    if report.exit_code == 0:
        try:
            _settle(journal, pending)
        except SetupError as error:
            remarks.append(f"{error}; the next run will name these writes once more")
    return replace(report, remarks=(*report.remarks, *remarks))


def _settle(journal: Journal, pending: Sized) -> None:
    journal.record("settled", {"intents": len(pending)})


def _told(report: Report, output: Output) -> int:
    """Write the report. What was done to the tenants counts more than who reads about it."""
    from reconciler.reporting import render_report

    try:
        tell(render_report(report, output, colour=in_colour()))
    except SetupError as error:
        say(f"Error: {error}; here it is:")
        show(render_report(report, "text"))
    return report.exit_code
