"""A live tenant is taken into Git: what is read and looked up, and the proof that the documents say what is there.

The order of the stages for `import`, as `reconciling` has it for a plan. Writes nothing into the documents.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reconciler import reconciling
from reconciler.adopting.synchronizing import Seen, look
from reconciler.adopting.unfit import is_unfit
from reconciler.errors import DocumentErrors, Forbidden, GraphError, ReconcilerError, SetupError, Unavailable
from reconciler.graph.client import Graph
from reconciler.identifying import by_tenant_id
from reconciler.importing import Files, Imported, Paper, draft, strangers
from reconciler.loading import Outline, load, outline
from reconciler.loading.secrecy import looks_secret
from reconciler.loading.shapes import Domain
from reconciler.model import Estate, Kind, Lookup, Reading, Tenant, Unreadable, link_of
from reconciler.reading import ORGANIZATION, read
from reconciler.reconciling import PARTS
from reconciler.reporting.escaping import for_file_name

_DOMAIN = TypeAdapter[str](Domain)
_UNFIT = "what the directory says of it may not stand in a file"


@dataclass(frozen=True, slots=True)
class Survey:
    """What import learns of a tenant: its name in the directory, all that is in it, and who its partners are.

    `gathered` are its sync configurations, None where they were not read; `sight` is what is made of them.
    """

    display_name: str
    reading: Reading
    lookups: Mapping[str, Lookup]
    seen: Seen = field(default_factory=Seen)


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
        links = {link.origin for link in self.estate.links}
        # Of some partners nothing speaks but a link, and that only of what it needs.
        implied = {
            address: one.said
            for address, one in self.estate.documents.items()
            if one.link and one.origin in links and address.kind not in PARTS
        }
        return Files(
            tenants={**ours, tenant.tenant_id: tenant.name},
            names={one.tenant_id: one.name for one in reversed(self.outline.mentions)},
            spoken=self.estate.documents.keys() - implied.keys(),
            implied=implied,
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


async def survey(
    ground: Ground, tenant: Tenant, connect: Callable[[Tenant], Graph], kinds: Mapping[str, Kind]
) -> Survey:
    """Read the tenant whole, and look up whoever no file knows. `connect` returns a client that can only read.

    Sync configurations that cannot be read are told, and stop nothing.

    Raises:
        GraphError: when the tenant or somebody in it cannot be read.
    """
    files = ground.known(tenant)
    async with aclosing(connect(tenant)) as graph:
        reading = await read(tenant, graph, {name: kind for name, kind in kinds.items() if name not in PARTS})
        if isinstance(reading, Unreadable):
            raise _unreadable(reading)
        seen = await look(ground.estate, tenant, graph, connect, kinds)
        found = await by_tenant_id(graph, strangers(reading, kinds, files, seen.sight))
        said = await graph.get(ORGANIZATION)
    return Survey(_display_name(said["value"][0].get("displayName"), tenant), reading, fit(found), seen)


def _unreadable(reading: Unreadable) -> GraphError:
    kinds = {error.exit_code: error for error in (GraphError, Unavailable, Forbidden)}
    return kinds.get(reading.exit_code, GraphError)(reading.reason)


def _display_name(said: object, tenant: Tenant) -> str:
    return said if isinstance(said, str) and said.strip() and not is_unfit(said) else tenant.name


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
    return replace(lookup, domain=domain, display_name="" if is_unfit(lookup.display_name) else lookup.display_name)


def adopt(ground: Ground, tenant: Tenant, found: Survey, kinds: Mapping[str, Kind], today: date) -> Adoption:
    """Return the documents that take the tenant into Git, after proving that a plan with them has nothing to do.

    Raises:
        ReconcilerError: when they would not say what is there; nothing of it may then be written.
    """
    new = tenant.name not in ground.estate.tenants
    named = replace(tenant, display_name=found.display_name) if new else tenant
    left_out: dict[str, str] = {}
    while True:
        sight = replace(found.seen.sight, left_out=dict(left_out))
        imported = draft(named, found.reading, kinds, found.lookups, ground.known(tenant), sight, new=new)
        objections = _objections(ground, named, found, imported, kinds, today)
        if not objections:
            files = {_path(paper): paper.text for paper in imported.papers}
            return Adoption(files, len(imported.addresses) + len(imported.configured), imported.remarks)
        # Every round leaves out a configuration, so that this ends.
        left_out |= objections


def _path(paper: Paper) -> str:
    return "/".join((*paper.folders, f"{for_file_name(paper.stem)}.yaml"))


def _objections(
    ground: Ground, tenant: Tenant, found: Survey, imported: Imported, kinds: Mapping[str, Kind], today: date
) -> Mapping[str, str]:
    """Return the sync configurations of which the documents do not say what is there, and why.

    Raises:
        ReconcilerError: when documents about anything else do not.
    """
    if not imported.papers:
        return {}
    try:
        estate = _laid(ground.folder, {_path(paper): paper.text for paper in imported.papers}, kinds)
    except DocumentErrors as error:
        return _refused(error, imported)
    return _prove(estate, tenant, found, imported, kinds, today)


def _refused(error: DocumentErrors, imported: Imported) -> Mapping[str, str]:
    """Return the configurations whose documents cannot be loaded; all of them where others are the ones to complain."""
    about = {_path(paper): paper.about for paper in imported.papers if paper.about}
    if not about:
        raise _wrong(str(problem) for problem in error.problems) from error
    files = {problem.origin.file.partition("/")[2]: problem for problem in reversed(error.problems)}
    own = {key: f"a document would be refused: {files[path].message}" for path, key in about.items() if path in files}
    other = f"with a document about it the files would contradict each other: {error.problems[0]}"
    return own or dict.fromkeys(about.values(), other)


def _laid(folder: Path, files: Mapping[str, str], kinds: Mapping[str, Kind]) -> Estate:
    """Return what the files would mean together with those that are there.

    Raises:
        DocumentErrors: what would be wrong in them.
    """
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
        return load(copy, kinds)


def _prove(
    estate: Estate, tenant: Tenant, found: Survey, imported: Imported, kinds: Mapping[str, Kind], today: date
) -> Mapping[str, str]:
    """Return the configurations that a plan with the documents would change.

    Raises:
        ReconcilerError: when it would change anything else that they speak of.
    """
    alone, reading = found.seen.beside(
        replace(estate, tenants={tenant.name: estate.tenants[tenant.name]}), tenant, found.reading
    )
    [plan] = reconciling.compute(reconciling.Desired(alone, kinds, "", today), {tenant.name: reading}).tenants
    said = [
        *((step.change.address, f"would be changed ({', '.join(step.change.blocks)})") for step in plan.steps),
        *((one.address, one.message) for one in plan.findings if one.stops and one.address),
    ]
    wrong = [f"{address} {words}" for address, words in said if address in imported.addresses]
    if wrong:
        raise _wrong(wrong)
    keys = {one.link: one.key for one in imported.configured}
    # A mark comes along with any other change, and explains nothing.
    said.sort(key=lambda one: one[0].kind == "configuration")
    return {
        keys[link_of(address.key)]: f"with a document about it, its {address.kind} {words}"
        for address, words in reversed(said)
        if address.kind in PARTS and link_of(address.key) in keys
    }


def _wrong(reasons: Iterable[str]) -> ReconcilerError:
    return ReconcilerError(
        "the documents would not say what is in the tenant, so nothing was written; please report this defect: "
        + "; ".join(reasons)
    )
