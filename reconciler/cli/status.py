"""`reconciler status`: what each link is doing. Reads with clients that cannot write."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, say, tell
from reconciler.errors import SetupError

if TYPE_CHECKING:
    from reconciler.clock import Clock
    from reconciler.model import Estate, Link

_CLEARED = "\x1b[2J\x1b[H"


@click.command(short_help="Say what each link is doing, and what holds it.")
@click.argument("links", metavar="[LINK]...", nargs=-1)
@options.tenants
@options.endpoint
@options.text_or_json
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit with 2 when a link is in quarantine, or is to run and does not.",
)
@click.option("--watch", is_flag=True, help="Look again and again, until Ctrl-C; JSON is on one line each time.")
@click.option(
    "--interval",
    type=click.IntRange(10, 3600),
    default=60,
    show_default=True,
    help="With --watch: seconds between two looks.",
)
@click.option("--count", type=click.IntRange(1), help="With --watch: end after so many looks.")
def status(
    links: tuple[str, ...],
    folder: Path,
    endpoint: str,
    output: Literal["text", "json"],
    detailed_exitcode: bool,
    watch: bool,
    interval: int,
    count: int | None,
) -> int:
    """Say what each link is doing: its state, its last cycle, how many people it has synchronized, the next cycle, and
    what holds it, with cause and fix.

    Without a name all links are shown, and the configurations in their tenants that belong to none.
    """
    from reconciler.operating import choose

    _check(output, count, watch=watch)
    site = Site(folder, endpoint)
    clock = site.clock()
    estate = site.estate()
    chosen = choose(estate, links)
    looks = _Looks(site, clock, estate, chosen, output, unclaimed=not links)
    code, attention = asyncio.run(looks.several(interval, count) if watch else looks.once())
    return code or (2 if attention and detailed_exitcode else 0)


def _check(output: str, count: int | None, *, watch: bool) -> None:
    if count and not watch:
        raise click.UsageError("--count is for --watch.")
    if watch and output == "text" and not count and not sys.stdout.isatty():
        raise click.UsageError("--watch needs a terminal, --count to end, or --output json.")


def _name_open_writes(journal: Path) -> None:
    """Say which writes have no known outcome. A run that goes on beside us looks the same as one that was cut off."""
    from reconciler.applying.journal import unanswered

    try:
        pending = unanswered(journal)
    except SetupError as error:
        say(f"{error}; whether an earlier run left a write open is not known")
        return
    for entry in pending:
        say(
            f"No outcome is known of a write of run {entry.get('run')}: {entry.get('action')} {entry.get('address')} "
            f"at {entry.get('at')}; unless that run still goes on, it was cut off, and the next apply settles it."
        )


class _Looks:
    """One look, or one after the other; each ends in an exit code and whether something needs attention."""

    def __init__(
        self,
        site: Site,
        clock: Clock,
        estate: Estate,
        links: tuple[Link, ...],
        output: Literal["text", "json"],
        *,
        unclaimed: bool,
    ) -> None:
        self._site = site
        self._clock = clock
        self._estate = estate
        self._links = links
        self._output = output
        self._unclaimed = unclaimed
        self._heard = True

    async def once(self, before: str = "", *, line: bool = False) -> tuple[int, bool]:
        from reconciler.operating import exit_code, statuses
        from reconciler.reporting.statuses import render_status

        now = self._clock.now()
        # One for each look: it counts the time that a whole run may take.
        network = self._site.network(self._clock)
        found = await statuses(self._estate, self._links, network.reader, now, unclaimed=self._unclaimed)
        code = exit_code(found)
        self._heard = tell(before + render_status(found, code, now, self._output, colour=in_colour(), line=line))
        # After the table, so that clearing the screen for a look does not take it away.
        _name_open_writes(self._site.journal)
        return code, any(one.needs_attention for one in found)

    async def several(self, interval: int, count: int | None) -> tuple[int, bool]:
        looks = 0
        while True:
            machine = self._output == "json"
            before = "" if machine else _CLEARED if in_colour() else "\n" if looks else ""
            ended = await self.once(before, line=machine)
            looks += 1
            if looks == count or not self._heard:
                return ended
            await self._clock.sleep(interval)
