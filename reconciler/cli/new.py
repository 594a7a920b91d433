"""`reconciler new`: a first document for a link or a topology. Reads no tenant, and never writes over a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import say, tell
from reconciler.errors import SetupError

if TYPE_CHECKING:
    from reconciler.model import Estate, Tenant


@click.group(short_help="Write a first document for a link or a topology.")
def new() -> None:
    """Write a first document; files that are there stay as they are."""


@new.command(short_help="Write a SyncLink from one tenant into another.")
@click.argument("name")
@click.option("--source", required=True, metavar="TENANT", help="The tenant whose people are synchronized.")
@click.option("--target", required=True, metavar="TENANT", help="The tenant in which they appear.")
@options.tenants
def link(name: str, source: str, target: str, folder: Path) -> int:
    """Write a link called NAME that synchronizes one group from one tenant into another."""
    from reconciler.importing import beginning

    path = _free(folder, "links", name)
    estate = Site(folder).estate()
    here, there = _tenants(folder, estate, (source, target))
    _check_pairs(estate, [(here, there)])
    return _written(path, beginning.link(name, here, there), folder, "say who is in scope, and who owns the link")


@new.command(short_help="Write a Topology of many tenants.")
@click.argument("name")
@click.option("--members", required=True, metavar="A,B,…", help="The tenants that are linked with each other.")
@options.tenants
def topology(name: str, members: str, folder: Path) -> int:
    """Write a topology called NAME that links each of some tenants with each other."""
    from itertools import permutations

    from reconciler.importing import beginning

    path = _free(folder, "topologies", name)
    estate = Site(folder).estate()
    tenants = _tenants(folder, estate, [member.strip() for member in members.split(",")])
    if len(tenants) < 2:
        raise click.UsageError("A topology links two tenants or more.")
    _check_pairs(estate, permutations(tenants, 2))
    return _written(path, beginning.topology(name, tenants), folder, "say who is in scope, and who owns the links")


def _free(folder: Path, place: str, name: str) -> Path:
    """Return the file that a document of this name goes to.

    Raises:
        UsageError: it is no name.
        SetupError: there is such a file already.
    """
    from reconciler.loading.shapes import NAME, NAME_RULE

    if not NAME.fullmatch(name):
        raise click.UsageError(f"{name!r} is not a name: {NAME_RULE}.")
    path = folder / "shared" / place / f"{name}.yaml"
    if path.exists() or path.is_symlink():
        raise SetupError(f"{path}: is there already; nothing was written")
    return path


def _tenants(folder: Path, estate: Estate, names: Iterable[str]) -> list[Tenant]:
    """Return the tenants by name, each once."""
    from reconciler.loading.validating import meant

    found: dict[str, Tenant] = {}
    for name in names:
        tenant = estate.tenants.get(name)
        if tenant is None:
            raise SetupError(f"{folder}: no tenant is called {name!r}; {meant(name, estate.tenants, 'there is')}")
        if name in found:
            raise click.UsageError(f"{name} is named twice.")
        found[name] = tenant
    return list(found.values())


def _check_pairs(estate: Estate, pairs: Iterable[tuple[Tenant, Tenant]]) -> None:
    """Raise when one of the pairs has a link already, or cannot have one."""
    linked = {(one.source_id, one.target_id): one for one in estate.links if one.shape != "SyncAcceptance"}
    for source, target in pairs:
        there = linked.get((source.tenant_id, target.tenant_id))
        if there is not None:
            pair = f"{source.name} to {target.name}"
            raise SetupError(f"{there.origin}: {pair} is linked already, as {there.name}; nothing was written")
        if source.cloud != target.cloud:
            raise SetupError(
                f"{source.name} is in cloud {source.cloud} and {target.name} in {target.cloud}: synchronization across "
                "clouds is not supported here; nothing was written"
            )


def _written(path: Path, text: str, folder: Path, first: str) -> int:
    """Lay the document down, tell where it is, and say what to do with it."""
    from reconciler.cli.laying import lay
    from reconciler.reporting.escaping import for_log_line

    lay({path: text.encode()})
    tell(for_log_line(f"{folder.absolute().name}/{path.relative_to(folder).as_posix()}") + "\n")
    say(f"Next: {first}; then `reconciler validate`, and `reconciler plan`.")
    return 0
