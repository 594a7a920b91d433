"""One tenant as files and reading show it together: all names known by id, all kinds in their versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
    Link,
    Part,
    Reading,
    State,
    Tenant,
    Unreadable,
)
from reconciler.reading import Wanted
from reconciler.repository import Record
from reconciler.resolving import doubts, leaning, leave, lingering, pinned, settle, standing


@dataclass(frozen=True, slots=True)
class Desired:
    """What is wanted, and what a plan needs to know beside it.

    `tree` is the Git tree id of the documents, `records` what was last applied by tenant id, `today` the day on which
    acknowledgements are judged. `applied` is what the files said then, by tenant id: of a tenant that is missing
    there, nobody knows what was changed outside Git since.
    """

    estate: Estate
    kinds: Mapping[str, Kind]
    tree: str
    today: date
    records: Mapping[str, Record] = field(default_factory=dict)
    applied: Mapping[str, Estate] = field(default_factory=dict)


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
    unmarked: frozenset[str] = frozenset()
    """Links whose configurations bear no mark, and need none."""

    @property
    def stock(self) -> Mapping[str, Body]:
        """What each kind is when nobody set anything; of mappings, what the service shows in this tenant."""
        stock = {name: kind.stock for name, kind in self.kinds.items()}
        return {**stock, "mappings": self.template} if self.template is not None else stock


def see(tenant: Tenant, desired: Desired, reading: Reading, marking: Collection[str] = ()) -> Seen:
    """Return the tenant with all names known. `marking` are the links whose configurations get a mark in any case."""
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
    unmarked = frozenset(_unmarked(links, live)) - {*marking}
    documents = {address: _whole(_without_mark(one, unmarked), reading.state) for address, one in documents.items()}
    findings = (*wrong, *phases, *remains, *unknown, *pinned(documents, kinds, read.template))
    return Seen(documents, live, kinds, read.template, findings, held, unmarked)


def _unmarked(links: Iterable[Link], live: State) -> Iterator[str]:
    """Yield the links that find their configurations without a mark: each alone provisions where one link goes.

    What a person made is adopted as it is: a mark by itself is no reason to write to a tenant.
    """
    links = list(links)
    wanted = Counter(link.target_id for link in links)
    there = Counter(
        one.body["targetTenantId"]
        for address, one in live.items()
        if address.kind == "settings" and not one.facts.get("foreign")
    )
    for link in links:
        configuration = live.get(Address(link.source, "configuration", link.name))
        settings = live.get(Address(link.source, "settings", link.name))
        if link.absent or configuration is None or settings is None or configuration.body["marker"] is not None:
            continue
        if settings.body["targetTenantId"] == link.target_id and wanted[link.target_id] == there[link.target_id] == 1:
            yield link.name


def _without_mark(document: Document, unmarked: Collection[str]) -> Document:
    if document.address.kind != "configuration" or document.link not in unmarked:
        return document
    return replace(document, said={name: value for name, value in document.said.items() if name != "marker"})


def _whole(document: Document, live: State) -> Document:
    """Return a part of a link; as long as there is no job, nobody has settings there that could be left to others."""
    begins = document.address.kind in PARTS and Address(document.address.tenant, "job", document.link) not in live
    return replace(document, lifecycle=replace(document.lifecycle, ignore=())) if begins else document


def documents_of(estate: Estate, tenant: Tenant) -> Mapping[Address, Document]:
    return estate.by_tenant.get(tenant.name, {})


def kinds_of(desired: Desired, tenant: Tenant) -> Mapping[str, Kind]:
    """Return the kinds in the versions of Microsoft Graph that the documents of a tenant need.

    Parts of sync configurations are read only where a link begins.
    """
    used = in_use(desired.kinds, documents_of(desired.estate, tenant).values())
    begins = bool(links_of(desired.estate, tenant).links)
    return {name: kind for name, kind in used.items() if begins or not isinstance(kind.endpoint, Part)}


def links_of(estate: Estate, tenant: Tenant) -> Wanted:
    """Return the links that begin in a tenant, whom they name there, and whether others end in it."""
    begin = tuple(link for link in estate.links if link.source == tenant.name and link.shape != "SyncAcceptance")
    named = [document.principal for document in documents_of(estate, tenant).values() if document.principal]
    ends = any(link.target == tenant.name and not link.absent for link in estate.links)
    return Wanted(begin, tuple(dict.fromkeys(named)), ends)
