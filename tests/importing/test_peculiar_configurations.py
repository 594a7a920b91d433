"""Sync configurations with something in them that no link can say: it is told, and nothing of it is changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
from linked import CONTOSO, FABRIKAM, LINK, configuration, imported, plan, said, world

from reconciler.emulator.synchronization import schemas
from reconciler.emulator.synchronization.kinds import JOB, SCHEMA
from reconciler.emulator.world import World
from reconciler.importing import Person, translating
from reconciler.model import Json

Change = Callable[[Json, Json], None]
"""Changes the mapping of users and that of groups."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants"


def changed(change: Change) -> World:
    """Return the world with a change of the schema that the service itself would perhaps not take."""
    there = world(one=configuration())
    [key] = there.store.all(CONTOSO, JOB.kind)
    whole = copy.deepcopy(schemas.whole(None))
    pairs = whole["synchronizationRules"][0]["objectMappings"]
    change(pairs[0], next(one for one in pairs if one["sourceObjectName"] == "Group"))
    version = {name: value for name, value in whole.items() if name != "id"}
    there.store.put(CONTOSO, SCHEMA.kind, key, {"id": key.partition("/")[2], **version})
    return there


def flow(users: Json, target: str) -> Json:
    return next(one for one in users["attributeMappings"] if one["targetAttributeName"] == target)


def inputs(users: Json, groups: Json) -> None:
    users["scope"]["inputFilterGroups"] = []


def marked(users: Json, groups: Json) -> None:
    users["metadata"].append({"key": "IsCustomerDefined", "value": "true"})


def grouped(users: Json, groups: Json) -> None:
    groups["attributeMappings"].pop()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (inputs, "scope.inputFilterGroups of users is not the service's own"),
        (marked, "the mapping of users has metadata of its own"),
        (grouped, "the mapping of groups is not the service's own"),
    ],
)
def test_what_stays_anyway_is_told(change: Change, words: str, folder: Path) -> None:
    there = changed(change)
    remarks = imported(there, folder)

    assert any(words in remark for remark in remarks)
    assert words in (folder / LINK).read_text().replace("\n# ", " ")
    assert not plan(there, folder).steps


def unreadable(users: Json, groups: Json) -> None:
    flow(users, "city")["source"] = {"type": "Function", "expression": 'Frobnicate("'}


def matching(users: Json, groups: Json) -> None:
    flow(users, "mail")["matchingPriority"] = 2


def adding(users: Json, groups: Json) -> None:
    flow(users, "city")["flowType"] = "ValueAddOnly"


def sourceless(users: Json, groups: Json) -> None:
    flow(users, "city")["source"] = None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (unreadable, 'its mapping of "city" has an expression that this version cannot read'),
        (matching, 'its mapping of "mail" takes part in matching'),
        (adding, 'its mapping of "city" flows in a way that no document can say'),
        (sourceless, 'its mapping of "city" has no source'),
    ],
)
def test_what_a_plan_would_change_is_left_as_it_is(change: Change, words: str, folder: Path) -> None:
    there = changed(change)
    remarks = imported(there, folder)

    assert not (folder / LINK).exists()
    assert any(words in remark for remark in remarks)
    assert not plan(there, folder).steps


def grouping(users: Json, groups: Json) -> None:
    groups["enabled"] = True


def test_groups_are_said_where_the_target_lets_them_in(folder: Path) -> None:
    there = changed(grouping)
    there.store.put(
        FABRIKAM,
        "identitySynchronization",
        CONTOSO,
        {"userSyncInbound": {"isSyncAllowed": True}, "groupSyncInbound": {"isSyncAllowed": True}, "tenantId": CONTOSO},
    )
    imported(there, folder)

    assert said(folder, LINK)["spec"]["groupSync"] is True
    assert not plan(there, folder).steps


def test_groups_that_the_target_does_not_let_in_are_the_half_of_the_source(folder: Path) -> None:
    there = changed(grouping)
    remarks = imported(there, folder)

    assert not (folder / LINK).exists()
    assert any("does not say groupSyncInbound.isSyncAllowed" in remark for remark in remarks)
    assert not plan(there, folder).steps


def test_service_principal_that_is_assigned_is_left_alone(folder: Path) -> None:
    there = world(one=configuration(assigned=["sync", "robot"]), robot={"applicationTemplateId": None})
    remarks = imported(there, folder)

    assert said(folder, LINK)["spec"]["scope"]["assigned"]["exclusive"] is False
    assert any("Assigned as well, which no document can say: service principal" in remark for remark in remarks)
    assert not plan(there, folder).steps


def test_somebody_who_is_gone_is_flagged() -> None:
    who = [("Group", "one"), ("User", "two")]
    found, remarks = translating.assigned(who, {"one": Person("People"), "two": Person(gone=True)})

    assert found == {"groups": [{"name": "People", "id": "one"}], "exclusive": False}
    assert "user two (gone from the directory)" in remarks[0]


def test_groups_of_one_name_are_told_by_their_ids() -> None:
    who = [("Group", "two"), ("Group", "one")]
    found, _ = translating.assigned(who, {"one": Person("People"), "two": Person("People")})

    assert found == {"groups": [{"id": "one"}, {"id": "two"}]}
