"""Status, log and restart of a job whose cycles really run: people come, too many go at once, and are let go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from operated import CONTOSO, FABRIKAM, LINK, Operated, operated, read, restarted, seed

from reconciler.emulator.seeds import seeded_id
from reconciler.model import Json
from reconciler.model.operations import LinkState
from reconciler.operating.judging import moment
from reconciler.reporting.events import render_log


@pytest.fixture
def pair(tmp_path: Path) -> Operated:
    """A pair in which both people are in scope, and more than one deletion waits for a person."""
    guard = {"Enabled": False, "DeleteThresholdEnabled": True, "DeleteThresholdValue": 1}
    said = seed()
    configuration: Json = said["tenants"]["contoso"]["servicePrincipals"]["to-fabrikam"]
    configuration["assigned"] = ["ada", "bob"]
    configuration["synchronization"]["settings"] = {"SyncNotificationSettings": json.dumps(guard)}
    there = operated(tmp_path, said)
    later(there)
    return there


def later(pair: Operated, minutes: float = 41) -> None:
    """Let time pass, and what is due happen."""
    pair.world.catch_up()
    pair.world.clock.wait(minutes * 60)
    pair.world.catch_up()


def leave(pair: Operated) -> None:
    """Let both people be deleted in the source."""
    tenant = pair.world.directory.named("contoso")
    assert tenant is not None
    for name in ("ada", "bob"):
        answer = pair.world.portal(tenant, "Megan Bowen", "DELETE", f"users/{seeded_id(CONTOSO, 'user', name)}", b"")
        assert answer.status == 204


def guests(pair: Operated) -> list[Json]:
    everybody = pair.world.store.all(FABRIKAM, "user").values()
    return [one for one in everybody if one.get("creationType") == "Invitation"]


def test_cycle_is_told_with_its_people(pair: Operated) -> None:
    status = pair.status()

    assert (status.state, dict(status.people), len(guests(pair))) == (LinkState.RUNNING, {"User to User": 2}, 2)
    assert status.last is not None
    assert status.last.began is not None
    assert status.next_run is not None
    assert (status.next_run - status.last.began).total_seconds() == 40 * 60
    assert status.next_run > (moment(pair.stamp()) or status.next_run)


def test_log_tells_who_came(pair: Operated) -> None:
    created = [one for one in read(pair) if one.action == "create"]

    assert sorted(one.principal_name for one in created) == ["ada@contoso.example", "bob@contoso.example"]
    assert all(one.target_id for one in created)


def test_held_deletions_are_explained_named_and_let_go(pair: Operated) -> None:
    leave(pair)
    later(pair)
    status = pair.status()

    assert (status.state, len(guests(pair))) == (LinkState.QUARANTINE, 2)
    assert status.quarantine is not None
    assert status.quarantine.reason.code == "TooManyDeletes"
    assert "stageddelete" in render_log(LINK, read(pair)).lower()

    assert restarted(pair, "force-deletes").exit_code == 0
    later(pair)

    assert (pair.status().state, guests(pair)) == (LinkState.RUNNING, [])
