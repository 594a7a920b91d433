"""Provisioning one person on demand: what is sent, what is told of it, and what is read back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest
from driving import Notes
from operated import CONTOSO, FABRIKAM, LINK, READING, WRITING, Operated, documents, operated, seed

from reconciler import operating
from reconciler.emulator.seeds import seeded_id
from reconciler.errors import Forbidden, SetupError, Unanswered
from reconciler.model import Json
from reconciler.model.operations import Result, Verified
from reconciler.operating.on_demand import told
from reconciler.reporting.verifications import render_verification

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-verification.schema.json"
ADA = seeded_id(CONTOSO, "user", "ada")


def verified(pair: Operated, user: str = "ada@contoso.example", notes: Notes | None = None) -> Verified:
    async def verifying() -> Verified:
        link, tenant = operating.choose_one(pair.estate, LINK)
        network = pair.network
        reader, writer = network.reader(tenant), network.writer(tenant)
        hand = operating.Hand("run", (notes or Notes()).record, pair.world.clock)
        try:
            ready = await operating.prepare(reader, pair.estate, tenant, link, user)
            done, remark = await operating.verify(ready, writer, pair.estate, network.reader, hand)
            assert remark == ""
            return done
        finally:
            await reader.aclose()
            await writer.aclose()

    return asyncio.run(verifying())


def guests(pair: Operated) -> list[Json]:
    everybody = pair.world.store.all(FABRIKAM, "user").values()
    return [one for one in everybody if one.get("creationType") == "Invitation"]


@pytest.fixture
def pair(tmp_path: Path) -> Operated:
    return operated(tmp_path)


# ------------------------------------------------------------------------------------------ what becomes of people


@pytest.mark.parametrize("user", ["ada@contoso.example", ADA])
def test_person_is_created_and_read_back(user: str, pair: Operated) -> None:
    done = verified(pair, user)
    (guest,) = guests(pair)

    assert (done.said.result, done.exit_code, done.said.target_id) == (Result.SUCCESS, 0, guest["id"])
    assert done.there is not None
    assert done.there["userPrincipalName"] == "ada_contoso.example#EXT#@fabrikam.example"
    assert (done.there["department"], done.there["accountEnabled"]) == ("Sales", "true")


@pytest.mark.parametrize("form", ["status-info", "result"])
def test_both_forms_of_the_answer_are_understood(form: str, tmp_path: Path) -> None:
    pair = operated(tmp_path, seed(switches={"on_demand_answer": form}))
    first, second, third = verified(pair), verified(pair), verified(pair, "bob@contoso.example")

    assert [one.said.result for one in (first, second, third)] == [Result.SUCCESS, Result.IN_SYNC, Result.SKIPPED]
    assert [one.exit_code for one in (first, second, third)] == [0, 0, 1]


def test_person_in_sync_is_read_back_too(pair: Operated) -> None:
    verified(pair)
    again = verified(pair)

    assert again.there is not None
    assert again.said.reason is not None
    assert again.said.reason.cause == "The target has all values already."


def test_skip_is_explained_in_words(pair: Operated) -> None:
    text = render_verification(verified(pair, "bob@contoso.example"))

    assert "   - not assigned, and no group with them is" in text
    assert "not seen: the service names no user of the target" in text
    assert "bob@contoso.example was skipped (contoso → fabrikam)." in text
    assert guests(pair) == []


def test_failure_has_cause_and_fix(tmp_path: Path) -> None:
    own = {"users": {"lovelace": {"proxyAddresses": ["smtp:ADA@contoso.example"]}}}
    done = verified(operated(tmp_path, seed(target=own)))

    assert (done.said.result, done.exit_code) == (Result.FAILURE, 1)
    assert done.said.reason is not None
    assert done.said.reason.code == "InvitationCreationFailureAmbiguousUser"
    assert "take the person out of the link's scope" in render_verification(done)


def test_policy_that_forbids_it_is_told(tmp_path: Path) -> None:
    done = verified(operated(tmp_path, seed(allowed=False)))

    assert done.said.result is Result.FAILURE
    assert done.said.reason is not None
    assert "isSyncAllowed" in done.said.reason.fix


def test_sixth_request_in_ten_seconds_waits(pair: Operated) -> None:
    begin = pair.world.clock.monotonic()
    results = [verified(pair).said.result for _ in range(6)]

    assert results == [Result.SUCCESS, *[Result.IN_SYNC] * 5]
    assert pair.world.clock.monotonic() - begin >= 8


def test_document_holds_to_its_schema(pair: Operated) -> None:
    document = json.loads(render_verification(verified(pair), "json"))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert [step["type"] for step in document["steps"]] == ["import", "scoping", "matching", "export"]


# ------------------------------------------------------------------------------------------ the target, and the journal


def test_target_that_nobody_reads_is_no_error(tmp_path: Path) -> None:
    done = verified(operated(tmp_path, files=documents(target="elsewhere")))

    assert (done.said.result, done.exit_code, done.there) == (Result.SUCCESS, 0, None)
    assert done.unseen == "nobody here signs in to fabrikam"


def test_target_that_cannot_be_read_is_unverified(pair: Operated) -> None:
    pair.world.add_fault({"match": {"tenant": "fabrikam", "path": "*/users/*"}, "action": {"status": 403}})
    done = verified(pair)

    assert (done.said.result, done.exit_code) == (Result.SUCCESS, 7)
    assert "takes User.Read.All" in done.unseen


def test_intent_and_outcome_are_noted(pair: Operated) -> None:
    notes = Notes()
    verified(pair, notes=notes)

    assert [event for event, _ in notes.lines] == ["intent", "outcome"]
    assert notes.lines[0][1]["path"].endswith("/provisionOnDemand")
    assert notes.lines[1][1]["verdict"] == "applied"


def test_answer_that_is_lost_is_unknown(pair: Operated) -> None:
    notes = Notes()
    pair.world.add_fault({"match": {"path": "*/provisionOnDemand"}, "phase": "after-commit", "action": {"drop": True}})

    with pytest.raises(Unanswered, match="reconciler logs contoso-to-fabrikam --user"):
        verified(pair, notes=notes)
    assert notes.lines[1][1]["verdict"] == "unknown"


# ------------------------------------------------------------------------------------------ what stands in the way


def test_stranger_is_said_to_be_one(pair: Operated) -> None:
    with pytest.raises(SetupError, match=r"contoso has no user 'eve@contoso\.example'"):
        verified(pair, "eve@contoso.example")


def test_missing_permissions_are_named(tmp_path: Path) -> None:
    unseen = operated(tmp_path / "a", seed(reading=[role for role in READING if role != "User.Read.All"]))
    unwritten = seed()
    unwritten["tenants"]["contoso"]["applications"][1]["roles"] = READING

    with pytest.raises(Forbidden, match=r"takes User\.Read\.All"):
        verified(unseen)
    with pytest.raises(Forbidden, match=r"takes Synchronization\.ReadWrite\.All"):
        verified(operated(tmp_path / "b", unwritten))
    assert "Synchronization.ReadWrite.All" in WRITING


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"key": None, "value": None},
        {"key": "x", "value": "["},
        {"key": "{}", "value": "[]"},
        {"key": '{"result":7,"details":[]}', "value": '{"provisioningSteps":[{"details":7},7],"statusInfo":[]}'},
    ],
)
def test_answer_of_another_form_is_unknown(answer: Mapping[str, Json]) -> None:
    assert told(answer).result is Result.UNKNOWN


def test_steps_alone_tell_the_result() -> None:
    """The published sample of a tenant pair shows steps, and no word about the result."""
    steps = [{"name": "EntryExportAdd", "type": "Export", "status": "Success", "details": {}}]
    said = told({"key": "a.type.StatusInfo", "value": json.dumps([{"provisioningSteps": steps}])})

    assert said.result is Result.SUCCESS
    assert said.steps[0].words == ("a user is created in the target",)


def test_hostile_answer_acts_nowhere() -> None:
    evil = "\x1b[2J\u202e\n::error::x"
    step = {"name": evil, "type": evil, "status": evil, "description": evil, "details": {"SkipReason": evil}}
    changes = [{"displayName": evil, "oldValue": evil, "newValue": evil}]
    inner = {"provisioningSteps": [step], "modifiedProperties": changes, "statusInfo": {"status": "Skipped"}}
    said = told({"key": "x", "value": json.dumps([inner])})
    text = render_verification(Verified(LINK, "contoso", evil, evil, ADA, said, {"displayName": evil}))

    assert not {"\x1b", "\u202e"} & set(text)
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
