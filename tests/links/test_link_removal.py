"""The removal of a link in phases: what each plan says, word for word, and what each apply does."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import Documents
from parting import CONTOSO, FABRIKAM, NAME, Parting, brief, documents, phase, told, world

from reconciler.model import Plan, Verdict
from reconciler.reconciling import plan_exit_code, unapplied
from reconciler.reporting.machine import plan_json
from reconciler.reporting.markdown import plan_markdown
from reconciler.reporting.text import report_text

DEPROVISION = documents(state="absent", people="deprovision")
KEEP = documents(state="absent", people="keep")
CROWD = [{"key": "User to User", "value": 12}, {"key": "Group to Group", "value": 1}]


@pytest.fixture
def parting(tmp_path: Path) -> Parting:
    """A link that synchronizes everybody, whose job somebody paused, and whose people are to be deprovisioned."""
    parting = Parting(tmp_path, world(everybody=True, state="paused"), DEPROVISION)
    parting.status(synchronizedEntryCountByType=CROWD)
    return parting


@pytest.fixture
def severing(tmp_path: Path) -> Parting:
    """A link whose people are to stay."""
    return Parting(tmp_path, world(), KEEP)


# ---------------------------------------------------------------------------------------------- what plans say


def test_first_phase_unassigns_everybody(parting: Parting) -> None:
    assert (
        told(parting.plan())
        == """\
contoso  Contoso  0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01

  ~ settings Contoso to Fabrikam (contoso-to-fabrikam): update, neutral
      ~ scope: "all" → "assigned"

  ~ job Contoso to Fabrikam (contoso-to-fabrikam): update, neutral
      ~ enabled: false → true

  ~ job Contoso to Fabrikam (contoso-to-fabrikam): update, neutral
      ~ restart: not set → "default scope"

  ~ configuration Contoso to Fabrikam (contoso-to-fabrikam): update, neutral
      ~ awaits: not set → "cycle"

  [warning] contoso/configuration/contoso-to-fabrikam
      link contoso-to-fabrikam is removed, phase 1 of 4: everybody is unassigned, \
so that the next cycle deletes them in fabrikam
        - synchronized now: 12 people, 1 group
        - apply, wait for a cycle of the service, which begins every 40 minutes, and plan again
        - the job is paused, and started for that

  people of contoso-to-fabrikam in fabrikam, by the next cycle
    nobody is known to change; unknown: 12 linked whom nothing names
    The guard against accidental deletions: it lets everything through: 0 people removed and 0 blocked, \
and 12 of whom it is unknown, all together, not more than 500.

Plan: 0 to create, 4 to update, 0 to delete in 1 tenant.
"""
    )


def test_first_phase_asks_for_how_many_go(parting: Parting) -> None:
    (question,) = (
        one for tenant in parting.rehearsal.plan().tenants for one in tenant.findings if one.rule == 11 and one.stops
    )

    assert "of 12 it is unknown" in question.details
    assert "countMax: 12" in question.suggestion


def test_second_phase_waits_for_a_cycle(parting: Parting) -> None:
    parting.apply()

    assert (
        told(parting.plan())
        == """\
contoso  Contoso  0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01
  ! waiting: not all is as Git says yet, and nothing can be done about it now

  [note] contoso/configuration/contoso-to-fabrikam
      link contoso-to-fabrikam is removed, phase 2 of 4, waiting for the next cycle
        - synchronized now: 12 people, 1 group
        - nobody is assigned since 2026-11-02T08:00:00Z

No changes. 0 of 1 tenant as Git says; 1 waiting.
"""
    )


def test_third_phase_removes_the_configuration(parting: Parting) -> None:
    parting.apply()
    parting.cycle()

    assert (
        told(parting.plan())
        == """\
contoso  Contoso  0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01

  ~ job Contoso to Fabrikam (contoso-to-fabrikam): update, neutral
      ~ enabled: true → false

  - job Contoso to Fabrikam (contoso-to-fabrikam): delete, neutral
      ! Deletes the object with everything below, and a restore may be impossible.
      - enabled: false

  - configuration Contoso to Fabrikam (contoso-to-fabrikam): delete, neutral
      ! Deletes the object with everything below, and a restore may be impossible.
      - awaits: "cycle"
      - displayName: "Contoso to Fabrikam"
      - marker: "contoso-to-fabrikam"

  [note] contoso/configuration/contoso-to-fabrikam
      link contoso-to-fabrikam is removed, phase 3 of 4: a cycle is over since everybody was unassigned; \
