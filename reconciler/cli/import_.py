"""`reconciler import`: a tenant as it is becomes documents. Reads with a client that cannot write; replaces no file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from reconciler.cli import options
from reconciler.cli.site import Site
from reconciler.cli.talking import say, tell
from reconciler.errors import SetupError
from reconciler.model import Management, Origin, Tenant

if TYPE_CHECKING:
    from reconciler.adopting import Adoption, Ground

Cloud = Literal["global", "usgov", "usgovdod", "china"]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A tenant that no file speaks of yet, as the command line describes it."""

    tenant_id: str
    name: str
    domain: str
    client_id: str
    cloud: Cloud


@click.command("import", short_help="Write documents for what is in a tenant.")
@click.argument("known", metavar="[NAME]", required=False, default="")
@click.option("--tenant-id", default="", metavar="ID", help="A tenant that has no folder yet: its id.")
@click.option("--name", default="", help="… and the name of its folder.")
@click.option("--domain", default="", help="… and a verified domain, held against the directory.")
@click.option("--client-id", default="", metavar="ID", help="… and the application that reads; else AZURE_CLIENT_ID.")
@click.option(
    "--cloud",
    type=click.Choice(["global", "usgov", "usgovdod", "china"]),
    default="global",
    show_default=True,
    help="… and the cloud it lives in.",
)
@click.option("--dry-run", is_flag=True, help="Show the documents, and write nothing.")
@options.tenants
@options.endpoint
def import_(
    known: str,
    tenant_id: str,
    name: str,
    domain: str,
    client_id: str,
    cloud: Cloud,
    dry_run: bool,
    folder: Path,
    endpoint: str,
) -> int:
    """Write documents for all in a tenant that no file speaks of; files that are there stay as they are.

    NAME is a tenant with a folder. For another one say --tenant-id, --name and --domain.
    """
    from reconciler import adopting

    newcomer = Newcomer(tenant_id, name, domain, client_id, cloud)
    if known and newcomer != Newcomer("", "", "", "", cloud):
        raise click.UsageError("Name a tenant that has a folder, or describe a new one; not both.")
    site = Site(folder, endpoint)
    ground = adopting.ground(folder, site.kinds())
    tenant = _known(known, ground) if known else _described(newcomer, ground)
    if not known:
        adopting.check_newcomer(ground, tenant)
    adoption = _adoption(site, ground, tenant)
    _told(adoption, folder, written=not dry_run)
    return 0


def _known(name: str, ground: Ground) -> Tenant:
    tenant = ground.estate.tenants.get(name)
    if tenant is None:
        raise SetupError(
            f"{ground.folder}: no tenant is called {name!r} (there is {', '.join(ground.estate.tenants) or 'none'}); "
            "for a new one say --tenant-id, --name and --domain"
        )
    if tenant.management is Management.ELSEWHERE:
        raise SetupError(f"{name}: nobody here signs in to it ({tenant.origin} says management: elsewhere)")
    return tenant


def _described(newcomer: Newcomer, ground: Ground) -> Tenant:
    """Return the tenant that the options describe, checked as a file would be."""
    from pydantic import ValidationError

    from reconciler.loading.shapes import Clients, Named, TenantFile

    if not (newcomer.tenant_id and newcomer.name and newcomer.domain):
        raise click.UsageError("Name a tenant that has a folder; for a new one say --tenant-id, --name and --domain.")
    try:
        said = TenantFile(
            tenantId=newcomer.tenant_id,
            displayName=newcomer.name,
            domain=newcomer.domain,
            auth=Clients.model_validate({"plan": {"clientId": newcomer.client_id}} if newcomer.client_id else {}),
        )
        Named(name=newcomer.name)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        raise click.UsageError(f"{wrong['loc'][-1]} {wrong['input']!r} {wrong['msg']}.") from error
    _check_free(newcomer.name, said.tenantId, ground)
    clients = {"plan": said.auth.plan.clientId} if said.auth.plan else {}
    origin = Origin("the command line", 1, 1)
    return Tenant(newcomer.name, said.tenantId, newcomer.name, said.domain, origin, newcomer.cloud, auth=clients)


def _check_free(name: str, tenant_id: str, ground: Ground) -> None:
    same = [one for one in ground.estate.tenants.values() if tenant_id == one.tenant_id or name == one.name]
    if same:
        raise SetupError(
            f"{same[0].origin.file}: this tenant or name has a folder already; "
            f"`reconciler import {same[0].name}` writes what no file speaks of yet"
        )
    if name == "shared" or (ground.folder / name).exists():
        raise SetupError(
            f"{ground.folder / name}: is there already, and is no tenant; take it away or use another name"
        )


def _adoption(site: Site, ground: Ground, tenant: Tenant) -> Adoption:
    from reconciler import adopting

    clock = site.clock()
    reader = site.network(clock).reader
    found = asyncio.run(adopting.survey(ground, tenant, reader, site.kinds()))
    return adopting.adopt(ground, tenant, found, site.kinds(), clock.now().date())


def _told(adoption: Adoption, folder: Path, *, written: bool) -> None:
    """Write the files, or show them, and say what there is to know."""
    from reconciler.cli.laying import lay
    from reconciler.reporting.escaping import defuse
    from reconciler.reporting.wording import counted

    root = folder.absolute().name
    if not adoption.files:
        say("Nothing to import: files speak of all that is there.")
    elif written:
        lay({folder / path: text.encode() for path, text in adoption.files.items()})
        tell("".join(f"{root}/{path}\n" for path in adoption.files))
    else:
        documents = "---\n".join(f"# {root}/{path}\n{text}" for path, text in adoption.files.items())
        tell("".join(f"{defuse(line)}\n" for line in documents.splitlines()))
    for remark in adoption.remarks:
        say(f"Note: {remark}")
    if adoption.files:
        counts = f"{counted(adoption.resources, 'resource')} in {counted(len(adoption.files), 'file')}"
        say(f"{counts}{' written' if written else ', not written'}. A plan with them has nothing to do.")
        say("Owners are still to be filled in: every plan asks for them until they are.")
