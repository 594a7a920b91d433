"""A live tenant is taken into Git: what is read and looked up, and the proof that the documents say what is there.

The order of the stages for `import`, as `reconciling` has it for a plan. Writes nothing into the documents.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reconciler import reconciling
from reconciler.errors import DocumentErrors, Forbidden, GraphError, ReconcilerError, SetupError, Unavailable
from reconciler.graph.client import Graph
from reconciler.identifying import by_tenant_id
from reconciler.importing import Files, Imported, Paper, draft, strangers
from reconciler.loading import Outline, load, outline
from reconciler.loading.parsing import acts
from reconciler.loading.secrecy import looks_secret
from reconciler.loading.shapes import Domain
from reconciler.model import Estate, Kind, Lookup, Reading, Tenant, Unreadable
from reconciler.reading import ORGANIZATION, read
from reconciler.reporting.escaping import for_file_name

_DOMAIN = TypeAdapter[str](Domain)
_UNFIT = "what the directory says of it may not stand in a file"


@dataclass(frozen=True, slots=True)
class Survey:
    """What import learns of a tenant: its name in the directory, all that is in it, and who its partners are."""

    display_name: str
    reading: Reading
    lookups: Mapping[str, Lookup]


@dataclass(frozen=True, slots=True)
class Adoption:
    """What would be written: path below the documents → text; the resources that it speaks of, and remarks."""

    files: Mapping[str, str]
    resources: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """The files as they are before an import: what they mean, and in outline. Both are empty where there is none."""

    folder: Path
    estate: Estate
    outline: Outline

    def known(self, tenant: Tenant) -> Files:
        """Return what import must know of the files, with the tenant among ours."""
        ours = {one.tenant_id: name for name, one in self.estate.tenants.items()}
        return Files(
            tenants={**ours, tenant.tenant_id: tenant.name},
            names={one.tenant_id: one.name for one in reversed(self.outline.mentions)},
            spoken=self.estate.documents.keys(),
            profiles=self.outline.profiles,
            taken=frozenset((*file.folders, file.stem.casefold()) for file in self.outline.files),
        )


def ground(folder: Path, kinds: Mapping[str, Kind]) -> Ground:
    """Return the files as they are.

    Raises:
        DocumentErrors: what is wrong in them.
    """
    if not any(folder.rglob("*.yaml")):
        return Ground(folder, Estate({}, {}), Outline({}, (), {}, ()))
    return Ground(folder, load(folder, kinds), outline(folder, kinds))


def check_newcomer(ground: Ground, tenant: Tenant) -> None:
    """Refuse a tenant of which the files speak otherwise, as long as it was somebody else's.

    Raises:
        SetupError: with the place to correct.
    """
    for one in ground.outline.mentions:
        if tenant.tenant_id == one.tenant_id and tenant.name != one.name:
            raise SetupError(
                f"{one.origin}: this tenant is called {one.name} here; write `name: {tenant.name}` there, "
                f"or say --name {one.name}"
            )
        if tenant.name == one.name and one.tenant_id and tenant.tenant_id != one.tenant_id:
            raise SetupError(f"{one.origin}: {one.name} is tenant {one.tenant_id} here; say another --name")
        if tenant.name == one.name and one.domain and tenant.domain != one.domain:
            raise SetupError(
                f"{one.origin}: {one.name} has the domain {one.domain} here; take it out there, since tenant.yaml "
                f"will say it, or say --domain {one.domain}"
            )


async def survey(tenant: Tenant, connect: Callable[[Tenant], Graph], kinds: Mapping[str, Kind], files: Files) -> Survey:
    """Read the tenant whole, and look up whoever no file knows. `connect` returns a client that can only read.

    Raises:
        GraphError: when the tenant or somebody in it cannot be read.
    """
    async with aclosing(connect(tenant)) as graph:
        reading = await read(tenant, graph, kinds)
        if isinstance(reading, Unreadable):
            raise _unreadable(reading)
        found = await by_tenant_id(graph, strangers(reading, kinds, files))
        said = await graph.get(ORGANIZATION)
    return Survey(_display_name(said["value"][0].get("displayName"), tenant), reading, fit(found))


def _unreadable(reading: Unreadable) -> GraphError:
    kinds = {error.exit_code: error for error in (GraphError, Unavailable, Forbidden)}
    return kinds.get(reading.exit_code, GraphError)(reading.reason)


def _display_name(said: object, tenant: Tenant) -> str:
    return said if isinstance(said, str) and said.strip() and not _is_unfit(said) else tenant.name


def fit(lookups: Mapping[str, Lookup]) -> Mapping[str, Lookup]:
    """Return the lookups without anything that a document would be refused for: everybody names a tenant at will."""
    return {key: _fit(lookup) for key, lookup in lookups.items()}


def _fit(lookup: Lookup) -> Lookup:
    if lookup.problem:
        return lookup
    try:
        domain = _DOMAIN.validate_python(lookup.domain)
    except ValidationError:
        return Lookup(problem=_UNFIT)
    if looks_secret(domain):
        return Lookup(problem=_UNFIT)
    return replace(lookup, domain=domain, display_name="" if _is_unfit(lookup.display_name) else lookup.display_name)


def _is_unfit(name: str) -> bool:
    return len(name) > 256 or acts(name) or looks_secret(name) or looks_secret(name.replace(" ", "-").lower())


def adopt(ground: Ground, tenant: Tenant, found: Survey, kinds: Mapping[str, Kind], today: date) -> Adoption:
    """Return the documents that take the tenant into Git, after proving that a plan with them has nothing to do.

    Raises:
        ReconcilerError: when they would not say what is there; nothing of it may then be written.
    """
    new = tenant.name not in ground.estate.tenants
    named = replace(tenant, display_name=found.display_name) if new else tenant
    imported = draft(named, found.reading, kinds, found.lookups, ground.known(tenant), new=new)
    files = {_path(paper): paper.text for paper in imported.papers}
    if files:
        _prove(_laid(ground.folder, files, kinds), named, found.reading, imported, kinds, today)
    return Adoption(files, len(imported.addresses), imported.remarks)


def _path(paper: Paper) -> str:
    return "/".join((*paper.folders, f"{for_file_name(paper.stem)}.yaml"))


def _laid(folder: Path, files: Mapping[str, str], kinds: Mapping[str, Kind]) -> Estate:
    """Return what the files would mean together with those that are there."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, folder.absolute().name)
        try:
            if folder.is_dir():
                shutil.copytree(folder, copy, symlinks=True)
            for path, text in files.items():
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                (copy / path).write_text(text, encoding="utf-8", newline="\n")
        except (OSError, shutil.Error) as error:
            raise SetupError(f"{folder}: cannot be copied to try the import ({error}); nothing was written") from error
        try:
            return load(copy, kinds)
        except DocumentErrors as error:
            raise _wrong(str(problem) for problem in error.problems) from error


def _prove(
    estate: Estate, tenant: Tenant, reading: Reading, imported: Imported, kinds: Mapping[str, Kind], today: date
) -> None:
    alone = replace(estate, tenants={tenant.name: estate.tenants[tenant.name]})
    [plan] = reconciling.compute(reconciling.Desired(alone, kinds, "", today), {tenant.name: reading}).tenants
    steps = [str(step.change.address) for step in plan.steps if step.change.address in imported.addresses]
    stops = [one.message for one in plan.findings if one.stops and one.address in imported.addresses]
    if steps or stops:
        raise _wrong([*(f"{address} would be changed" for address in steps), *stops])


def _wrong(reasons: Iterable[str]) -> ReconcilerError:
    return ReconcilerError(
        "the documents would not say what is in the tenant, so nothing was written; please report this defect: "
        + "; ".join(reasons)
    )
