"""The provisioning log of a link: which entries, in which words, and how many requests it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from operated import CONTOSO, LINK, PRINCIPAL, READING, Operated, operated, read, seed

from reconciler.emulator.seeds import seeded_id
from reconciler.errors import Forbidden, SetupError
from reconciler.model import Json
from reconciler.operating.records import happened
from reconciler.reporting.events import render_log

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-log.schema.json"
ADA, BOB = (seeded_id(CONTOSO, "user", name) for name in ("ada", "bob"))


def entry(pair: Operated, number: int, minutes: float = -5, user: str = "ada", **members: Json) -> None:
    """Put an entry into the log, so many minutes from now."""
    name = f"00000000-0000-4000-8000-{number:012}"
    source = {
        "id": seeded_id(CONTOSO, "user", user),
        "displayName": user.title(),
        "identityType": "User",
        "details": {"UserPrincipalName": f"{user}@contoso.example"},
    }
    record = {
        "id": name,
        "activityDateTime": pair.stamp(minutes),
        "jobId": pair.job()["id"],
        "servicePrincipal": {"id": PRINCIPAL, "displayName": "Fabrikam"},
        "provisioningAction": "create",
        "provisioningStatusInfo": {"status": "success", "errorInformation": None},
        "sourceIdentity": source,
        "targetIdentity": {"id": "", "displayName": "", "identityType": "User", "details": {}},
        "modifiedProperties": [],
        "provisioningSteps": [],
        **members,
    }
    pair.world.store.put(CONTOSO, "provisioningEvent", name, record)


def failure(code: str, reason: str = "") -> Json:
    error = {"errorCode": code, "reason": reason, "additionalDetails": None, "recommendedAction": None}
    return {"status": "failure", "errorInformation": error}


@pytest.fixture
def pair(tmp_path: Path) -> Operated:
    return operated(tmp_path)


# ------------------------------------------------------------------------------------------ which entries


def test_newest_comes_first(pair: Operated) -> None:
    for number, minutes in enumerate((-30, -10, -20), 1):
        entry(pair, number, minutes)

    assert [int(one.id[-2:]) for one in read(pair)] == [2, 3, 1]


def test_what_is_older_is_left_out(pair: Operated) -> None:
    entry(pair, 1, -61)
    entry(pair, 2, -60)

    assert [int(one.id[-2:]) for one in read(pair, hours=1)] == [2]


def test_other_jobs_are_left_out(pair: Operated) -> None:
    entry(pair, 1, jobId="Azure2Azure.other.job")

    assert read(pair) == ()


@pytest.mark.parametrize("user", [BOB, BOB.upper(), "bob@contoso.example", "BOB@contoso.example"])
def test_one_person_is_picked_by_either_name(user: str, pair: Operated) -> None:
    entry(pair, 1)
    entry(pair, 2, user="bob")

    assert [one.name for one in read(pair, user=user)] == ["Bob"]


def test_failures_alone_are_picked(pair: Operated) -> None:
    entry(pair, 1)
    entry(pair, 2, provisioningStatusInfo=failure("InvalidAnchor"))

    assert [int(one.id[-2:]) for one in read(pair, failures=True)] == [2]


def test_all_pages_are_read(pair: Operated) -> None:
    for number in range(1, 1102):
        entry(pair, number)

    assert len(read(pair)) == 1101


# ------------------------------------------------------------------------------------------ words


def test_failure_has_cause_and_fix(pair: Operated) -> None:
    entry(pair, 1, provisioningStatusInfo=failure("InvitationCreationFailureAmbiguousUser", "Taken."))
    text = render_log(LINK, read(pair))

    assert "ada@contoso.example" in text
    assert "the service says: Taken." in text
    assert "cause: An internal user of the target has the same mail address" in text
    assert text.endswith("Log of contoso-to-fabrikam: 1 failure.\n")


def test_skip_has_its_reason(pair: Operated) -> None:
    step = {"name": "EntrySynchronizationSkip", "details": {"SkipReason": "RedundantExport"}}
    entry(pair, 1, provisioningStatusInfo={"status": "skipped"}, provisioningSteps=[step])
    (found,) = read(pair)

    assert found.reason is not None
    assert found.reason.cause == "The target has all values already."


def test_code_that_nobody_knows_says_so(pair: Operated) -> None:
    entry(pair, 1, provisioningStatusInfo=failure("Strange", "Something."))

    assert "no public text explains this code" in render_log(LINK, read(pair))


def test_nothing_is_told_as_nothing(pair: Operated) -> None:
    assert "nothing. The service writes it some minutes late" in render_log(LINK, read(pair))


def test_every_line_is_an_entry_of_the_schema(pair: Operated) -> None:
    entry(pair, 1, provisioningStatusInfo=failure("InvalidAnchor"))
    entry(pair, 2)
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    lines = render_log(LINK, read(pair), "json").splitlines()

    assert len(lines) == 2
    for line in lines:
        validator.validate(json.loads(line))


@pytest.mark.parametrize("output", ["text", "json"])
def test_hostile_names_act_nowhere(output: Any, pair: Operated) -> None:
    evil = "\x1b[2J\u202eeve\n::error::gone ##[command]"
    source = {"id": "x", "displayName": evil, "details": {"UserPrincipalName": evil}}
    entry(pair, 1, sourceIdentity=source, provisioningStatusInfo=failure(evil, evil))
    text = render_log(LINK, read(pair), output)

    assert not {"\x1b", "\u202e"} & set(text)
    assert "##[" not in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"provisioningStatusInfo": None, "sourceIdentity": None, "modifiedProperties": None, "provisioningSteps": None},
        {"provisioningStatusInfo": [], "sourceIdentity": {"details": []}, "modifiedProperties": [7]},
        {"provisioningSteps": [None, {"details": None}, {"details": {"SkipReason": 7}}]},
        {"statusInfo": {"status": 7}, "action": ["x"], "activityDateTime": 7},
    ],
)
def test_entry_of_another_shape_is_half_told(record: Json) -> None:
    found = happened(record)

    assert (found.at, found.reason, found.principal_name) == (None, None, "")


# ------------------------------------------------------------------------------------------ what stands in the way


def test_missing_permission_is_named(tmp_path: Path) -> None:
    pair = operated(tmp_path, seed(reading=[role for role in READING if role != "AuditLog.Read.All"]))

    with pytest.raises(Forbidden, match=r"takes AuditLog\.Read\.All"):
        read(pair)


def test_link_that_is_not_made_yet_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="is not made yet in contoso; apply makes it"):
        read(operated(tmp_path, seed(made=False)))
