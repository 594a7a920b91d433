"""One more word in a file that people wrote: an id, a domain, a hash; and not a byte besides. Text → text, no file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from reconciler.errors import ReconcilerError
from reconciler.loading.parsing import Place, parse
from reconciler.loading.validating import Path
from reconciler.model import Json

Additions = Mapping[Path, Mapping[str, str]]
"""Where in a document, and which properties with which values: one of those below."""

# A new property goes behind the one that people write before it, …
_BEHIND: Mapping[str, tuple[str, ...]] = {"tenantId": ("name",), "domain": ("tenantId", "name"), "id": ("name",)}
# … or before the one that it is about; where that is not there, before the first.
_BEFORE: Mapping[str, str] = {"templateHash": "mappings"}
# A scalar on its line: between quotes, or up to where a row between braces ends it.
_SCALAR = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|[^\s,}\]]+")


class _Edit(NamedTuple):
    """What takes the place of the text between two offsets."""

    start: int
    end: int
    text: str


def amend(text: str, file: str, additions: Additions) -> str:
    """Return the text of a file in which each mapping says these properties too, or says them anew.

    Raises:
        ReconcilerError: when that cannot be done without touching something else.
    """
    parsed = parse(text.encode(), file)
    lines = _Lines(text)
    edits = [
        _edit(lines, parsed.place.inside(path), name, value)
        for path, said in additions.items()
        for name, value in said.items()
    ]
    changed = text
    for edit in sorted(edits, reverse=True):
        changed = changed[: edit.start] + edit.text + changed[edit.end :]
    wanted: Json = parsed.value
    for path, said in additions.items():
        wanted = _with(wanted, path, said)
    if parse(changed.encode(), file).value != wanted:
        raise ReconcilerError(
            f"{file}: this cannot be put in without touching something else; write them there yourself"
        )
    return changed


class _Lines:
    """A text, and where its lines begin."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def start(self, place: Place) -> int:
        """Return the offset at which a value begins."""
        return self.at(place.line, place.column)

    def at(self, line: int, column: int) -> int:
        """Return the offset of a line and a column."""
        return self._starts[line - 1] + column - 1

    def end(self, place: Place) -> int:
        """Return the offset behind a scalar."""
        scalar = _SCALAR.match(self.text, self.start(place))
        return scalar.end() if scalar else self.start(place)

    def line_end(self, place: Place) -> int:
        """Return the offset behind the line of a value, its line end not included."""
        end = self._starts[place.line] - 1 if place.line < len(self._starts) else len(self.text)
        return end - 1 if self.text[end - 1 : end] == "\r" else end


def _edit(lines: _Lines, mapping: Place, name: str, value: str) -> _Edit:
    parts = mapping.parts if isinstance(mapping.parts, Mapping) else {}
    if name in parts:
        return _Edit(lines.start(parts[name]), lines.end(parts[name]), value)
    if name in _BEFORE:
        return _edit_before(lines, mapping, name, value)
    before = parts[next(one for one in _BEHIND[name] if one in parts)]
    if lines.text[lines.start(mapping)] == "{":
        end = lines.end(before)
        return _Edit(end, end, f", {name}: {value}")
    end = lines.line_end(before)
    ending = "\r\n" if lines.text[end : end + 1] == "\r" else "\n"
    return _Edit(end, end, f"{ending}{' ' * (before.key[1] - 1)}{name}: {value}")


def _edit_before(lines: _Lines, mapping: Place, name: str, value: str) -> _Edit:
    """Return the property on a line of its own, or in a row between braces; quoted, for digits might be a number."""
    parts = mapping.parts if isinstance(mapping.parts, Mapping) else {}
    after = parts.get(_BEFORE[name]) or min(parts.values(), key=lambda one: one.key)
    start = lines.at(*after.key)
    said = f'{name}: "{value}"'
    if lines.text[lines.start(mapping)] == "{":
        return _Edit(start, start, f"{said}, ")
    ending = "\r\n" if "\r\n" in lines.text else "\n"
    return _Edit(start, start, f"{said}{ending}{' ' * (after.key[1] - 1)}")


def _with(document: Json, path: Path, said: Mapping[str, str]) -> Json:
    """Return the document that is meant."""
    if not path:
        return {**document, **said}
    step, *rest = path
    inner = _with(document[step], tuple(rest), said)
    if isinstance(step, str):
        return {**document, step: inner}
    return (*document[:step], inner, *document[step + 1 :])
