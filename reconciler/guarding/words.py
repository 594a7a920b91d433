"""How findings speak: differences and lists in words, and the YAML that says yes. Unescaped, as everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from reconciler.access import Difference
from reconciler.guarding.case import Question
from reconciler.model import Json
from reconciler.phrases import block, named, some

LISTED = 50


def lines(entries: Sequence[str], limit: int = LISTED) -> tuple[str, ...]:
    """Return the first entries, and a last one that says how many there are besides."""
    more = len(entries) - limit
    return (*entries[:limit], f"and {more} more") if more > 0 else tuple(entries)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where there is not just one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def difference(verb: str, found: Difference, names: Mapping[str, str]) -> str:
    """Return who gains or loses, and where."""
    if found.flags:
        return f"{verb}: {', '.join(found.flags)}"
    people, applications = (some(named(ones, names)) for ones in (found.users, found.applications))
    return f"{verb}: {people}; in: {applications}" if people and applications else f"{verb}: {people or applications}"


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
