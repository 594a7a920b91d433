"""What a cycle costs after a few changes, in a small directory and in a large one: prints JSON.

The larger one has as many users as the argument says, on both sides. Both have the same thousand who are synchronized.
"""

from __future__ import annotations

import json
import sys
import time
from statistics import median

from reconciler.emulator import people
from reconciler.emulator.calls import Json
from reconciler.emulator.directory_objects import USERS
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.synchronization.kinds import JOB
from reconciler.emulator.world import World

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "39429824-604b-49fc-a4b3-b89447a14fd9"
SYNCED, CHANGES, RUNS = 1_000, 100, 5


def main() -> None:
    """Measure, and print."""
    small, large = _world(0), _world(int(sys.argv[1]))
    costs = [(_cycle(small, run), _cycle(large, run)) for run in range(RUNS)]
    print(
        json.dumps(
            {
                "incremental_cycle_cost_over_changes": median(theirs / ours for ours, theirs in costs),
                "incremental_cycle_ms_per_change": median(theirs for _, theirs in costs) / CHANGES * 1000,
            }
        )
    )


def _world(others: int) -> World:
    """Return a world whose first cycle is over."""
    synced: dict[str, Json] = {f"synced{number}": {} for number in range(SYNCED)}
    consent = "automaticUserConsentSettings"
    contoso = {
        "tenantId": CONTOSO,
        "domain": "contoso.example",
        "partners": [{"tenantId": FABRIKAM, consent: {"outboundAllowed": True}}],
        "users": synced,
        "groups": {"sync": {"members": list(synced)}},
        "servicePrincipals": {"to-fabrikam": {"assigned": ["sync"], "synchronization": {"target": "fabrikam"}}},
    }
    permission = {"tenantId": CONTOSO, "userSyncInbound": {"isSyncAllowed": True}}
    fabrikam = {
        "tenantId": FABRIKAM,
        "domain": "fabrikam.example",
        "partners": [{"tenantId": CONTOSO, consent: {"inboundAllowed": True}}],
        "objects": {"identitySynchronization": {CONTOSO: permission}},
    }
    world = World.from_seed({"tenants": {"contoso": contoso, "fabrikam": fabrikam}})
    for tenant in (CONTOSO, FABRIKAM):
        _fill(world, tenant, others)
    world.catch_up()
    _run(world)
    return world


def _fill(world: World, tenant: str, count: int) -> None:
    home = world.directory.organizations[tenant]
    with world.store.transaction():
        for number in range(count):
            key = f"10000000-0000-4000-8000-{number:012d}"
            user = people.user(f"other{number}", {}, home, key, "2026-11-02T08:00:00.000000Z")
            world.store.put(tenant, USERS.kind, key, USERS.sparse(user))


def _cycle(world: World, run: int) -> float:
    """Change some people, and return the seconds of the cycle that follows."""
    tenant = world.directory.tenants[CONTOSO]
    for number in range(CHANGES):
        user = seeded_id(CONTOSO, "user", f"synced{number}")
        body = json.dumps({"department": f"Department {run}"}).encode()
        answer = world.portal(tenant, "Megan Bowen", "PATCH", f"users/{user}", body)
        if answer.status != 204:
            sys.exit(f"A user could not be changed: {answer.body}")
    began = time.perf_counter()
    _run(world)
    return time.perf_counter() - began


def _run(world: World) -> None:
    world.clock.wait(40 * 60)
    world.catch_up()
    (job,) = world.store.all(CONTOSO, JOB.kind).values()
    if job["status"]["code"] != "Active":
        sys.exit(f"The cycle did not go through: {job['status']}")


if __name__ == "__main__":
    main()