its job and its configuration go
        - synchronized now: 0 people

Plan: 0 to create, 1 to update, 2 to delete in 1 tenant.
"""
    )


def test_fourth_phase_lets_the_file_go(parting: Parting) -> None:
    parting.remove()

    assert (
        told(parting.plan())
        == """\
contoso  Contoso  0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01
  no changes

  [note] contoso/configuration/contoso-to-fabrikam
      link contoso-to-fabrikam is removed, phase 4 of 4: nothing is left, and its file may go

No changes. The one tenant is as Git says.
"""
    )


def test_keeping_people_takes_one_phase(severing: Parting) -> None:
    assert (
        told(severing.plan())
        == """\
contoso  Contoso  0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01

  ~ job Contoso to Fabrikam (contoso-to-fabrikam): update, neutral
      ~ enabled: true → false

  - job Contoso to Fabrikam (contoso-to-fabrikam): delete, neutral
      ! Deletes the object with everything below, and a restore may be impossible.
      - enabled: false

  - configuration Contoso to Fabrikam (contoso-to-fabrikam): delete, neutral
      ! Deletes the object with everything below, and a restore may be impossible.
      - displayName: "Contoso to Fabrikam"
      - marker: "contoso-to-fabrikam"

  [warning] contoso/configuration/contoso-to-fabrikam
      link contoso-to-fabrikam is removed, phase 1 of 1: its job and its configuration go, and the people stay
        - synchronized now: unknown, since the service does not tell
        - nobody is unassigned before, which would delete people in the target

