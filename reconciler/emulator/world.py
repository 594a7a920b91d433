"""The whole emulated cloud: its state, time, assumptions and faults. No HTTP: that is `asgi` and `server`."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.emulator import (
    answering,
    authorization,
    committing,
    cross_tenant_access,
    directory_objects,
    multitenant,
)
from reconciler.emulator.calls import Answer, Call, Json, Wire
from reconciler.emulator.clock import Clock, VirtualClock
from reconciler.emulator.directory import Directory, Organization, Tenant
from reconciler.emulator.faults import Faults
from reconciler.emulator.refusals import Dropped, Refusal
from reconciler.emulator.resources import Resource
from reconciler.emulator.routes import (
    assignments,
    audits,
    deleted_items,
    deleted_policies,
    licences,
    objects,
    organizations,
    people,
    provisioning_logs,
    registrations,
    signing_in,
    synchronization,
    synchronization_schemas,
)
from reconciler.emulator.routes import directory_objects as directory_object_routes
from reconciler.emulator.routes import resources as resource_routes
from reconciler.emulator.routing import Routes, Spelling, query
from reconciler.emulator.signing import Signer
from reconciler.emulator.store import Store
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization import kinds as synchronization_kinds
from reconciler.emulator.synchronization.scheduling import Cycles

if TYPE_CHECKING:
    from reconciler.emulator.seeds import Seed


_IDENTITY = "identity"


@dataclass(slots=True)
class Requests:
    """How many requests came, by tenant id ("" where none can be told).

    `http` are requests to Graph, batches and pages included; `batches` those that are a $batch and `inner` the parts
    of these; `pages` those, alone or inside a batch, that follow a nextLink; `tokens` are requests for one.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, call: Call) -> None:
        """Count a request."""
        counts = self.counts.setdefault(call.tenant, {"http": 0, "batches": 0, "inner": 0, "tokens": 0, "pages": 0})
        counts["http"] += call.is_graph and not call.batched
        counts["batches"] += call.is_batch
        counts["inner"] += call.batched
        counts["pages"] += "$skiptoken" in call.query
        counts["tokens"] += call.method == "POST" and call.path.endswith("/oauth2/v2.0/token")


@dataclass(frozen=True, slots=True)
class GitHub:
    """The emulated GitHub: which job its OIDC tokens speak of, and what a job must show to be given one."""

    subject: str = "repo:contoso/tenants:ref:refs/heads/main"
    bearer: str = "github-request-token"
    issuer: str = "https://token.actions.githubusercontent.com"


