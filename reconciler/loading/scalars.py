"""Where in a file a character of a text stands that YAML has quoted, escaped, folded or indented. Places only.

What cannot be followed with certainty gives the place where the text begins; it is never a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from reconciler.errors import Problem
from reconciler.loading.parsing import Place
from reconciler.model import Origin

_BREAK = re.compile(r"[ \t]*\n[ \t\n]*")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^\n])")
_CONTINUED = re.compile(r"\\\n[ \t]*")
_HEADER = re.compile(r"[|>]([+-]?)([1-9]?)([+-]?)[^\n]*\n")
_BLANK_OR_TEXT = re.compile(r"( *)([^\n]*)(\n|\Z)")


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a file as somebody wrote it: the text of the whole file, and the places of what is in the part."""

    file: str
    text: str
    place: Place

    def inside(self, path: Iterable[str | int]) -> Page:
        """Return the innermost part on the way that is really there."""
        return replace(self, place=self.place.inside(path))

    def origin(self, *path: str | int) -> Origin:
        """Return where a value begins."""
        return self.place.inside(path).origin(self.file)

    def key_origin(self, *path: str | int) -> Origin:
        """Return where the key of a value begins."""
        return self.place.inside(path).key_origin(self.file)

    def problem(self, path: Iterable[str | int], message: str, hint: str = "") -> Problem:
        """Return a problem with a value."""
        return Problem(self.origin(*path), message, hint)

    def character(self, path: Iterable[str | int], value: str, offset: int) -> Origin:
        """Return where a character of the text `value`, counted from 0, stands; or else where the text begins."""
        place = self.place.inside(path)
        start = _start(self.text, place)
        found = [*_offsets(self.text, start, len(value))]
        # The end is the place behind the last character.
        offsets = [*found, found[-1] + 1] if found else []
        if len(found) != len(value) or offset >= len(offsets) or not _agree(self.text, found, value):
            return place.origin(self.file)
        at = offsets[offset]
        return Origin(self.file, self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at))


def _start(text: str, place: Place) -> int:
    """Return the offset at which a value begins."""
    at = 0
    for _ in range(place.line - 1):
        at = text.index("\n", at) + 1
    return at + place.column - 1


def _agree(text: str, offsets: list[int], value: str) -> bool:
    """Whether the value is really what stands there, as far as it stands there as it is."""
    return all(text[at] == character or text[at] in "\\' \t\n" for at, character in zip(offsets, value, strict=True))


def _offsets(text: str, start: int, length: int) -> Iterator[int]:
    """Yield for each of the `length` characters of a value the offset at which it stands in the text."""
    match text[start : start + 1]:
        case '"':
            yield from _quoted(text, start + 1, length, '"')
        case "'":
            yield from _quoted(text, start + 1, length, "'")
        case "|" | ">":
            yield from _block(text, start, length)
        case _:
            yield from _quoted(text, start, length, "")


def _quoted(text: str, at: int, length: int, quote: str) -> Iterator[int]:
    """Yield the offsets of a text on one line or on several that are folded into one."""
    given = 0
    while given < length and at < len(text):
        if quote == '"' and (continued := _CONTINUED.match(text, at)):
            at = continued.end()
            continue
        if line_end := _BREAK.match(text, at):
            # One line end is a blank, more are one line end less.
            breaks = line_end[0].count("\n")
            yield from [at] * max(1, breaks - 1)
            given += max(1, breaks - 1)
            at = line_end.end()
            continue
        yield at
        given += 1
        escaped = _ESCAPE.match(text, at) if quote == '"' else None
        at = escaped.end() if escaped else at + (2 if quote == "'" and text[at] == "'" else 1)


def _block(text: str, start: int, length: int) -> Iterator[int]:
    """Yield the offsets of a text of which every line stands below the key, indented."""
    header = _HEADER.match(text, start)
    if header is None:
        return
    lines = list(_lines(text, header.end()))
    # An indentation that is said counts from the parent's, which is not known here.
    if header[2] or not lines:
        return
    indent = min(blanks for _, blanks, words in lines if words)
    folded = text[start] == ">"
    after = [*(words for _, _, words in lines[1:]), "the end"]
    every = (
        # Before an empty line a folded text has no line end of its own.
        range(at + min(indent, blanks), at + blanks + len(words) + (not (folded and words) or following != ""))
        for (at, blanks, words), following in zip(lines, after, strict=True)
    )
    yield from islice(chain.from_iterable(every), length)


def _lines(text: str, at: int) -> Iterator[tuple[int, int, str]]:
    """Yield start, indentation and words of the lines of a block, up to the first that is indented less."""
    least = 0
    while at < len(text) and (line := _BLANK_OR_TEXT.match(text, at)):
        blanks, words = len(line[1]), line[2]
        least = least or (blanks if words else 0)
        if words and blanks < max(least, 1):
            return
        yield at, blanks, words
        at = line.end()
