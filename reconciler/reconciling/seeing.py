"""One tenant as files and reading show it together: all names known by id, all kinds in their versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from reconciler.graph.clouds import CLOUDS
from reconciler.kinds import in_use, membership
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
    Principal,
    Reading,
    State,
    Tenant,
    Unreadable,
)
from reconciler.reading import Wanted
from reconciler.repository import Record
from reconciler.resolving import doubts, dropped, gather, leaning, leave, lingering, pinned, settle, standing, unoffered


@dataclass(frozen=True, slots=True)
class Desired:
    """What is wanted, and what a plan needs to know beside it.

    `tree` is the Git tree id of the documents, `records` what was last applied by tenant id, `today` the day on which
    acknowledgements are judged. `applied` is what the files said then, by tenant id: of a tenant that is missing
    there, nobody knows what was changed outside Git since. `world` tells an emulated world from any other.
    """

    estate: Estate
    kinds: Mapping[str, Kind]
    tree: str
    today: date
    records: Mapping[str, Record] = field(default_factory=dict)
    applied: Mapping[str, Estate] = field(default_factory=dict)
    world: str = ""


MEMBERSHIP = membership.KIND.name
PARTS = frozenset({*SYNCHRONIZATION, MEMBERSHIP})

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
    kinds = kinds_of(desired, tenant)
    if reading.memberships is None:
        kinds = {name: kind for name, kind in kinds.items() if not kind.apart}
    read, all_links = reading.synchronizations, desired.estate.links
    named = documents_of(desired.estate, tenant)
    gathered = gather(named, reading.memberships, all_links)
    documents = gathered.documents
    held = leaning(tenant.name, all_links)
    lost = dropped(named, _then(desired, tenant))
    remains = (*lingering(tenant.name, all_links, documents, reading.state), *gathered.findings, *lost)
    if read is None:
        return Seen(documents, {**reading.state, **gathered.live}, kinds, findings=remains, held=held)
    links = links_of(desired.estate, tenant).links
    wrong = doubts(documents, reading.state)
    documents, phases = leave(documents, reading.state, links, read.ambiguous)
    documents, unknown = settle(documents, read)
    live = standing({**reading.state, **gathered.live}, documents, kinds, read.template)
    unmarked = frozenset(_unmarked(links, live)) - {*marking}
    documents = {address: _whole(_without_mark(one, unmarked), reading.state) for address, one in documents.items()}
    findings = (
        *wrong,
        *phases,
        *remains,
        *unknown,
        *pinned(documents, kinds, read.template),
        *unoffered(tenant, links, read),
    )
    return Seen(documents, live, kinds, read.template, findings, held, unmarked)


def _then(desired: Desired, tenant: Tenant) -> Mapping[Address, Document]:
    """Return the documents of the last apply, where somebody knows them."""
    estate = desired.applied.get(tenant.tenant_id)
    return documents_of(estate, tenant) if estate else {}


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

    Parts of sync configurations are read only where a link begins, memberships only where one fills a group.
    """
    documents = documents_of(desired.estate, tenant).values()
    begins, fills = bool(links_of(desired.estate, tenant).links), bool(groups_of(desired.estate, tenant))
    return {
        name: replace(kind, service=CLOUDS[tenant.cloud].graph)
        for name, kind in in_use(desired.kinds, documents).items()
        if (fills if kind.apart else begins or not isinstance(kind.endpoint, Part))
    }


def links_of(estate: Estate, tenant: Tenant) -> Wanted:
    """Return the links that begin in a tenant, whom they name there, and whether others end in it."""
    begin = tuple(link for link in estate.links if link.source == tenant.name and link.shape != "SyncAcceptance")
    documents = documents_of(estate, tenant)
    named = [one.principal for at, one in documents.items() if one.principal and at.kind != MEMBERSHIP]
    ends = any(link.target == tenant.name and not link.absent for link in estate.links)
    return Wanted(begin, tuple(dict.fromkeys(named)), ends)


def groups_of(estate: Estate, tenant: Tenant) -> Mapping[Principal, tuple[str, ...]]:
    """Return the groups that links fill in a tenant, each with the links that do."""
    found: dict[Principal, tuple[str, ...]] = {}
    for address, document in documents_of(estate, tenant).items():
        if address.kind == MEMBERSHIP and document.principal and not document.absent:
            found[document.principal] = (*found.get(document.principal, ()), document.link)
    return found
