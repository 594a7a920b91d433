"""Two tenants with a link between them whose configuration is there already, in any state that a job can be in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import driving
import emulated
from driving import Notes

from reconciler import operating
from reconciler.emulator.seeds import application_id, seeded_id
from reconciler.emulator.world import World
from reconciler.graph.connecting import Network
from reconciler.kinds import ALL
from reconciler.model import Body, Estate, Json
from reconciler.model.operations import Happened, LinkStatus, Scope

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
LINK = "contoso-to-fabrikam"
PRINCIPAL = seeded_id(CONTOSO, "service principal", "to-fabrikam")
READING = [
    "Policy.Read.All", "Application.Read.All", "Synchronization.Read.All", "User.Read.All", "GroupMember.Read.All",
    "AuditLog.Read.All", "CrossTenantInformation.ReadBasic.All", "Organization.Read.All",
]  # fmt: skip
WRITING = [*READING, "Policy.ReadWrite.CrossTenantAccess", "Synchronization.ReadWrite.All"]
PEOPLE = {"ada": {"displayName": "Ada", "department": "Sales"}, "bob": {}}


def seed(
    state: str = "started",
    *,
    made: bool = True,
    principals: Mapping[str, Json] | None = None,
    reading: list[str] = READING,
    target: Mapping[str, Json] | None = None,
    allowed: bool = True,
    **members: Json,
) -> dict[str, Json]:
    """Return a world in which the configuration of the link is there, unless it is not `made`."""
    synchronization = {"target": "fabrikam", "state": state}
    own = {"to-fabrikam": {"displayName": "Fabrikam", "assigned": ["ada"], "synchronization": synchronization}}
    applications = [{"name": "plan", "roles": reading}, {"name": "apply", "roles": WRITING}]
    permission = {"tenantId": CONTOSO, "displayName": None, "userSyncInbound": {"isSyncAllowed": allowed}}
    return {
        "tenants": {
            "contoso": {
                "tenantId": CONTOSO,
                "domain": "contoso.example",
                "applications": applications,
                "partners": [{"tenantId": FABRIKAM, "automaticUserConsentSettings": {"outboundAllowed": True}}],
                "users": PEOPLE,
                "servicePrincipals": {**(own if made else {}), **(principals or {})},
            },
            "fabrikam": {
                "tenantId": FABRIKAM,
                "domain": "fabrikam.example",
                "applications": applications,
                "partners": [{"tenantId": CONTOSO, "automaticUserConsentSettings": {"inboundAllowed": True}}],
                "objects": {"identitySynchronization": {CONTOSO: permission}},
                **(target or {}),
            },
        },
        **members,
    }


def tenant(name: str, tenant_id: str, management: str = "here") -> Body:
    """Return the document of a tenant."""
    return {
        "kind": "Tenant",
        "tenantId": tenant_id,
        "displayName": name.title(),
        "domain": f"{name}.example",
        "management": management,
        "owner": "identity",
        "auth": {one: {"clientId": application_id(tenant_id, one)} for one in ("plan", "apply")},
    }


def documents(
    *, source: str = "here", target: str = "here", said: Mapping[str, Json] | None = None, **spec: Json
) -> dict[str, Body]:
    """Return the files of both tenants and of the link; `said` adds to the link beside its spec."""
    return {
        "contoso/tenant.yaml": tenant("contoso", CONTOSO, source),
        "fabrikam/tenant.yaml": tenant("fabrikam", FABRIKAM, target),
        "shared/links/one.yaml": {
            "kind": "SyncLink",
            "name": LINK,
            "source": "contoso",
            "target": "fabrikam",
            "owner": "identity",
            "spec": {"scope": {"assigned": {"users": [{"name": "ada@contoso.example"}]}}, **spec},
            **(said or {}),
        },
    }


@dataclass(frozen=True)
class Operated:
    """A world and the files about it."""

    world: World
    estate: Estate

    @property
    def network(self) -> Network:
        return emulated.network(self.world)

    def statuses(self, *names: str) -> tuple[LinkStatus, ...]:
        """Return how links do."""
        chosen = operating.choose(self.estate, names)
        now = self.world.clock.now()
        look = operating.statuses(self.estate, chosen, self.network.reader, now, unclaimed=not names)
        return asyncio.run(look)

    def status(self) -> LinkStatus:
        """Return how the link does."""
        (found,) = self.statuses(LINK)
        return found

    def job(self) -> Body:
        """Return the job of the link as the world keeps it."""
        (job,) = self.world.store.all(CONTOSO, "synchronizationJob").values()
        return job

    def stamp(self, minutes: float = 0) -> str:
        """Return a moment of the world's clock, so many minutes from now."""
        return (self.world.clock.now() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def let(self, schedule: str | None = None, **status: Json) -> None:
        """Let the job show another status."""
        ((key, job),) = self.world.store.all(CONTOSO, "synchronizationJob").items()
        state = {"state": schedule} if schedule else {}
        changed = {"status": {**job["status"], **status}, "schedule": {**job["schedule"], **state}}
        self.world.store.put(CONTOSO, "synchronizationJob", key, {**job, **changed})

    def ran(self, *, began: float = -30, ended: float = -25, code: str = "Active", **members: Json) -> None:
        """Let a cycle have begun and ended so many minutes ago."""
        run = {
            **self.job()["status"]["lastExecution"],
            "state": "Succeeded",
            "timeBegan": self.stamp(began),
            "timeEnded": self.stamp(ended),
            "countImported": 12,
            "countExported": 3,
            **members,
        }
        counts = [{"key": "User", "value": 12}]
        self.let(
            code=code,
            lastExecution=run,
            lastSuccessfulExecution=run,
            steadyStateFirstAchievedTime=self.stamp(ended),
            synchronizedEntryCountByType=counts,
        )


def operated(folder: Path, said: Mapping[str, Json] | None = None, files: Mapping[str, Body] | None = None) -> Operated:
    """Return a world with the files about it, in which its applications are named."""
    world = World.from_seed(json.loads(json.dumps(said or seed())))
    return Operated(world, driving.estate(folder, files or documents(), ALL))


def read(pair: Operated, hours: float = 24, user: str = "", *, failures: bool = False) -> tuple[Happened, ...]:
    """Return what the log of the link tells of the last hours."""

    async def reading() -> tuple[Happened, ...]:
        link, tenant = operating.choose_one(pair.estate, LINK)
        graph = pair.network.reader(tenant)
        wanted = operating.Narrowed(pair.world.clock.now() - timedelta(hours=hours), user, failures)
        try:
            return await operating.read_log(graph, await operating.locate(graph, pair.estate, tenant, link), wanted)
        finally:
            await graph.aclose()

    return asyncio.run(reading())


def restarted(
    pair: Operated, scope: Scope = "default", notes: Notes | None = None, meanwhile: Callable[[], None] = lambda: None
) -> operating.Restarted:
    """Look, check, let something happen, and restart."""

    async def restarting() -> operating.Restarted:
        link, tenant = operating.choose_one(pair.estate, LINK)
        network = pair.network
        reader, writer = network.reader(tenant), network.writer(tenant)
        hand = operating.Hand("run", (notes or Notes()).record, pair.world.clock)
        try:
            shown = await operating.show_job(reader, pair.estate, tenant, link, pair.world.clock.now())
            operating.check_restart(shown, scope)
            meanwhile()
            return await operating.restart(shown, scope, writer, pair.estate, tenant, hand)
        finally:
            await reader.aclose()
            await writer.aclose()

    return asyncio.run(restarting())
