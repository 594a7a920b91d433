"""Patterns that may try the same characters in exponentially many ways, found by their shape.

A warning, not a proof: it looks for a repetition inside a repetition without anything in between that tells the rounds
apart, and for alternatives of a repetition that match the same character. The time-out is what protects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations

from reconciler.provisioning.errors import PatternError
from reconciler.provisioning.patterns import pattern

_PIECE = re.compile(
    r"(?P<group>\((?:\?(?:[:>=!]|<[=!]|<[^>]*>|'[^']*'|[imnsx-]*:?))?)|(?P<close>\))|(?P<bar>\|)"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\]+)|(?P<escape>\\(?:[pP]\{[^}]*\}|k<\w+>|x..|u....|.))"
    r"|(?P<repeat>[*+?]\??|\{[0-9]+(?:,[0-9]*)?\}\??)|(?P<anchor>[\^$])|(?P<plain>.)",
    re.DOTALL,
)
_PROBES = frozenset({chr(code) for code in range(32, 127)} | {"\n", "\t", "é", "Ж", "中", "٣"})
_MANY = 20
# So many alternatives, or parts of one, are looked at: a warning is not worth a long search.
_LOOKED_AT = 50


@dataclass(slots=True)
class _Item:
    """One atom or group of a sequence, with how often it may come."""

    text: str
    inner: _Alternatives | None = None
    unbounded: bool = False
    optional: bool = False


@dataclass(slots=True)
class _Alternatives:
    sequences: list[list[_Item]] = field(default_factory=lambda: [[]])


def dangerous(source: str) -> str:
    """Return the part of a .NET pattern that may take exponential time, or nothing."""
    try:
        pattern(source)
    except PatternError:
        return ""
    return next(_dangers(_read(source)), "")


def _read(source: str) -> _Alternatives:
    top = _Alternatives()
    stack = [top]
    starts: list[int] = []
    for piece in _PIECE.finditer(source):
        sequence = stack[-1].sequences[-1]
        match piece.lastgroup:
            case "group" if not re.fullmatch(r"\(\?[imnsx-]*", piece[0]):
                group = _Item("", _Alternatives())
                sequence.append(group)
                stack.append(group.inner or top)
                starts.append(piece.start())
            case "group":
                # Options such as (?i): an empty group as far as time goes.
                stack.append(_Alternatives())
                starts.append(piece.start())
            case "close" if len(stack) > 1:
                stack.pop()
                start = starts.pop()
                if stack[-1].sequences[-1]:
                    stack[-1].sequences[-1][-1].text = source[start : piece.end()]
            case "bar":
                stack[-1].sequences.append([])
            case "repeat" if sequence:
                _repeat(sequence[-1], piece[0])
            case "set" | "escape" | "plain":
                sequence.append(_Item(piece[0]))
    return top


def _repeat(item: _Item, quantifier: str) -> None:
    item.text += quantifier
    item.optional = quantifier[0] in "*?" or quantifier.startswith(("{0,", "{0}"))
    counted = re.match(r"\{([0-9]+)(,?)([0-9]*)\}", quantifier)
    if counted is None:
        item.unbounded = quantifier[0] in "*+"
    else:
        item.unbounded = bool(counted[2]) and (not counted[3] or int(counted[3]) >= _MANY)


def _dangers(alternatives: _Alternatives) -> Iterator[str]:
    for sequence in alternatives.sequences:
        for item in sequence:
            if item.inner is None:
                continue
            if item.unbounded and (_ambiguous(item.inner) or any(map(_unparted, item.inner.sequences))):
                yield item.text
            yield from _dangers(item.inner)


def _unparted(sequence: list[_Item]) -> bool:
    """Tell whether a sequence has a repetition, and nothing that surely stands between two rounds of it."""
    for item in sequence[:_LOOKED_AT]:
        if not _repeats(item):
            continue
        others = [other for other in sequence if other is not item and not other.optional]
        if all(_characters(other) & _characters(item) for other in others):
            return True
    return False


def _repeats(item: _Item) -> bool:
    if item.unbounded:
        return True
    inner = item.inner.sequences if item.inner else []
    return any(_repeats(each) for sequence in inner for each in sequence)


def _ambiguous(alternatives: _Alternatives) -> bool:
    """Tell whether an alternative of one character could stand for each part of another one: `a|aa`, `\\w|\\d`."""
    sequences = [sequence for sequence in alternatives.sequences[:_LOOKED_AT] if sequence]
    for one, other in permutations(sequences, 2):
        if len(one) == 1 and all(_characters(one[0]) & _characters(item) for item in other):
            return True
    return False


def _characters(item: _Item) -> frozenset[str]:
    """Return which of the probes may stand in what an item matches."""
    if item.inner is not None:
        parts = (each for sequence in item.inner.sequences for each in sequence)
        return frozenset().union(*(_characters(part) for part in parts))
    return _matched(re.sub(r"(?<=.)(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??$", "", item.text, flags=re.DOTALL))


@lru_cache(maxsize=512)
def _matched(atom: str) -> frozenset[str]:
    try:
        compiled = pattern(atom).compiled
    except PatternError:
        return _PROBES
    return frozenset(probe for probe in _PROBES if compiled.fullmatch(probe))
