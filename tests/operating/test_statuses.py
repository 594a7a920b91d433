"""What each link is doing, by the job that the service shows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from operated import LINK, READING, Operated, documents, operated, seed

from reconciler import operating
from reconciler.errors import SetupError
from reconciler.model.operations import LinkState
from reconciler.operating.judging import duration, moment


@pytest.fixture
def pair(tmp_path: Path) -> Operated:
    return operated(tmp_path)


# ------------------------------------------------------------------------------------------ the state


def test_started_job_waits_for_its_first_cycle(pair: Operated) -> None:
    """What the service shows of a run that never was looks like a failure, and is none."""
    status = pair.status()

    assert pair.job()["status"]["lastExecution"]["state"] == "Failed"
    assert (status.state, status.last, status.next_run) == (LinkState.WAITING, None, None)
    assert not status.needs_attention
    assert status.next_words == "unknown: no cycle has been told yet"


def test_job_that_was_started_anew_waits_again(pair: Operated) -> None:
    pair.ran(code="NotRun")

    assert (pair.status().state, pair.status().detail[:13]) == (LinkState.WAITING, "started anew;")


def test_job_after_a_cycle_runs(pair: Operated) -> None:
    pair.ran()
    status = pair.status()

    assert (status.state, status.needs_attention) == (LinkState.RUNNING, False)
    assert status.last is not None
    assert status.last.counts == {"entitled": 0, "imported": 12, "exported": 3, "exports": 0, "escrowed": 0}
    assert dict(status.people) == {"User": 12}
    assert status.last_success == status.last.ended


def test_next_cycle_is_forty_minutes_after_the_start_of_the_last(pair: Operated) -> None:
    pair.ran(began=-30, ended=-1)

    assert pair.status().next_run == moment(pair.stamp(10))


def test_cycle_that_is_late_is_due(pair: Operated) -> None:
    pair.ran(began=-100)

    assert pair.status().next_words == "due: a cycle is under way, or late"


@pytest.mark.parametrize("state", ["paused", "fresh"])
def test_paused_job_needs_attention_where_files_want_it_to_run(state: str, tmp_path: Path) -> None:
    wanted, unwanted = (
        operated(tmp_path / "a", seed(state)),
        operated(tmp_path / "b", seed(state), documents(enabled=False)),
    )

    assert (wanted.status().state, wanted.status().needs_attention) == (LinkState.PAUSED, True)
    assert (unwanted.status().state, unwanted.status().needs_attention) == (LinkState.PAUSED, False)


def test_link_without_a_configuration_is_not_made_yet(tmp_path: Path) -> None:
    status = operated(tmp_path, seed(made=False)).status()

    assert (status.state, status.needs_attention) == (LinkState.NOT_MADE, True)


@pytest.mark.parametrize(
    ("made", "words"), [(True, "the files want it gone; "), (False, "the files want it gone, and it is")]
)
def test_link_that_shall_be_gone_needs_no_attention(made: bool, words: str, tmp_path: Path) -> None:
    files = documents(said={"state": "absent", "people": "keep"})
    status = operated(tmp_path, seed("paused", made=made), files).status()

    assert status.detail.startswith(words)
    assert not status.needs_attention


def test_word_that_nobody_knows_is_unknown(pair: Operated) -> None:
    pair.let(code="Hibernating")
    status = pair.status()

    assert (status.state, status.needs_attention) == (LinkState.UNKNOWN, True)
    assert "'Hibernating'" in status.detail


# ------------------------------------------------------------------------------------------ quarantine


def held(pair: Operated, reason: str, code: str = "None", message: str = "") -> None:
    error = {"code": code, "message": message, "tenantActionable": True}
    quarantine = {
        "reason": reason,
        "error": error,
        "currentBegan": pair.stamp(-60),
        "seriesBegan": pair.stamp(-600),
        "seriesCount": 3,
        "nextAttempt": pair.stamp(300),
    }
    pair.let(code="Quarantine", quarantine=quarantine)


def test_quarantine_has_cause_and_fix(pair: Operated) -> None:
    held(pair, "TooManyDeletes")
    status = pair.status()

    assert (status.state, status.needs_attention) == (LinkState.QUARANTINE, True)
    assert status.quarantine is not None
    assert "guard against accidental deletion" in status.quarantine.reason.cause
    assert "force-deletes" in status.quarantine.reason.fix
    assert status.quarantine.error is None
    assert status.next_run == moment(pair.stamp(300))


def test_error_behind_a_quarantine_is_explained_too(pair: Operated) -> None:
    held(pair, "EncounteredQuarantineException", "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure", "No.")
    status = pair.status()

    assert status.quarantine is not None
    assert status.quarantine.error is not None
    assert "isSyncAllowed" in status.quarantine.error.fix


def test_error_that_graph_passes_on_is_unwrapped(pair: Operated) -> None:
    nested = '{"error":{"code":"AzureDirectoryB2BManagementPolicyCheckFailure","message":"No consent."}}'
    held(pair, "EncounteredQuarantineException", "UnknownError", nested)
    status = pair.status()

    assert status.quarantine is not None
    assert status.quarantine.error is not None
    assert (status.quarantine.error.code, status.quarantine.error.message) == (
        "AzureDirectoryB2BManagementPolicyCheckFailure",
        "No consent.",
    )


def test_service_disables_after_four_weeks(pair: Operated) -> None:
    held(pair, "TooManyDeletes")
    pair.let(schedule="Disabled")

    assert "disabled" in pair.status().detail


# ------------------------------------------------------------------------------------------ whose it is


def test_configuration_that_no_link_claims_is_shown(tmp_path: Path) -> None:
    principals = {"stray": {"displayName": "Stray", "synchronization": {"target": "contoso", "state": "paused"}}}
    found = operated(tmp_path, seed(principals=principals)).statuses()

    assert [(one.link, one.state) for one in found] == [(LINK, LinkState.WAITING), ("", LinkState.PAUSED)]
    assert found[1].detail == "no link of these files is its own"
    assert not found[1].needs_attention


def test_named_links_are_shown_alone(tmp_path: Path) -> None:
    principals = {"stray": {"displayName": "Stray", "synchronization": {"target": "contoso", "state": "paused"}}}
    pair = operated(tmp_path, seed(principals=principals))

    assert [one.link for one in pair.statuses(LINK)] == [LINK]


def test_two_that_fit_are_ambiguous(tmp_path: Path) -> None:
    principals = {"again": {"displayName": "Again", "synchronization": {"target": "fabrikam"}}}
    status = operated(tmp_path, seed(principals=principals)).status()

    assert (status.state, status.needs_attention) == (LinkState.AMBIGUOUS, True)
    assert "Again" in status.detail


def test_source_that_nobody_here_signs_in_to_is_elsewhere(tmp_path: Path) -> None:
    pair = operated(tmp_path, files=documents(source="elsewhere"))

    assert (pair.status().state, pair.status().needs_attention) == (LinkState.ELSEWHERE, False)


# ------------------------------------------------------------------------------------------ unread


@pytest.mark.parametrize("missing", ["Application.Read.All", "Synchronization.Read.All"])
def test_missing_permission_leaves_it_unread_and_is_named(missing: str, tmp_path: Path) -> None:
    status = operated(tmp_path, seed(reading=[role for role in READING if role != missing])).status()

    assert (status.state, status.exit_code) == (LinkState.UNREAD, 8)
    assert f"takes {missing}" in status.detail


def test_broken_service_leaves_it_unread(pair: Operated) -> None:
    pair.world.add_fault({"match": {"path": "*/jobs"}, "action": {"status": 503}})
    status = pair.status()

    assert (status.state, status.exit_code) == (LinkState.UNREAD, 9)
    assert operating.exit_code([status]) == 9


def test_unknown_link_is_told_with_what_was_meant(pair: Operated) -> None:
    with pytest.raises(SetupError, match="did you mean 'contoso-to-fabrikam'"):
        pair.statuses("contoso-to-fabricam")


# ------------------------------------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("PT40M", 40),
        ("P1DT2H", 1560),
        ("PT0S", None),
        ("P10675199DT2H48M5.4775807S", None),
        ("soon", None),
        ("P", None),
    ],
)
def test_intervals_are_counted_with_where_they_can_be(text: str, minutes: int | None) -> None:
    assert duration(text) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "", "yesterday", None, 7])
def test_beginning_of_time_is_never(text: object) -> None:
    assert moment(text) is None
