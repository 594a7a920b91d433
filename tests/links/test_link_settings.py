"""Settings that the service does not show, and those that no file can say: nothing of them is lost unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from spine import BRAKE, Scene, brief, configuration, documents, link, scene, seed

from reconciler.model import Json, Plan, Severity

MAIL = "SyncNotificationSettings"


def standing(folder: Path, hidden: dict[str, str], **said: Json) -> Scene:
    """Return a link that is there, of whose settings the service does not show some."""
    one = scene(folder, seed({"link": configuration()}), documents(link(**said)))
    one.put_secrets(**hidden)
    return one


def stops(plan: Plan) -> list[str]:
    return [one.message for each in plan.tenants for one in each.findings if one.severity is Severity.ERROR]


@pytest.mark.parametrize("key", ["SyncAll", MAIL])
def test_what_is_not_shown_is_not_compared(key: str, tmp_path: Path) -> None:
    assert brief(standing(tmp_path, {key: "*"}).plan()) == []


def test_scope_that_is_not_shown_is_written_as_the_file_says_and_shown(tmp_path: Path) -> None:
    """Everybody may be in it: another setting alone must not take them out unseen."""
    one = standing(tmp_path, {"SyncAll": "*"}, spec={"accidentalDeletion": {"threshold": 7}})

    plan = one.plan()

    assert brief(plan)[0] == "update contoso/settings/contoso-to-fabrikam accidentalDeletion,scope"
    assert any(finding.rule == 13 for each in plan.tenants for finding in each.findings)
    assert one.apply(plan).exit_code == 0
    assert one.secrets()["SyncAll"] == "false"


def test_mail_that_is_not_shown_is_written_as_the_file_says_and_shown(tmp_path: Path) -> None:
    recipients = ["ann@contoso.example"]
    one = standing(tmp_path, {MAIL: "*"}, spec={"scope": "all", "notifications": {"recipients": recipients}})

    plan = one.plan()
    one.apply(plan)

    assert brief(plan)[0] == ("update contoso/settings/contoso-to-fabrikam accidentalDeletion,notifications,scope")
    assert json.loads(one.secrets()[MAIL])["Recipients"] == recipients[0]


def test_what_is_not_shown_and_not_said_stops_a_write(tmp_path: Path) -> None:
    said = {"lifecycle": {"ignore": ["notifications"]}, "spec": {"scope": "all"}}
    one = standing(tmp_path, {MAIL: "*"}, **said)

    [message] = stops(one.plan())
    assert message.endswith("which the file leaves to others; say it there, or change the rest by hand")
    assert "does not show notifications" in message
    assert one.secrets()[MAIL] == "*"


def test_others_that_are_not_shown_are_told_before_a_write(tmp_path: Path) -> None:
    quiet = standing(tmp_path, {"SecretToken": "*"})
    assert not [one for each in quiet.plan().tenants for one in each.findings if "SecretToken" in one.message]

    writing = standing(tmp_path, {"SecretToken": "*"}, spec={"accidentalDeletion": {"threshold": 7}})
    found = [one for each in writing.plan().tenants for one in each.findings if "SecretToken" in one.message]

    assert [one.severity for one in found] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        (
            {"Enabled": False, "Recipients": "ann@contoso.example"},
            {"enabled": False, "recipients": ["ann@contoso.example"]},
        ),
        ({"Enabled": True, "Recipients": ""}, {"enabled": True}),
    ],
)
def test_mail_that_is_on_without_anybody_or_off_with_somebody_can_be_said(
    mail: Json, said: Json, tmp_path: Path
) -> None:
    there = configuration(settings={MAIL: json.dumps({**BRAKE, **mail})})

    one = scene(tmp_path, seed({"link": there}), documents(link(spec={"notifications": said})))

    assert brief(one.plan()) == []
