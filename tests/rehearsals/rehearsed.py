"""A live pair of tenants that synchronize, as an emulator of its own, and rehearsals of files against it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import driving
import emulated

from reconciler.cli.rehearsing import Stage, read
from reconciler.cli.site import Site
from reconciler.clock import Clock
from reconciler.emulator.seeds import LINKED_READING, LINKED_WRITING, READING, WRITING, application_id, seeded_id
from reconciler.emulator.synchronization import accounting
from reconciler.emulator.world import World
from reconciler.graph.connecting import Network
from reconciler.kinds import ALL
from reconciler.loading import load
from reconciler.model import Body, Json
from reconciler.model.rehearsals import LinkRehearsed, Rehearsal
from reconciler.snapshotting import Snapshot

NAMES = {
    "contoso": "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01",
    "fabrikam": "fab00000-0000-4000-8000-000000000002",
    "tailspin": "7a115000-0000-4000-8000-000000000003",
}
LINK = "contoso-to-fabrikam"
PRINCIPAL = seeded_id(NAMES["contoso"], "service principal", "link")
READS = [*READING, *LINKED_READING, "Group.Read.All"]
PEOPLE: Mapping[str, Json] = {
    "ada": {"displayName": "Ada Andersson", "department": "Sales", "mobilePhone": "+46 70 100 0001"},
    "bob": {"displayName": "Bob Berg", "department": "Finance", "manager": "ada"},
    "cleo": {"displayName": "Cleo Chen", "department": "Sales", "jobTitle": "Buyer"},
    "dan": {"displayName": "Dan Dahl", "department": "Legal"},
    "eve": {"displayName": "Eve Ek", "department": "Sales"},
}


def seed(reads: list[str] = READS, **people: Json) -> dict[str, Json]:
    """Return the live tenants before their first cycle: everybody but Eve is assigned."""
    tenants = {name: _tenant(name, reads) for name in NAMES}
    tenants["contoso"] |= {
        "users": {**PEOPLE, **people},
        "groups": {
            "sync": {"displayName": "Sync to Fabrikam", "members": ["ada", "bob", "cleo", "dan"]},
            "more": {"displayName": "Sync to Tailspin", "members": ["eve"]},
        },
        "servicePrincipals": {
            "link": {
                "displayName": "Contoso to Fabrikam",
                "notes": f"Managed by entra-reconciler as link {LINK}",
                "assigned": ["sync"],
                "synchronization": {
                    "target": "fabrikam",
                    "expressions": {"displayName": 'Append([displayName], " (C)")'},
                },
            }
        },
    }
    return {"tenants": tenants}


def _tenant(name: str, reads: list[str]) -> dict[str, Json]:
    consent = {"inboundAllowed": True, "outboundAllowed": True}
    others = {other: NAMES[other] for other in NAMES if other != name}
    return {
        "tenantId": NAMES[name],
        "displayName": name.capitalize(),
        "domains": [f"{name}.example", f"{name}.onmicrosoft.com"],
        "applications": [{"name": "plan", "roles": reads}, {"name": "apply", "roles": [*WRITING, *LINKED_WRITING]}],
        "partners": [{"tenantId": one, "automaticUserConsentSettings": consent} for one in others.values()],
        "objects": {
            "identitySynchronization": {
                one: {"tenantId": one, "displayName": other.capitalize(), "userSyncInbound": {"isSyncAllowed": True}}
                for other, one in others.items()
            }
        },
        "users": {"tess": {}},
    }


def files(*names: str, mapped: Mapping[str, Json] | None = None, **spec: Json) -> dict[str, Json]:
    """Return the files of these tenants, or of the first two, and of the link as it is, but for what `spec` changes."""
    mappings = {"displayName": {"expression": 'Append([displayName], " (C)")'}, **(mapped or {})}
    link = {
        "kind": "SyncLink",
        "name": LINK,
        "source": "contoso",
        "target": "fabrikam",
        "owner": "ann",
        "spec": {
            "scope": {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}},
            "mappings": mappings,
            "accidentalDeletion": {"enabled": True, "threshold": 500},
            **spec,
        },
    }
    tenants = {f"{name}/tenant.yaml": _paper(name) for name in names or ("contoso", "fabrikam")}
    return {**tenants, "shared/links/one.yaml": link}


def _paper(name: str) -> Body:
    return {
        "kind": "Tenant",
        "tenantId": NAMES[name],
        "displayName": name.capitalize(),
        "domain": f"{name}.example",
        "management": "here",
        "undeclared": "ignore",
        "owner": "identity",
        "auth": {one: {"clientId": application_id(NAMES[name], one)} for one in ("plan", "apply")},
    }


class LiveSite(Site):
    """Files whose live tenants are a world."""

    def __init__(self, folder: Path, world: World) -> None:
        super().__init__(folder)
        object.__setattr__(self, "world", world)

    @property
    def _world(self) -> World:
        world: World = self.__dict__["world"]
        return world

    def clock(self) -> Clock:
        return self._world.clock

    def network(self, clock: Clock) -> Network:
        return emulated.network(self._world)


@dataclass(frozen=True)
class Live:
    """Live tenants and the files about them."""

    world: World
    folder: Path

    @property
    def site(self) -> Site:
        return LiveSite(self.folder, self.world)

    def write(self, documents: Mapping[str, Json]) -> Live:
        """Write files in place of those that were there."""
        driving.write(self.folder, documents)
        return self

    def snapshot(self, *, everything: bool = True) -> Snapshot:
        """Read the live tenants."""
        return asyncio.run(read(self.site, self.site.estate().links, everything=everything))

    def rehearse(self, snapshot: Snapshot | None = None, cycles: int = 2) -> Rehearsal:
        """Rehearse the files on a snapshot, or on one that is taken now."""
        stage = Stage(self.site, snapshot or self.snapshot(), self.site.estate().links, everything=True)
        return asyncio.run(stage.play(cycles))

    def really(self, cycles: int = 2) -> tuple[list[str], Mapping[str, Json]]:
        """Apply the files to the live tenants, let cycles run there, and return outcomes and what those did."""
        since = self.world.store.last_sequence()
        before = accounting.standing(self.world)
        run = driving.Rehearsal(self.world, load(self.folder, ALL), ALL)
        report = run.apply()
        for _ in range(cycles):
            self.world.clock.wait(40 * 60)
            self.world.catch_up()
        done = accounting.done(self.world, since, PRINCIPAL, before[PRINCIPAL])
        return [f"{one.verdict} {one.action} {one.address}" for one in report.outcomes], done


def live(folder: Path, start: Json = None, *, cycles: int = 1) -> Live:
    """Return the live tenants after their first cycles, with the files that describe them."""
    world = World.from_seed(deepcopy(start or seed()))
    for _ in range(cycles):
        world.cycles.run_all(world)
        world.clock.wait(40 * 60)
    return Live(world, folder).write(files())


def settings(found: Rehearsal) -> list[str]:
    """Return the outcomes of the steps."""
    return [f"{one.verdict} {one.action} {one.address}" for one in found.report.outcomes]


def counts(one: LinkRehearsed) -> dict[str, int]:
    return {way: len(people) for way, people in one.people.items()}


def people(one: LinkRehearsed) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return by what was done the names of people, with the attributes that were written."""
    return {way: sorted((each.principal_name, each.attributes) for each in who) for way, who in one.people.items()}


def as_told(done: Mapping[str, Json]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return what cycles really did in the form of `people`."""
    words = {"created", "adopted", "updated", "blocked", "unblocked", "restored", "removed", "failed", "held"}
    told = {way: done[way] for way in words if done[way]}
    named = {"held back" if way == "held" else way: who for way, who in told.items()}
    return {
        way: sorted((one["principalName"], tuple(one.get("attributes", ()))) for one in who)
        for way, who in named.items()
    }


def portal(world: World, method: str, path: str, body: Json) -> None:
    """Let an administrator of contoso do something by hand."""
    found = world.directory.named("contoso")
    assert found is not None
    answer = world.portal(found, "an administrator", method, path, json.dumps(body).encode())
    assert answer.status < 300, answer.raw


def mutations(world: World) -> Counter[str]:
    """Return how many writes each world was asked for by applications: sign-in and cycles aside."""
    return Counter(entry.method for entry in world.store.journal() if entry.principal["kind"] == "app")
