"""A removal that is killed, stopped, taken back or disturbed: the next plan goes on from what the tenant shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from parting import CONTOSO, PATH, Parting, brief, documents, phase, world

DEPROVISION = documents(state="absent", people="deprovision")
KEEP = documents(state="absent", people="keep")
PRESENT = documents(spec={"scope": {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}}})
ROLE = "appRoleAssignment"
GONE = {"application": 2, "servicePrincipal": 2, "synchronizationJob": 0, ROLE: 0}


def is_unassigned_whole(parting: Parting) -> bool:
    """Whether the mark says so only when it is so."""
    return "unassigned everybody" not in parting.notes() or parting.shown()[ROLE] == 0


# ---------------------------------------------------------------------------------------------- killed


@pytest.mark.parametrize("line", range(8))
def test_killed_first_phase_is_gone_on_with(line: int, tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(), DEPROVISION)

    assert parting.die(line)
    assert is_unassigned_whole(parting)
    assert parting.shown()["synchronizationJob"] == 1
    parting.remove()
    assert parting.shown() == GONE


@pytest.mark.parametrize("line", range(6))
def test_killed_third_phase_is_gone_on_with(line: int, tmp_path: Path) -> None:
    """A job that was paused already is not started again."""
    parting = Parting(tmp_path, world(), DEPROVISION)
    parting.apply()
    parting.cycle()

    assert parting.die(line)
    assert "phase 3 of 4" in phase(parting.plan()).message or not parting.plan().steps
    parting.apply()
    assert parting.shown() == GONE
    assert "phase 4 of 4" in phase(parting.plan()).message


@pytest.mark.parametrize("line", range(6))
def test_killed_severing_is_gone_on_with(line: int, tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(), KEEP)

    assert parting.die(line)
    parting.apply()
    assert not parting.plan().steps
    assert parting.shown() == {"application": 2, "servicePrincipal": 2, "synchronizationJob": 0, ROLE: 2}


def test_every_line_of_a_phase_was_tried(tmp_path: Path) -> None:
    first = Parting(tmp_path / "first", world(), DEPROVISION)
    assert not first.die(10)
    first.cycle()
    assert not first.die(9)
    assert not Parting(tmp_path / "keep", world(), KEEP).die(9)


# ---------------------------------------------------------------------------------------------- lost and late


@pytest.mark.parametrize("number", range(1, 8))
def test_lost_answer_is_settled_by_reading(number: int, tmp_path: Path) -> None:
    """Write by write over the whole removal: the two that unassign, restart, mark, pause, and both that delete."""
    parting = Parting(tmp_path, world(), DEPROVISION)
    parting.later(60)
    matched = {"write": True, "tenant": CONTOSO}
    parting.world.faults.add({"match": matched, "nth": number, "phase": "after-commit", "action": {"drop": True}})
    parting.remove()

    assert [one["fired"] for one in parting.world.faults.listing()] == [1]
    assert parting.shown() == GONE
    assert parting.people() == []


@pytest.mark.parametrize("people", ["deprovision", "keep"])
def test_late_reads_delay_nothing_but_the_end(people: str, tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(), documents(state="absent", people=people))
    parting.later(60)
    late = {"match": {"tenant": CONTOSO}, "action": {"stale": {"seconds": 30}}}
    parting.world.faults.add(late, born=parting.world.store.last_sequence())
    parting.remove()

    assert all(one["fired"] for one in parting.world.faults.listing())
    assert parting.shown()["synchronizationJob"] == 0
    assert bool(parting.people()) is (people == "keep")


# ---------------------------------------------------------------------------------------------- disturbed


def test_who_is_assigned_meanwhile_is_unassigned_again(tmp_path: Path) -> None:
    """A cycle that ended before says nothing about them."""
    parting = Parting(tmp_path, world(), DEPROVISION)
    (key, assigned), *_ = parting.world.store.all(CONTOSO, ROLE).items()
    parting.apply()
    parting.cycle()
    parting.world.store.put(CONTOSO, ROLE, key, assigned)
    plan = parting.plan()

    assert brief(plan) == ["update configuration awaits=None"]
    assert "somebody is in scope again" in phase(plan).message
    parting.apply()
    assert brief(parting.plan())[-1] == "update configuration awaits=cycle"
    parting.apply()
    assert "phase 2 of 4" in phase(parting.plan()).message
    parting.remove()


def test_job_that_was_paused_meanwhile_is_started(tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(), DEPROVISION)
    parting.apply()
    schedule(parting, "Paused")
    plan = parting.plan()

    assert brief(plan) == ["update job enabled=True"]
    assert phase(plan).message.endswith("the job was paused meanwhile, and is started for that")
    assert parting.apply().exit_code == 0


def test_link_that_comes_back_is_assigned_again(tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(), DEPROVISION)
    parting.apply()
    parting.said = PRESENT
    assert parting.apply().exit_code == 0

    assert "unassigned everybody" not in parting.notes()
    assert parting.shown()[ROLE] == 1
    assert not parting.plan().steps


def test_without_a_job_nobody_can_be_deprovisioned(tmp_path: Path) -> None:
    parting = Parting(tmp_path, world(), DEPROVISION)
    ((key, _),) = parting.world.store.all(CONTOSO, "synchronizationJob").items()
    parting.world.store.delete(CONTOSO, "synchronizationJob", key)
    plan = parting.plan()

    assert brief(plan) == ["delete configuration"]
    assert "people stay, since there is no job any more that could delete them" in phase(plan).message


def test_group_that_is_gone_does_not_stop_a_removal(tmp_path: Path) -> None:
    gone = {"scope": {"assigned": {"groups": [{"name": "No such group"}]}}}
    parting = Parting(tmp_path, world(), documents(state="absent", people="deprovision", spec=gone))

    assert parting.apply().exit_code == 0


def test_link_that_goes_takes_nothing_from_another(tmp_path: Path) -> None:
    other = {**KEEP[PATH], "name": "another"}
    parting = Parting(tmp_path, world(), PRESENT)
    parting.apply()
    parting.said = {**PRESENT, "shared/links/another.yaml": other}
    plan = parting.plan()

    assert phase(plan).message == "link another is removed: nothing is left, and its file may go"
    assert not plan.steps


def schedule(parting: Parting, state: str) -> None:
    """Write into the job how it is scheduled."""
    ((key, job),) = parting.world.store.all(CONTOSO, "synchronizationJob").items()
    changed = {**job, "schedule": {**job["schedule"], "state": state}}
    parting.world.store.put(CONTOSO, "synchronizationJob", key, changed)
