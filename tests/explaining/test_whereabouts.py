"""Why one person is or is not in a target, or is there and cannot get in: what all readings together say."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from click import UsageError
from cycled import ADA, BOB, EVE, GROUP, change, cycled, guests, join, later
from operated import CONTOSO, FABRIKAM, LINK, READING, Operated

from reconciler.cli import cli
from reconciler.errors import SetupError
from reconciler.kinds import ALL
from reconciler.model.operations import LinkState
from reconciler.model.people import Fate
from reconciler.model.whereabouts import Presence, Way, Whereabouts
from reconciler.operating import at_home
from reconciler.reconciling import Desired
from reconciler.reconciling.inquiring import whereabouts
from reconciler.reporting.whereabouts import Output, render_whereabouts

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-whereabouts.schema.json"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Operated:
    """A pair that no test changes."""
    return cycled(tmp_path_factory.mktemp("quiet"))


@pytest.fixture
def pair(tmp_path: Path) -> Operated:
    return cycled(tmp_path)


def asked(pair: Operated, word: str, *links: str) -> Whereabouts:
    clock = pair.world.clock
    desired = Desired(pair.estate, ALL, "", clock.now().date())
    return asyncio.run(whereabouts(desired, links, word, pair.network.reader, clock.now))


def way(pair: Operated, word: str) -> Way:
    (found,) = asked(pair, word).ways
    return found


# ------------------------------------------------------------------------------------------ who is meant


@pytest.mark.parametrize("word", ["ada@contoso.example", ADA, "ada_contoso.example#EXT#@fabrikam.example"])
def test_somebody_is_known_by_any_name(word: str, quiet: Operated) -> None:
    found = way(quiet, word)

    assert found.presence is Presence.THERE
    assert found.there is not None
    assert found.there["mail"] == "ada@contoso.example"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("a_b_contoso.example#EXT#@fabrikam.example", "a_b@contoso.example"),
        ("a#EXT#@fabrikam.example", "a#EXT#@fabrikam.example"),
        ("ada@contoso.example", "ada@contoso.example"),
    ],
)
def test_name_in_a_target_is_taken_home(word: str, meant: str) -> None:
    assert at_home(word) == meant


def test_nobody_is_chosen_of_several_with_one_mail(pair: Operated) -> None:
    for one in (ADA, BOB):
        change(pair, "PATCH", f"users/{one}", mail="both@contoso.example")

    with pytest.raises(SetupError, match=f"several people have the mail 'both@contoso.example'.*{min(ADA, BOB)}"):
        asked(pair, "both@contoso.example")


def test_nobody_of_that_name_is_said(quiet: Operated) -> None:
    with pytest.raises(SetupError, match=r"nobody called .* is in contoso"):
        asked(quiet, "nobody@contoso.example")


# ------------------------------------------------------------------------------------------ where they are, and why


def test_whoever_is_not_assigned_is_not_there(quiet: Operated) -> None:
    found = way(quiet, BOB)

    assert (found.presence, found.because) == (Presence.ABSENT, ("not assigned, and in no group that is",))


def test_joiner_comes_with_the_next_cycle_and_its_time(pair: Operated) -> None:
    join(pair, BOB)
    found = way(pair, BOB)

    assert found.presence is Presence.COMES
    assert found.then[0] == "the next cycle: create; 2026-11-02T09:00:00Z"
    assert f"reconciler verify {LINK} --user bob@contoso.example" in found.then[1]


def test_whoever_is_kept_out_is_told_cause_and_fix(pair: Operated) -> None:
    """A code alone helps nobody who reads a ticket."""
    holder = {"id": "b055", "displayName": "Boss", "userPrincipalName": "boss@fabrikam.example"}
    pair.world.store.put(FABRIKAM, "user", "b055", {**holder, "mail": "bob@contoso.example"})
    join(pair, BOB)

    found = way(pair, BOB)

    assert found.presence is Presence.KEPT_OUT
    assert [words.partition(":")[0] for words in found.then] == ["the next cycle", "cause", "fix"]


def test_leaver_is_about_to_go(pair: Operated) -> None:
    change(pair, "DELETE", f"groups/{GROUP}/members/{ADA}/$ref")

    assert way(pair, ADA).presence is Presence.GOES


def test_disabled_person_cannot_get_in(pair: Operated) -> None:
    change(pair, "PATCH", f"users/{EVE}", accountEnabled=False)
    before = way(pair, EVE)
    later(pair)
    after = way(pair, EVE)

    assert (before.presence, after.presence) == (Presence.LOCKED_OUT, Presence.LOCKED_OUT)
    assert before.because[0] == "they are disabled in contoso, and the next cycle blocks their user in fabrikam"
    assert after.because[0] == "their user in fabrikam is blocked from signing in, as they are disabled in contoso"


def test_whoever_was_blocked_in_the_target_is_let_in_by_a_change(pair: Operated) -> None:
    change(pair, "PATCH", f"users/{guests(pair)['ada']['id']}", tenant="fabrikam", accountEnabled=False)
    found = way(pair, ADA)

    assert found.presence is Presence.LOCKED_OUT
    assert any("any change of them in contoso lets them in again" in words for words in found.then)


def test_closed_target_locks_out_who_is_there(pair: Operated) -> None:
    everybody = {"accessType": "blocked", "targets": [{"target": "AllUsers", "targetType": "user"}]}
    applications = {"accessType": "blocked", "targets": [{"target": "AllApplications", "targetType": "application"}]}
    path = f"policies/crossTenantAccessPolicy/partners/{CONTOSO}"
    closed = {"usersAndGroups": everybody, "applications": applications}
    change(pair, "PATCH", path, tenant="fabrikam", b2bCollaborationInbound=closed)
    found = way(pair, ADA)

    assert found.presence is Presence.LOCKED_OUT
    assert found.because[0].startswith("nobody of contoso may use fabrikam")


def test_paused_job_is_said(pair: Operated) -> None:
    pair.let(code="Paused", schedule="Disabled")
    found = way(pair, ADA)

    assert found.status is not None
    assert found.status.state is LinkState.PAUSED
    assert found.then == (f"the job is paused: no cycle runs; `reconciler status {LINK}` says more",)


# ------------------------------------------------------------------------------------------ what cannot be read


def test_unread_target_is_unknown_and_not_a_no(pair: Operated) -> None:
    join(pair, BOB)
    pair.world.faults.add({"match": {"tenant": FABRIKAM, "path": "/v1.0/*"}, "action": {"status": 403}})
    found = asked(pair, BOB)

    assert [one.presence for one in found.ways] == [Presence.UNKNOWN]
    assert found.exit_code == 8


def test_unread_source_is_unknown_and_not_nobody(tmp_path: Path) -> None:
    pair = cycled(tmp_path, [role for role in READING if role != "User.Read.All"])
    found = asked(pair, ADA)

    assert ([one.presence for one in found.ways], found.exit_code) == ([Presence.UNKNOWN], 8)
    assert "User.Read.All" in found.ways[0].because[0]


def test_unread_log_is_said_and_the_rest_is_told(tmp_path: Path) -> None:
    pair = cycled(tmp_path, [role for role in READING if role != "AuditLog.Read.All"])
    found = way(pair, "ada@contoso.example")

    assert found.forecast is not None
    assert (found.forecast.fate, found.events) == (Fate.IN_SYNC, ())
    assert any("the provisioning log was not read" in words for words in found.remarks)


# ------------------------------------------------------------------------------------------ how it is told


def test_answer_fits_into_a_ticket(quiet: Operated) -> None:
    text = render_whereabouts(asked(quiet, "ada@contoso.example"), "markdown")

    assert text.splitlines()[0] == "### Where `ada@contoso.example` is: 1 there"
    assert "- in scope by the group Sync" in text


def test_whereabouts_keep_their_schema(quiet: Operated) -> None:
    document = json.loads(render_whereabouts(asked(quiet, ADA), "json"))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert document["links"][0]["presence"] == "there"


def test_hostile_names_do_not_act() -> None:
    evil = "\x1b[2J::error::x\u202e | @team <img src=x>"
    found = Whereabouts(
        evil, datetime(2026, 1, 1, tzinfo=UTC), (Way(evil, evil, evil, Presence.ABSENT, because=(evil,)),)
    )

    outputs: tuple[Output, ...] = ("text", "markdown", "json")
    for output in outputs:
        text = render_whereabouts(found, output)
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<img" not in render_whereabouts(found, "markdown").replace("`", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ada@contoso.example", "--from", "contoso"), "USER goes with --link alone"),
        (("ada@contoso.example", "--declared"), "USER goes with --link alone"),
        (("--link", LINK), "--link goes with USER"),
        ((), "Say which two tenants are meant"),
    ],
)
def test_what_does_not_go_together_is_said(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        cli.main(["explain", *arguments], standalone_mode=False)
