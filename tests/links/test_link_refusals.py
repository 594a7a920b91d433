"""What keeps a link from working, from end to end: each is told with what, where, why and what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest
from spine import CONTOSO, configuration, documents, outcome, scene, seed, silent, told

from reconciler.emulator.seed_language import LINKED_READING, READING
from reconciler.model import Json, Plan, Standing, TenantPlan, Verdict

EVERYTHING = (*READING, *LINKED_READING)
POLICY = f"/v1.0/policies/crossTenantAccessPolicy/partners/{CONTOSO}/identitySynchronization"


def lacking(start: Json, name: str, *roles: str) -> Json:
    """Return the seed with a tenant whose applications lack these permissions."""
    left = [role for role in EVERYTHING if role not in roles]
    start["tenants"][name]["applications"] = [{"name": purpose, "roles": left} for purpose in ("plan", "apply")]
    return start


def of(plan: Plan, name: str) -> TenantPlan:
    return next(tenant for tenant in plan.tenants if tenant.tenant == name)


# ---------------------------------------------------------------------------------------------- the target refuses


def test_target_that_said_no_meanwhile_makes_the_plan_stale(tmp_path: Path) -> None:
    """What changed is named where it changed; the plan of the source is no damaged one for that."""
    one = scene(tmp_path, seed())
    plan = one.plan()
    one.portal("PATCH", POLICY, {"userSyncInbound": {"isSyncAllowed": False}}, of="fabrikam")

    refusal = one.refusal(plan)

    assert refusal.startswith("PlanStale: fabrikam needs steps that the plan does not show")
    assert refusal.endswith("plan again")


def test_target_that_says_no_beside_a_link_is_one_error_with_both_places(tmp_path: Path) -> None:
    closed = {
        "kind": "IdentitySynchronization",
        "name": "contoso",
        "spec": {"userSyncInbound": {"isSyncAllowed": False}},
    }
    one = scene(tmp_path, seed(), {**documents(), "fabrikam/sync-in.yaml": closed})

    with pytest.raises(
        Exception, match=r"fabrikam/sync-in\.yaml.*shared/links/contoso-to-fabrikam\.yaml|is said in two"
    ):
        one.plan()


def test_target_that_is_only_observed_and_says_no_is_handed_the_steps(tmp_path: Path) -> None:
    said = documents()
    said["fabrikam/tenant.yaml"]["management"] = "observe"
    plan = scene(tmp_path, silent(seed({"link": configuration()})), said).plan()

    [finding] = [one for one in of(plan, "contoso").findings if one.rule == 23]
    assert "waits for fabrikam" in finding.message
    assert any("isSyncAllowed" in detail for detail in finding.details)


# ---------------------------------------------------------------------------------------------- a permission is missing


@pytest.mark.parametrize("role", ["Application.Read.All", "Synchronization.Read.All"])
def test_source_that_may_not_be_read_names_the_permission(role: str, tmp_path: Path) -> None:
    plan = scene(tmp_path, lacking(seed({"link": configuration()}), "contoso", role)).plan()

    unread = of(plan, "contoso")
    assert (unread.standing, unread.exit_code) == (Standing.UNREADABLE, 8)
    assert unread.reason.startswith("contoso: GET /servicePrincipals")
    assert unread.reason.endswith("to read links takes Application.Read.All and Synchronization.Read.All")


def test_group_that_may_not_be_looked_up_names_the_permission(tmp_path: Path) -> None:
    one = scene(tmp_path, lacking(seed(), "contoso", "GroupMember.Read.All"))

    [message] = told(one.plan())

    assert message.startswith(
        "the group 'Sync to Fabrikam' could not be looked up: contoso: GET /groups is not allowed"
    )
    assert message.endswith("to look up groups takes GroupMember.Read.All")


def test_target_that_may_not_be_read_stops_the_link_and_is_named(tmp_path: Path) -> None:
    plan = scene(tmp_path, lacking(seed(), "fabrikam", "Policy.Read.All")).plan()

    assert told(plan) == [
        "fabrikam could not be read, so that contoso-to-fabrikam is not planned; plan again when it can be"
    ]
    assert of(plan, "fabrikam").reason.endswith("to read CrossTenantAccessPolicy takes Policy.Read.All")


def test_write_that_is_not_allowed_names_the_permission(tmp_path: Path) -> None:
    report = scene(tmp_path, lacking(seed(), "contoso")).apply()

    made = outcome(report, "contoso/configuration/contoso-to-fabrikam", 0)
    assert (made.verdict, report.exit_code) == (Verdict.FAILED, 8)
    assert made.detail.endswith("to write the configuration of a link takes Application.ReadWrite.All")


# ---------------------------------------------------------------------------------------------- nothing to make it from


UNOFFERED = "does not offer the template of cross-tenant synchronization"


def test_cloud_without_the_template_is_told_before_anything_is_written(tmp_path: Path) -> None:
    one = scene(tmp_path, seed())
    one.world.add_fault({"match": {"path": "*/applicationTemplates/*"}, "action": {"status": 404}})

    plan = one.plan()

    [message] = told(plan)
    assert message == f"contoso-to-fabrikam cannot be made: the cloud of contoso (global) {UNOFFERED}"
    assert {done.verdict for done in one.apply(plan).outcomes} == {Verdict.BLOCKED}


def test_template_is_not_asked_for_where_nothing_is_made(tmp_path: Path) -> None:
    one = scene(tmp_path, seed({"link": configuration()}))
    one.world.add_fault({"match": {"path": "*/applicationTemplates/*"}, "action": {"status": 404}})

    assert not told(one.plan())


def test_template_that_is_gone_when_it_is_needed_is_no_lost_object(tmp_path: Path) -> None:
    one = scene(tmp_path, seed())
    plan = one.plan()
    refusing = {"match": {"method": "POST", "path": "*/applicationTemplates/*"}, "action": {"status": 404}}
    one.world.add_fault(refusing)

    made = outcome(one.apply(plan), "contoso/configuration/contoso-to-fabrikam", 0)

    assert made.verdict is Verdict.FAILED
    assert made.detail.startswith("this cloud does not offer the template that a configuration is made from")
