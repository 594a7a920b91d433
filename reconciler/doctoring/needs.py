"""Which permissions are needed, and which are there: computed from the kinds and the documents. Pure.

Names only: what they cost to grant is in `granting`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reconciler.model import Address, Document, Kind, Part, Tenant, Undeclared

ORGANIZATION = "Organization.Read.All"
DIRECTORY = "CrossTenantInformation.ReadBasic.All"

_DIRECTORY = "Directory.Read.All"

COVERED_BY: Mapping[str, frozenset[str]] = {
    ORGANIZATION: frozenset({_DIRECTORY, "User.Read.All"}),
    "Policy.Read.All": frozenset({"Policy.ReadWrite.CrossTenantAccess"}),
    "MultiTenantOrganization.Read.All": frozenset({"MultiTenantOrganization.ReadWrite.All"}),
    "LicenseAssignment.Read.All": frozenset({ORGANIZATION, _DIRECTORY}),
    "Application.Read.All": frozenset({_DIRECTORY}),
    "GroupMember.Read.All": frozenset({"GroupMember.ReadWrite.All", _DIRECTORY}),
    "Synchronization.Read.All": frozenset({"Synchronization.ReadWrite.All"}),
}
"""What else opens the same doors, where Microsoft documents it."""

_LOOKUP = {"group": "GroupMember.Read.All", "user": "User.Read.All"}

# Needed by few, and no reason to look twice: import, drift, coverage and this check-up use them.
_USEFUL = frozenset(
    {
        DIRECTORY,
        "LicenseAssignment.Read.All",
        "Application.Read.All",
        "AuditLog.Read.All",
        "MultiTenantOrganization.Read.All",
    }
)
# What every person's token carries.
_COMMON = frozenset({"openid", "profile", "email", "offline_access", "User.Read"})
_READS = re.compile(r"\.Read(Basic|Metadata)?(\.\w+)*")


@dataclass(frozen=True, slots=True)
class Need:
    """One permission, and what it is needed for."""

    permission: str
    uses: tuple[str, ...]

    def met(self, held: Iterable[str]) -> bool:
        """Whether one of the permissions that are held suffices."""
        return not {self.permission, *COVERED_BY.get(self.permission, ())}.isdisjoint(held)


def needs(
    tenant: Tenant,
    documents: Mapping[Address, Document],
    kinds: Mapping[str, Kind],
    purpose: Literal["plan", "apply"],
) -> tuple[Need, ...]:
    """Return what a plan or an apply of the tenant needs, sorted.

    Every kind is read, whether documents speak of it or not; but sync configurations only where a link begins, and who
    is in a group only where a link fills it.
    """
    uses: dict[str, set[str]] = {ORGANIZATION: {"see that the tenant is the one in the files"}}
    mine = _own(tenant, documents, kinds)
    spoken = {document.address.kind for document in mine}
    for document in mine:
        if document.principal:
            permission = _LOOKUP[document.principal.type]
            uses.setdefault(permission, set()).add(f"look up the {document.principal.type}s that links name")
    for permission, use in _for_people(tenant, documents, kinds):
        uses.setdefault(permission, set()).add(use)
    for name, kind in kinds.items():
        if isinstance(kind.endpoint, Part) and name not in spoken:
            continue
        uses.setdefault(kind.permissions.read, set()).add(f"read {name}")
    if any(one.address.kind == "partner" and not one.absent for one in mine):
        uses.setdefault(DIRECTORY, set()).add("see who becomes a partner")
    if purpose == "apply":
        for name in _written(tenant, documents, kinds):
            uses.setdefault(kinds[name].permissions.write, set()).add(f"write {name}")
    return tuple(Need(permission, tuple(sorted(uses[permission]))) for permission in sorted(uses))


def _written(tenant: Tenant, documents: Mapping[Address, Document], kinds: Mapping[str, Kind]) -> list[str]:
    """Return the kinds of which an apply may write something."""
    if tenant.undeclared is Undeclared.DELETE:
        return sorted(name for name, kind in kinds.items() if not isinstance(kind.endpoint, Part))
    return sorted({document.address.kind for document in _own(tenant, documents, kinds)} & kinds.keys())


def _for_people(
    tenant: Tenant, documents: Mapping[Address, Document], kinds: Mapping[str, Kind]
) -> Iterator[tuple[str, str]]:
    """Yield what it takes to know people: at home where a link begins, and in the tenant to which it brings them."""
    fills = [one for one in documents.values() if _is_apart(one, kinds) and not one.absent]
    if any(one.address.tenant == tenant.name for one in fills):
        yield "User.Read.All", "see who is in the groups that links fill"
    begin = [one.link for one in _own(tenant, documents, kinds) if one.address.kind == "configuration"]
    if begin:
        yield from ((permission, "see whom links bring") for permission in _LOOKUP.values())
    if {one.link for one in fills}.intersection(begin):
        yield "AuditLog.Read.All", "see whom links bring"
    settings = (one for one in documents.values() if one.address.kind == "settings")
    if any(one.said.get("targetTenantId") == tenant.tenant_id for one in settings):
        yield "User.Read.All", "see who of those whom links bring is there"
        yield "GroupMember.Read.All", "see which dynamic groups look at what links write"


def _own(tenant: Tenant, documents: Mapping[Address, Document], kinds: Mapping[str, Kind]) -> list[Document]:
    """Return the documents of a tenant; of groups of which a link lets go, nothing is read or written."""
    mine = (document for address, document in documents.items() if address.tenant == tenant.name)
    return [one for one in mine if not (one.absent and _is_apart(one, kinds))]


def _is_apart(document: Document, kinds: Mapping[str, Kind]) -> bool:
    return document.address.kind in kinds and kinds[document.address.kind].apart


def missing(wanted: Iterable[Need], held: Iterable[str]) -> tuple[Need, ...]:
    """Return what is not met."""
    there = frozenset(held)
    return tuple(need for need in wanted if not need.met(there))


def beyond(wanted: Iterable[Need], held: Iterable[str]) -> tuple[str, ...]:
    """Return the permissions that nothing needs, sorted. What stands in for a needed one counts as needed.

    A permission that writes does not stand in for one that reads, unless writing is needed as well.
    """
    named = {need.permission for need in wanted}
    instead = {other for need in wanted for other in COVERED_BY.get(need.permission, ()) if only_reads(other)}
    return tuple(sorted(frozenset(held) - named - instead - _USEFUL - _COMMON))


def only_reads(permission: str) -> bool:
    """Whether a permission lets nobody change anything, by its name. What has another form may be anything."""
    return permission in _COMMON or (_READS.search(permission) is not None and "Write" not in permission)