class World:
    """Tenants, and everything that a request can find or change in them.

    `extra` are kinds of one's own, served like the others. `wire` is set by a server that has a proxy in front.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        clock: Clock | None = None,
        switches: Switches | None = None,
        github: GitHub | None = None,
        extra: Iterable[Resource] = (),
    ) -> None:
        self.store = store or Store()
        self.clock: Clock = clock or VirtualClock()
        self.switches = switches or Switches()
        self.github = github or GitHub()
        self.faults = Faults()
        self.cycles = Cycles()
        self.requests = Requests()
        self.wire: Wire | None = None
        self.signer = _signer(self.store)
        self.directory = Directory(self.store)
        self.extra = tuple(extra)
        settings = (*cross_tenant_access.resources(self.switches), *multitenant.RESOURCES)
        plain = (*settings, authorization.POLICY, *self.extra)
        self.resources = {one.kind: one for one in (*plain, *directory_objects.KINDS, *synchronization_kinds.KINDS)}
        self.spelling = Spelling((*plain, *(one.resource for one in directory_objects.COLLECTIONS)))
        self.graph_routes = Routes(
            (
                *resource_routes.routes(plain),
                *deleted_policies.ROUTES,
                *multitenant.ROUTES,
                *organizations.ROUTES,
                *licences.ROUTES,
                *audits.ROUTES,
                *objects.routes(),
                *people.routes(),
                *registrations.routes(),
                *assignments.routes(),
                *deleted_items.ROUTES,
                *synchronization.ROUTES,
                *synchronization_schemas.ROUTES,
                *provisioning_logs.ROUTES,
                *directory_object_routes.ROUTES,
            )
        )
        self.open_routes = Routes(signing_in.ROUTES)
        self._dice = random.Random(self.store.last_sequence())
        self._late: list[tuple[float, Call]] = []
        self.identity = _identity(self.store)

    @classmethod
    def from_seed(
        cls,
        seed: str | Mapping[str, Json] | Seed,
        *,
        path: Path | str = ":memory:",
        clock: Clock | None = None,
        extra: Iterable[Resource] = (),
    ) -> World:
        """Return the world that a seed describes: YAML or JSON text, or what has been read from it.

        A database file that holds a world already is gone on with: then the seed gives only switches and faults.

        Raises:
            SeedError: when the seed says something impossible, with the place in it.
        """
        from reconciler.emulator.seeds import world_from_seed

        return world_from_seed(seed, path=path, clock=clock, extra=tuple(extra))

    # ---------------------------------------------------------------------------------------- requests

    async def serve(self, call: Call) -> Answer:
        """Answer a request.

        Raises:
            Dropped: when a fault cuts the connection and no proxy is there to do it.
        """
        return await answering.serve(self, call)

    def serve_now(self, call: Call) -> Answer:
        """Answer a request for a caller that cannot await.

        Raises:
            Dropped: when a fault cuts the connection and no proxy is there to do it.
        """
        return answering.serve_now(self, call)

    def portal(self, tenant: Tenant, who: str, method: str, path: str, body: bytes = b"") -> Answer:
        """Do what a person does in the portal of a tenant; no fault touches it.

        Raises:
            Refusal: 400, for a query that nobody can read.
        """
        versioned = path if path.startswith(("/v1.0/", "/beta/")) else f"/v1.0/{path}"
        path, _, options = versioned.partition("?")
        call = Call(method, path, query(options), body=body)
        return self.serve_now(committing.by(call, tenant, tenant.person(who)))

    def about(self, call: Call) -> tuple[str, str]:
        """Return the kind and the key of the object that a request is about, or nothing."""
        try:
            route, caught = self.graph_routes.find(call.method, call.path.removeprefix(f"/{call.version}"))
        except Refusal:
            return "", ""
        resource = self.resources.get(route.kind)
        if resource is None:
            return "", ""
        if "sp" in caught:
            return resource.kind, synchronization_kinds.key_of(resource, caught)
        return resource.kind, resource_routes.key_of(resource, call, caught)

    # ---------------------------------------------------------------------------------------- faults

    def add_fault(self, rule: Mapping[str, Json]) -> str:
        """Add a fault rule and return its id.

        Raises:
            FaultError: when the rule makes no sense.
        """
        return self.faults.add(rule, self.directory.ids, born=self.store.last_sequence())

    def shape(self, port: int, how: Mapping[str, Json]) -> None:
        """Let the proxy do something to the bytes of the next answer on a connection.

        Without a proxy a slow answer arrives like any other.

        Raises:
            Dropped: when there is no proxy, and the answer is not to arrive whole.
        """
        if self.wire is None and "drip" in how:
            return
        if self.wire is None:
            raise Dropped(next(iter(how)))
        self.wire.shape(port, how)

    def later(self, seconds: float, call: Call) -> None:
        """Carry a request out when so many seconds have passed: with the next request that comes then."""
        self._late.append((self.clock.monotonic() + seconds, call))

    def catch_up(self) -> None:
        """Carry out what was put off until now, and the cycles that are due."""
        due = [call for moment, call in self._late if moment <= self.clock.monotonic()]
        self._late = [(moment, call) for moment, call in self._late if moment > self.clock.monotonic()]
        for call in due:
            answering.carry_out_late(self, call)
        self.cycles.run_due(self)

    # ---------------------------------------------------------------------------------------- odds and ends

    def forget(self) -> None:
        """Forget what is kept beside an emptied store: who exists, faults, counts, cycles, and what was put off."""
        self.directory = Directory(self.store)
        self.faults.clear()
        self.cycles.forget()
        self.requests.counts.clear()
        self._late.clear()
        self._dice = random.Random(self.store.last_sequence())
        self.store.remember(_IDENTITY, "")
        self.identity = _identity(self.store)

    def new_id(self) -> str:
        """Return an id for a request: the same sequence of them in every run."""
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))

    def organization(self, tenant_id: str) -> Organization | None:
        """Return the organization with this id, in lower case, if the directory knows it."""
        return self.directory.organizations.get(tenant_id)


def _identity(store: Store) -> str:
    """Return what tells this world from any other, also from one that the same seed begins: kept as long as its store.

    Nothing of Graph shows it.
    """
    found = store.recall(_IDENTITY) or uuid.uuid4().hex
    store.remember(_IDENTITY, found)
    return found


def _signer(store: Store) -> Signer:
    """Return the signer of this store: with its key of before, so that tokens outlive a restart."""
    signer = Signer(store.recall("signing key"))
    store.remember("signing key", signer.pem)
    return signer
