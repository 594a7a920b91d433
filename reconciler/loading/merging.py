"""Several places that speak of one resource → one document. Saying the same twice is fine; a contradiction is an error.

What is compared is a whole top-level property, as everywhere. Acknowledgements of all places count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.errors import Problem
from reconciler.loading.expanding import Part
from reconciler.model import Address, Document, Json, Lifecycle, Origin

# What people write → field of a Document.
_FACTS: Mapping[str, str] = {
    "domain": "domain",
    "owner": "owner",
    "purpose": "purpose",
    "ticket": "ticket",
    "reviewBy": "review_by",
}


def merge(parts: Iterable[Part]) -> tuple[Mapping[Address, Document], list[Problem]]:
    """Return one document per resource, by address in order, and where two places contradict each other."""
    groups: defaultdict[Address, list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.document.address].append(part)
    problems = [problem for group in groups.values() if len(group) > 1 for problem in _contradictions(group)]
    return {address: _joined(group) for address, group in sorted(groups.items())}, problems


# ---------------------------------------------------------------------------------------------- contradictions


def _contradictions(group: Sequence[Part]) -> Iterator[Problem]:
    for name in sorted({name for part in group for name in part.document.said}):
        yield from _differing(group, name, _said, Part.property_origin)
    for word in _FACTS:
        yield from _differing(group, word, _fact, _place)
    for word in ("displayName", "lifecycle"):
        yield from _differing(group, word, _written, _place)
    yield from _differing(group, "state", _state, _place)


def _differing(
    group: Sequence[Part],
    name: str,
    value: Callable[[Part, str], Json],
    origin: Callable[[Part, str], Origin],
) -> Iterator[Problem]:
    """Yield a problem for every part that says something else than the first one that says anything."""
    first, *others = [part for part in group if value(part, name) is not None] or group
    for other in others:
        if value(first, name) != value(other, name):
            who = other.document.label or other.document.address.kind
            message = f"{name} of {who} is said in two ways, here and at {origin(first, name)}"
            yield Problem(origin(other, name), message, "say it in one place")


def _said(part: Part, name: str) -> Json:
    """Return a property as a value that is None only where nothing is said; null is something."""
    return (part.document.said[name],) if name in part.document.said else None


def _fact(part: Part, word: str) -> Json:
    return getattr(part.document, _FACTS[word]) or None


def _written(part: Part, word: str) -> Json:
    return getattr(part.row.entry, word) if part.row.says(word) else None


def _state(part: Part, _: str) -> Json:
    """Return the state that is meant: a document without one wants the resource to be there."""
    return "absent" if part.document.absent else "present"


def _place(part: Part, word: str) -> Origin:
    return part.row.origin(word)


# ---------------------------------------------------------------------------------------------- joining


def _joined(group: Sequence[Part]) -> Document:
    """Return what all of them say; they do not contradict each other."""
    documents = [part.document for part in group]
    first = documents[0]
    if len(documents) == 1:
        return first
    facts = {name: _earliest(getattr(one, name) for one in documents) for name in _FACTS.values()}
    return replace(
        first,
        label=next((part.document.label for part in group if part.row.says("displayName")), first.label),
        said=_first_word(one.said for one in documents),
        origins=_first_word(one.origins for one in documents),
        names=_first_word(one.names for one in documents),
        lifecycle=next((one.lifecycle for one in documents if one.lifecycle != Lifecycle()), Lifecycle()),
        acknowledge=tuple(yes for one in documents for yes in one.acknowledge),
        **facts,
    )


def _earliest(values: Iterable[Json]) -> Json:
    """Return the first value that says something, or what nothing looks like."""
    *_, last = said = list(values)
    return next((value for value in said if value), last)


def _first_word(mappings: Iterable[Mapping[str, Json]]) -> Mapping[str, Json]:
    """Return all entries, sorted; where several have one, the first counts."""
    joined: dict[str, Json] = {}
    for mapping in mappings:
        joined = {**mapping, **joined}
    return dict(sorted(joined.items()))
