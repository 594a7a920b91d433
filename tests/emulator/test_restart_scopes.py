"""What a restart forgets, scope by scope, and what it leaves: one job that knows of everything there is to forget."""

from __future__ import annotations

import pytest
from cycle_switches import THRESHOLD
from cycling import Cycling, source_id
from worlds import CONTOSO

from reconciler.emulator.calls import Json


def knowing() -> Cycling:
    """Return a job with links, a failure, and a quarantine for two deletions that are held back."""
    people: dict[str, Json] = {"ada": {}, "bob": {}, "eve": {}, "ian": {"mail": "ian@elsewhere.example"}}
    guard = {"settings": {"SyncNotificationSettings": THRESHOLD}}
    cycling = Cycling(users=people, configuration=guard).later()
    for key in ("ada", "bob"):
        cycling.does("DELETE", f"users/{source_id(key)}")
    return cycling.later()


def left(cycling: Cycling) -> set[str]:
    """Return what the job still knows."""
    # No request: the next one would let a cycle run that is due at once.
    known, job = cycling.known(), cycling.world.store.get(CONTOSO, "synchronizationJob", cycling.key) or {}
    parts = {
        "watermark": known["watermark"] is not None,
        "links": cycling.world.store.count(CONTOSO, "synchronizedObject") > 0,
        "failures": bool(known["escrows"]),
        "quarantine": job["status"]["quarantine"] is not None,
        "held": bool(known["staged"]),
        "forced": known["forcesDeletes"],
    }
    return {name for name, is_there in parts.items() if is_there}


EVERYTHING = {"watermark", "links", "failures", "quarantine", "held"}
SCOPES = {
    "None": EVERYTHING,
    "ConnectorDataStore": EVERYTHING - {"links"},
    "Escrows": EVERYTHING - {"failures"},
    "Watermark": EVERYTHING - {"watermark"},
    "QuarantineState": EVERYTHING - {"quarantine"},
    "Full": {"held"},
    "": {"links", "held"},
    "Escrows, QuarantineState": {"watermark", "links", "held"},
}


@pytest.mark.parametrize("scope", SCOPES)
def test_restart_forgets_what_its_scope_says(scope: str) -> None:
    cycling = knowing()
    before = left(cycling)
    cycling.restart(scope)

    assert (before, left(cycling)) == (EVERYTHING, SCOPES[scope])


def test_forced_deletions_are_done_at_once_though_the_quarantine_stands() -> None:
    cycling = knowing()
    cycling.restart("ForceDeletes")
    cycling.later(0)

    assert (left(cycling), sorted(cycling.binned())) == ({"watermark", "links", "failures"}, ["ada", "bob"])
