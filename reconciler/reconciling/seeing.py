"""One tenant as files and reading show it together: all names known by id, all kinds in their versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from reconciler.kinds import in_use
from reconciler.kinds.synchronization import SYNCHRONIZATION
from reconciler.model import (
    Address,
    Body,
    Document,
    Estate,
    Finding,
    Kind,
    Part,
    Reading,
    State,
    Tenant,
    Unreadable,
)
from reconciler.reading import Wanted
from reconciler.repository import Record
from reconciler.resolving import doubts, leaning, leave, lingering, settle, standing


@dataclass(frozen=True, slots=True)
class Desired:
    """What is wanted, and what a plan needs to know beside it.

    `tree` is the Git tree id of the documents, `records` what was last applied by tenant id, `today` the day on which
    acknowledgements are judged.
    """

    estate: Estate
    kinds: Mapping[str, Kind]
    tree: str
    today: date
    records: Mapping[str, Record] = field(default_factory=dict)


PARTS = frozenset(SYNCHRONIZATION)

Readings = Mapping[str, Reading | Unreadable]
"""What was read, by tenant; a tenant that nobody signs in to is not there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One tenant with all names known by id, in the form in which what is there and what is wanted are compared."""

    documents: Mapping[Address, Document]
    live: State
    kinds: Mapping[str, Kind]
    template: Body | None = None
    findings: tuple[Finding, ...] = ()
    held: frozenset[Address] = frozenset()

    @property
    def stock(self) -> Mapping[str, Body]:
        """What each kind is when nobody set anything; of mappings, what the service shows in this tenant."""
        stock = {name: kind.stock for name, kind in self.kinds.items()}
        return {**stock, "mappings": self.template} if self.template is not None else stock


def see(tenant: Tenant, desired: Desired, reading: Reading) -> Seen:
    documents, kinds = documents_of(desired.estate, tenant), kinds_of(desired, tenant)
    read, all_links = reading.synchronizations, desired.estate.links
    held = leaning(tenant.name, all_links)
    remains = tuple(lingering(tenant.name, all_links, documents, reading.state))
    if read is None:
        return Seen(documents, reading.state, kinds, findings=remains, held=held)
    links = links_of(desired.estate, tenant).links
    wrong = doubts(documents, reading.state)
    documents, phases = leave(documents, reading.state, links, read.ambiguous)
    documents, unknown = settle(documents, read)
    live = standing(reading.state, documents, kinds, read.template)
    return Seen(documents, live, kinds, read.template, (*wrong, *phases, *remains, *unknown), held)


def documents_of(estate: Estate, tenant: Tenant) -> Mapping[Address, Document]:
    return {address: document for address, document in estate.documents.items() if address.tenant == tenant.name}


def kinds_of(desired: Desired, tenant: Tenant) -> Mapping[str, Kind]:
    """Return the kinds in the versions of Microsoft Graph that the documents of a tenant need.

    Parts of sync configurations are read only where a link begins.
    """
    used = in_use(desired.kinds, documents_of(desired.estate, tenant).values())
    begins = bool(links_of(desired.estate, tenant).links)
    return {name: kind for name, kind in used.items() if begins or not isinstance(kind.endpoint, Part)}


def links_of(estate: Estate, tenant: Tenant) -> Wanted:
    """Return the links that begin in a tenant, and whom they name there."""
    begin = tuple(link for link in estate.links if link.source == tenant.name and link.shape != "SyncAcceptance")
    named = [document.principal for document in documents_of(estate, tenant).values() if document.principal]
    return Wanted(begin, tuple(dict.fromkeys(named)))
