"""What a cycle costs after a few changes, in a small directory and in a large one: prints JSON.

The larger one has as many users as the first argument says, on both sides. Both have the same thousand who are
synchronized, and both are in files below the folder of the second argument: a million users take 3.5 GB of disk. Time
is told beside counts, which no other process on the machine changes: statements, and instructions of SQLite.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench_people import MARK, filling

from reconciler.emulator import people
from reconciler.emulator.calls import Json
from reconciler.emulator.directory_objects import USERS
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.synchronization.kinds import JOB
from reconciler.emulator.world import World

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "39429824-604b-49fc-a4b3-b89447a14fd9"
SYNCED, CHANGES, RUNS = 1_000, 100, 5
EVERY = 100


@dataclass(slots=True)
class Cost:
    """What a cycle took."""

    seconds: float = 0.0
    statements: int = 0
    work: int = 0

    def hear(self, _: str) -> None:
        """Count a statement."""
        self.statements += 1

    def step(self) -> None:
        """Count some instructions."""
        self.work += 1


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(dir=sys.argv[2]) as folder:
        small, large = (_world(Path(folder) / str(others), others) for others in (0, int(sys.argv[1])))
        costs = [(_cycle(small, run), _cycle(large, run)) for run in range(RUNS)]
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        for world in (small, large):
            world.store.close()
    ratios = {
        "cost": (theirs.seconds / ours.seconds for ours, theirs in costs),
        "statements": (theirs.statements / ours.statements for ours, theirs in costs),
        "work": (theirs.work / ours.work for ours, theirs in costs),
    }
    print(
        json.dumps(
            {
                **{f"incremental_cycle_{name}_over_changes": median(each) for name, each in ratios.items()},
                "incremental_cycle_ms_per_change": median(theirs.seconds for _, theirs in costs) / CHANGES * 1000,
                "incremental_cycle_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "incremental_cycle_directory_mib": size / 2**20,
            }
        )
    )


def _world(path: Path, others: int) -> World:
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
    world = World.from_seed({"tenants": {"contoso": contoso, "fabrikam": fabrikam}}, path=path)
    if others:
        _fill(world, path, others)
    world.catch_up()
    _run(world)
    return world


def _fill(world: World, path: Path, count: int) -> None:
    """Put so many users into either tenant, past the emulator: one by one they would take most of an hour."""
    with filling(path) as fill:
        for tenant in (CONTOSO, FABRIKAM):
            home = world.directory.organizations[tenant]
            key = f"10000000-0000-4000-8000-00000{MARK}"
            user = USERS.sparse(people.user(f"other{MARK}", {}, home, key, "2026-11-02T08:00:00.000000Z"))
            fill(tenant, USERS.kind, key, user, count)
            if world.store.count(tenant, USERS.kind) < count:
                sys.exit("The emulator does not see the users that were put there.")


def _cycle(world: World, run: int) -> Cost:
    """Change some people, and return what the cycle costs that follows."""
    tenant = world.directory.tenants[CONTOSO]
    for number in range(CHANGES):
        user = seeded_id(CONTOSO, "user", f"synced{number}")
        body = json.dumps({"department": f"Department {run}"}).encode()
        answer = world.portal(tenant, "Megan Bowen", "PATCH", f"users/{user}", body)
        if answer.status != 204:
            sys.exit(f"A user could not be changed: {answer.body}")
    cost = Cost()
    world.store.watch(cost.hear, cost.step, EVERY)
    began = time.process_time()
    _run(world)
    cost.seconds = time.process_time() - began
    return cost


def _run(world: World) -> None:
    world.clock.wait(40 * 60)
    world.catch_up()
    (job,) = world.store.all(CONTOSO, JOB.kind).values()
    if job["status"]["code"] != "Active":
        sys.exit(f"The cycle did not go through: {job['status']}")


if __name__ == "__main__":
    main()
