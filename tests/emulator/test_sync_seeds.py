"""Configurations in seeds: a job that runs already, its settings, its mappings."""

from __future__ import annotations

import pytest
from sync_pair import Pair, mapping_of, pair_seed, users_mapping
from worlds import CONTOSO, FABRIKAM, NORTHWIND, written

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import SeedError, seed_of
from reconciler.emulator.world import World

CLAUSE = {"sourceOperandName": "department", "operatorName": "EQUALS", "targetOperand": {"values": ["Sales"]}}


def seeded(**said: Json) -> Pair:
    seed = pair_seed()
    seed["tenants"]["contoso"]["servicePrincipals"]["to-fabrikam"]["synchronization"] = said
    pair = Pair(World.from_seed(seed))
    (job,) = pair.client.get(f"{pair.root}/jobs").body["value"]
    pair.name = job["id"]
    return pair


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, ("Active", "NotRun")),
        ({"state": "paused"}, ("Paused", "Paused")),
        ({"state": "fresh"}, ("Disabled", "Paused")),
    ],
)
def test_seeded_job_is_in_its_state(said: dict[str, Json], state: tuple[str, str]) -> None:
    assert seeded(target="fabrikam", **said).state() == state


@pytest.mark.parametrize(("target", "tenant"), [("fabrikam", FABRIKAM), ("northwind", NORTHWIND), (CONTOSO, CONTOSO)])
def test_seeded_settings_lead_to_the_target(target: str, tenant: str) -> None:
    pair = seeded(target=target, settings={"SyncAll": "true"})
    settings = {one["key"]: one["value"] for one in pair.client.get(f"{pair.root}/secrets").body["value"]}

    assert (settings["CompanyId"], settings["AuthenticationType"], settings["SyncAll"]) == (
        tenant,
        "SyncPolicy",
        "true",
    )
    assert "DeleteThresholdValue" in settings["SyncNotificationSettings"]


def test_seeded_schema_differs_in_what_is_said() -> None:
    expressions = {"displayName": 'Append([displayName], "!")', "city": None, "companyName": '"Contoso"'}
    pair = seeded(
        target="fabrikam",
        expressions=expressions,
        filters=[{"name": "Sales", "clauses": [CLAUSE]}],
        flowTypes="Add, Update",
    )
    schema = pair.schema()
    names = [one["targetAttributeName"] for one in users_mapping(schema)["attributeMappings"]]

    assert schema["version"] == "v1.1"
    assert mapping_of(schema, "displayName")["source"]["name"] == "Append"
    assert mapping_of(schema, "companyName")["source"]["type"] == "Constant"
    assert "city" not in names
    assert users_mapping(schema)["scope"]["groups"] == [{"name": "Sales", "clauses": [CLAUSE]}]
    assert users_mapping(schema)["scope"]["inputFilterGroups"]
    assert users_mapping(schema)["flowTypes"] == "Add, Update"


def test_seeded_configuration_is_not_in_the_journal() -> None:
    pair = seeded(target="fabrikam")

    assert written(pair.world) == []
    assert World.from_seed(seed_of(pair.world)).store.count(CONTOSO, "synchronizationJob") == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("fabrikam", "a configuration has"),
        ({"target": "fabrikam", "goal": 1}, "a configuration has"),
        ({}, "synchronization.target"),
        ({"target": "nowhere"}, "'nowhere' is neither"),
        ({"target": "fabrikam", "state": "running"}, "fresh, started, paused"),
        ({"target": "fabrikam", "settings": {"Novelty": "x"}}, "Cannot convert"),
        ({"target": "fabrikam", "settings": []}, "settings: it is a mapping"),
        ({"target": "fabrikam", "expressions": {"city": "Glue([city])"}}, "no function"),
        ({"target": "fabrikam", "expressions": {"town": "[city]"}}, "no attribute 'town'"),
    ],
)
def test_configuration_that_makes_no_sense_is_refused(said: Json, words: str) -> None:
    seed = pair_seed()
    seed["tenants"]["contoso"]["servicePrincipals"]["to-fabrikam"]["synchronization"] = said

    with pytest.raises(SeedError, match=words):
        World.from_seed(seed)
