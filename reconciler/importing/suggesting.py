"""What would take one live thing into Git, as YAML to paste beside a finding: the documents that import writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from reconciler.importing import drafting, handwriting, naming
from reconciler.importing.configuring import Person, Sight, configured, target_of, unclaimed
from reconciler.importing.drafting import Entry
from reconciler.importing.saying import say
from reconciler.model import (
    Address,
    Body,
    Collection,
    Document,
    Json,
    Kind,
    Lookup,
    Part,
    Resource,
    Singleton,
    State,
    Tenant,
    link_of,
)

SERVICE_PROVIDER = "isServiceProvider"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """One tenant, and what its files say. `tenants` maps tenant ids to the names of ours, `labels` to any label.

    `template` is the service's own mappings, where they were read, `links` the names of all links.
    """

    tenant: Tenant
    live: State
    documents: Mapping[Address, Document]
    kinds: Mapping[str, Kind]
    tenants: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    template: Body | None = None
    links: Set[str] = frozenset()

    def suggest(self, address: Address, paths: Sequence[str] = ()) -> str:
        """Return the document about what is at an address, or what its document lacks: these blocks and leaves."""
        kind, there = self.kinds[address.kind], self.live[address]
        if there.facts.get("unclaimed"):
            return self._configuration(address)
        if there.facts.get(SERVICE_PROVIDER) or not kind.document:
            return ""
        document = self.documents.get(address)
        return self._whole(kind, address, there) if document is None else _part(kind, there, document, paths)

    def _configuration(self, address: Address) -> str:
        """Return the document about a sync configuration that no link claims; "" where there can be none."""
        people = {
            of.key.partition("/")[2]: Person(_label(one.facts.get("principalDisplayName")))
            for of, one in self.live.items()
            if of.kind == "assignment" and link_of(of.key) == address.key
        }
        footing = self.kinds["mappings"].footing(self.template) if self.template is not None else ""
        sight = Sight(self.live, self.template, people, footing, taken=self.links)
        targets = {target_of(self.live, address.tenant, key) for key in unclaimed(self.live)} - {""}
        heads = {key: self._party(key) for key in targets - self.tenants.keys()}
        made, _ = configured(self.tenant, sight, self.live, self.tenants, heads)
        papers = [one.paper for one in made if one.key == address.key]
        return "\n".join(f"# {'/'.join((*one.folders, one.stem))}.yaml\n{one.text}" for one in papers)

    def _party(self, key: str) -> Body:
        return drafting.identity(self._name(key), key, Lookup(), ours=key in self.tenants)

    def _name(self, key: str) -> str:
        return self.tenants.get(key, "") or naming.slug(self.labels.get(key, "")) or f"unknown-{key[:8]}"

    def _whole(self, kind: Kind, address: Address, there: Resource) -> str:
        head, place = self._head(kind, address)
        said = say(kind, there.body)
        kept = any(there.facts.get(name) for name in kind.protected)
        where = "/".join((self.tenant.name, *place))
        return _text([f"# {where}.yaml", *drafting.single(Entry(kind, head, said, kept=kept))])

    def _head(self, kind: Kind, address: Address) -> tuple[Mapping[str, Json], tuple[str, ...]]:
        """Return what identifies the object in a document, and where the file goes."""
        match kind.endpoint:
            case Singleton():
                return {}, (kind.name,)
            case Part():
                return {}, ()
            case Collection(keyed_by="name"):
                return {"name": address.key}, (f"{kind.name}s", naming.slug(address.key))
            case Collection():
                return self._party(address.key), (f"{kind.name}s", self._name(address.key))


def _part(kind: Kind, there: Resource, document: Document, paths: Sequence[str]) -> str:
    """Return the settings at `paths`, for the spec of the document; other leaves of a block are there already."""
    wanted: dict[str, Json] = {}
    for path in paths:
        block, _, leaf = path.partition(".")
        value = there.body[block]
        wanted[block] = {**wanted.get(block, {}), leaf: value[leaf]} if leaf else value
    said = say(kind, wanted)
    if not said.spec:
        return ""
    return _text([f"# add to {document.origin}", "spec:", *handwriting.block(said.spec, 1)])


def _label(name: Json) -> str:
    return name if isinstance(name, str) and name.strip() and name.isprintable() else ""


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
