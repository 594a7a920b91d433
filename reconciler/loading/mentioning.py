"""Who and what documents name, complete or not. For import and resolve, never for a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.loading.belonging import Tenants
from reconciler.loading.expanding import rows
from reconciler.loading.shapes import Organization
from reconciler.loading.validating import Path, Row, Written
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
    for row in rows(paper):
        if isinstance(row.entry, Organization) and row.entry.name not in tenants.names:
            yield _mention(row, row.entry, tenants.home(paper.folders))


def _mention(row: Row, said: Organization, home: str) -> Mention:
    return Mention(home, row.written.file, row.path, said.name, said.tenantId, said.domain, row.origin("name"))
