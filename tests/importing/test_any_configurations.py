"""Any running configurations at all: import writes down what can be said, and a plan has nothing to do.

Each test is one draw; run it again with the seed from the header of the report and its own number.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import arriving
import linked
import pytest

from reconciler.emulator.world import World
from reconciler.kinds import ALL
from reconciler.model import Json

DRAWS = 12
TENANTS = {
    name: f"{number:08x}-0000-4000-8000-0000000000aa"
    for number, name in enumerate(("adatum", "fabrikam", "lucerne"), 1)
}
STRANGERS = {
    name: f"{number:08x}-0000-4000-8000-0000000000bb" for number, name in enumerate(("proseware", "relecloud"), 1)
}
NAMES = (
    "Adatum to Fabrikam",
    "Ünïted: #1 {x}",
    "true",
    " padded ",
    "x" * 120,
    "日本",
    "{source.name}",
    'a "quoted" name',
    "MTO_Sync_somebody",
    "# comment",
)
MARKS = (
    "Managed by entra-reconciler as link people",
    "Managed by entra-reconciler as link No Name",
    "a note of Ann",
)
EXPRESSIONS: Sequence[tuple[str, str | None]] = (
    ("displayName", 'Append([displayName], " (Adatum)")'),
    ("displayName", None),
    ("mobile", None),
    ("city", '"Berlin"'),
    ("country", '""'),
    ("companyName", "[companyName]"),
    ("department", 'IIF([city]="Berlin", "Here", [department])'),
    ("userType", '"Guest"'),
    ("jobTitle", 'Replace([jobTitle], "a", , , "b", , )'),
    ("preferredLanguage", '"de-DE"'),
    ("givenName", 'Join(" ", [givenName], "{source.name}")'),
    ("extensionAttribute1", "ToUpper([extensionAttribute1])"),
)
CLAUSES: Sequence[tuple[str, str, list[str]]] = (
    ("department", "EQUALS", ["Sales"]),
    ("accountEnabled", "IS TRUE", []),
    ("city", "REGEX MATCH", ["Ber.*"]),
    ("jobTitle", "IS NOT NULL", []),
    ("country", "NOT EQUALS", ["Ünïted"]),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(DRAWS))


def mail(dice: random.Random) -> dict[str, Json]:
    whole = {
        "Enabled": dice.random() < 0.7,
        "Recipients": dice.choice(["", "ann@x.example", "bob@x.example, ann@x.example", "no mailbox"]),
        "DeleteThresholdEnabled": dice.random() < 0.7,
        "DeleteThresholdValue": dice.choice([0, 1, 7, 100, 500]),
        "HumanResourcesLookaheadQueryEnabled": False,
    }
    return {name: value for name, value in whole.items() if dice.random() < 0.9}


def filters(dice: random.Random) -> list[Json]:
    return [
        {
            "name": dice.choice(["", "one", "two # three"]),
            "clauses": [
                {"sourceOperandName": name, "operatorName": operator, "targetOperand": {"values": values}}
                for name, operator, values in dice.sample(CLAUSES, dice.randint(1, 3))
            ],
        }
        for _ in range(dice.randint(1, 2))
    ]


def configuration(dice: random.Random, target: str) -> dict[str, Json]:
    settings: dict[str, Json] = {"SyncAll": dice.choice(["true", "false"])}
    if dice.random() < 0.5:
        settings["SyncNotificationSettings"] = json.dumps(mail(dice))
    said: dict[str, Json] = {
        "target": target,
        "state": dice.choice(["fresh", "started", "paused"]),
        "settings": settings,
    }
    if dice.random() < 0.7:
        said["expressions"] = dict(dice.sample(EXPRESSIONS, dice.randint(0, 4)))
    if dice.random() < 0.4:
        said["filters"] = filters(dice)
    if dice.random() < 0.3:
        said["flowTypes"] = dice.choice(["Add, Update", "Add", "Add, Delete, Update"])
    found: dict[str, Json] = {
        "displayName": dice.choice(NAMES) if dice.random() < 0.6 else "People of ours",
        "assigned": dice.sample(["ann", "bob", "one", "two"], dice.randint(0, 4)),
        "synchronization": said,
    }
    return {**found, "notes": dice.choice(MARKS)} if dice.random() < 0.4 else found


def partner(dice: random.Random, key: str) -> dict[str, Json]:
    consent = {flag: dice.random() < 0.93 for flag in ("inboundAllowed", "outboundAllowed")}
    return {"tenantId": key, "automaticUserConsentSettings": consent}


def drawn(dice: random.Random) -> dict[str, Json]:
    """Return a seed of three tenants with configurations into each other and to strangers."""
    every = {**TENANTS, **STRANGERS}
    tenants = {}
    for name, key in TENANTS.items():
        others = [one for one in every.values() if one != key]
        # Now and then two for one pair, which nobody can tell apart.
        targets = dice.sample(others, dice.randint(1, 3)) if dice.random() < 0.85 else [others[0], others[0]]
        tenants[name] = {
            "tenantId": key,
            "displayName": name.title(),
            "domain": f"{name}.example",
            "partners": [partner(dice, one) for one in others],
            "objects": {
                "identitySynchronization": {
                    one: {"userSyncInbound": {"isSyncAllowed": dice.random() < 0.95}} for one in others
                }
            },
            "users": {"ann": {"displayName": "Ann"}, "bob": {"displayName": "Bob"}},
            # Two groups may bear one name.
            "groups": {one: {"displayName": dice.choice(["People", "Other people"])} for one in ("one", "two")},
            "servicePrincipals": {
                f"configuration-{place}": configuration(dice, target) for place, target in enumerate(targets)
            },
        }
    organizations = {
        name: {"tenantId": key, "displayName": name.title(), "domain": f"{name}.example"}
        for name, key in STRANGERS.items()
    }
    return {"organizations": organizations, "tenants": tenants}


def test_plan_after_import_of_any_configurations_is_empty(case_seed: int, number: int, tmp_path: Path) -> None:
    dice = random.Random(f"configurations:{case_seed}:{number}")
    seed: Mapping[str, Json] = drawn(dice)
    print(json.dumps(seed, indent=1))
    world, folder = World.from_seed(seed), tmp_path / "tenants"
    names = dice.sample(list(TENANTS), 3)

    linked.imported(world, folder, *names)

    written = arriving.texts(folder)
    plan = linked.plan(world, folder)
    assert not plan.steps
    assert not [found for tenant in plan.tenants for found in tenant.findings if found.stops]
    assert not [one for name in names if (one := arriving.adopt(world, folder, name, ALL)).files]
    linked.imported(world, tmp_path / "again", *names)
    assert arriving.texts(tmp_path / "again") == written
    assert world.store.last_sequence() == 0
