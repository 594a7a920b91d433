"""`reconciler doctor` as a user has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import Site, site


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


def without_secrets(here: Site) -> None:
    mine = {name: value for name, value in here.emulator.environment.items() if "CLIENT_SECRET" not in name}
    here.emulator.environment = mine


def test_checkup_of_a_working_site_ends_with_zero(here: Site) -> None:
    ran = here.run("doctor")

    assert ran.code == 0
    assert "fine          apply: permissions: the token has what is needed" in ran.stdout
    assert "doubtful      plan: privileges" in ran.stdout
    assert "cannot check" in ran.stdout
    assert not here.committed()


def test_missing_secret_ends_with_eight(here: Site) -> None:
    without_secrets(here)

    ran = here.run("doctor", "--output", "json")

    assert ran.code == ran.json()["exitCode"] == 8
    assert {check["health"] for check in ran.json()["checks"]} == {"missing"}


def test_dead_service_ends_with_nine(here: Site) -> None:
    here.emulator.fault({"match": {"path": "*/oauth2/v2.0/token"}, "action": {"status": 503}})

    ran = here.run("doctor", "--output", "markdown")

    assert ran.code == 9
    assert "**unreachable**" in ran.stdout


def test_wrong_form_is_told_before_anything_is_sent(here: Site) -> None:
    here.emulator.environment = {**here.emulator.environment, "RECONCILER_SIGN_IN": "password"}

    ran = here.run("doctor")

    assert ran.code == 1
    assert "RECONCILER_SIGN_IN is 'password'" in ran.stderr


def test_person_is_not_waited_for_without_a_terminal(here: Site) -> None:
    here.emulator.environment = {**here.emulator.environment, "RECONCILER_SIGN_IN": "device-code"}

    ran = here.run("doctor")

    assert ran.code == 8
    assert "RECONCILER_SIGN_IN asks for device-code" in ran.stdout
