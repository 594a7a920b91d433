"""What may befall the creation of links, and what must be true afterwards. `make soak` does it at length."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from breakages import Breakage, Place, lost_answer, lost_request
from link_cases import FLAWS, INSTANTIATE, MOMENTS, WRITES, blind, faulty, named, violations
from link_stages import IDS, OTHERS, crossed, namesake, pair, twins
from linked_trials import Death, Stage, When, carry_out
from oracle import Trial

LAGGING = {"read_lag_seconds": 30}
NEWBORN = {"new_object_lag_seconds": 20}
HIDDEN = {**LAGGING, **NEWBORN}


def befallen(stage: Stage, *what: Breakage | Death) -> Trial:
    """Let it happen; no promise may be broken, and there is one of everything in the end."""
    trial = carry_out(stage, *what)

    assert violations(trial) == ()
    return trial


def test_every_write_is_known(tmp_path: Path) -> None:
    assert named(pair(tmp_path)) == WRITES


# ---------------------------------------------------------------------------------------------- killed


@pytest.mark.parametrize("place", WRITES, ids=str)
def test_killed_inside_and_run_again_while_reads_lag(place: Place, tmp_path: Path) -> None:
    """Carried out, nobody heard of it, and the next run does not see it for half a minute."""
    trial = befallen(pair(tmp_path, LAGGING), Death(place, "inside"))

    assert [run.code for run in trial.applies] == [-9, 0]


@pytest.mark.parametrize("when", MOMENTS)
@pytest.mark.parametrize("number", [2, 9])
def test_killed_run_is_finished_by_the_next(number: int, when: When, tmp_path: Path) -> None:
    befallen(pair(tmp_path), Death(Place("contoso", number), when))


@pytest.mark.parametrize("when", MOMENTS)
def test_killed_around_the_newborn_that_nobody_sees_yet(when: When, tmp_path: Path) -> None:
    befallen(pair(tmp_path, HIDDEN), Death(INSTANTIATE, when))


def test_killed_twice(tmp_path: Path) -> None:
    befallen(pair(tmp_path, LAGGING), Death(INSTANTIATE, "inside"), Death(Place("contoso", 2), "inside"))


@pytest.mark.parametrize("switches", [{}, HIDDEN], ids=["seen at once", "seen late"])
def test_two_left_behind_with_one_name_are_shared_out(switches: Mapping[str, Any], tmp_path: Path) -> None:
    befallen(twins(tmp_path, switches), Death(Place("contoso", 4), "inside"))


@pytest.mark.parametrize("number", [5, 6])
@pytest.mark.parametrize(("make", "ordered"), [(twins, True), (crossed, False)], ids=["in order", "crossed"])
def test_mark_that_is_seen_late_is_not_written_over(
    make: Callable[..., Stage], ordered: bool, number: int, tmp_path: Path
) -> None:
    """The run that was killed had marked one of two of the same name: the next one takes both for unmarked at first."""
    trial = befallen(make(tmp_path, LAGGING), Death(Place("contoso", number), "inside"))
    entries = trial.applies[0].entries
    made = [one["after"]["id"] for one in entries if one["kind"] == "servicePrincipal" and not one["before"]]

    assert (made == sorted(made)) is ordered
    assert trial.applies[-1].code == 0


# ---------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize("place", WRITES[1::2], ids=str)
def test_lost_answer_is_found_out(place: Place, tmp_path: Path) -> None:
    assert befallen(pair(tmp_path), lost_answer(place)).applies[0].code == 0


def test_lost_request_to_make_one_is_not_sent_again(tmp_path: Path) -> None:
    """Nobody would refuse a second one, so that the run says that it does not know; the next one makes it."""
    trial = befallen(pair(tmp_path), lost_request(INSTANTIATE))

    assert [run.code for run in trial.applies] == [7, 0]


def test_answer_lost_for_longer_than_anybody_waits_is_unknown(tmp_path: Path) -> None:
    trial = befallen(pair(tmp_path), blind(lost_answer(INSTANTIATE), seconds=100.0))

    assert [run.code for run in trial.applies] == [7, 0]


def test_lost_answer_is_found_out_beside_another_of_that_name(tmp_path: Path) -> None:
    assert befallen(twins(tmp_path), lost_answer(Place("contoso", 4))).applies[0].code == 0


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.name)
def test_service_that_does_not_know_the_newborn_is_waited_for(flaw: Breakage, tmp_path: Path) -> None:
    """Synchronization of a new service principal is refused for a minute."""
    assert befallen(pair(tmp_path), flaw).applies[0].code == 0


@pytest.mark.parametrize("breakage", faulty(Place("contoso", 4)), ids=lambda breakage: breakage.name)
def test_busy_service_is_asked_again(breakage: Breakage, tmp_path: Path) -> None:
    assert befallen(pair(tmp_path), breakage).applies[0].code == 0


# ---------------------------------------------------------------------------------------------- strangers


@pytest.mark.parametrize("what", [(), (Death(INSTANTIATE, "inside"),), (lost_answer(INSTANTIATE),)], ids=len)
def test_configuration_of_others_is_not_taken_for_its_name(what: tuple[Breakage | Death, ...], tmp_path: Path) -> None:
    """One that provisions elsewhere has the very name that ours is to have."""
    trial = befallen(namesake(tmp_path), *what)
    principals = trial.after["tenants"]["contoso"]["objects"]["servicePrincipal"].values()
    alike = [one for one in principals if one["displayName"] == OTHERS["theirs"]["displayName"]]

    assert sorted("entra-reconciler" in (one.get("notes") or "") for one in alike) == [False, True]


def test_oracle_sees_a_second_configuration(tmp_path: Path) -> None:
    """The service carries out the request to make one twice: what nobody can prevent is seen all the same."""
    twice = Breakage("duplicate", ({"match": {"path": "*/instantiate"}, "action": "duplicate"},))
    promises = {one.promise for one in violations(carry_out(pair(tmp_path), twice))}

    assert {"unplanned", "touched"} <= promises


def test_oracle_sees_a_job_that_provisions_elsewhere(tmp_path: Path) -> None:
    trial = carry_out(pair(tmp_path))
    entries = trial.applies[0].entries
    for entry in entries:
        if entry["kind"] == "synchronizationSecrets":
            for sent in (entry["sent"], entry["after"]):
                sent["value"] = [
                    {**one, "value": IDS["tailspin"]} if one["key"] == "CompanyId" else one for one in sent["value"]
                ]

    assert {one.promise for one in violations(trial)} >= {"unplanned", "false exit 0"}
