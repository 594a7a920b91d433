"""Links with accidents: nothing but our own errors comes out, each with its place, and what loads can be shown."""

from __future__ import annotations

import copy
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from folders import COMPANY, TAILSPIN, lay

from reconciler.errors import DocumentErrors
from reconciler.kinds import ALL
from reconciler.loading import load, outline
from reconciler.reporting.expanded import expanded_text

HEAD = {"apiVersion": "crosstenant/v1"}
GROUP = "7c0e0000-0000-4000-8000-000000000001"
FILTERS = [{"name": "f", "clauses": [{"attribute": "department", "operator": "EQUALS", "value": "Sales"}]}]
PAIR = {"source": "contoso", "target": "fabrikam"}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "shared/links/a.yaml": {
        **HEAD,
        "kind": "SyncLink",
        "name": "a",
        **PAIR,
        "spec": {
            "access": "vendor",
            "scope": {"assigned": {"groups": [{"name": "S", "id": GROUP}], "users": []}, "filters": FILTERS},
            "mappings": {
                "displayName": {"expression": 'Append([displayName], " (C)")'},
                "userType": {"constant": "Member", "apply": "onCreate"},
            },
            "groupSync": True,
            "accidentalDeletion": {"threshold": 3},
            "notifications": {"recipients": ["a@b.example"]},
        },
    },
    "shared/topologies/t.yaml": {
        **HEAD,
        "kind": "Topology",
        "name": "t",
        "shape": {"hub": "fabrikam", "direction": "out"},
        "members": ["contoso"],
        "link": {
            "scope": {"assigned": {"groups": [{"name": "X {source.name}"}]}},
            "mappings": {"city": {"expression": 'Append([city], "{target.name}")'}},
        },
        "except": [{"source": "fabrikam", "target": "contoso", "reason": "r", "enabled": False}],
    },
    "fabrikam/accepts.yaml": {**HEAD, "kind": "SyncAcceptance", "source": "contoso", "link": "a", "groupSync": True},
    "contoso/sync.yaml": {
        **HEAD,
        "kind": "SyncConfiguration",
        "name": "c",
        "target": {"name": "tailspin", "tenantId": TAILSPIN, "domain": "tailspin.example"},
        "spec": {"scope": "all"},
    },
}
JUNK: list[Any] = [
    None, True, False, 0, -1, 1.5, "", "x", "{", "{source.name}", "{source.x}", "\\p{Lu}", "[", "[a]", "IIF(",
    "Append([a],", '"', "\\", "a" * 300, [], [[]], {}, {"a": 1}, {"name": "x"}, ["x"], "mesh", "all", "absent", "keep",
    "contoso", "fabrikam", "REGEX MATCH", "(a+)+$", "((", TAILSPIN, "00000000-0000-0000-0000-000000000000",
    "ghp_" + "a" * 36,
]  # fmt: skip
WORDS = [
    "name", "source", "target", "spec", "scope", "assigned", "filters", "clauses", "attribute", "operator", "value",
    "mappings", "expression", "constant", "drop", "default", "apply", "hub", "direction", "except", "skip", "state",
    "people", "members", "link", "groups", "users", "id", "all", "displayName", "interval",
]  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every part of a document but its first two lines."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [
        one for step, member in members if step not in ("kind", "apiVersion") for one in paths(member, (*path, step))
    ]
    return [path, *inner] if path else inner


def damaged(dice: random.Random, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document after one accident."""
    found = copy.deepcopy(document)
    *way, last = dice.choice(paths(found))
    owner: Any = found
    for step in way:
        owner = owner[step]
    match dice.randrange(4), owner:
        case 0, _:
            del owner[last]
        case 1, dict():
            owner[dice.choice(WORDS)] = copy.deepcopy(dice.choice(JUNK))
        case 1, _:
            owner.append(copy.deepcopy(owner[last]))
        case _:
            owner[last] = copy.deepcopy(dice.choice(JUNK))
    return found


def drawn(dice: random.Random) -> dict[str, str]:
    """Return some of the documents, mostly as they should be."""
    chosen = {name: document for name, document in DOCUMENTS.items() if dice.random() < 0.8}
    texts = {name: text(dice, document) for name, document in chosen.items()}
    asked_first = COMPANY["fabrikam/tenant.yaml"] + "acceptance: required\n"
    return {**texts, **({"fabrikam/tenant.yaml": asked_first} if dice.random() < 0.4 else {})}


def text(dice: random.Random, document: dict[str, Any]) -> str:
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
        document = damaged(dice, document)
    return json.dumps(document, indent=dice.choice((None, 1)))


@pytest.mark.parametrize("round_", range(4))
def test_damaged_links_are_told_or_loaded(round_: int, dice: random.Random, tmp_path: Path) -> None:
    loaded = 0
    for number in range(100):
        root = tmp_path / f"{round_}-{number}"
        root.mkdir()
        loaded += is_loaded(lay(root, drawn(dice)))

    assert 5 < loaded < 95


def is_loaded(folder: Path) -> bool:
    try:
        assert expanded_text(load(folder, ALL))
        outline(folder, ALL)
    except DocumentErrors as error:
        told = str(error)
        assert told.replace("\n", "").isprintable()
        assert "ghp_a" not in told
        assert all(re.match(r"tenants(/[^:]+)?:\d+:\d+: \S", line) for line in told.split("\n"))
        return False
    return True
