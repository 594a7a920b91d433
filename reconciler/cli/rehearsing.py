"""The run of a rehearsal: tenants read into a snapshot, an emulator made of it, a plan applied there, cycles run.

Imports the emulator, so only when a rehearsal really begins. Real tenants are met in `read` alone, by reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reconciler import applying, reconciling
from reconciler.cli.inside import Inside
from reconciler.cli.site import Site
from reconciler.cli.stand_ins import secrets, snapshot_seed
from reconciler.cli.talking import say
from reconciler.emulator.synchronization import accounting
from reconciler.emulator.world import World
from reconciler.errors import Forbidden, GraphError, SetupError, Unavailable
from reconciler.graph.client import Graph
from reconciler.graph.connecting import Network
from reconciler.model import Body, Json, Link, Management, Plan, Reading, Report, Tenant, Unreadable
from reconciler.model.rehearsals import LinkRehearsed, Rehearsal, Somebody, Way
from reconciler.operating.looking import look
from reconciler.reconciling.seeing import Desired, links_of
from reconciler.snapshotting import Snapshot, Wanted, join, take
from reconciler.snapshotting.taking import Taken
from reconciler.troubles import explain

_INTERVAL: Final = 40 * 60.0
_MINUTES: Final = 24 * 60
_PARTLY: Final = 6
_WAYS: Final[Mapping[Way, str]] = {
    "created": "created",
    "adopted": "adopted",
    "updated": "updated",
    "blocked": "blocked",
    "unblocked": "unblocked",
    "restored": "restored",
    "removed": "removed",
    "failed": "failed",
    "held back": "held",
}


# ---------------------------------------------------------------------------------------------- reading


async def read(site: Site, links: Sequence[Link], *, everything: bool) -> Snapshot:
    """Return the tenants as they are now, with the people of these links; what cannot be read is told as unread.

    Raises:
        ReconcilerError: the files are wrong, or nobody can sign in at all.
    """
    clock = site.clock()
    now, desired, network = clock.now(), site.desired(clock), site.network(clock)
    tenants = desired.estate.tenants
    say(f"Reading {', '.join(sorted(name for name in tenants))}, and changing nothing.")
    readings = await reconciling.settings(desired, network.reader)
    unread = {name: one for name, one in readings.items() if isinstance(one, Unreadable)}
    whole = {name: one for name, one in readings.items() if isinstance(one, Reading)}
    every = await asyncio.gather(*(_take(desired, tenants[name], one, network, links) for name, one in whole.items()))
    found = dict(zip(whole, every, strict=True))
    unread |= {name: one for name, one in found.items() if isinstance(one, Unreadable)}
    taken = {name: one for name, one in found.items() if isinstance(one, Taken)}
    ids = {name: one.tenant_id for name, one in tenants.items()}
    return join(taken, ids, unread, links, now, everything=everything)


async def _take(
    desired: Desired, tenant: Tenant, reading: Reading, network: Network, links: Sequence[Link]
) -> Taken | Unreadable:
    begins = links_of(desired.estate, tenant)
    named = tuple(one.principal for one in desired.estate.by_tenant.get(tenant.name, {}).values() if one.principal)
    peopled = any(tenant.name in (link.source, link.target) for link in links)
    try:
        graph = network.reader(tenant)
    except GraphError as error:
        return Unreadable(tenant.name, str(error), error.exit_code)
    try:
        return await take(tenant, reading, graph, Wanted(begins.links, named, peopled))
    except GraphError as error:
        return Unreadable(tenant.name, str(error), error.exit_code)
    finally:
        await graph.aclose()


# ---------------------------------------------------------------------------------------------- rehearsing


class _Forgetful:
    """A journal that nobody will read: what it is about is gone with this process."""

    def record(self, event: str, facts: Body) -> None:
        """Take a line."""


@dataclass(frozen=True)
class Stage:
    """The files, and the tenants as they were found; `links` are those whose people are followed."""

    site: Site
    snapshot: Snapshot
    links: Sequence[Link]
    everything: bool

    @cached_property
    def desired(self) -> Desired:
        """All that a plan is computed from."""
        found = self.site.desired(self.world.clock, attributing=True)
        for name, tenant in found.estate.tenants.items():
            known = self.snapshot.ids.get(name)
            if tenant.management is not Management.ELSEWHERE and known != tenant.tenant_id:
                raise SetupError(f"the snapshot has no tenant {name} with the id {tenant.tenant_id}; take a new one")
        return found

    @cached_property
    def world(self) -> World:
        """The emulator that stands in for the tenants."""
        estate = self.site.estate()
        tenants = {name: one for name, one in self.snapshot.tenants.items() if name in estate.tenants}
        return World.from_seed(snapshot_seed(estate, tenants, self.snapshot.read_at))

    async def play(self, cycles: int) -> Rehearsal:
        """Plan, apply, let time pass for so many cycles, and plan again."""
        plan = await reconciling.plan(self.desired, self._reader)
        before, own = accounting.standing(self.world), await self._configurations()
        report = await self._applied(plan)
        own = {**own, **await self._configurations()}
        for _ in range(cycles):
            self.world.clock.wait(_INTERVAL)
            self.world.catch_up()
        remaining = await reconciling.plan(self.desired, self._reader)
        links = tuple(self._told(before, own))
        return Rehearsal(
            self.snapshot.read_at,
            tuple(sorted(self.world.directory.ids)),
            plan,
            report,
            remaining,
            cycles,
            links,
            self.snapshot.assumed,
            self.snapshot.kept,
            report.exit_code or (_PARTLY if any(one.needs_attention for one in links) else 0),
        )

    async def _applied(self, plan: Plan) -> Report:
        if not any(reconciling.writable(tenant) for tenant in plan.tenants):
            return reconciling.unapplied(plan)
        clock = self.world.clock
        end = clock.monotonic() + _MINUTES * 60
        run = applying.Run("rehearsal", self.desired.kinds, clock, _Forgetful(), lambda: 0, end, lambda outcome: None)
        return await reconciling.apply(plan, self.desired, self._either, run)

    # ---------------------------------------------------------------------------------------- the way inside

    def _network(self) -> Network:
        through = Inside(self.world)
        variables = secrets(self.world.directory.tenants.values())
        return Network(self.world.clock, variables, transports=lambda role: through)

    def _reader(self, tenant: Tenant) -> Graph:
        self._check(tenant)
        return self._network().reader(tenant)

    def _either(self, tenant: Tenant) -> Graph:
        self._check(tenant)
        network = self._network()
        return network.writer(tenant) if tenant.management is Management.HERE else network.reader(tenant)

    def _check(self, tenant: Tenant) -> None:
        """Raise for a tenant what stood in the way of reading it."""
        unread = self.snapshot.unread.get(tenant.name)
        if unread is not None:
            raise {8: Forbidden, 9: Unavailable}.get(unread.exit_code, GraphError)(unread.reason)
        if tenant.name not in self.snapshot.tenants:
            raise Unavailable(f"{tenant.name} is not in the snapshot")

    # ---------------------------------------------------------------------------------------- what became of people

    async def _configurations(self) -> dict[str, tuple[str, str]]:
        """Return source and name of the link, or of the configuration, by service principal."""
        found: dict[str, tuple[str, str]] = {}
        estate = self.desired.estate
        for name in self.snapshot.tenants:
            begins = links_of(estate, estate.tenants[name]).links if name in estate.tenants else ()
            if not begins:
                continue
            graph = self._reader(estate.tenants[name])
            claims, _ = await look(graph, estate.tenants[name], begins)
            await graph.aclose()
            found |= {one.ids["servicePrincipal"]: (name, link) for link, one in claims.claimed.items()}
            loose = {one.ids["servicePrincipal"]: (name, f"(no link) {one.name}") for one in claims.unclaimed}
            found |= loose if self.everything else {}
        return found

    def _told(self, before: Mapping[str, Body], own: Mapping[str, tuple[str, str]]) -> Iterable[LinkRehearsed]:
        after = accounting.standing(self.world)
        names = {tenant_id: name for name, tenant_id in self.snapshot.ids.items()}
        principals = {link: key for key, link in own.items()}
        for link in sorted(self.links, key=lambda one: (one.name, one.source)):
            blank = LinkRehearsed(link.name, link.source, link.target, self._reason(link))
            key = principals.pop((link.source, link.name), "")
            yield blank if blank.reason else self._link(blank, key, before, after)
        for (source, name), key in sorted(principals.items()):
            if name.startswith("(no link)") and key in before and before[key]["target"] in self.world.directory.tenants:
                blank = LinkRehearsed(name, source, names.get(str(before[key]["target"]), ""))
                yield self._link(blank, key, before, after)

    def _reason(self, link: Link) -> str:
        """Return why the cycles of a link could not be rehearsed, or nothing."""
        for end in (link.source, link.target):
            if end in self.snapshot.unread:
                return f"{end} could not be read: {self.snapshot.unread[end].reason}"
            if end not in self.snapshot.tenants:
                return f"nobody here signs in to {end}"
        return ""

    def _link(
        self, blank: LinkRehearsed, key: str, before: Mapping[str, Body], after: Mapping[str, Body]
    ) -> LinkRehearsed:
        stood = before.get(key) or {**after.get(key, {}), "links": {}}
        if "job" not in stood:
            return blank
        done = accounting.done(self.world, 0, key, stood)
        quarantine = done["quarantine"]
        return LinkRehearsed(
            blank.name,
            blank.source,
            blank.target,
            before=done["before"],
            after=done["after"],
            people={way: tuple(map(_somebody, done[word])) for way, word in _WAYS.items() if done[word]},
            group_writes=done["groupWrites"],
            quarantine=None if quarantine is None else explain(quarantine["code"], quarantine["message"]),
        )


def _somebody(one: Mapping[str, Json]) -> Somebody:
    trouble = explain(one["code"], one["reason"]) if "code" in one else None
    return Somebody(one["name"], one["principalName"], tuple(one.get("attributes", ())), trouble)
