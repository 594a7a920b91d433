"""What stands beside our blocks goes back as it was read, and answers of another shape are no empty ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from spine import (
    BRAKE,
    CONTOSO,
    FABRIKAM,
    LINK,
    brief,
    configuration,
    documents,
    flow_of,
    link,
    outcome,
    scene,
    seed,
    told,
    users_of,
)

from reconciler.emulator.seeds import seeded_id
from reconciler.kinds.synchronization import mappings
from reconciler.model import Action, Address, Change, Json, Resource, Standing, Verdict

SETTINGS = f"contoso/settings/{LINK}"
MAPPINGS = f"contoso/mappings/{LINK}"

BARE = {"sourceObjectName": "User", "targetObjectName": "User"}


def paused(**said: Json) -> Json:
    return configuration(synchronization={"state": "paused", **said.pop("synchronization", {})}, **said)


def test_members_of_the_settings_that_are_not_ours_stay(tmp_path: Path) -> None:
    """A changed threshold takes along what else the service keeps there, and keys that no file knows."""
    mail = {**BRAKE, "DeleteThresholdValue": 7, "HumanResourcesLookaheadQueryEnabled": True, "Newer": [1]}
    settings = {"SyncNotificationSettings": json.dumps(mail), "Sandbox": "True"}
    one = scene(tmp_path, seed({"link": paused(settings=settings)}))

    report = one.apply()

    kept = one.secrets()
    assert outcome(report, SETTINGS).verdict is Verdict.APPLIED
    assert kept["Sandbox"] == "True"
    assert json.loads(kept["SyncNotificationSettings"]) == {**mail, "DeleteThresholdValue": 100}


def test_filter_with_several_values_is_not_cut_short(tmp_path: Path) -> None:
    """A clause that no file can say is told whole, and not by its first value."""
    schema = scene(tmp_path, seed({"link": paused()})).schema()
    clause = {"sourceOperandName": "department", "operatorName": "EQUALS", "targetOperand": {"values": ["A", "B"]}}
    users_of(schema)["scope"]["groups"] = [{"name": "f", "clauses": [clause]}]

    shown = mappings.translate("", schema)["filters"]

    assert shown == [{"name": "f", "clauses": [{"attribute": "department", "operator": "EQUALS", "value": ["A", "B"]}]}]


def test_source_that_stays_goes_back_as_it_was_written(tmp_path: Path) -> None:
    """Where only the default of a mapping changes, its expression is not written anew."""
    one = scene(
        tmp_path, seed({"link": paused()}), documents(link(spec={"mappings": {"city": {"default": "Nowhere"}}}))
    )
    before = flow_of(one.schema(), "city")["source"]

    one.apply()

    after = flow_of(one.schema(), "city")
    assert (after["source"], after["defaultValue"]) == (before, "Nowhere")


def test_filters_go_back_as_they_were_read(tmp_path: Path) -> None:
    """Where only mappings change, filters keep the order and the spelling that the service gave them."""
    clauses = [
        {"sourceOperandName": name, "operatorName": "EQUALS", "targetOperand": {"values": ["x"]}}
        for name in ("department", "city")
    ]
    filters = [{"name": "f", "clauses": clauses}]
    wanted = [
        {
            "name": "f",
            "clauses": [{"attribute": name, "operator": "EQUALS", "value": "x"} for name in ("city", "department")],
        }
    ]
    scope = {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}, "filters": wanted}
    start = seed({"link": paused(synchronization={"filters": filters})})
    one = scene(tmp_path, start, documents(link(spec={"scope": scope, "mappings": {"city": {"default": "N"}}})))
    before = users_of(one.schema())["scope"]

    assert brief(one.plan())[0] == f"update {MAPPINGS} mappings"
    one.apply()

    assert users_of(one.schema())["scope"] == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("*/synchronization/jobs", {}),
        ("*/synchronization/jobs", {"value": [{"id": "x", "templateId": "Azure2Azure"}]}),
        ("*/synchronization/jobs", {"value": ["x"]}),
        ("*/synchronization/secrets", {}),
        ("*/synchronization/secrets", {"value": ["x"]}),
        ("*/synchronization/secrets", {"value": [{"key": "SyncNotificationSettings", "value": "["}]}),
        ("*/schema", {}),
        ("*/schema", {"synchronizationRules": [{"objectMappings": [BARE]}]}),
        ("*/appRoleAssignedTo", {}),
        ("*/appRoleAssignedTo", {"value": ["x"]}),
        ("/v1.0/servicePrincipals", {"value": [{"id": "x", "appId": "y", "appRoles": ["z"]}]}),
        ("/v1.0/servicePrincipals", {"value": [{"id": "x"}]}),
        ("/v1.0/groups", {}),
        ("/v1.0/groups", {"value": [{"displayName": "Sync to Fabrikam"}]}),
        ("/v1.0/groups", {"value": ["x"]}),
    ],
)  # fmt: skip
def test_answer_of_another_shape_is_no_empty_one(tmp_path: Path, path: str, body: Json) -> None:
    """Whatever a part of a configuration comes as, the tenant is unreadable rather than empty, and nothing breaks."""
    one = scene(tmp_path, seed({"link": paused()}))
    answer = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body}
    one.world.add_fault({"match": {"path": path, "method": "GET"}, "action": answer})

    source = one.plan().tenants[0]

    assert source.standing is Standing.UNREADABLE or source.blocked
    assert not source.steps or source.blocked


@pytest.mark.parametrize("name", ["delta", "$count", "nobody@contoso.example", "megan@contoso.example/manager"])
def test_user_by_a_name_that_nobody_bears_is_not_found(tmp_path: Path, name: str) -> None:
    """A name is never taken for another question to the directory."""
    scope = {"assigned": {"users": [{"name": name}]}}
    one = scene(tmp_path, seed({"link": paused()}), documents(link(spec={"scope": scope})))

    assert f"the user {name!r} is not there; correct the name, or write its id" in told(one.plan())


def test_user_is_found_by_name(tmp_path: Path) -> None:
    """A user principal name is looked up."""
    scope = {"assigned": {"groups": [{"name": "Sync to Fabrikam"}], "users": [{"name": "adele@contoso.example"}]}}
    one = scene(tmp_path, seed({"link": paused()}), documents(link(spec={"scope": scope})))

    plan = one.plan()

    assert [step.change.names for step in plan.steps if step.change.address.kind == "assignment"] == [
        {seeded_id(CONTOSO, "user", "adele"): "adele@contoso.example"}
    ]


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("path", ["*/jobs", "*/secrets", "*/schema", "*/appRoleAssignedTo", "/v1.0/servicePrincipals"])
def test_part_that_may_not_be_read_is_no_empty_one(tmp_path: Path, path: str, status: int) -> None:
    """A configuration of which a part is refused makes the tenant unreadable."""
    one = scene(tmp_path, seed({"link": paused()}))
    one.world.add_fault({"match": {"path": path, "method": "GET"}, "action": {"status": status}})

    assert one.plan().tenants[0].standing is Standing.UNREADABLE


def test_configuration_that_nobody_may_take_over_is_not_looked_into(tmp_path: Path) -> None:
    """One of the Microsoft 365 admin center that refuses to be read spoils nothing for the others."""
    foreign = configuration(displayName=f"MTO_Sync_{CONTOSO}", notes=None, assigned=[])
    one = scene(tmp_path, seed({"link": configuration(), "foreign": foreign}))
    path = f"*/{seeded_id(CONTOSO, 'service principal', 'foreign')}/*"
    one.world.add_fault({"match": {"path": path, "method": "GET"}, "action": {"status": 404}})

    source = one.plan().tenants[0]

    assert (source.standing, source.steps) == (Standing.PLANNED, ())


def test_expression_that_only_the_service_reads_goes_back_as_it_is() -> None:
    """What the service shows in its own mappings can be put back, although nobody here can read it."""
    change = Change(
        Action.UPDATE,
        Address("contoso", "mappings", LINK),
        {},
        {"mappings": {"mail": {"expression": "New([mail], 1 2)"}}},
    )
    users: Json = {**BARE, "attributeMappings": [], "scope": None}
    schema = {"synchronizationRules": [{"editable": True, "objectMappings": [users]}]}
    body = {"mappings": {}, "filters": [], "groupSync": False}
    ids = {"servicePrincipal": "sp", "job": "job"}

    sent = mappings.request(change, ids, Resource(body, facts={"schema": schema})).body or {}

    (flow,) = sent["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"]
    assert flow["source"] == {"type": "Function", "name": "New", "expression": "New([mail], 1 2)", "parameters": []}


EXTENSION = f"extension_{'0a' * 16}_costCenter"


def test_directory_extension_is_planned_as_one_line_defined_and_synchronized(tmp_path: Path) -> None:
    start = seed({"link": configuration()})
    start["tenants"]["contoso"]["users"]["megan"][EXTENSION] = "4711"
    said = documents(link(spec={"mappings": {EXTENSION: {"expression": f"[{EXTENSION}]"}}}))
    one = scene(tmp_path, start, said)
    plan = one.plan()
    one.apply(plan)
    one.world.clock.wait(3600)
    one.world.catch_up()
    users = one.world.store.all(FABRIKAM, "user").values()
    guests = [body.get(EXTENSION) for body in users if "Invitation" in str(body)]

    [change] = [step.change for step in plan.steps if step.change.address.kind == "mappings"]
    before, after = ((side or {})["mappings"] for side in (change.before, change.after))

    assert after == {**before, EXTENSION: {"expression": f"[{EXTENSION}]"}}
    assert guests == ["4711"]
    assert not one.plan().steps
