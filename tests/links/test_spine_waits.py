"""What an apply does while it waits for the service: signals, deadlines, lagging replicas, and hands in between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from spine import (
    CONTOSO,
    LINK,
    Scene,
    configuration,
    documents,
    flow_of,
    link,
    meddled,
    outcome,
    scene,
    seed,
    users_of,
)

from reconciler.kinds.synchronization.configuration import TEMPLATE
from reconciler.model import Json, Report, Verdict

MADE = f"contoso/configuration/{LINK}"
JOB = f"contoso/job/{LINK}"
MAPPINGS = f"contoso/mappings/{LINK}"


def configurations(one: Scene) -> int:
    everything = one.world.store.all(CONTOSO, "application").values()
    return len([made for made in everything if made.get("applicationTemplateId") == TEMPLATE])


def verdicts(report: Report) -> set[Verdict]:
    return {done.verdict for done in report.outcomes}


# ---------------------------------------------------------------------------------------------- asked to end


def test_signal_while_waiting_makes_nothing(tmp_path: Path) -> None:
    """Before a configuration is made, the second look waits; who ends the run meanwhile finds nothing made."""
    one = replace(scene(tmp_path, seed()), signal=10)

    report = one.apply()

    assert configurations(one) == 0
    assert verdicts(report) == {Verdict.NOT_STARTED}
    assert "interrupted" in outcome(report, MADE, 0).detail


def test_end_of_time_while_waiting_makes_nothing(tmp_path: Path) -> None:
    """A run whose time is over while it waits begins no further step."""
    one = replace(scene(tmp_path, seed()), seconds=20)

    report = one.apply()

    assert configurations(one) == 0
    assert verdicts(report) == {Verdict.NOT_STARTED}
    assert "time for this run" in outcome(report, MADE, 0).detail


def test_signal_while_asking_starts_nothing(tmp_path: Path) -> None:
    """A signal during the question whether the job would work is told as such, not as a refusal."""
    renamed = documents(link(spec={"displayName": "Another", "accidentalDeletion": {"threshold": 7}}))
    one = replace(scene(tmp_path, _closed(), renamed), signal=20)

    started = outcome(one.apply(), JOB)

    assert (started.verdict, started.attempts) == (Verdict.NOT_STARTED, 0)
    assert started.detail.startswith("the run was interrupted before it")


def _closed() -> Json:
    """Return a world whose source says one thing to us and another to the service: it refuses what was agreed."""
    start = seed({"link": configuration(synchronization={"state": "paused"})})
    start["faults"] = [{"match": {"path": "*/validateCredentials"}, "action": {"status": 400}}]
    return start


def test_refusal_of_the_question_is_told(tmp_path: Path) -> None:
    """A job that would not work is not started, and the service's words are told."""
    one = scene(tmp_path, _closed())

    started = outcome(one.apply(), JOB)

    assert (started.verdict, started.attempts) == (Verdict.FAILED, 0)
    assert started.detail.startswith("it would not work")


# ---------------------------------------------------------------------------------------------- lagging replicas


@pytest.mark.parametrize("status", [404, 403, 409])
def test_new_configuration_that_is_not_known_everywhere(tmp_path: Path, status: int) -> None:
    """For half a minute the synchronization service does not know what was made: the run waits, and doubles nothing."""
    switches = {"new_object_lag_seconds": 30, "newborn_refusal": status}
    one = scene(tmp_path, {**seed(), "switches": switches}, documents(_linked()))

    report = one.apply()

    assert verdicts(report) == {Verdict.APPLIED}
    assert configurations(one) == 1
    assert not one.plan().steps


def _linked() -> Json:
    spec = {"mappings": {"displayName": {"expression": 'Append([displayName], " (Contoso)")'}}}
    return link(spec=spec)


@pytest.mark.parametrize("status", [403, 409])
def test_new_configuration_that_nobody_may_look_into_yet(tmp_path: Path, status: int) -> None:
    """The directory shows it, and the synchronization service refuses for a while: that is no lack of permission."""
    one = scene(tmp_path, seed())
    plan = one.plan()
    shy = {"match": {"method": "GET", "path": "*/synchronization/jobs/*"}, "times": 3, "action": {"status": status}}
    one.world.add_fault(shy)

    assert verdicts(one.apply(plan)) == {Verdict.APPLIED}


def test_missing_permission_is_no_change_by_others(tmp_path: Path) -> None:
    """A configuration whose job may not be read is not told as one that changed since the plan."""
    one = scene(tmp_path, seed())
    plan = one.plan()
    one.world.add_fault({"match": {"path": "*/synchronization/*"}, "action": {"status": 403}})

    report = one.apply(plan)

    told = {done.verdict: done.detail for done in report.outcomes}
    assert Verdict.BLOCKED not in told
    assert "403" in told[Verdict.FAILED] or "Forbidden" in told[Verdict.FAILED]


def test_mark_is_written_although_a_replica_lags(tmp_path: Path) -> None:
    """A new service principal that is shown by one replica and not yet by another is marked all the same."""
    one = scene(tmp_path, seed())
    plan = one.plan()
    missing = {"match": {"method": "PATCH", "path": "*/servicePrincipals/*"}, "times": 2, "action": {"status": 404}}
    one.world.add_fault(missing)

    assert verdicts(one.apply(plan)) == {Verdict.APPLIED}


# ---------------------------------------------------------------------------------------------- hands in between


def paused() -> Json:
    return seed({"link": configuration(synchronization={"state": "paused"})})


def test_second_try_takes_along_what_others_wrote(tmp_path: Path) -> None:
    """A schema is written whole: a try that got lost is repeated with what is there by then, not with what was."""
    one = scene(tmp_path, paused(), documents(_linked()))
    lost = {"match": {"method": "PUT", "path": "*/schema"}, "nth": 1, "action": "drop"}
    one.world.add_fault(lost)

    report = meddled(one, MAPPINGS, lambda: one.put_schema(_touch)).apply()

    assert outcome(report, MAPPINGS).verdict is Verdict.APPLIED
    assert users_of(one.schema())["flowTypes"] == "Add, Update"


def _touch(schema: Json) -> None:
    users_of(schema)["flowTypes"] = "Add, Update"


def test_what_others_wrote_before_the_read_stays(tmp_path: Path) -> None:
    """Parts of the schema that are no business of a file go back as they were just read."""
    one = scene(tmp_path, paused(), documents(_linked()))
    plan = one.plan()
    one.put_schema(_touch)

    one.apply(plan)

    assert users_of(one.schema())["flowTypes"] == "Add, Update"


def test_mapping_that_others_changed_is_not_overwritten(tmp_path: Path) -> None:
    """Between the check of the plan and its write, a person edits the very mappings: theirs stay."""
    one = scene(tmp_path, paused(), documents(link(spec={"displayName": "Another", **_linked()["spec"]})))
    hand = meddled(one, f"contoso/configuration/{LINK}", lambda: one.put_schema(_edit))

    report = hand.apply()

    assert outcome(report, MAPPINGS).verdict is Verdict.BLOCKED
    assert flow_of(one.schema(), "city")["source"]["expression"] == '"X"'


def _edit(schema: Json) -> None:
    flow_of(schema, "city")["source"] = {"type": "Function", "expression": '"X"'}
