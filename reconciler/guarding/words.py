"""How findings speak: blocks, differences and lists in words, and the YAML that says yes. Unescaped, as everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from reconciler.access import APPLICATIONS, USERS, VISITORS, Difference
from reconciler.guarding.case import Question
from reconciler.model import Json

_HALVES = {USERS: "users", VISITORS: "users", APPLICATIONS: "applications"}

SHOWN = 10
LISTED = 50


def some(names: Sequence[str], limit: int = SHOWN) -> str:
    """Return the first names, and how many there are besides."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")


def lines(entries: Sequence[str], limit: int = LISTED) -> tuple[str, ...]:
    """Return the first entries, and a last one that says how many there are besides."""
    more = len(entries) - limit
    return (*entries[:limit], f"and {more} more") if more > 0 else tuple(entries)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where there is not just one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def named(identifiers: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return identifiers with the labels people gave them."""
    return [f"{names[one]} ({one})" if one in names else one for one in identifiers]


def difference(verb: str, found: Difference, names: Mapping[str, str]) -> str:
    """Return who gains or loses, and where."""
    if found.flags:
        return f"{verb}: {', '.join(found.flags)}"
    people, applications = (some(named(ones, names)) for ones in (found.users, found.applications))
    return f"{verb}: {people}; in: {applications}" if people and applications else f"{verb}: {people or applications}"


def block(value: Json, names: Mapping[str, str]) -> str:
    """Return an effective block in words."""
    if not isinstance(value, Mapping):
        return "nothing" if value is None else str(value)
    halves = [f"{word} {_half(value[half], names)}" for half, word in _HALVES.items() if half in value]
    if halves:
        return "; ".join(halves)
    return ", ".join(f"{flag} {_flag(said)}" for flag, said in sorted(value.items()))


def _half(value: Json, names: Mapping[str, str]) -> str:
    if value is None:
        return "unknown"
    return f"{value['accessType']}: {some(named((target['target'] for target in value['targets']), names))}"


def _flag(value: Json) -> str:
    return "unknown" if value is None else json.dumps(value)


def in_effect(before: Json, after: Json, names: Mapping[str, str]) -> tuple[str, str]:
    """Return two lines: what applies before and after."""
    return f"in effect before: {block(before, names)}", f"in effect after: {block(after, names)}"


def suggestion(question: Question, path: str) -> str:
    """Return the lines that say yes. A person has to fill in why, who and until when: empty ones are refused."""
    what = [
        "    change:",
        f"      property: {written(path)}",
        f"      from: {written(question.before)}",
        f"      to: {written(question.after)}",
    ]
    return "\n".join(
        [
            "acknowledge:",
            f"  - rule: {question.finding.rule}",
            *(what if question.count is None else [f"    countMax: {question.count}"]),
            '    reason: ""',
            '    owner: ""',
            '    expires: ""',
            "",
        ]
    )


def written(value: Json) -> str:
    """Return a value in JSON, which is YAML too; escaped, so that nothing in it can break out of its line."""
    return json.dumps(value, sort_keys=True)
