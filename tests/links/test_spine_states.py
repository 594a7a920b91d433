"""Between plan and apply, and between two plans: what moved is told as what it is, and nothing goes by mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from spine import (
    BRAKE,
    CONTOSO,
    LINK,
    Scene,
    brief,
    configuration,
    documents,
    flow_of,
    link,
    scene,
    seed,
    told,
)

from reconciler.emulator.seeds import seeded_id
from reconciler.errors import PlanDamaged
from reconciler.model import Action, Address, Change, Effect, Json, Plan, Step

MAPPINGS = f"contoso/mappings/{LINK}"
GROUP = f"/v1.0/groups/{seeded_id(CONTOSO, 'group', 'sync')}"


def paused(**said: Json) -> Json:
    return configuration(synchronization={"state": "paused", **said.pop("synchronization", {})}, **said)


def drifted(tmp_path: Path) -> Scene:
    """Return a scene in which a mapping is otherwise than its file says."""
    one = scene(tmp_path, seed({"link": paused()}))
    one.put_schema(_edit)
    return one


def _edit(schema: Json) -> None:
    flow_of(schema, "city")["source"] = {"type": "Function", "expression": '"X"'}


def test_steady_link_needs_nothing(tmp_path: Path) -> None:
    """What is as the files say is left alone."""
    assert not scene(tmp_path, seed({"link": configuration()})).plan().steps


def test_drift_of_a_mapping_is_that_mapping(tmp_path: Path) -> None:
    """Exactly what was edited by hand is shown, and put back."""
    one = drifted(tmp_path)

    plan = one.plan()
    (step, start) = plan.steps

    before, after = ((side or {})["mappings"] for side in (step.change.before, step.change.after))
    changed = [name for name in before if before[name] != after[name]]
    assert (str(step.change.address), changed) == (MAPPINGS, ["city"])
    assert str(start.change.address) == f"contoso/job/{LINK}"
    one.apply(plan)
    assert not one.plan().steps


def test_drift_of_settings_and_assignments_is_that(tmp_path: Path) -> None:
    """A threshold that was raised and a group that was taken out are two steps."""
    mail = {"SyncNotificationSettings": json.dumps({**BRAKE, "DeleteThresholdValue": 5000})}
    one = scene(tmp_path, seed({"link": configuration(assigned=["adele"], settings=mail)}))

    assert brief(one.plan()) == [
        f"update contoso/settings/{LINK} accidentalDeletion",
        f"create contoso/assignment/{LINK}/{seeded_id(CONTOSO, 'group', 'sync')} principalType",
        f"delete contoso/assignment/{LINK}/{seeded_id(CONTOSO, 'user', 'adele')} principalType",
    ]


def test_who_goes_waits_for_who_comes(tmp_path: Path) -> None:
    """Whoever is in both groups would be deleted by a cycle in between."""
    one = scene(tmp_path, seed({"link": configuration(assigned=["adele"])}))

    comes, goes = one.plan().steps
    assert goes.needs == (comes.id,)


def test_scope_that_is_narrower_again_takes_a_restart(tmp_path: Path) -> None:
    """What is owed until it is done frames the steps."""
    one = scene(tmp_path, seed({"link": configuration(assigned=["adele"], settings={"SyncAll": "true"})}))

    assert brief(one.plan()) == [
        f"update contoso/configuration/{LINK} awaits",
        f"create contoso/assignment/{LINK}/{seeded_id(CONTOSO, 'group', 'sync')} principalType",
        f"delete contoso/assignment/{LINK}/{seeded_id(CONTOSO, 'user', 'adele')} principalType",
        f"update contoso/settings/{LINK} scope",
        f"update contoso/job/{LINK} restart",
        f"update contoso/configuration/{LINK} awaits",
    ]


def test_group_that_nobody_finds_takes_nobody_out(tmp_path: Path) -> None:
    """While it is not known who is meant, nobody who is assigned is shown as going."""
    one = scene(tmp_path, seed({"link": configuration()}), documents(link(group="Renamed since")))

    plan = one.plan()

    assert told(plan) == ["the group 'Renamed since' is not there; correct the name, or write its id"]
    assert not plan.steps


def test_five_namesakes_are_told_with_their_ids(tmp_path: Path) -> None:
    """Groups of one name are never chosen from."""
    start = seed({"link": configuration()})
    for number in range(5):
        start["tenants"]["contoso"]["groups"][f"more{number}"] = {"displayName": "Sync to Fabrikam"}
    one = scene(tmp_path, start)

    plan = one.plan()

    assert told(plan) == ["several groups are called 'Sync to Fabrikam'; write the id of the one that is meant"]
    assert not plan.steps


def test_wrong_name_of_a_person_does_not_tell_the_true_one(tmp_path: Path) -> None:
    """Ids stand in findings: whoever writes one into a pull request is not told who that is."""
    megan = seeded_id(CONTOSO, "user", "megan")
    document = link()
    document["spec"]["scope"]["assigned"]["users"] = [{"id": megan, "name": "nobody"}]

    plan = scene(tmp_path, seed({"link": configuration()}), documents(document)).plan()

    messages = [one.message for tenant in plan.tenants for one in tenant.findings]
    assert f"the user with the id {megan} is not called 'nobody'; the id decides" in messages
    assert "Megan" not in str(messages)


@pytest.mark.parametrize("name", ['"quoted"', "it's", "100 %41 %", "a&b?c#d+e/f\\g", "Ünïcødé 😀", "{x}[y](z)"])
def test_group_of_any_name_is_found(tmp_path: Path, name: str) -> None:
    """Whatever a group is called, it is looked up by that very name."""
    start = seed({"link": configuration()})
    start["tenants"]["contoso"]["groups"]["sync"]["displayName"] = name
    one = scene(tmp_path, start, documents(link(group=name)))

    assert not told(one.plan())
    assert not one.plan().steps


# ---------------------------------------------------------------------------------------------- between plan and apply


def _rename(one: Scene) -> None:
    one.portal("PATCH", GROUP, {"displayName": "Something else"})


def _swap(one: Scene) -> None:
    other = f"/v1.0/groups/{seeded_id(CONTOSO, 'group', 'other')}"
    one.portal("PATCH", GROUP, {"displayName": "Something else"})
    one.portal("PATCH", other, {"displayName": "Sync to Fabrikam"})


def _delete(one: Scene) -> None:
    one.portal("DELETE", GROUP)


def _assign(one: Scene) -> None:
    path = f"/v1.0/servicePrincipals/{one.principal()}"
    role = one.portal("GET", path)["appRoles"][0]["id"]
    who = seeded_id(CONTOSO, "user", "megan")
    body = {"appRoleId": role, "principalId": who, "resourceId": one.principal()}
    one.portal("POST", f"{path}/appRoleAssignedTo", body)


def _retune(one: Scene) -> None:
    one.put_schema(_edit)


def _resettle(one: Scene) -> None:
    one.put_secrets(SyncAll="true")


def _forge(one: Scene) -> None:
    one.portal("PATCH", f"/v1.0/servicePrincipals/{one.principal()}", {"notes": None})


@pytest.mark.parametrize("does", [_rename, _swap, _delete, _assign, _retune, _resettle, _forge])
def test_what_moved_since_the_plan_makes_it_stale(tmp_path: Path, does: Callable[[Scene], None]) -> None:
    """Whatever the plan rests on was moved by somebody: nothing is written, and a new plan is asked for."""
    said = link(spec={"displayName": "Another name", "mappings": {"city": {"default": "Nowhere"}}})
    one = scene(tmp_path, seed({"link": paused(assigned=[])}), documents(said))
    plan = one.plan()
    does(one)
    before = one.world.store.last_sequence()

    assert one.refusal(plan).startswith("PlanStale")
    assert one.world.store.last_sequence() == before


def test_template_that_changed_since_the_plan_makes_it_stale(tmp_path: Path) -> None:
    """The service's own mappings are what a wish is laid over: others are another plan, and no forgery."""
    one = drifted(tmp_path)
    plan = one.plan()
    template = one.portal("GET", f"{one.under()}/templates/Azure2Azure/schema")
    flow_of(template, "country")["source"] = {"type": "Function", "expression": '"Elsewhere"'}
    answer = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": template}
    one.world.add_fault({"match": {"path": "*/templates/Azure2Azure/schema"}, "action": answer})

    assert one.refusal(plan).startswith(
        f"PlanStale: contoso was changed since the plan was made: {MAPPINGS} (template)"
    )


