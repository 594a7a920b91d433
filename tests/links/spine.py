"""Two tenants and a link between them, there already or not yet, for tests that attack plan and apply of links."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path

from driving import Documents, Notes, Rehearsal, agreed, estate

from reconciler.applying import Run
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.world import World
from reconciler.errors import ReconcilerError
from reconciler.kinds import ALL
from reconciler.model import Json, Outcome, Plan, Report

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
TAILSPIN = "7a115000-0000-4000-8000-000000000003"
NAMES = {"contoso": CONTOSO, "fabrikam": FABRIKAM, "tailspin": TAILSPIN}
LINK = "contoso-to-fabrikam"
LABEL = "Contoso to Fabrikam"
BRAKE = {"Enabled": False, "Recipients": "", "DeleteThresholdEnabled": True, "DeleteThresholdValue": 100}
SETTINGS: Mapping[str, str] = {"SyncNotificationSettings": json.dumps(BRAKE)}


def mark(link: str = LINK) -> str:
    return f"Managed by entra-reconciler as link {link}"


def configuration(target: str = "fabrikam", **said: Json) -> dict[str, Json]:
    """Return a configuration for a seed, marked and as the documents want it unless something else is said."""
    settings = {**SETTINGS, **said.pop("settings", {})}
    synchronization = {"target": target, "settings": settings, **said.pop("synchronization", {})}
    return {
        "displayName": LABEL,
        "notes": mark(),
        "assigned": ["sync"],
        "synchronization": synchronization,
        **said,
    }


def seed(configurations: Mapping[str, Json] | None = None, *names: str) -> dict[str, Json]:
    """Return a world in which the policies of every pair are as links need them; contoso has these configurations."""
    names = names or ("contoso", "fabrikam")
    tenants = {name: _tenant(name, [other for other in names if other != name]) for name in names}
    tenants["contoso"]["servicePrincipals"] = dict(configurations or {})
    return {"tenants": tenants}


def silent(start: dict[str, Json]) -> dict[str, Json]:
    """Return the seed with a target that lets nobody of contoso in."""
    allowed = {"tenantId": CONTOSO, "userSyncInbound": {"isSyncAllowed": False}}
    start["tenants"]["fabrikam"]["objects"]["identitySynchronization"][CONTOSO] = allowed
    return start


def _tenant(name: str, others: list[str]) -> dict[str, Json]:
    consent = {"inboundAllowed": True, "outboundAllowed": True}
    allowed = {"userSyncInbound": {"isSyncAllowed": True}}
    return {
        "tenantId": NAMES[name],
        "displayName": name.capitalize(),
        "domain": f"{name}.example",
        "partners": [{"tenantId": NAMES[other], "automaticUserConsentSettings": consent} for other in others],
        "objects": {
            "identitySynchronization": {
                NAMES[other]: {"tenantId": NAMES[other], "displayName": other.capitalize(), **allowed}
                for other in others
            }
        },
        "users": {"megan": {"displayName": "Megan Bowen"}, "adele": {"displayName": "Adele Vance"}},
        "groups": {
            "sync": {"displayName": "Sync to Fabrikam", "members": ["megan"]},
            "other": {"displayName": "Sync to Tailspin", "members": ["adele"]},
        },
    }


def tenant(name: str, **said: Json) -> dict[str, Json]:
    return {
        "kind": "Tenant",
        "tenantId": NAMES[name],
        "displayName": name.capitalize(),
        "domain": f"{name}.example",
        "management": "here",
        "undeclared": "ignore",
        "owner": "identity",
        **said,
    }


def link(source: str = "contoso", target: str = "fabrikam", group: str = "Sync to Fabrikam", **said: Json) -> Json:
    """Return a link, with a spec of its own or one that assigns a group."""
    spec = {"scope": {"assigned": {"groups": [{"name": group}]}}, **said.pop("spec", {})}
    name = said.pop("name", f"{source}-to-{target}")
    return {"kind": "SyncLink", "name": name, "source": source, "target": target, "owner": "ann", "spec": spec, **said}


def documents(*links: Json, **tenants: Json) -> dict[str, Json]:
    """Return files of tenants and links; by default of the link from contoso to fabrikam."""
    links = links or (link(),)
    named = {end for one in links for end in (one["source"], one["target"])}
    papers = {f"{name}/tenant.yaml": tenants.get(name) or tenant(name) for name in sorted(named)}
    return {**papers, **{f"shared/links/{one['name']}.yaml": one for one in links}}


@dataclass(frozen=True, slots=True)
class Ending(Rehearsal):
    """A rehearsal that is asked to end after some seconds: by a signal, or because its time is over."""

    signal: float = 1e9
    seconds: float = 1e9

    def _run(self) -> Run:
        clock = self.world.clock
        asked, end = clock.monotonic() + self.signal, clock.monotonic() + self.seconds
        return Run(
            "run", self.kinds, clock, self.notes, lambda: 15 * (clock.monotonic() >= asked), end, lambda told: None
        )


@dataclass(slots=True)
class Scene:
    """Files and a world, and what a person does to either."""

    folder: Path
    world: World
    said: Documents
    notes: Notes = field(default_factory=Notes)
    signal: float = 1e9
    seconds: float = 1e9

    @property
    def rehearsal(self) -> Rehearsal:
        said = estate(self.folder, self.said, ALL)
        return Ending(self.world, said, ALL, notes=self.notes, signal=self.signal, seconds=self.seconds)

    def plan(self) -> Plan:
        """Return the plan, with every question of the guard answered."""
        _, plan, self.said = agreed(self.rehearsal, self.folder, self.said)
        return plan

    def apply(self, plan: Plan | None = None) -> Report:
        """Apply a plan, or a new one."""
        shown = plan or self.plan()
        return self.rehearsal.apply(shown)

    def refusal(self, plan: Plan) -> str:
        """Return why an apply of that plan is refused as a whole."""
        try:
            self.rehearsal.apply(plan)
        except ReconcilerError as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def portal(self, method: str, path: str, body: Json = None, *, of: str = "contoso") -> Json:
        """Let an administrator do something by hand, and return what is answered."""
        found = self.world.directory.named(of)
        assert found is not None
        answer = self.world.portal(found, "an administrator", method, path, json.dumps(body).encode() if body else b"")
        assert answer.status < 300, answer.raw
        return json.loads(answer.raw) if answer.raw else None

    def principal(self, name: str = "link") -> str:
        """Return the id of the service principal of a configuration of the seed."""
        return seeded_id(CONTOSO, "service principal", name)

    def under(self, name: str = "link") -> str:
        """Return the path below which the synchronization of a configuration of the seed stands."""
        return f"/v1.0/servicePrincipals/{self.principal(name)}/synchronization"

    def job(self, name: str = "link") -> Json:
        (found,) = self.portal("GET", f"{self.under(name)}/jobs")["value"]
        return found

    def schema(self, name: str = "link") -> Json:
        return self.portal("GET", f"{self.under(name)}/jobs/{self.job(name)['id']}/schema")

    def put_schema(self, change: Callable[[Json], None], name: str = "link") -> None:
        """Let an administrator edit the schema of a configuration."""
        whole = deepcopy(self.schema(name))
        change(whole)
        self.portal("PUT", f"{self.under(name)}/jobs/{self.job(name)['id']}/schema", whole)

    def secrets(self, name: str = "link") -> dict[str, str]:
        return {one["key"]: one["value"] for one in self.portal("GET", f"{self.under(name)}/secrets")["value"]}

    def put_secrets(self, name: str = "link", **values: str) -> None:
        pairs = [{"key": key, "value": value} for key, value in {**self.secrets(name), **values}.items()]
        self.portal("PUT", f"{self.under(name)}/secrets", {"value": pairs})


def scene(folder: Path, start: Json, said: Documents | None = None) -> Scene:
    return Scene(folder, World.from_seed(start), said or documents())


def users_of(schema: Json) -> Json:
    """Return the mapping of users in a schema."""
    pairs = schema["synchronizationRules"][0]["objectMappings"]
    return next(one for one in pairs if one["sourceObjectName"] == one["targetObjectName"] == "User")


def flow_of(schema: Json, target: str) -> Json:
    """Return the mapping of one target attribute."""
    return next(one for one in users_of(schema)["attributeMappings"] if one["targetAttributeName"] == target)


def brief(plan: Plan) -> list[str]:
    """Return the steps in short: what happens to what, and which blocks change."""
    return [f"{step.change.action} {step.change.address} {','.join(step.change.blocks)}" for step in plan.steps]


def told(plan: Plan) -> list[str]:
    """Return the findings that stand in the way."""
    return [one.message for tenant in plan.tenants for one in tenant.findings if one.stops]


def outcome(report: Report, address: str, at: int = -1) -> Outcome:
    """Return what became of the last step, or another one, of an object."""
    return [one for one in report.outcomes if str(one.address) == address][at]


@dataclass(slots=True)
class Meddling(Notes):
    """A journal before whose line about an address something happens elsewhere."""

    address: str = ""
    does: Callable[[], None] = lambda: None
    event: str = "intent"
    done: bool = False

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        self.lines.append((event, dict(facts)))
        if event == self.event and facts["address"] == self.address and not self.done:
            self.done = True
            self.does()


def meddled(one: Scene, address: str, does: Callable[[], None], event: str = "intent") -> Scene:
    """Return the scene with a hand that interferes at a line of the journal."""
    return replace(one, notes=Meddling(address=address, does=does, event=event))
