"""Who and what documents name, complete or not. For import and resolve, never for a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.loading.belonging import Tenants
from reconciler.loading.expanding import rows
from reconciler.loading.link_shapes import Party, SyncAcceptance, SyncConfiguration
from reconciler.loading.shapes import Organization
from reconciler.loading.validating import Path, Written
from reconciler.loading.walking import File
from reconciler.model import Body, Origin, Tenant


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
class Outline:
    """The tenants by name, who else is mentioned, the settings of shared profiles by name, and all files."""

    tenants: Mapping[str, Tenant]
    mentions: tuple[Mention, ...]
    profiles: Mapping[str, Body]
    files: tuple[File, ...]


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
