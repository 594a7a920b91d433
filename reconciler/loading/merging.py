"""Several places that speak of one resource → one document. Saying the same twice is fine; a contradiction is an error.

What is compared is a whole top-level property, as everywhere; only what links imply are single leaves, which stand
beside others of their block. Acknowledgements of all places count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.errors import Problem
from reconciler.loading.statements import Part
from reconciler.model import Acknowledgement, Address, Body, Document, Json, Lifecycle, Origin, canonical_json

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
    for group in groups.values():
        # What people say of the resource itself goes first, then profiles that links name, then what links imply.
        group.sort(key=lambda part: (part.row is None, part.implies))
    problems = [problem for group in groups.values() if len(group) > 1 for problem in _contradictions(group)]
    return {address: _joined(group) for address, group in sorted(groups.items())}, problems


# ---------------------------------------------------------------------------------------------- contradictions


def _contradictions(group: Sequence[Part]) -> Iterator[Problem]:
    own = [part for part in group if part.row]
    for name in sorted({name for part in group for name in part.document.said}):
        yield from _differing([part for part in group if not part.implies], name, _said, Part.property_origin)
        yield from _impossible(group, name)
    for word in _FACTS:
        yield from _differing(own, word, _fact, Part.origin)
    for word in ("displayName", "lifecycle"):
        yield from _differing(own, word, Part.written, Part.origin)
    yield from _differing(group, "state", _state, Part.origin)


def _differing(
    group: Sequence[Part],
    name: str,
    value: Callable[[Part, str], Json],
    origin: Callable[[Part, str], Origin],
) -> Iterator[Problem]:
    """Yield a problem for every part that says something else than the first one that says anything."""
    speaking = [part for part in group if value(part, name) is not None] or group
    for other in speaking[1:]:
        if value(speaking[0], name) != value(other, name):
            message = f"{name} of {_who(other)} is said in two ways, here and at {origin(speaking[0], name)}"
            yield Problem(origin(other, name), message, "say it in one place")


def _impossible(group: Sequence[Part], name: str) -> Iterator[Problem]:
    """Yield where somebody says otherwise what a link cannot do without."""
    speaking = [part for part in group if name in part.document.said]
    needing = next((part for part in speaking if part.implies), None)
    if needing is None:
        return
    needed = {leaf: part for part in speaking if part.implies for leaf in part.document.said[name]}
    for part in speaking:
        if part.implies:
            continue
        block = part.document.said[name]
        for leaf, other in needed.items():
            wanted, said = other.document.said[name][leaf], block.get(leaf, _UNSAID) if block is not None else None
            if said is not _UNSAID and said != wanted:
                told = f"{name}.{leaf} of {_who(part)} is {_json(said)} here, and has to be {_json(wanted)}"
                hint = f"take it out here, or the link {other.document.link}"
                place = other.property_origin(name)
                yield Problem(part.property_origin(name), f"{told} for the synchronization at {place}", hint)


# A leaf of which a block says nothing; null is something.
_UNSAID = object()


def _json(value: Json) -> str:
    return canonical_json(value).decode()


def _who(part: Part) -> str:
    return part.document.label or part.document.address.kind


def _said(part: Part, name: str) -> Json:
    """Return a property as a value that is None only where nothing is said; null is something."""
    return (part.document.said[name],) if name in part.document.said else None


def _fact(part: Part, word: str) -> Json:
    return getattr(part.document, _FACTS[word]) or None


def _state(part: Part, _: str) -> Json:
    """Return the state that is meant: a document without one wants the resource to be there."""
    return "absent" if part.document.absent else "present"


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
        label=next((part.document.label for part in group if part.says("displayName")), first.label),
        said=_united(group),
        link=next((one.link for one in documents if one.link), ""),
        origins=_first_word(one.origins for one in documents),
        names=_first_word(one.names for one in documents),
        declared=_first_word(one.declared for one in documents),
        lifecycle=next((one.lifecycle for one in documents if one.lifecycle != Lifecycle()), Lifecycle()),
        acknowledge=_once(yes for one in documents for yes in one.acknowledge),
        **facts,
    )


def _united(group: Sequence[Part]) -> Body:
    """Return what all of them say, block by block; leaves that are implied go into the block of their name."""
    said = _first_word(part.document.said for part in group if not part.implies)
    for part in group:
        if part.implies:
            for name, leaves in part.document.said.items():
                said = {**said, name: dict(sorted({**(said.get(name) or {}), **leaves}.items()))}
    return dict(sorted(said.items()))


def _once(every: Iterable[Acknowledgement]) -> tuple[Acknowledgement, ...]:
    """Return each yes once: several parts of one link bring the same."""
    return tuple({one.origin: one for one in every}.values())


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
