"""Values → YAML as a person would write it: short things on one line, long ones below each other. Pure.

What is written here is read back by the strict parser, so nothing in a text can act: a text that is not a plain word
is quoted. Knows no document, and escapes for no terminal.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping

from reconciler.model import Json

WIDTH = 110
HEADER = "apiVersion: crosstenant/v1"
"""The first line of every document."""

# Words, domains, identifiers and days: no reading of YAML that we accept takes them for anything but text.
_PLAIN = re.compile(
    r"[A-Za-z][A-Za-z0-9_-]*([.-][A-Za-z0-9_-]+)*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
)
_TAKEN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})


def text(word: str) -> str:
    """Return a text as YAML."""
    if _PLAIN.fullmatch(word) and word.lower() not in _TAKEN:
        return word
    return json.dumps(word, ensure_ascii=not word.isprintable())


def flow(value: Json) -> str:
    """Return a value on one line."""
    match value:
        case str():
            return text(value)
        case Mapping():
            return "{" + ", ".join(f"{text(name)}: {flow(member)}" for name, member in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case _:
            return json.dumps(value)


def block(value: Mapping[str, Json], depth: int = 0) -> Iterator[str]:
    """Yield the members of a mapping in their order, each on one line when it fits."""
    for name, member in value.items():
        start = f"{'  ' * depth}{text(name)}:"
        short = f"{start} {flow(member)}"
        match member:
            case Mapping() if member and len(short) > WIDTH:
                yield start
                yield from block(member, depth + 1)
            case list() | tuple() if member and len(short) > WIDTH:
                yield start
                yield from (f"{'  ' * (depth + 1)}- {flow(item)}" for item in member)
            case _:
                yield short


def comment(words: str, depth: int = 0) -> Iterator[str]:
    """Yield words of ours as comment lines. What may end a line in them becomes a space."""
    indent = f"{'  ' * depth}# "
    words = "".join(one if one.isprintable() else " " for one in words)
    yield from textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def document(kind: str, head: Mapping[str, Json], spec: Mapping[str, Json] | None = None) -> Iterator[str]:
    """Yield the lines of a document; `head` is what stands beside its settings."""
    yield HEADER
    yield f"kind: {text(kind)}"
    yield from block(head)
    match spec:
        case None:
            return
        case Mapping() if spec:
            yield "spec:"
            yield from block(spec, 1)
        case _:
            yield "spec: {}"
