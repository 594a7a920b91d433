"""Strict YAML: text → plain values, and the place of each. Knows no document; what is reviewed is what is written.

A small part of YAML 1.2, read from the events of ruamel's C parser: one mapping, without directives, anchors, aliases,
tags and merges, in which nothing has two readings. Sequences become tuples, so that strict models take them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from reconciler.errors import Problem
from reconciler.loading.secrecy import leaks, show
from reconciler.model import Json, Origin

# Bytes, values and levels of one file.
LARGEST = 1024 * 1024
MOST_NODES = 20_000
DEEPEST = 32

# The one in C, by name: where it is missing, ruamel.yaml would quietly take another one with another signature.
_PARSER: Any = import_module("_ruamel_yaml").CParser

# Characters that act or cannot be seen: C0 but tab and line feed, DEL, C1 · soft hyphen, fillers, joiners, zero width
# · line and paragraph separators · bidi controls · variation selectors · lone surrogates, private use, non-characters,
# tags.
_ACTING = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
_ACTS = re.compile(f"[{_ACTING}]")
_ACTS_IN_SCALAR = re.compile(f"[\t{_ACTING}]")

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
# All that some YAML reads as a number: signs, underscores, exponents, other bases, base 60, infinity, NaN.
_NUMBER = re.compile(
    r"[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?0[xobXOB][0-9a-fA-F_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_NUMERIC_START = frozenset("0123456789+-.")
_WORDS: Mapping[str, Json] = {"true": True, "false": False, "null": None}
_ALMOST_WORDS = {
    "True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "Null": "null", "NULL": "null", "~": "null",
}  # fmt: skip


class Place(NamedTuple):
    """Where a value stands: line and column from 1, `key` that of its key, `parts` the places of what is inside."""

    line: int
    column: int
    key: tuple[int, int]
    parts: Mapping[str, Place] | tuple[Place, ...] = ()

    def inside(self, path: Iterable[str | int]) -> Place:
        """Return the place of the innermost value on the way that is really there."""
        place = self
        for step in path:
            match place.parts, step:
                case dict() as parts, str() if step in parts:
                    place = parts[step]
                case tuple() as parts, int() if step < len(parts):
                    place = parts[step]
                case _:
                    break
        return place

    def origin(self, file: str) -> Origin:
        """Return where the value begins."""
        return Origin(file, self.line, self.column)

    def key_origin(self, file: str) -> Origin:
        """Return where its key begins; of an item of a list, where the item does."""
        return Origin(file, *self.key)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as it is written. `value` is None when nothing can be concluded from the file.

    `text` is the file with every line end as one character, which is how places count.
    """

    file: str
    value: Mapping[str, Json] | None
    place: Place
    problems: tuple[Problem, ...] = ()
    text: str = ""


START = Place(1, 1, (1, 1))
BEGINNING = "begin with `apiVersion: crosstenant/v1`"


def parse(data: bytes, file: str, beginning: str = BEGINNING) -> Parsed:
    """Return what is written in one file, and all that is wrong with it as YAML; never raises.

    `beginning` is the advice for a file that is no mapping.
    """
    text, problem = _decoded(data, file)
    if problem is not None:
        return Parsed(file, None, START, (problem,))
    secrets = tuple(leaks(text, file))
    reader = _Reader(file, data, beginning)
    try:
        value, place = reader.document()
    except _Unreadable as stop:
        return Parsed(file, None, START, (*secrets, *reader.problems, stop.problem))
    except YAMLError as error:
        return Parsed(file, None, START, (*secrets, *reader.problems, _syntax(error, text, file)))
    return Parsed(file, value, place, (*secrets, *reader.problems), text)


def acts(text: str) -> bool:
    """Whether a character of the text acts or cannot be seen."""
    return not text.isprintable() or _ACTS_IN_SCALAR.search(text) is not None