def test_job_that_somebody_deleted_is_made_anew(tmp_path: Path) -> None:
    """The settings outlive a job; the plan begins with what is there, and its apply settles."""
    one = scene(tmp_path, seed({"link": configuration(settings={"SyncAll": "true"})}))
    one.portal("DELETE", f"{one.under()}/jobs/{one.job()['id']}")

    report = one.apply()

    assert report.exit_code == 0
    assert not one.plan().steps
    assert one.secrets()["SyncAll"] == "false"


# ---------------------------------------------------------------------------------------------- forgeries


def _smuggled(plan: Plan) -> Plan:
    address = Address("contoso", "job", LINK)
    step = Step("0123456789abcdef", Change(Action.DELETE, address, {"enabled": True}, None), Effect.NEUTRAL)
    return _with_steps(plan, (*plan.tenants[0].steps, step))


def _unneeding(plan: Plan) -> Plan:
    return _with_steps(plan, tuple(replace(step, needs=()) for step in plan.tenants[0].steps))


def _backwards(plan: Plan) -> Plan:
    return _with_steps(plan, plan.tenants[0].steps[::-1])


def _with_steps(plan: Plan, steps: tuple[Step, ...]) -> Plan:
    source, *others = plan.tenants
    return replace(plan, tenants=(replace(source, steps=steps), *others))


@pytest.mark.parametrize("forge", [_smuggled, _unneeding, _backwards])
def test_forged_steps_are_not_carried_out(tmp_path: Path, forge: Callable[[Plan], Plan]) -> None:
    """A step that was slipped in, needs that were taken out, another order: none of it is our plan."""
    one = drifted(tmp_path)
    plan = forge(one.plan())
    before = one.world.store.last_sequence()

    refused = one.refusal(plan)

    assert refused.startswith((PlanDamaged.__name__, "PlanStale"))
    assert one.world.store.last_sequence() == before
