"""Who and what documents name, complete or not. For import and resolve, never for a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.loading.belonging import Tenants
from reconciler.loading.expanding import rows
from reconciler.loading.link_shapes import (
    Party,
    Scope,
    SyncAcceptance,
    SyncConfiguration,
    SyncLink,
    TargetGroup,
    Topology,
)
from reconciler.loading.shapes import Organization
from reconciler.loading.topologies import pairs
from reconciler.loading.validating import Path, Written
from reconciler.loading.walking import File
from reconciler.model import Body, Origin, Principal, Tenant


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that names an organization which is no tenant of the repository.

    `home` is the tenant that the file belongs to, `path` where in the document it stands; `tenant_id` and `domain` are
    "" where they are left out.
    """

    home: str
    file: str
    path: Path
    name: str
    tenant_id: str
    domain: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Naming:
    """One place that names a group or a user of the tenant `home` without an id."""

    home: str
    file: str
    path: Path
    principal: Principal
    origin: Origin

    @property
    def name(self) -> str:
        """How the file calls them."""
        return self.principal.name


@dataclass(frozen=True, slots=True)
class Footing:
    """The settings of a link, or of all links of a topology, that begin in the tenants `homes`.

    `said` is the template that they were written for, "" where they do not say so.
    """

    homes: tuple[str, ...]
    file: str
    path: Path
    name: str
    said: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Outline:
    """The tenants by name, who else is mentioned, the settings of shared profiles by name, and all files.

    `namings` and `footings` are what links leave out, or may leave out.
    """

    tenants: Mapping[str, Tenant]
    mentions: tuple[Mention, ...]
    profiles: Mapping[str, Body]
    files: tuple[File, ...]
    namings: tuple[Naming, ...] = ()
    footings: tuple[Footing, ...] = ()


def mentions(paper: Written, tenants: Tenants) -> Iterator[Mention]:
    """Yield whom a document names beside our own tenants."""
    home = tenants.home(paper.folders)
    named: list[tuple[Path, Organization | Party]] = [*_rows(paper), *_ends(paper)]
    for path, said in named:
        if said.name not in tenants.names:
            origin = paper.origin([*path, "name"])
            yield Mention(home, paper.file, path, said.name, said.tenantId, said.domain, origin)


def _rows(paper: Written) -> Iterator[tuple[Path, Organization]]:
    yield from ((row.path, row.entry) for row in rows(paper) if isinstance(row.entry, Organization))


def _ends(paper: Written) -> Iterator[tuple[Path, Party]]:
    """Yield the other end of a link that is said with more than a name, so that more can be put there."""
    match paper.model:
        case SyncConfiguration() as said if _is_mapping(paper, "target"):
            yield ("target",), said.target
        case SyncAcceptance() as said if _is_mapping(paper, "source"):
            yield ("source",), said.source
        case _:
            return


def _is_mapping(paper: Written, word: str) -> bool:
    return isinstance(paper.place.inside([word]).parts, Mapping)


# ---------------------------------------------------------------------------------------------- links


def namings(paper: Written, tenants: Tenants) -> Iterator[Naming]:
    """Yield whom links name without an id. What a template of many links says is about another group in each tenant."""
    for home, path, scope in _scopes(paper, tenants):
        if home in tenants.sound and scope.says_who:
            for word in ("groups", "users"):
                for index, shape in enumerate(getattr(scope.assigned, word)):
                    place = (*path, "scope", "assigned", word, index)
                    principal = Principal("group" if word == "groups" else "user", shape.name)
                    if not shape.id:
                        yield Naming(home, paper.file, place, principal, paper.origin([*place, "name"]))
    for home, path, groups in _fillings(paper):
        for index, one in enumerate(groups if home in tenants.sound else ()):
            place = (*path, "targetGroups", index, "group")
            if not one.group.id:
                principal = Principal("group", one.group.name)
                yield Naming(home, paper.file, place, principal, paper.origin([*place, "name"]))


def _scopes(paper: Written, tenants: Tenants) -> Iterator[tuple[str, Path, Scope]]:
    match paper.model:
        case SyncLink() as said if "spec" in said.model_fields_set:
            yield said.source, ("spec",), said.spec.scope
        case SyncConfiguration() as said if "spec" in said.model_fields_set:
            yield tenants.home(paper.folders), ("spec",), said.spec.scope
        case Topology() as said:
            for index, one in enumerate(said.deviations):
                if "scope" in one.model_fields_set:
                    yield one.source, ("except", index), one.scope
        case _:
            return


def _fillings(paper: Written) -> Iterator[tuple[str, Path, tuple[TargetGroup, ...]]]:
    """Yield the groups of targets that links fill, each with the tenant that they are of."""
    match paper.model:
        case SyncLink() as said if "spec" in said.model_fields_set:
            yield said.target, ("spec",), said.spec.targetGroups
        case Topology() as said:
            for index, one in enumerate(said.deviations):
                yield one.target, ("except", index), one.targetGroups
        case _:
            return


def footings(paper: Written, tenants: Tenants) -> Iterator[Footing]:
    """Yield the settings of links that are there, with the template that they were written for."""
    homes: tuple[str, ...]
    match paper.model:
        case SyncLink(state="present") as said if "spec" in said.model_fields_set:
            homes, path, spec = (said.source,), "spec", said.spec
        case SyncConfiguration(state="present") as said if "spec" in said.model_fields_set:
            homes, path, spec = (tenants.home(paper.folders),), "spec", said.spec
        case Topology(state="present") as said:
            homes, path, spec = tuple(sorted({source for source, _ in pairs(said)})), "link", said.link
        case _:
            return
    if tenants.sound.keys() >= {*homes}:
        yield Footing(homes, paper.file, (path,), said.name, spec.templateHash, paper.key_origin(["name"]))
