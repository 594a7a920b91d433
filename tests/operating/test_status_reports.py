"""How the state of links is told: a table with what is wrong below it, and a document."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from reconciler.model.operations import Cycle, LinkState, LinkStatus, Quarantine
from reconciler.reporting.statuses import render_status, span
from reconciler.troubles import explain

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-status.schema.json"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
EVIL = "\x1b[2J\u202eevil\n::error::gone ##[command]"
CYCLE = Cycle(
    NOW - timedelta(minutes=30),
    NOW - timedelta(minutes=25),
    "EntryLevelErrors",
    {"imported": 12, "exported": 3},
    explain("Timeout", "Late."),
)
HELD = Quarantine(
    reason=explain("EncounteredQuarantineException"),
    error=explain("AzureDirectoryB2BManagementPolicyCheckFailure", "No consent."),
    since=NOW - timedelta(hours=2),
    series_since=NOW - timedelta(days=2),
    times=3,
    next_attempt=NOW + timedelta(hours=4),
)
RUNNING = LinkStatus(
    "a-to-b", "a", "b", LinkState.RUNNING, True, "B (application x)", last=CYCLE, people={"Group": 2, "User": 12},
    next_run=NOW + timedelta(minutes=10),
)  # fmt: skip
QUARANTINED = replace(
    RUNNING,
    state=LinkState.QUARANTINE,
    quarantine=HELD,
    next_run=HELD.next_attempt,
    next_words="the service tries again",
)


def test_running_link_is_one_row() -> None:
    head, row, *_ = render_status([RUNNING], 0, NOW).splitlines()

    assert head.split("  ")[0] == "link"
    assert [cell.strip() for cell in row.split("  ") if cell] == [
        "a-to-b", "a", "b", "running", "25 min ago", "5 min", "EntryLevelErrors", "2 Group, 12 User", "in 10 min",
    ]  # fmt: skip


def test_quarantine_is_told_with_cause_and_fix() -> None:
    text = render_status([QUARANTINED], 0, NOW)

    assert "  in quarantine for 2 h: EncounteredQuarantineException" in text
    assert "  the error behind it: AzureDirectoryB2BManagementPolicyCheckFailure (No consent.)" in text
    assert "    cause: The consent that redeems invitations by itself is missing in one of the two tenants." in text
    assert "  3 attempts failed, the first time 2 d ago" in text
    assert text.splitlines()[-1] == "Status: 1 quarantine."


def test_failures_lead_to_the_log() -> None:
    failing = replace(RUNNING, last=replace(CYCLE, counts={"escrowed": 2}))

    assert "`reconciler logs a-to-b --failures` shows why they did" in render_status([failing], 0, NOW)
    assert "--failures" not in render_status([RUNNING], 0, NOW)


def test_no_link_is_said_to_be_none() -> None:
    assert render_status([], 0, NOW) == "Status: the files speak of no link.\n"


def test_colour_is_for_the_state_alone() -> None:
    plain, coloured = render_status([RUNNING], 0, NOW), render_status([RUNNING], 0, NOW, colour=True)

    assert "\x1b[32mrunning\x1b[0m" in coloured
    assert coloured.replace("\x1b[32m", "").replace("\x1b[0m", "") == plain


@pytest.mark.parametrize("one", [RUNNING, QUARANTINED, LinkStatus("", "a", "*", LinkState.PAUSED)])
def test_document_holds_to_its_schema(one: LinkStatus) -> None:
    document = json.loads(render_status([one], 0, NOW, "json"))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert document["links"][0]["claimed"] == bool(one.link)


def test_same_status_gives_the_same_bytes() -> None:
    assert render_status([QUARANTINED], 0, NOW, "json") == render_status([QUARANTINED], 0, NOW, "json")


def test_hostile_names_act_nowhere() -> None:
    told = explain(EVIL, EVIL)
    one = LinkStatus(
        "", EVIL, EVIL, LinkState.QUARANTINE, configuration=EVIL, detail=EVIL, people={EVIL: 1},
        last=replace(CYCLE, result=EVIL, trouble=told), quarantine=replace(HELD, reason=told, error=told),
    )  # fmt: skip
    for text in (render_status([one], 0, NOW), render_status([one], 0, NOW, "json")):
        assert not {"\x1b", "\u202e"} & set(text)
        assert "##[" not in text
        assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (90_000, "1 d 1 h"), (86_460, "1 d")],
)
def test_times_have_two_units_at_most(seconds: int, words: str) -> None:
    assert span(seconds) == words