Plan: 0 to create, 1 to update, 2 to delete in 1 tenant.
"""
    )


def test_link_that_is_gone_says_so(severing: Parting) -> None:
    severing.remove()

    assert phase(severing.plan()).message == "link contoso-to-fabrikam is removed: nothing is left, and its file may go"


def test_every_report_tells_the_phase(parting: Parting) -> None:
    parting.apply()
    plan = parting.plan()

    assert "phase 2 of 4, waiting for the next cycle" in plan_markdown(plan)
    assert '"waits": true' in plan_json(plan)


def test_more_people_than_the_guard_lets_through_are_told_before(parting: Parting) -> None:
    parting.status(synchronizedEntryCountByType=[{"key": "user to User", "value": 501}])

    held = "the service holds back more than 500 deletions at once, until somebody agrees"
    assert held in phase(parting.plan()).details


# ---------------------------------------------------------------------------------------------- what applies do


def test_people_are_deleted_before_the_link_is_gone(tmp_path: Path) -> None:
    """The cycle that the restart began does not count; the one after it does."""
    parting = Parting(tmp_path, world(), DEPROVISION)
    parting.later(60)
    assert parting.people() == ["Adele Vance", "Megan Bowen"]
    assert phase(parting.plan()).details[0] == "synchronized now: 2 people"

    parting.apply()
    parting.later(1)
    assert "phase 2 of 4" in phase(parting.plan()).message
    parting.later(80)
    assert (parting.people(), parting.binned()) == ([], ["Adele Vance", "Megan Bowen"])
    assert "phase 3 of 4" in phase(parting.plan()).message
    parting.apply()
    assert "phase 4 of 4" in phase(parting.plan()).message


def test_everybody_of_a_wide_scope_is_deleted(tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(everybody=True), DEPROVISION)
    parting.later(60)
    assert parting.people() == ["Adele Vance", "Megan Bowen"]

    parting.remove()
    assert (parting.people(), parting.binned()) == ([], ["Adele Vance", "Megan Bowen"])


def test_people_who_are_kept_stay(severing: Parting) -> None:
    severing.later(60)
    severing.apply()
    severing.later(120)

    assert (severing.people(), severing.binned()) == (["Adele Vance", "Megan Bowen"], [])


def test_service_that_holds_deletions_back_goes_on_when_somebody_agrees(tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(threshold=1), DEPROVISION)
    parting.later(60)
    assert (
        "the service holds back more than 1 deletions at once, until somebody agrees" in phase(parting.plan()).details
    )
    parting.apply()
    parting.later(60)
    plan = parting.plan()

    assert not plan.steps
    assert phase(plan).message.endswith("the service holds the deletions back, and waits for a person")
    assert parting.people() == ["Adele Vance", "Megan Bowen"]
    parting.agree()
    parting.later(90)
    assert "phase 3 of 4" in phase(parting.plan()).message
    assert parting.people() == []


def test_assigned_people_are_unassigned_before_the_restart(tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(), DEPROVISION)

    assert brief(parting.plan()) == [
        "delete assignment",
        "delete assignment",
        "update job restart=default scope",
        "update configuration awaits=cycle",
    ]
    assert parting.apply().exit_code == 0
    assert parting.shown()["appRoleAssignment"] == 0


def test_waiting_is_an_outcome_and_no_failure(parting: Parting) -> None:
    parting.apply()
    plan = parting.plan()
    report = unapplied(plan)

    assert plan_exit_code(plan, detailed=True) == 0
    assert (report.exit_code, [one.verdict for one in report.outcomes]) == (0, [Verdict.WAITING])
    assert "waiting: link contoso-to-fabrikam is removed, phase 2 of 4" in report_text(report)


def test_cycle_that_began_before_is_not_enough(parting: Parting) -> None:
    """It may not have known of all that was taken back."""
    parting.apply()
    since = "2026-11-02T08:00:30Z"
    parting.status(
        lastExecution={"state": "Succeeded", "timeBegan": since, "timeEnded": "2026-11-02T09:30:00Z"},
        synchronizedEntryCountByType=[],
    )

    assert "phase 2 of 4" in phase(parting.plan()).message


def test_cycle_without_a_beginning_counts_from_its_end(parting: Parting) -> None:
    """The service is known to show a successful cycle that never began."""
    parting.apply()
    never = "0001-01-01T00:00:00Z"
    for ended, number in (("2026-11-02T08:44:59Z", 2), ("2026-11-02T08:45:01.1234567Z", 3)):
        cycle = {"state": "Succeeded", "timeBegan": never, "timeEnded": ended}
        parting.status(lastExecution=None, lastSuccessfulExecution=cycle, synchronizedEntryCountByType=[])

        assert f"phase {number} of 4" in phase(parting.plan()).message


def test_cycle_with_errors_is_not_enough(parting: Parting) -> None:
    parting.apply()
    parting.cycle(state="EntryLevelErrors")

    assert "phase 2 of 4" in phase(parting.plan()).message


def test_nothing_is_removed_while_people_are_left(parting: Parting) -> None:
    parting.apply()
    parting.cycle({"User to User": 2})
    plan = parting.plan()

    assert not plan.steps
    assert phase(plan).message.endswith("waiting for the next cycle: one is over, and not everybody is gone")
    assert "who was disabled before stays there; to go on all the same, write `people: keep`" in phase(plan).details


def test_held_deletions_wait_for_a_person(parting: Parting) -> None:
    parting.apply()
    parting.cycle({"User to User": 700}, quarantine={"reason": "TooManyDeletes"}, state="Failed")
    found = phase(parting.plan())

    assert found.message.endswith("the service holds the deletions back, and waits for a person")
    assert found.details[-2:] == (
        "more than 500 would be deleted at once: look who they are before you agree",
        "to agree: `reconciler restart contoso-to-fabrikam --scope force-deletes`",
    )


def test_quarantine_is_told_with_its_cause(parting: Parting) -> None:
    parting.apply()
    error = {"code": "PolicyCheck", "message": "inbound synchronization is not allowed"}
    parting.cycle(quarantine={"reason": "EncounteredQuarantineException", "error": error}, state="Failed")
    found = phase(parting.plan())

    assert found.message.endswith("waiting for the next cycle: the job is in quarantine")
    assert "the service says: EncounteredQuarantineException: inbound synchronization is not allowed" in found.details


def test_keeping_people_never_unassigns(severing: Parting) -> None:
    severing.remove()
    calls = [(entry.method, entry.path) for entry in severing.world.store.journal()]

    assert not [path for method, path in calls if method == "DELETE" and "appRoleAssignedTo" in path]
    assert severing.shown()["synchronizationJob"] == 0


def test_pair_of_a_topology_is_removed_as_well(tmp_path: Path) -> None:
    gone = {"source": "contoso", "target": "fabrikam", "reason": "sold", "state": "absent", "people": "deprovision"}
    topology = {
        "kind": "Topology",
        "name": "group",
        "owner": "identity",
        "shape": {"hub": "fabrikam", "direction": "in"},
        "members": ["contoso"],
        "link": {"scope": "all"},
        "except": [gone],
    }
    tenants = {name: one for name, one in DEPROVISION.items() if one["kind"] == "Tenant"}
    there = world(mark="group-contoso-fabrikam")
    parting = Parting(tmp_path, there, {**tenants, "shared/topologies/group.yaml": topology})
    parting.later(60)

    assert phase(parting.plan()).message.startswith("link group-contoso-fabrikam is removed, phase 1 of 4")
    parting.remove()
    assert parting.people() == []


def test_link_under_another_name_is_not_said_to_be_gone(tmp_path: Path) -> None:
    """What provisions to the same tenant for a link that no file speaks of may be the one that is meant."""
    plan = Parting(tmp_path, world(mark="an-earlier-name"), DEPROVISION).plan()

    (finding,) = [one for tenant in plan.tenants for one in tenant.findings if one.stops]
    assert finding.message.startswith("nobody can tell which configuration is that of the link contoso-to-fabrikam")
    assert not plan.steps


def test_half_of_a_link_is_removed_as_well(tmp_path: Path) -> None:
    """The target belongs to somebody else, whose permission nobody here can read."""
    target = {"name": "fabrikam", "tenantId": FABRIKAM, "domain": "fabrikam.example"}
    half = {
        "kind": "SyncConfiguration",
        "name": NAME,
        "owner": "identity",
        "target": target,
        "state": "absent",
        "people": "deprovision",
    }
    source = {"contoso/tenant.yaml": DEPROVISION["contoso/tenant.yaml"], "contoso/sync/fabrikam.yaml": half}
    parting = Parting(tmp_path, world(), source)
    parting.later(60)
    parting.remove()

    assert "phase 4 of 4" in phase(parting.plan()).message
    assert parting.people() == []


# ---------------------------------------------------------------------------------------------- what stays open


def test_what_stays_open_is_said_in_both_tenants(severing: Parting) -> None:
    found = [one for tenant in severing.plan().tenants for one in tenant.findings if "any more" in one.message]

    assert [(one.tenant, one.message.partition("any more: ")[2]) for one in found] == [
        ("contoso", "people of here are still not asked when they go to fabrikam"),
        ("fabrikam", "contoso may still create people here"),
        ("fabrikam", "people of contoso are still not asked when they come here"),
    ]


def test_what_another_file_asks_for_is_not_open(tmp_path: Path) -> None:
    said = {
        "apiVersion": "crosstenant/v1",
        "kind": "IdentitySynchronization",
        "name": "contoso",
        "spec": {"userSyncInbound": {"isSyncAllowed": True}},
    }
    parting = Parting(tmp_path, world(), {**KEEP, "fabrikam/contoso.yaml": said})

    assert "may still create" not in " ".join(one.message for one in parting.plan().tenants[1].findings)


def test_what_the_service_needs_is_not_taken_back_too_early(parting: Parting) -> None:
    """Once nothing is left of the link, it may."""
    gone = {"kind": "IdentitySynchronization", "name": "contoso", "state": "absent"}
    link = parting.said
    parting.said = {**link, "fabrikam/contoso.yaml": gone}

    (found,) = (one for one in parting.plan().tenants[1].findings if one.severity == "error")
    assert found.message == (
        "link contoso-to-fabrikam is removed, and the service still deletes its people through this; "
        "take it back when nothing is left of the link"
    )
    parting.said = link
    parting.remove()
    parting.said = {**link, "fabrikam/contoso.yaml": gone}
    assert not parting.plan().tenants[1].blocked


def test_what_the_service_needs_is_not_deleted_as_undeclared(tmp_path: Path) -> None:
    """As long as people are to be deleted, permission and consent stay, whatever is not mentioned."""
    assert _deletes(Parting(tmp_path, world(), _deleting(DEPROVISION)).plan(), CONTOSO, FABRIKAM) == []
    assert _deletes(Parting(tmp_path, world(), _deleting(KEEP)).plan(), CONTOSO, FABRIKAM) != []


def _deleting(said: Documents) -> Documents:
    return {name: {**one, "undeclared": "delete"} if one["kind"] == "Tenant" else one for name, one in said.items()}


def _deletes(plan: Plan, *keys: str) -> list[str]:
    changes = [step.change for step in plan.steps]
    return [str(one.address) for one in changes if one.action == "delete" and one.address.key in keys]
