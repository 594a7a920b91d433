"""`reconciler rehearse`: the files applied to a copy of the live tenants in our own process, and cycles run there.

The live tenants are read with clients that cannot write; the copy is an emulator, and nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from reconciler.cli import options
from reconciler.cli.emulate import installed, possible
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, say, tell
from reconciler.errors import SetupError

if TYPE_CHECKING:
    from reconciler.model import Body, Estate
    from reconciler.snapshotting import Snapshot

INTERVAL = timedelta(minutes=40)
_CYCLES = 2
_MOST = 31 * 36


class _Span(click.ParamType[timedelta]):
    """A time in hours or days."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"([0-9]{1,4})([hd])", value)
        span = timedelta(**{{"h": "hours", "d": "days"}[found[2]]: int(found[1])}) if found else timedelta()
        if not INTERVAL <= span <= INTERVAL * _MOST:
            self.fail("write hours or days, at most 31 of these, such as 6h or 2d", param, ctx)
        return span


@click.command(short_help="Apply the files to a copy of the tenants, and run cycles there.")
@click.option("--link", default="", metavar="LINK", help="Follow the people of this link alone.")
@click.option("--cycles", type=click.IntRange(1, _MOST), help=f"Run so many cycles.  [default: {_CYCLES}]")
@click.option("--until", type=_Span(), metavar="TIME", help="Run cycles for so long, such as 2d.")
@click.option("--pseudonymize", is_flag=True, help="Give people other names, before anything is kept or shown.")
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Take the copy from this file, and read no tenant.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep what was read in this file, for --snapshot. Only its owner may read it.",
)
@click.option("--names", is_flag=True, help="Name people, and not only count them.")
@options.tenants
@options.endpoint
@options.text_or_json
def rehearse(
    link: str,
    cycles: int | None,
    until: timedelta | None,
    pseudonymize: bool,
    snapshot: Path | None,
    keep: Path | None,
    names: bool,
    folder: Path,
    endpoint: str,
    output: Literal["text", "json"],
) -> int:
    """Apply the files to a copy of the live tenants, run provisioning cycles there, and say what became of settings and
    people.

    The tenants are only read; the copy lives in the memory of this process, and nothing leaves the machine.
    """
    from reconciler.operating import choose
    from reconciler.reporting.rehearsals import render_rehearsal

    if cycles and until:
        raise click.UsageError("--cycles and --until say the same in two ways; take one.")
    site = Site(folder, endpoint)
    chosen = choose(site.estate(), [link] if link else [])
    if keep and keep.exists():
        # Tenants are large: nobody reads them for a file that will not be written.
        raise SetupError(f"{keep}: it is there already; a snapshot replaces no file")
    with installed(), possible():
        from reconciler.cli.rehearsing import Stage, read

        taken = _loaded(snapshot) if snapshot else asyncio.run(read(site, chosen, everything=not link))
        if pseudonymize:
            taken = _renamed(site, taken)
        if keep:
            _kept(keep, taken)
        stage = Stage(site, taken, chosen, everything=not link)
        found = asyncio.run(stage.play(cycles or (until // INTERVAL if until else _CYCLES)))
    tell(render_rehearsal(found, output, names=names, colour=in_colour()))
    return found.exit_code


def _loaded(file: Path) -> Snapshot:
    from reconciler.snapshotting import load

    return load(file)


def _renamed(site: Site, taken: Snapshot) -> Snapshot:
    from reconciler.snapshotting import pseudonymized

    # The key dies with this call: nobody can find out whose pseudonym is whose by trying names.
    return pseudonymized(taken, secrets.token_bytes(32), _mappings(site.estate()))


def _mappings(estate: Estate) -> list[Body]:
    return [one.said for address, one in estate.documents.items() if address.kind == "mappings"]


def _kept(file: Path, taken: Snapshot) -> None:
    from reconciler.snapshotting import save

    save(file, taken)
    whose = "with pseudonyms" if taken.kept is not None else "with the names of people"
    say(f"Kept in {file}, {whose}.")
