"""Several places that speak of one resource → one document. Saying the same twice is fine; a contradiction is an error.

What is compared is a whole top-level property, as everywhere. Acknowledgements of all places count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.errors import Problem
from reconciler.loading.expanding import Part
from reconciler.model import Address, Document, Lifecycle

# Field of a Document → what people write.
_FACTS: Mapping[str, str] = {
    "domain": "domain",
    "owner": "owner",
    "purpose": "purpose",
    "ticket": "ticket",
    "review_by": "reviewBy",
}
_ONCE = "say it in one place"


def merge(parts: Iterable[Part]) -> tuple[Mapping[Address, Document], list[Problem]]:
    """Return one document per resource, by address in order, and where two places contradict each other."""
    merged: dict[Address, Part] = {}
    problems: list[Problem] = []
    for part in parts:
        address = part.document.address
        first = merged.get(address)
        if first is None:
            merged[address] = part
        else:
            problems += _contradictions(first, part)
            merged[address] = Part(_joined(first.document, part.document), first.row)
    return {address: part.document for address, part in sorted(merged.items())}, problems


def _contradictions(first: Part, second: Part) -> Iterator[Problem]:
    one, other = first.document, second.document
    who = other.label or other.address.kind
    for name in sorted(one.said.keys() & other.said.keys()):
        if one.said[name] != other.said[name]:
            message = f"{name} of {who} is said in two ways, the other at {one.origins[name]}"
            yield Problem(other.origins[name], message, _ONCE)
    for name, word in _FACTS.items():
        here, there = getattr(other, name), getattr(one, name)
        if here and there and here != there:
            message = f"{word} of {who} is {str(here)!r} here and {str(there)!r} at {first.row.origin(word)}"
            yield Problem(second.row.origin(word), message, _ONCE)
    yield from _opposites(first, second, who)


def _opposites(first: Part, second: Part, who: str) -> Iterator[Problem]:
    """Yield what counts even when it is not written: whether it is there, what it is called, how it may change."""
    if first.document.absent != second.document.absent:
        message = f"{who} is {_state(second)} here and {_state(first)} at {first.row.origin('state')}"
        yield Problem(second.row.origin("state"), message, _ONCE)
    for word in ("displayName", "lifecycle"):
        both = first.row.says(word) and second.row.says(word)
        if both and getattr(first.row.entry, word) != getattr(second.row.entry, word):
            message = f"{word} of {who} is said in two ways, the other at {first.row.origin(word)}"
            yield Problem(second.row.origin(word), message, _ONCE)


def _state(part: Part) -> str:
    return "absent" if part.document.absent else "present"


def _joined(one: Document, other: Document) -> Document:
    """Return what both say; they do not contradict each other."""
    facts = {name: getattr(one, name) or getattr(other, name) for name in _FACTS}
    return replace(
        one,
        said=dict(sorted({**other.said, **one.said}.items())),
        origins=dict(sorted({**other.origins, **one.origins}.items())),
        names={**other.names, **one.names},
        lifecycle=other.lifecycle if one.lifecycle == Lifecycle() else one.lifecycle,
        acknowledge=(*one.acknowledge, *other.acknowledge),
        **facts,
    )
