"""What a change looks like, line by line and still unescaped: the same rows for every output. Decides nothing.

deepdiff names what differs inside a block that is not equal, with targets keyed by their ids, so that one group more
in a list of hundreds is one row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from deepdiff import DeepDiff

from reconciler.model import Address, Change, Json, Origin

Sign: TypeAlias = Literal["+", "~", "-"]

INHERITED = "inherit from default"
NOT_SET = "not set"
# Kinds of objects with keys behind which no default stands.
_WITHOUT_DEFAULT = frozenset(
    {"identity-synchronization", "configuration", "settings", "job", "mappings", "assignment", "membership"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """A value as people read it. `literal` is a text from outside, shown between quotes; else it is a word of ours."""

    text: str
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that differs: a property or a target below `path`, and what it was and will be.

    A row without `before` and `after` is an entry that comes or goes: a target with its `kind`, and with the `label`
    by which people call it.
    """

    sign: Sign
    name: str
    path: tuple[str, ...] = ()
    label: str = ""
    before: Word | None = None
    after: Word | None = None
    kind: str = ""

    @property
    def is_entry(self) -> bool:
        """Whether this is an entry of a list, of which only being there counts."""
        return self.before is None and self.after is None


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level property that a change touches, the line that asks for it, and the rows inside it.

    `before` and `after` are given where that side is no object; with rows the other side is told by them.
    """

    sign: Sign
    name: str
    origin: Origin | None
    rows: tuple[Row, ...]
    before: Word | None = None
    after: Word | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """The key of one entry of a list, of which only being there counts: a target by its id, a plain value by itself."""

    id: str
    kind: str


class _Absent:
    """What stands where nothing stands; None would be "inherit"."""


_ABSENT = _Absent()


def blocks(change: Change) -> list[Block]:
    """Return what a change does, block by block in the order of names."""
    return [_block(change, name) for name in change.blocks]


def _block(change: Change, name: str) -> Block:
    before = _ABSENT if change.before is None else change.before.get(name, _ABSENT)
    after = _ABSENT if change.after is None else change.after.get(name, _ABSENT)
    nothing = nothing_said(change.address)
    rows = () if _is_simple(before) and _is_simple(after) else tuple(_rows(before, after, change.names, nothing))
    if not rows:
        return Block(
            _sign(before, after), name, change.origins.get(name), (), word(before, nothing), word(after, nothing)
        )
    return Block(
        sign=_sign(before, after),
        name=name,
        origin=change.origins.get(name),
        rows=rows,
        before=_opening(before, nothing),
        after=_opening(after, nothing),
    )


def nothing_said(address: Address) -> str:
    """Return what None means at that address: only what has a key of its own can leave the word to a default."""
    return INHERITED if address.key and address.kind not in _WITHOUT_DEFAULT else NOT_SET


def _rows(before: Json, after: Json, names: Mapping[str, str], nothing: str) -> Iterator[Row]:
    for path, was, will in sorted(_leaves(*_comparable(before, after)), key=lambda leaf: _order(leaf[0])):
        *above, last = path
        where = tuple(str(part) for part in above)
        if isinstance(last, _Entry):
            yield Row("+" if will is True else "-", last.id, where, names.get(last.id, ""), kind=last.kind)
        else:
            yield Row(_sign(was, will), str(last), where, "", word(was, nothing), word(will, nothing))


def _leaves(before: Json, after: Json) -> Iterator[tuple[tuple[Json, ...], Json, Json]]:
    """Yield path, before and after of every leaf that differs."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        # Without the threshold deepdiff gives up on objects that have little in common, and calls them one change.
        found = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
        for kind in sorted(found):
            for item in found[kind]:
                was = _ABSENT if kind == "dictionary_item_added" else item.t1
                will = _ABSENT if kind == "dictionary_item_removed" else item.t2
                yield from _flat(tuple(item.path(output_format="list")), was, will)
    else:
        yield from _flat((), before, after)


def _flat(path: tuple[Json, ...], before: Json, after: Json) -> Iterator[tuple[tuple[Json, ...], Json, Json]]:
    """Yield the leaves of a part of which one side is no object: each against that side."""
    gone, come = _members(before), _members(after)
    if bool(gone) == bool(come):
        yield path, before, after
    for key, value in gone.items() if not come else ():
        yield from _flat((*path, key), value, after)
    for key, value in come.items() if not gone else ():
        yield from _flat((*path, key), before, value)


def _members(value: Json) -> Mapping[Json, Json]:
    return value if isinstance(value, Mapping) else {}


def _comparable(before: Json, after: Json) -> tuple[Json, Json]:
    """Return both with their lists keyed, but for lists in which every entry has its place: those become one text."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = {name: _comparable(before.get(name, _ABSENT), after.get(name, _ABSENT)) for name in (*before, *after)}
        return {name: pairs[name][0] for name in before}, {name: pairs[name][1] for name in after}
    if _has_order(before) or _has_order(after):
        return _in_order(before), _in_order(after)
    return _keyed(before), _keyed(after)


def _has_order(value: Json) -> bool:
    """Whether it is a list of plain texts in which order counts: in canonical form all others are sorted."""
    if not isinstance(value, list | tuple) or not all(isinstance(entry, str) for entry in value):
        return False
    return list(value) != sorted(value)


def _in_order(value: Json) -> Json:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else _keyed(value)


def _keyed(value: Json) -> Json:
    """Return `value` with every list as an object, keyed by what identifies its entries."""
    match value:
        case Mapping():
            return {key: _keyed(member) for key, member in value.items()}
        case list() | tuple():
            entries = dict(_entry(item) for item in value)
            # Entries that nothing tells apart stay a list: rather one long row than one that is missing.
            return entries if len(entries) == len(value) else value
        case _:
            return value


def _entry(item: Json) -> tuple[Json, Json]:
    match item:
        case {"target": str(target), "targetType": str(kind), **rest} if not rest:
            return _Entry(target, kind), True
        case {"id": str(key), **_rest} | {"name": str(key), **_rest}:
            return key, _keyed(item)
        case str():
            return _Entry(item, ""), True
        case _:
            return _Entry(json.dumps(item, ensure_ascii=False, sort_keys=True), ""), True


def _order(path: Iterable[Json]) -> list[tuple[str, str]]:
    return [(part.id, part.kind) if isinstance(part, _Entry) else (str(part), "") for part in path]


def _is_simple(value: Json) -> bool:
    return not isinstance(value, Mapping | list | tuple)


def _opening(value: Json, nothing: str) -> Word | None:
    """Return the word for a block that holds no members; an object is told by its rows."""
    return word(value, nothing) if _is_simple(value) else None


def _sign(before: Json, after: Json) -> Sign:
    if isinstance(before, _Absent):
        return "+"
    return "-" if isinstance(after, _Absent) else "~"


def word(value: Json, nothing: str = NOT_SET) -> Word | None:
    """Return how a value reads: nothing for what is absent, `nothing` for None."""
    match value:
        case _Absent():
            return None
        case None:
            return Word(nothing)
        case bool():
            return Word("true" if value else "false")
        case str():
            return Word(value, literal=True)
        case Mapping() | list() | tuple() if not value:
            return Word("nothing")
        case _:
            return Word(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
