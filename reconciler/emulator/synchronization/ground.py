"""What a run stands on, be it a cycle or one user on demand: job, schema, settings, both tenants; read once, compiled.

Nobody in particular is read here, and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body, Call, Json
from reconciler.emulator.committing import by, stamp
from reconciler.emulator.directory_objects import USERS
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.synchronization import connection, cycle, schemas
from reconciler.emulator.synchronization.attribute_mappings import engine_mappings
from reconciler.emulator.synchronization.events import FABRIC, Circumstances, Happening, event
from reconciler.emulator.synchronization.kinds import EVENT, SCHEMA, SECRETS
from reconciler.emulator.synchronization.persons import Scope, seen
from reconciler.emulator.synchronization.settings import value_of
from reconciler.provisioning import Flow, Surroundings, Ways, attributes_of, compile_mappings, trees

if TYPE_CHECKING:
    from reconciler.emulator.directory import Organization
    from reconciler.emulator.world import World


@dataclass(frozen=True)
class Ground:
    """A job and what belongs to it. `call` is the request that the run is part of, `cycle_id` names the run."""

    world: World
    call: Call
    tenant: str
    principal: Body
    job: Body
    settings: list[dict[str, Json]]
    schema: Body
    cycle_id: str
    syncs_all: bool
    looks_at_all: bool = False
    since: int | None = None

    @classmethod
    def of(
        cls,
        world: World,
        call: Call,
        principal: Body,
        job: Body,
        *,
        syncs_all: bool,
        looks_at_all: bool = False,
        since: int | None = None,
    ) -> Ground:
        """Read what belongs to a job.

        `looks_at_all` is a run that takes everybody as if for the first time, `since` the number of the journal from
        which on one looks at what changed alone.
        """
        kept = world.store.get(call.tenant, SECRETS.kind, str(principal["id"])) or {"value": []}
        schema = world.store.get(call.tenant, SCHEMA.kind, f"{principal['id']}/{job['id']}")
        whole = schemas.whole(schema)
        said, run = list(kept["value"]), world.new_id()
        return cls(world, call, call.tenant, principal, job, said, whole, run, syncs_all, looks_at_all, since)

    @property
    def key(self) -> str:
        """The key of the job, and of what belongs to it."""
        return f"{self.principal['id']}/{self.job['id']}"

    @cached_property
    def objection(self) -> Refusal | None:
        """Why the source cannot synchronize; None where it can."""
        return connection.refusal(self.world, self.tenant, self.settings)

    @cached_property
    def target(self) -> Organization:
        """The target tenant; only where nothing is objected."""
        return self.world.directory.organizations[value_of(self.settings, "CompanyId").lower()]

    @cached_property
    def there(self) -> Call:
        """The same request in the target, where the service itself writes."""
        return by(self.call, self.world.directory.tenants[self.target.id], FABRIC)

    @cached_property
    def rule(self) -> Body:
        """The one rule of the schema."""
        (rule,) = self.schema["synchronizationRules"]
        found: Body = rule
        return found

    def mapping(self, kind: str) -> Body:
        """Return the object mapping of a kind of source objects: `User` or `Group`."""
        (found,) = (one for one in self.rule["objectMappings"] if one["sourceObjectName"] == kind)
        mapping: Body = found
        return mapping

    @cached_property
    def users(self) -> Body:
        """The object mapping of users."""
        return self.mapping("User")

    @cached_property
    def allowed(self) -> frozenset[str]:
        """What may be done to users of the target."""
        return frozenset(one.strip() for one in str(self.users["flowTypes"]).split(","))

    @cached_property
    def scope(self) -> Scope:
        """The filters of users."""
        return Scope.of(self.users)

    @cached_property
    def flow(self) -> Flow:
        """The mappings of users."""
        surroundings = Surroundings(now=self.world.clock.now)
        mappings = engine_mappings(self.users["attributeMappings"], self.exact("User"))
        return compile_mappings(mappings, surroundings=surroundings)

    @cached_property
    def switched(self) -> dict[str, frozenset[str]]:
        """The target attributes that come of a `Switch`, with the attributes by which that decides."""
        found = {}
        for mapping in engine_mappings(self.users["attributeMappings"]):
            parts = () if mapping.source is None else trees.walk(mapping.source)
            asked = [part.arguments[0] for part in parts if isinstance(part, trees.Call) and part.name == "Switch"]
            if asked:
                found[mapping.target] = frozenset(name for one in asked for name in attributes_of(one))
        return found

    @cached_property
    def moved(self) -> dict[str, frozenset[str]]:
        """The attributes of users of the source that changed since the last cycle, by the ids of the users."""
        if self.since is None:
            return {}
        found: dict[str, frozenset[str]] = {}
        for entry in self.world.store.changes(self.tenant, USERS.kind, self.since):
            if entry.before and entry.after:
                before, after = (seen(one, assigned=True) for one in (entry.before, entry.after))
                names = frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
                found[entry.key] = found.get(entry.key, frozenset()) | names
        return found

    def exact(self, kind: str) -> frozenset[str]:
        """Return the target attributes of a kind of which a change of case is a change."""
        return schemas.exact_of(self.schema["directories"], self.rule["targetDirectoryName"], kind)

    @cached_property
    def attributes(self) -> list[str]:
        """The attributes of users that are read."""
        return schemas.attributes_of(self.schema["directories"], self.rule["sourceDirectoryName"])["User"]

    @cached_property
    def ways(self) -> Ways:
        """What is assumed of decisions."""
        switches = self.world.switches
        return Ways(
            discarded="skip" if switches.discarded_user == "skip" else "failure",
            vanished="created" if switches.vanished_user == "created" else "failure",
            purged="purged" if switches.purged_source == "purged" else "kept",
        )

    def link_to(self, source_id: str) -> dict[str, Json] | None:
        """Return the link of an object of the source."""
        return cycle.link_to(self.world, self.tenant, self.key, source_id)

    # ---------------------------------------------------------------------------------------- telling

    def circumstances(self) -> Circumstances:
        """Return under what something happens now, with ids of its own."""
        return Circumstances(
            tenant=self.tenant,
            job=self.job,
            principal=self.principal,
            rule=self.rule,
            target_tenant=value_of(self.settings, "CompanyId").lower(),
            time=stamp(self.world.clock.now()),
            ids=(self.world.new_id(), self.world.new_id(), self.cycle_id),
        )

    def told(self, what: Happening) -> Circumstances:
        """Write what happened to the provisioning log, and return under what it happened."""
        where = self.circumstances()
        self.world.store.put(self.tenant, EVENT.kind, where.ids[0], event(what, where))
        return where
