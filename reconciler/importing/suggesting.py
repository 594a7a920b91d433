"""What would take one live thing into Git, as YAML to paste beside a finding: the documents that import writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.importing import drafting, handwriting, naming
from reconciler.importing.drafting import Entry
from reconciler.importing.saying import say
from reconciler.model import Address, Collection, Document, Json, Kind, Lookup, Part, Resource, Singleton, State, Tenant

SERVICE_PROVIDER = "isServiceProvider"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """One tenant, and what its files say. `tenants` maps tenant ids to the names of ours, `labels` to any label."""

    tenant: Tenant
    live: State
    documents: Mapping[Address, Document]
    kinds: Mapping[str, Kind]
    tenants: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def suggest(self, address: Address, paths: Sequence[str] = ()) -> str:
        """Return the document about what is at an address, or what its document lacks: these blocks and leaves."""
        kind, there = self.kinds[address.kind], self.live[address]
        if there.facts.get(SERVICE_PROVIDER) or not kind.document:
            return ""
        document = self.documents.get(address)
        return self._whole(kind, address, there) if document is None else _part(kind, there, document, paths)

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
                key = address.key
                ours = self.tenants.get(key, "")
                name = ours or naming.slug(self.labels.get(key, "")) or f"unknown-{key[:8]}"
                return drafting.identity(name, key, Lookup(), ours=bool(ours)), (f"{kind.name}s", name)


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


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
