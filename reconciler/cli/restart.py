"""`reconciler restart`: let a job begin again. Says what that does to people, and asks for the name of the link."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click

from reconciler.cli import options
from reconciler.cli.by_hand import agree, hand
from reconciler.cli.site import Site
from reconciler.cli.stopping import stoppable
from reconciler.cli.talking import in_colour, say, show, tell
from reconciler.clock import Clock, Wakeable
from reconciler.errors import SetupError
from reconciler.model.operations import Scope

if TYPE_CHECKING:
    from reconciler.model import Estate, Link, Tenant
    from reconciler.operating import Hand, Restarted, Shown


@click.command(short_help="Let the job of a link begin again.")
@click.argument("link", metavar="LINK")
@click.option(
    "--scope",
    type=click.Choice(get_args(Scope)),
    required=True,
    help="What the service shall forget; `default` is what the portal does, and nearly always the right one.",
)
@click.option("--yes", "agreed", metavar="LINK", default="", help="Do it without asking; says the name once more.")
@click.option("--break-links", is_flag=True, help="For --scope full: let the service forget who belongs to whom.")
@click.option(
    "--carry-out-held-deletions",
    is_flag=True,
    help="For --scope force-deletes: let these people lose their account in the target.",
)
@options.tenants
@options.endpoint
@options.text_or_json_with("how the job does then")
def restart(
    link: str,
    scope: Scope,
    agreed: str,
    break_links: bool,
    carry_out_held_deletions: bool,
    folder: Path,
    endpoint: str,
    output: Literal["text", "json"],
) -> int:
    """Restart the job of a link, after saying what that does to people and asking for its name.

    A paused job is not restarted, since that would start it. What was about to be sent, and what came of it, is in the
    journal.
    """
    from reconciler.operating import check_restart, choose_one, writable

    _check_flags(scope, {"--break-links": break_links, "--carry-out-held-deletions": carry_out_held_deletions})
    site = Site(folder, endpoint)
    clock = site.clock()
    estate = site.estate()
    found, tenant = choose_one(estate, link)
    writable(tenant)
    if agreed and agreed != found.name:
        raise SetupError(f"--yes says {agreed!r} and the link is {found.name!r}; nothing was written")
    shown = asyncio.run(_look(site, clock, estate, found, tenant))
    check_restart(shown, scope)
    _say(shown, scope, clock)
    agree(f"Write {found.name} to restart it.", found.name, yes=bool(agreed), switch=f"--yes {found.name}")
    with hand(site, clock) as mine:
        done, stopped = asyncio.run(_restart(site, estate, tenant, shown, scope, mine))
    _tell(found, scope, done, clock, output)
    return 128 + stopped if stopped else done.exit_code


def _check_flags(scope: Scope, given: dict[str, bool]) -> None:
    """Insist on the switch of a dangerous scope, and on no other."""
    from reconciler.operating import RESTARTS

    needed = RESTARTS[scope].flag
    for flag, said in given.items():
        if said and flag != needed:
            raise click.UsageError(f"{flag} is not for --scope {scope}.")
    if needed and not given[needed]:
        words = "; ".join(RESTARTS[scope].effects)
        raise click.UsageError(f"--scope {scope} asks for {needed} as well: {words}.")


async def _look(site: Site, clock: Clock, estate: Estate, link: Link, tenant: Tenant) -> Shown:
    from reconciler.operating import show_job

    graph = site.network(clock).reader(tenant)
    try:
        return await show_job(graph, estate, tenant, link, clock.now())
    finally:
        await graph.aclose()


def _say(shown: Shown, scope: Scope, clock: Clock) -> None:
    from reconciler.operating import RESTARTS
    from reconciler.reporting.statuses import render_status

    show(render_status([shown.status], 0, clock.now(), colour=in_colour("stderr")))
    say(f"Restarting {shown.link.name} with the scope {scope} means:")
    for effect in RESTARTS[scope].effects:
        say(f"  - {effect}")


async def _restart(
    site: Site, estate: Estate, tenant: Tenant, shown: Shown, scope: Scope, mine: Hand
) -> tuple[Restarted, int]:
    """Return what became of it, and the signal that came meanwhile, or 0."""
    from reconciler.operating import restart as begin_again

    with stoppable() as stop:
        graph = site.network(mine.clock).writer(tenant)
        awake = replace(mine, clock=Wakeable(mine.clock, stop.heard))
        try:
            done = await begin_again(shown, scope, graph, estate, tenant, awake)
        finally:
            await graph.aclose()
    return done, stop.signal


def _tell(link: Link, scope: Scope, done: Restarted, clock: Clock, output: Literal["text", "json"]) -> None:
    from reconciler.reporting.statuses import render_status

    for remark in done.remarks:
        say(remark)
    say(f"{link.name} was restarted with the scope {scope}.")
    if done.status or output == "json":
        found = [done.status] if done.status else []
        tell(render_status(found, done.exit_code, clock.now(), output, colour=in_colour()))
