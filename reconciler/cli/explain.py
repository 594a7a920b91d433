"""`reconciler explain`: who gets from one tenant into another, or where one person is, and why. Cannot write."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal, TypeAlias

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import in_colour, tell

Output: TypeAlias = Literal["text", "markdown", "json"]


@click.command(short_help="Say who gets from one tenant into another, or where somebody is, and why.")
@click.argument("user", metavar="[USER]", required=False, default="")
@click.option("--from", "one", default="", metavar="TENANT", help="One of the two: a name, a domain or a tenant id.")
@click.option("--to", "two", default="", metavar="TENANT", help="The other one. At least one has a folder.")
@click.option("--link", "links", multiple=True, metavar="LINK", help="With USER: only by way of this link.")
@click.option("--declared", is_flag=True, help="Explain what would hold if all were as the files say.")
@options.tenants
@options.endpoint
@click.option(
    "--output",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="The form of the result on standard output.",
)
def explain(
    user: str,
    one: str,
    two: str,
    links: tuple[str, ...],
    declared: bool,
    folder: Path,
    endpoint: str,
    output: Output,
) -> int:
    """Say what holds between two tenants, in both directions: collaboration, direct connect, trust, consent and
    synchronization. With USER, say why this person is or is not in the targets of links, or is there and cannot get in.

    Each answer comes with what both tenants say, where that comes from, and what stands in the way. A tenant that
    nobody here can read makes an answer unknown. USER is an id, a sign-in name or a mail address, at home or in a
    target.
    """
    _check(user, one, two, links, declared=declared)
    site = Site(folder, endpoint)
    return _somebody(site, user, links, output) if user else _tenants(site, one, two, output, declared=declared)


def _check(user: str, one: str, two: str, links: tuple[str, ...], *, declared: bool) -> None:
    if user and (one or two or declared):
        raise click.UsageError("USER goes with --link alone; what files would change `reconciler preview` tells.")
    if links and not user:
        raise click.UsageError("--link goes with USER.")
    if not user and not (one and two):
        raise click.UsageError("Say which two tenants are meant, --from and --to, or who: USER.")


def _tenants(site: Site, one: str, two: str, output: Output, *, declared: bool) -> int:
    from reconciler import reconciling
    from reconciler.explaining import choose
    from reconciler.reporting import render_explanation

    clock = site.clock()
    desired = site.desired(clock)
    parties = choose(desired.estate, one, two)
    reader = site.network(clock).reader
    found = asyncio.run(reconciling.explain(desired, reader, *parties, declared=declared))
    tell(render_explanation(found, output, colour=in_colour()))
    return found.exit_code


def _somebody(site: Site, user: str, links: tuple[str, ...], output: Output) -> int:
    from reconciler.reconciling.inquiring import whereabouts
    from reconciler.reporting.whereabouts import render_whereabouts

    clock = site.clock()
    desired = site.desired(clock)
    found = asyncio.run(whereabouts(desired, links, user, site.network(clock).reader, clock.now))
    tell(render_whereabouts(found, output, colour=in_colour()))
    return found.exit_code
