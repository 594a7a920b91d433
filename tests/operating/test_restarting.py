"""Restarting a job: what is sent for which scope, when it is refused, and what is told afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from driving import Notes
from operated import CONTOSO, READING, Operated, operated, restarted, seed

from reconciler.errors import Forbidden, PlanStale, SetupError, Unanswered
from reconciler.model import Json
from reconciler.model.operations import LinkState, Scope
from reconciler.operating import RESTARTS


def sent(pair: Operated) -> list[Json]:
    """Return the bodies of all restarts that arrived; each changes more than one object."""
    rows = (row for row in pair.world.store.journal() if row.path.endswith("/restart"))
    return list({row.request_id: row.sent for row in rows}.values())


def held(pair: Operated, reason: str) -> None:
    quarantine = {"reason": reason, "error": None, "currentBegan": pair.stamp(-60), "nextAttempt": pair.stamp(300)}
    pair.let(code="Quarantine", quarantine=quarantine)


def state(pair: Operated) -> Json:
    (found,) = pair.world.store.all(CONTOSO, "synchronizationState").values()
    return found


@pytest.fixture
def pair(tmp_path: Path) -> Operated:
    there = operated(tmp_path)
    there.ran()
    return there


def test_every_scope_has_words() -> None:
    assert list(RESTARTS) == list(get_args(Scope))
    assert all(one.effects for one in RESTARTS.values())


def test_dangerous_scopes_ask_for_a_switch() -> None:
    assert [name for name, one in RESTARTS.items() if one.flag] == ["full", "force-deletes"]


@pytest.mark.parametrize(
    ("scope", "reset"),
    [
        ("default", "Escrows, Watermark, QuarantineState"),
        ("watermark", "Watermark"),
        ("escrows", "Escrows"),
        ("full", "Full"),
    ],
)
def test_scope_is_sent_in_the_words_of_the_service(scope: Scope, reset: str, pair: Operated) -> None:
    done = restarted(pair, scope)

    assert sent(pair) == [{"criteria": {"resetScope": reset}}]
    assert (done.exit_code, done.remarks) == (0, ())
    assert done.status is not None
    assert done.status.state is LinkState.RUNNING


@pytest.mark.parametrize("scope", ["default", "quarantine"])
def test_quarantine_is_lifted(scope: Scope, pair: Operated) -> None:
    held(pair, "TooManyDeletes")
    done = restarted(pair, scope)

    assert done.exit_code == 0
    assert done.status is not None
    assert done.status.state is not LinkState.QUARANTINE
    assert not state(pair)["forcesDeletes"]


def test_held_deletions_are_carried_out_by_their_own_scope_alone(pair: Operated) -> None:
    held(pair, "TooManyDeletes")
    restarted(pair, "force-deletes")

    assert state(pair)["forcesDeletes"]


def test_quarantine_that_comes_back_is_told(tmp_path: Path) -> None:
    there = operated(tmp_path, seed(allowed=False))
    held(there, "EncounteredQuarantineException")
    done = restarted(there)

    assert done.exit_code == 7
    assert "in quarantine still or again" in done.remarks[0]


@pytest.mark.parametrize(
    ("scope", "words"), [("force-deletes", "holds no deletions"), ("quarantine", "not in quarantine")]
)
def test_restart_without_sense_is_refused(scope: Scope, words: str, pair: Operated) -> None:
    with pytest.raises(SetupError, match=words):
        restarted(pair, scope)
    assert sent(pair) == []


def test_paused_job_is_not_started_by_a_restart(tmp_path: Path) -> None:
    there = operated(tmp_path, seed("paused"))

    with pytest.raises(SetupError, match="a restart would start it"):
        restarted(there)
    assert sent(there) == []


def test_job_that_changed_since_it_was_shown_is_left_alone(pair: Operated) -> None:
    with pytest.raises(PlanStale, match="not as it was shown; nothing was written"):
        restarted(pair, meanwhile=lambda: held(pair, "TooManyDeletes"))
    assert sent(pair) == []


def test_intent_is_noted_with_the_job_as_it_was(pair: Operated) -> None:
    notes = Notes()
    restarted(pair, notes=notes)
    (intent, before), (outcome, after) = notes.lines

    assert (intent, outcome, after["verdict"]) == ("intent", "outcome", "applied")
    assert before["before"]["status"]["code"] == "Active"
    assert before["address"] == "contoso/job/contoso-to-fabrikam"


def test_intent_that_cannot_be_noted_stops_it(pair: Operated) -> None:
    class Full(Notes):
        def record(self, event: str, facts: Json) -> None:
            raise SetupError("the disk is full")

    with pytest.raises(SetupError, match="the disk is full"):
        restarted(pair, notes=Full())
    assert sent(pair) == []


def test_outcome_that_cannot_be_noted_is_told(pair: Operated) -> None:
    class Filling(Notes):
        def record(self, event: str, facts: Json) -> None:
            if event == "outcome":
                raise SetupError("the disk is full")

    done = restarted(pair, notes=Filling())

    assert (done.exit_code, done.remarks) == (0, ("the disk is full",))
    assert len(sent(pair)) == 1


def test_answer_that_is_lost_is_unknown_and_nothing_is_sent_twice(pair: Operated) -> None:
    notes = Notes()
    pair.world.add_fault({"match": {"path": "*/restart"}, "phase": "after-commit", "action": {"drop": True}})

    with pytest.raises(Unanswered, match="reconciler status contoso-to-fabrikam"):
        restarted(pair, notes=notes)
    assert notes.lines[1][1]["verdict"] == "unknown"
    assert len(sent(pair)) == 1


def test_job_that_cannot_be_read_back_is_unverified(pair: Operated) -> None:
    class Cutting(Notes):
        def record(self, event: str, facts: Json) -> None:
            if event == "outcome":
                pair.world.add_fault({"match": {"path": "*/jobs"}, "action": {"status": 403}})

    done = restarted(pair, notes=Cutting())

    assert (done.exit_code, done.status) == (7, None)


def test_missing_permission_is_named(tmp_path: Path) -> None:
    said = seed()
    said["tenants"]["contoso"]["applications"][1]["roles"] = READING

    with pytest.raises(Forbidden, match=r"takes Synchronization\.ReadWrite\.All"):
        restarted(operated(tmp_path, said))
