"""A link that is there and works, as a seed, and what tests of its removal do to it.

`later` lets the emulated service run its cycles; `cycle` writes into the job what another one would have left there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from driving import Documents, Notes, Rehearsal, agreed, estate

from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.world import World
from reconciler.kinds import ALL
from reconciler.kinds.synchronization.configuration import with_marker
from reconciler.model import Finding, Json, Plan, Report
from reconciler.reporting.text import plan_text

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
NAME = "contoso-to-fabrikam"
PATH = f"shared/links/{NAME}.yaml"
PRINCIPAL = seeded_id(CONTOSO, "service principal", "to-fabrikam")
NOBODY: Mapping[str, int] = {"User to User": 0}


def tenant(tenant_id: str, name: str) -> dict[str, Json]:
    return {
        "kind": "Tenant",
        "tenantId": tenant_id,
        "displayName": name.capitalize(),
        "domain": f"{name}.example",
        "management": "here",
        "owner": "identity",
        "undeclared": "ignore",
    }


def documents(**said: Json) -> Documents:
    """Return the files of both tenants and of their link; `said` is what the link says beside its name and ends."""
    return {
        "contoso/tenant.yaml": tenant(CONTOSO, "contoso"),
        "fabrikam/tenant.yaml": tenant(FABRIKAM, "fabrikam"),
        PATH: {
            "kind": "SyncLink",
            "name": NAME,
            "source": "contoso",
            "target": "fabrikam",
            "owner": "identity",
            **said,
        },
    }


def world(*, everybody: bool = False, state: str = "started", threshold: int = 500, mark: str = NAME) -> World:
    """Return a world in which the link works, whose configuration bears its name."""
    people = {"megan": {"displayName": "Megan Bowen"}, "adele": {"displayName": "Adele Vance"}}
    guard = {"Enabled": False, "DeleteThresholdEnabled": True, "DeleteThresholdValue": threshold}
    settings = {"SyncAll": "true" if everybody else "false", "SyncNotificationSettings": json.dumps(guard)}
    made = World.from_seed(
        {
            "tenants": {
                "contoso": {
                    "tenantId": CONTOSO,
                    "displayName": "Contoso",
                    "domain": "contoso.example",
                    "partners": [{"tenantId": FABRIKAM, "automaticUserConsentSettings": {"outboundAllowed": True}}],
                    "users": people,
                    "groups": {"sync": {"displayName": "Sync to Fabrikam", "members": ["megan"]}},
                    "servicePrincipals": {
                        "to-fabrikam": {
                            "displayName": "Contoso to Fabrikam",
                            "notes": with_marker(None, mark),
                            "assigned": [] if everybody else ["sync", "adele"],
                            "synchronization": {"target": "fabrikam", "state": state, "settings": settings},
                        }
                    },
                },
                "fabrikam": {
                    "tenantId": FABRIKAM,
                    "displayName": "Fabrikam",
                    "domain": "fabrikam.example",
                    "partners": [{"tenantId": CONTOSO, "automaticUserConsentSettings": {"inboundAllowed": True}}],
                    "objects": {
                        "identitySynchronization": {
                            CONTOSO: {"tenantId": CONTOSO, "userSyncInbound": {"isSyncAllowed": True}}
                        }
                    },
                },
            }
        }
    )
    # From now on the service counts when its first cycle is due.
    made.catch_up()
    return made


@dataclass(slots=True)
class Parting:
    """A link in the course of its removal: the files that want it gone, and the world in which it goes."""

    folder: Path
    world: World
    said: Documents

    @property
    def rehearsal(self) -> Rehearsal:
        return Rehearsal(self.world, estate(self.folder, self.said, ALL), ALL)

    def plan(self) -> Plan:
        """Return the plan after every question of the guard was answered."""
        _, plan, self.said = agreed(self.rehearsal, self.folder, self.said)
        return plan

    def apply(self) -> Report:
        """Apply what is planned."""
        plan = self.plan()
        return self.rehearsal.apply(plan)

    def die(self, line: int) -> bool:
        """Apply, and be killed at a line of the journal; False when there is no such line."""
        plan = self.plan()
        try:
            replace(self.rehearsal, notes=Mortal(last=line)).apply(plan)
        except KilledHere:
            return True
        return False

    def remove(self) -> None:
        """Apply until nothing is left, and let the service work meanwhile."""
        for _ in range(6):
            report = self.apply()
            assert report.exit_code == 0, report
            if not self.shown()["synchronizationJob"]:
                return
            self.later(45)
        raise AssertionError("it is still there")

    # ---------------------------------------------------------------------------------------- the service

    def agree(self) -> None:
        """Let the service carry out what it holds back, as somebody would in the portal."""
        ((key, _),) = self.world.store.all(CONTOSO, "synchronizationJob").items()
        principal, job = key.split("/")
        body = {"criteria": {"resetScope": "ForceDeletes"}}
        path = f"servicePrincipals/{principal}/synchronization/jobs/{job}/restart"
        home = self.world.directory.named("contoso")
        assert home is not None
        answer = self.world.portal(home, "Megan Bowen", "POST", path, json.dumps(body).encode())
        assert answer.status == 204, answer.body

    def cycle(self, counts: Mapping[str, int] = NOBODY, *, quarantine: Json = None, state: str = "Succeeded") -> None:
        """Let a cycle begin that knows of everything, and end."""
        began = self.world.clock.now() + timedelta(minutes=40)
        self.later(45)
        execution = {"state": state, "timeBegan": stamp(began), "timeEnded": stamp(began + timedelta(minutes=3))}
        self.status(
            lastExecution=execution,
            lastSuccessfulExecution=None,
            synchronizedEntryCountByType=[{"key": key, "value": value} for key, value in counts.items()],
            quarantine=quarantine,
        )

    def later(self, minutes: float) -> None:
        """Let time pass, and what is due happen."""
        self.world.clock.wait(minutes * 60)
        self.world.catch_up()

    def people(self) -> list[str]:
        """Return who is in the target, by display name."""
        return sorted(str(one["displayName"]) for one in self.world.store.all(FABRIKAM, "user").values())

    def binned(self) -> list[str]:
        """Return who was deleted in the target and can be restored, by display name."""
        return sorted(str(one["displayName"]) for one in self.world.store.all(FABRIKAM, "deletedItem").values())

    def status(self, **members: Json) -> None:
        """Write into the status of the job."""
        ((key, job),) = self.world.store.all(CONTOSO, "synchronizationJob").items()
        changed = deepcopy(job)
        changed["status"] |= members
        self.world.store.put(CONTOSO, "synchronizationJob", key, changed)

    def shown(self) -> dict[str, int]:
        """Return how many of each part are there."""
        kinds = ("application", "servicePrincipal", "synchronizationJob", "appRoleAssignment")
        return {kind: len(self.world.store.all(CONTOSO, kind)) for kind in kinds}

    def notes(self) -> str:
        """Return the notes of the service principal."""
        return str((self.world.store.get(CONTOSO, "servicePrincipal", PRINCIPAL) or {}).get("notes"))


def stamp(moment: object) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def phase(plan: Plan) -> Finding:
    """Return what the plan says of the removal."""
    (found,) = (
        one for one in plan.tenants[0].findings if one.address and one.address.kind == "configuration" and not one.rule
    )
    return found


def told(plan: Plan) -> str:
    """Return the plan of the source as text, with no finding but the phase, and without places."""
    source = plan.tenants[0]
    shown = Plan((replace(source, findings=(phase(plan),)),))
    return re.sub(r"  # \S+", "", plan_text(shown))


def brief(plan: Plan) -> list[str]:
    """Return the steps in short: what happens to what, and which blocks become what."""
    return [
        f"{step.change.action} {step.change.address.kind}"
        + "".join(f" {name}={value}" for name, value in (step.change.after or {}).items())
        for step in plan.steps
    ]


class KilledHere(BaseException):
    """Ends a run at once, as a signal would that nobody can catch."""


@dataclass(slots=True)
class Mortal(Notes):
    """A journal that ends the run at one of its lines: before a write is sent, or right after it was answered."""

    last: int = 0

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        if len(self.lines) == self.last:
            raise KilledHere
        self.lines.append((event, dict(facts)))
