"""Seeds that describe configurations which ran before, and people in the bin."""

from __future__ import annotations

from copy import deepcopy

import pytest

from reconciler.emulator.seeds import SeedError
from reconciler.emulator.synchronization import accounting
from reconciler.emulator.world import World
from reconciler.model import Json

HOME, HOST = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01", "fab00000-0000-4000-8000-000000000002"
ADA, BOB = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
SHADOW = "bbbbbbbb-0000-4000-8000-000000000001"
LINK = "cccccccc-0000-4000-8000-000000000001"
STEADY = "2026-11-01T08:00:00Z"


JOB: dict[str, Json] = {
    "id": "job",
    "schedule": {"state": "Active"},
    "status": {"steadyStateFirstAchievedTime": STEADY},
}
HELD = {"reason": "TooManyDeletes", "nextAttempt": STEADY, "seriesBegan": STEADY, "seriesCount": 1}


def seed(**said: Json) -> dict[str, Json]:
    synchronization = deepcopy({"target": "fabrikam", "job": JOB, **said})
    assigned = {"id": LINK, "assigned": ["ada", "bob"], "synchronization": synchronization}
    return {
        "tenants": {
            "contoso": {
                "tenantId": HOME,
                "partners": [{"tenantId": HOST, "automaticUserConsentSettings": {"outboundAllowed": True}}],
                "users": {"ada": {"id": ADA}, "bob": {"id": BOB}},
                "servicePrincipals": {"link": assigned},
            },
            "fabrikam": {
                "tenantId": HOST,
                "partners": [{"tenantId": HOME, "automaticUserConsentSettings": {"inboundAllowed": True}}],
                "objects": {
                    "identitySynchronization": {HOME: {"tenantId": HOME, "userSyncInbound": {"isSyncAllowed": True}}}
                },
                "users": {"shadow": {"id": SHADOW, "home": ADA, "userPrincipalName": "ada_x#EXT#@fabrikam.example"}},
            },
        }
    }


def cycled(start: Json) -> Json:
    """Return what one cycle does in the world of a seed."""
    world = World.from_seed(start)
    before = accounting.standing(world)[LINK]
    world.catch_up()
    world.clock.wait(40 * 60)
    world.catch_up()
    return accounting.done(world, 0, LINK, before)


def test_job_that_was_steady_looks_at_changes_alone() -> None:
    assert cycled(seed())["created"] == []


def test_job_that_never_ran_looks_at_everybody() -> None:
    start = seed()
    start["tenants"]["contoso"]["servicePrincipals"]["link"]["synchronization"]["job"]["status"] = {}

    done = cycled(start)

    assert (len(done["created"]), len(done["adopted"])) == (1, 1)


@pytest.mark.parametrize("said", [{"links": {ADA: SHADOW}}, {"matched": True}])
def test_who_is_linked_counts_from_the_beginning(said: Json) -> None:
    assert cycled(seed(**said))["before"] == 1


def test_job_that_is_held_does_nothing() -> None:
    start = seed(held=True)
    start["tenants"]["contoso"]["servicePrincipals"]["link"]["synchronization"]["job"]["status"] = {}

    assert (cycled(start)["created"], cycled(start)["adopted"]) == ([], [])


def test_quarantine_is_gone_on_with() -> None:
    job = {**JOB, "status": {**JOB["status"], "code": "Quarantine", "quarantine": {**HELD, "error": None}}}

    done = cycled(seed(job=job))

    assert done["quarantine"] is None


def test_who_is_in_the_bin_is_there_no_more() -> None:
    start = seed()
    start["tenants"]["fabrikam"]["deletedUsers"] = {"gone": {"deletedDateTime": STEADY}}
    world = World.from_seed(start)
    host = world.directory.named("fabrikam")
    assert host is not None

    listed = world.portal(host, "Megan Bowen", "GET", "directory/deletedItems/microsoft.graph.user")
    assert [one["userPrincipalName"] for one in listed.body["value"]] == ["gone@fabrikam.example"]
    assert world.portal(host, "Megan Bowen", "GET", "users/gone@fabrikam.example").status == 404


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"job": {"id": "job"}}, "a job has id, schedule and status"),
        ({"job": {**JOB, "status": {"quarantine": {"reason": 5}}}}, "quarantine: it has reason"),
        ({"job": {**JOB, "status": {"quarantine": {**HELD, "nextAttempt": "soon"}}}}, "Invalid isoformat"),
        ({"schema": {"directories": [], "synchronizationRules": []}}, "no cycle can follow it"),
        ({"links": []}, "links: ids of the source"),
        ({"spell": 1}, "a configuration has"),
    ],
)
def test_what_cannot_be_is_refused(said: Json, words: str) -> None:
    with pytest.raises(SeedError, match=words):
        World.from_seed(deepcopy(seed(**said)))
