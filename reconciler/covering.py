"""How much of what is there the files speak of: objects and blocks, counted. Pure; compares no values with wishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from reconciler.model import (
    Address,
    Coverage,
    Document,
    Kind,
    KindCoverage,
    Reading,
    Resource,
    Share,
    Tenant,
    Undeclared,
    Unreadable,
)
from reconciler.unsaid import unsaid

_Word = Literal["managed", "undeclared", "ignored"]


def cover(
    tenant: Tenant,
    documents: Mapping[Address, Document],
    reading: Reading | Unreadable | None,
    kinds: Mapping[str, Kind],
) -> Coverage:
    """Return the numbers of one tenant; of one that was not read, why there are none."""
    match reading:
        case None:
            return Coverage(tenant.name, tenant.display_name, reason="nobody here signs in to this tenant")
        case Unreadable():
            return Coverage(tenant.name, tenant.display_name, reason=reading.reason, exit_code=reading.exit_code)
        case Reading():
            counted = (_kind(tenant, documents, reading, kinds[name]) for name in sorted(kinds))
            return Coverage(tenant.name, tenant.display_name, tuple(counted), asides=reading.asides)


def _kind(tenant: Tenant, documents: Mapping[Address, Document], reading: Reading, kind: Kind) -> KindCoverage:
    there = {address: resource for address, resource in reading.state.items() if address.kind == kind.name}
    rest: _Word = "ignored" if tenant.undeclared is Undeclared.IGNORE else "undeclared"
    objects = _objects(there, documents, rest)
    blocks = (word for one, live in there.items() for word in _blocks(documents.get(one), live, kind, rest))
    return KindCoverage(kind.name, _share(objects), _share(blocks), reading.unknown.get(kind.name, ()))


def _objects(there: Mapping[Address, Resource], documents: Mapping[Address, Document], rest: _Word) -> Iterator[_Word]:
    """Yield a word for each object. One that always exists counts only when a file speaks of it."""
    for address in there:
        if address in documents:
            yield "managed"
        elif address.key:
            yield rest


def _blocks(document: Document | None, live: Resource, kind: Kind, rest: _Word) -> Iterator[_Word]:
    """Yield a word for each block that is set or spoken of; one that is half spoken of counts as not spoken of."""
    for block, value in live.body.items():
        is_set = value != kind.stock.get(block)
        said = document is not None and block in document.said
        if document and block in document.lifecycle.ignore:
            yield "ignored"
        elif document and document.absent and is_set:
            yield "managed"
        elif said:
            yield rest if unsaid(document, block, value, kind.stock.get(block)) else "managed"
        elif is_set:
            yield rest


def _share(words: Iterable[_Word]) -> Share:
    counts = Counter(words)
    return Share(counts["managed"], counts["undeclared"], counts["ignored"])
