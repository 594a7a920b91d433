"""Hostile names, each known to have fooled some terminal, log, page, spreadsheet or reader. Written in ASCII."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")

HOSTILE: Mapping[str, str] = {
    "ansi-csi": "\x1b[2J\x1b[31mred\x1b[0m",
    "ansi-c1": "\x9b31mred",
    "osc-8-link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "osc-52-clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "carriage-return": "harmless\rHARMFUL",
    "line-feed": "one\ntwo",
    "bell": "\x07",
    "backspace": "safe\b\b\b\bevil",
    "tab": "a\tb",
    "delete": "a\x7fb",
    "nul": "a\x00b",
    "next-line": "a\x85b",
    "line-separator": "a\u2028b\u2029c",
    "bidi": "\u202egnp.exe\u202c",
    "bidi-isolate": "\u2067evil\u2069",
    "arabic-letter-mark": "a\u061cb",
    "zero-width": "con\u200btoso",
    "byte-order-mark": "con\ufefftoso",
    "tags": "contoso\U000e0041\U000e0042",
    "variation-selector": "contoso\ufe0f\U000e0100",
    "combining": "\u0301a\u0336b",
    "no-break-space": "con\u00a0toso",
    "lone-surrogate": "a\ud800b\udfffc",
    "escape-lookalike": "\\x1b and \\u202e and \\\\x1b",
    "surrogate-lookalike": "a\\ud800b\\udfffc",
    "add-mask": "::add-mask::secret",
    "indented-command": "  ::error::boo",
    "log-group": "##[group]hidden",
    "log-group-inside": "x ##[endgroup] ##vso[task.setvariable]",
    "details": "</details></summary><details open>",
    "backticks": "```\n# heading\n```",
    "inline-backticks": "`` a ` b ```",
    "tildes": "~~~ ~~gone~~",
    "pipe": "a | b \\| c |",
    "image": "![x](http://evil.example/x.png)",
    "link": "[x](http://evil.example) [y]: http://evil.example",
    "autolink": "http://evil.example www.evil.example <http://evil.example> mailto:a@b.example",
    "mention": "@org/team @octocat a@b.example",
    "closing": "closes #1, fixes org/repo#2, resolves GH-3",
    "emoji": ":tada: *bold* _it_ **b** $a$ $$b$$",
    "heading": "# heading",
    "setext": "===",
    "rule": "---",
    "list": "- item",
    "ordered-list": "1. item",
    "quote": "> [!CAUTION]",
    "spaces": "    indented   ",
    "formula": "=cmd|' /C calc'!A0",
    "formula-sum": "@SUM(1)",
    "formula-wide": "\uff1dcmd",
    "leading-quote": "'=cmd",
    "comment": "<!-- hidden",
    "comment-end": "--> shown",
    "script": "<script>alert(1)</script><style>*{display:none}</style>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "entity": "&lt;b&gt;&#64;org &amp;",
    "shell": "$(id) `id` ; rm -rf / #",
    "expression": "${{ github.token }}",
    "jinja": "{{ 7*7 }}{% raw %}",
    "path": "../../x",
    "device": "con",
    "dots": "..",
}
HUGE = "m" * 1_000_000


def poisoned(value: T, hostile: str) -> T:
    """Return `value` with `hostile` put before every string in it; names of fields and of Graph's members stay."""
    result: T = _poisoned(value, hostile)
    return result


def _poisoned(value: Any, hostile: str) -> Any:
    match value:
        case Enum() | None | bool() | int():
            return value
        case str():
            return hostile + value
        case Mapping():
            return {_key(key, hostile): _poisoned(member, hostile) for key, member in value.items()}
        case list() | tuple():
            return type(value)(_poisoned(member, hostile) for member in value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            changes = {
                field.name: _poisoned(getattr(value, field.name), hostile) for field in dataclasses.fields(value)
            }
            return dataclasses.replace(value, **changes)
        case _:
            return value


def _key(key: str, hostile: str) -> str:
    return key if key in ("target", "targetType") else hostile + key


def strings(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value, keys included."""
    match value:
        case str():
            yield value
        case Mapping():
            for key, member in value.items():
                yield key
                yield from strings(member)
        case list():
            for member in value:
                yield from strings(member)
