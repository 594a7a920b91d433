"""What a person changed in the portal since the last apply, and what a plan says before it is put back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rehearsing import commit
from sites import CONTOSO, PARTNERS, TREY, Site, site

from reconciler.repository import REHEARSED, Record, remember, tree_id

FILE = "contoso/partners/trey.yaml"
SETTING = "automaticUserConsentSettings"
OPEN = {"inboundAllowed": True, "outboundAllowed": False}
TRUST = "inboundTrust: {isMfaAccepted: true}"
SAYING_YES = """\
acknowledge:
- rule: 22
  change:
    property: {path}
    from: {before}
    to: {after}
  reason: the incident is over
  owner: ann
  expires: {until}
- rule: 6
  change: {{property: inboundTrust.isMfaAccepted, from: {flag}, to: true}}
  reason: reviewed
  owner: ann
  expires: {until}
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    """Contoso trusts what Trey Research says of multifactor authentication, as Git asks."""
    with site(tmp_path) as made:
        made.write(FILE, _text(made) + f"  {TRUST}\n" + _yes("null", "null"))
        made.emulator.portal("contoso", PARTNERS, {"tenantId": TREY}, method="POST")
        commit(made.folder, "Trust Trey Research")
        applied = made.run("apply", "--yes")
        assert applied.code == 0, applied.stdout + applied.stderr
        made.write(FILE, _text(made).partition("acknowledge:")[0])
        yield made


def _text(there: Site) -> str:
    return (there.folder / "tenants" / FILE).read_text(encoding="utf-8")


def _yes(before: str, flag: str) -> str:
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    return SAYING_YES.format(path="inboundTrust", before=before, after="{isMfaAccepted: true}", until=until, flag=flag)


def test_what_was_closed_by_hand_is_not_opened_before_git_says_yes(here: Site) -> None:
    here.emulator.portal("contoso", f"{PARTNERS}/{TREY}", {"inboundTrust": {"isMfaAccepted": False}})
    written = len(here.committed())

    planned, applied = here.run("plan"), here.run("apply", "--yes")
    refused = len(here.committed())
    here.write(FILE, _text(here) + _yes("{isMfaAccepted: false}", "false"))
    agreed = here.run("apply", "--yes")

    assert (planned.code, applied.code, agreed.code) == (3, 3, 0)
    assert "inboundTrust was changed outside Git since the apply of tree" in planned.stdout
    assert "and putting it back opens more than now" in planned.stdout
    assert "- rule: 22" in planned.stdout
    assert (refused, len(here.committed())) == (written, written + 1)


def test_what_was_opened_by_hand_is_closed_with_a_warning(here: Site) -> None:
    here.emulator.portal("contoso", f"{PARTNERS}/{TREY}", {SETTING: OPEN})

    planned = here.run("plan")
    here.write(FILE, _text(here).replace("outboundAllowed: false", "outboundAllowed: true"))
    both = here.run("plan")

    assert planned.code == 0, planned.stdout + planned.stderr
    assert f"{SETTING} was changed outside Git since the apply of tree" in planned.stdout
    assert "and would be put back" in planned.stdout
    assert f"{SETTING} was changed by both since the apply of tree" in both.stdout


def test_what_only_the_files_change_is_not_spoken_of(here: Site) -> None:
    here.write(FILE, _text(here).replace("isMfaAccepted: true", "isMfaAccepted: false"))

    planned = here.run("plan")

    assert planned.code == 0, planned.stdout + planned.stderr
    assert "outside Git" not in planned.stdout


def test_files_of_then_that_git_does_not_have_say_nothing(here: Site) -> None:
    """As in a clone without its history: nobody knows, and that blocks nothing."""
    here.write(FILE, _text(here) + "# never committed\n")
    assert here.run("apply", "--yes").code == 0
    here.write(FILE, _text(here) + "# nor this\n")
    here.emulator.portal("contoso", f"{PARTNERS}/{TREY}", {SETTING: OPEN})

    planned = here.run("plan")

    assert planned.code == 0, planned.stdout + planned.stderr
    assert "outside Git" not in planned.stdout


def test_files_of_then_that_nobody_can_read_say_nothing(here: Site) -> None:
    """What an older version took for a document is no reason to stop."""
    text = _text(here)
    here.write(FILE, "kind: Bygone\n")
    commit(here.folder, "Speak of what nobody knows")
    world = here.emulator.control("GET", "clock")["world"]
    record = Record("contoso", tree_id(here.folder / "tenants"), "", 0, 1, world)
    remember(here.folder / "tenants", REHEARSED, {CONTOSO: record})
    here.write(FILE, text)
    here.emulator.portal("contoso", f"{PARTNERS}/{TREY}", {SETTING: OPEN})

    planned = here.run("plan")

    assert planned.code == 0, planned.stdout + planned.stderr
    assert "outside Git" not in planned.stdout


def test_emulator_that_was_begun_anew_was_changed_by_nobody(here: Site) -> None:
    """What was applied to the one before says nothing of it."""
    seed = here.emulator.control("GET", "state")
    here.emulator.control("PUT", "state", seed)
    here.emulator.portal("contoso", f"{PARTNERS}/{TREY}", {SETTING: OPEN})

    planned = here.run("plan")

    assert planned.code == 0, planned.stdout + planned.stderr
    assert "outside Git" not in planned.stdout