class _Unreadable(Exception):
    """Nothing after this can be read with sense."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _decoded(data: bytes, file: str) -> tuple[str, Problem | None]:
    start = Origin(file, 1, 1)
    if len(data) > LARGEST:
        return "", Problem(start, "the file is larger than 1 MiB", "split it")
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return "", Problem(start, "the file begins with a byte order mark", "save it as UTF-8 without BOM")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode(errors="replace")) + 1
        return "", Problem(Origin(file, line, column), "the file is not UTF-8", "save it as UTF-8 without BOM")
    # Windows ends lines with CR LF; any other CR moves the cursor and hides what stands before it.
    seen = text.replace("\r\n", "\n") if "\r" in text else text
    acts = _ACTS.search(seen)
    if acts:
        return "", Problem(_at(seen, acts.start(), file), f"{_named(acts[0])} is not allowed", "take it out")
    return seen, None


def _at(text: str, index: int, file: str) -> Origin:
    return Origin(file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def _named(character: str) -> str:
    return f"the control or invisible character U+{ord(character):04X}"


def _syntax(error: YAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    origin = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file, 1, 1)
    said = error.problem if isinstance(error, MarkedYAMLError) and error.problem else "it cannot be read"
    hint = "a tab cannot indent" if "\t" in text else "look at indentation, colons and quotes"
    return Problem(origin, f"this is not YAML: {said}", hint)


class _Reader:
    """Builds values from events, in one pass."""

    def __init__(self, file: str, data: bytes, beginning: str) -> None:
        self.file = file
        self._beginning = beginning
        self.problems: list[Problem] = []
        self._event: Callable[[], Event] = _PARSER(data).get_event
        self._nodes = 0

    def document(self) -> tuple[Mapping[str, Json], Place]:
        """Return the one mapping that the file must be."""
        self._event()
        start = self._event()
        if isinstance(start, StreamEndEvent):
            raise self._stop(Origin(self.file, 1, 1), *_EMPTY)
        if isinstance(start, DocumentStartEvent) and (start.version or start.tags):
            raise self._stop(self._origin(start), "directives are not allowed", "take out the lines that begin with %")
        value, place = self._root(self._event())
        self._event()
        after = self._event()
        if not isinstance(after, StreamEndEvent):
            raise self._stop(self._origin(after), "a second document begins here", "write one document a file")
        return value, place

    def _root(self, event: Event) -> tuple[Mapping[str, Json], Place]:
        if isinstance(event, MappingStartEvent):
            value, place = self._value(event, None, 1)
            return value, place
        if isinstance(event, ScalarEvent) and not (event.value or event.anchor or event.tag):
            raise self._stop(self._origin(event), *_EMPTY)
        raise self._stop(self._origin(event), "a document has to be a mapping", self._beginning)

    def _value(self, event: Any, key: tuple[int, int] | None, depth: int) -> tuple[Json, Place]:
        self._nodes += 1
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if self._nodes > MOST_NODES:
            raise self._stop(self._origin(event), f"the file has more than {MOST_NODES} values", "split it")
        if type(event) is ScalarEvent:
            if event.anchor or event.tag:
                self._decorated(event)
            return self._scalar(event), Place(line, column, key or (line, column))
        if depth > DEEPEST:
            raise self._stop(self._origin(event), f"nested deeper than {DEEPEST} levels", "no document needs that")
        if isinstance(event, AliasEvent):
            self._problem(
                event, "aliases are not allowed", "write the value out: what is reviewed has to be what is meant"
            )
            return None, Place(line, column, key or (line, column))
        if event.anchor or event.tag:
            self._decorated(event)
        value, parts = self._mapping(depth) if isinstance(event, MappingStartEvent) else self._sequence(depth)
        return value, Place(line, column, key or (line, column), parts)

    def _mapping(self, depth: int) -> tuple[Json, Mapping[str, Place]]:
        value: dict[str, Json] = {}
        parts: dict[str, Place] = {}
        while not isinstance(event := self._event(), MappingEndEvent):
            mark = event.start_mark
            at = (mark.line + 1, mark.column + 1)
            key = self._key(event, depth)
            member, place = self._value(self._event(), at, depth + 1)
            if key is None:
                continue
            if key in value:
                hint = f"the first one is in line {parts[key].key[0]}"
                self.problems.append(Problem(Origin(self.file, *at), f"{show(key)} is said twice", hint))
            value[key] = member
            parts[key] = place
        return value, parts

    def _sequence(self, depth: int) -> tuple[Json, tuple[Place, ...]]:
        items: list[tuple[Json, Place]] = []
        while not isinstance(event := self._event(), SequenceEndEvent):
            items.append(self._value(event, None, depth + 1))
        return tuple(value for value, _ in items), tuple(place for _, place in items)

    def _key(self, event: Event, depth: int) -> str | None:
        """Return the key, or None when it is none that can be kept."""
        if type(event) is not ScalarEvent:
            self._value(event, None, depth + 1)
            self._problem(event, "a key has to be a word", "write `name: value`")
            return None
        self._nodes += 1
        if event.anchor or event.tag:
            self._decorated(event)
        key: str = event.value
        if key == "<<" and not event.style:
            self._problem(event, "merges are not allowed", "write the properties out, or use a profile")
            return None
        if not key or (not event.style and (key in _WORDS or _NUMBER.fullmatch(key))):
            self._problem(event, f"{show(key)} cannot be a key", "write a property name")
            return None
        if event.style:
            self._check_characters(event)
        return key

    def _scalar(self, event: ScalarEvent) -> Json:
        text: str = event.value
        if event.style:
            self._check_characters(event)
            return text
        if text in _WORDS:
            return _WORDS[text]
        if not text:
            return self._problem(event, "there is no value", "write null to inherit, or remove the line")
        if text in _ALMOST_WORDS:
            return self._problem(event, f"{text} has two readings", f"write {_ALMOST_WORDS[text]}, or put it in quotes")
        return self._number(event, text) if text[0] in _NUMERIC_START else text

    def _number(self, event: ScalarEvent, text: str) -> Json:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        if _NUMBER.fullmatch(text):
            return self._problem(event, f"{show(text)} could be read as another number", f'quote it: "{text[:60]}"')
        return text

    def _check_characters(self, event: ScalarEvent) -> None:
        acts = None if event.value.isprintable() else _ACTS_IN_SCALAR.search(event.value)
        if acts:
            self._problem(event, f"{_named(acts[0])} is not allowed", "take it out")

    def _decorated(self, event: Any) -> None:
        if event.anchor:
            self._problem(event, "anchors are not allowed", "write the value out where it is needed")
        if event.tag:
            self._problem(event, f"tags such as {show(str(event.tag))} are not allowed", "write the plain value")

    def _problem(self, event: Event, message: str, hint: str) -> None:
        self.problems.append(Problem(self._origin(event), message, hint))

    def _stop(self, origin: Origin, message: str, hint: str) -> _Unreadable:
        return _Unreadable(Problem(origin, message, hint))

    def _origin(self, event: Event) -> Origin:
        return Origin(self.file, event.start_mark.line + 1, event.start_mark.column + 1)


_EMPTY = ("the file is empty, which does not say `no partners`", "write a document, or delete the file")
