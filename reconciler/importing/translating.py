"""Parts of a sync configuration → the words of a link: changes of the template, filters, who is assigned. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from reconciler.model import Body, Json
from reconciler.provisioning import ExpressionError, parse
from reconciler.provisioning.trees import Text

if TYPE_CHECKING:
    from reconciler.importing.configuring import Person

_LISTS = {"Group": "groups", "User": "users"}
_WORDS = {"Group": "group", "User": "user", "ServicePrincipal": "service principal"}
_APPLY = ("always", "onCreate")
# Only the template of a topology may say such a thing.
_FILLED_IN = re.compile(r"\{(source|target)\.\w+\}")


# ---------------------------------------------------------------------------------------------- mappings


def delta(template: Mapping[str, Body], there: Mapping[str, Body]) -> tuple[dict[str, Json], list[str]]:
    """Return what has to be said for the template to become what is there, and what nobody can say."""
    said: dict[str, Json] = {}
    problems: list[str] = []
    for target in sorted({*template, *there}, key=str.lower):
        usual, mine = template.get(target), there.get(target)
        if mine == usual:
            continue
        if mine is None:
            said[target] = {"drop": True}
            continue
        try:
            said[target] = _changed(usual, mine)
        except ValueError as error:
            problems.append(f"its mapping of {json.dumps(target)} {error}")
    return said, problems


def _changed(usual: Body | None, mine: Body) -> dict[str, Json]:
    """Return what of one mapping is otherwise.

    Raises:
        ValueError: with what of it no change can say.
    """
    before = usual or {}
    said: dict[str, Json] = {}
    if mine["expression"] != before.get("expression", ""):
        said |= _source(mine["expression"])
    apply = mine.get("apply", "always")
    if apply not in _APPLY:
        raise ValueError(f"flows in a way that no document can say ({json.dumps(apply)})")
    if apply != before.get("apply", "always"):
        said["apply"] = apply
    default = mine.get("default")
    if default != before.get("default"):
        if default is None:
            raise ValueError("has no default, and the service's own has one")
        said["default"] = default
    if mine.get("matching", 0) != before.get("matching", 0):
        raise ValueError("takes part in matching otherwise than the service's own")
    if not said.keys() & {"expression", "constant", "default"} and usual is None:
        raise ValueError("has neither a source nor a default")
    return said


def _source(expression: str) -> dict[str, Json]:
    if not expression:
        raise ValueError("has no source, and the service's own has one")
    try:
        tree = parse(expression)
    except ExpressionError as error:
        raise ValueError(f"has an expression that this version cannot read: {error.message}") from error
    return {"constant": tree.value} if isinstance(tree, Text) else {"expression": expression}


# ---------------------------------------------------------------------------------------------- scope


def filters(groups: Iterable[Body]) -> list[Json]:
    """Return scoping filters as people write them: what is not said stays away."""
    return [
        {
            **({"name": group["name"]} if group["name"] else {}),
            "clauses": [
                {name: value for name, value in clause.items() if value is not None} for clause in group["clauses"]
            ],
        }
        for group in groups
    ]


def assigned(who: Iterable[tuple[str, str]], people: Mapping[str, Person]) -> tuple[dict[str, Json], list[str]]:
    """Return who is assigned, by name and id, and what there is to know about it."""
    found: dict[str, list[tuple[str, str]]] = {"groups": [], "users": []}
    others: list[str] = []
    for kind, key in who:
        person = people.get(key)
        if kind not in _LISTS or (person and person.gone):
            gone = " (gone from the directory)" if person and person.gone else ""
            others.append(f"{_WORDS.get(kind, 'somebody')} {key}{gone}")
            continue
        found[_LISTS[kind]].append((person.label if person else "", key))
    said: dict[str, Json] = {word: _entries(ones) for word, ones in found.items() if ones}
    remarks = []
    if others:
        remarks.append(
            f"Assigned as well, which no document can say: {', '.join(others)}. They are left alone, hence "
            "exclusive: false."
        )
    if not said and not others:
        remarks.append("Nobody is assigned, so nobody is synchronized.")
    return {**said, **({"exclusive": False} if others or not said else {})}, remarks


def _entries(ones: list[tuple[str, str]]) -> list[Json]:
    """Return the entries by label; a label that does not tell one from another stays away."""
    counts = Counter(label for label, _ in ones)
    return [
        {**({"name": label} if label and counts[label] == 1 and not _FILLED_IN.search(label) else {}), "id": key}
        for label, key in sorted(ones, key=lambda one: (one[0].lower(), one[1]))
    ]
