"""Each tenant as the others face it: what a guard needs to see of both sides of a link. Pure, and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.diffing import diff
from reconciler.explaining import View
from reconciler.explaining.judging import Pair, judge_synchronization
from reconciler.guarding import Sight
from reconciler.model import Judgement, Link, Management, Party, Reading, Standing, State, Tenant, Unreadable, link_of
from reconciler.reconciling.seeing import PARTS, Desired, Readings, Seen, see
from reconciler.resolving import resolve


@dataclass(frozen=True, slots=True)
class Face:
    """A tenant that was read: what is there, and all that will be there."""

    reading: Reading
    seen: Seen
    wanted: State


@dataclass(frozen=True, slots=True)
class Faces:
    """All tenants, as far as they were read, side by side."""

    desired: Desired
    readings: Readings
    read: Mapping[str, Face]

    def others(self, name: str) -> Mapping[str, Sight]:
        """Return what can be seen of the tenants beside this one."""
        return {other: self._sight(tenant) for other, tenant in self.desired.estate.tenants.items() if other != name}

    def _sight(self, tenant: Tenant) -> Sight:
        face = self.read.get(tenant.name)
        if face is None:
            unread = isinstance(self.readings.get(tenant.name), Unreadable)
            return Sight(Standing.UNREADABLE if unread else Standing.ELSEWHERE)
        standing = Standing.PLANNED if tenant.management is Management.HERE else Standing.OBSERVED
        shows_links, conditions = face.reading.synchronizations is not None, face.reading.conditions
        return Sight(standing, face.seen.live, shows_links, conditions, tenant.origin, face.reading.dynamic)

    def pairs(self, name: str) -> Mapping[str, tuple[Judgement, ...]]:
        """Return of each link that begins in a tenant whether it would work, with all that is planned."""
        links = [link for link in self.desired.estate.links if link.source == name and not link.absent]
        return {link.name: self._judged(link) for link in links}

    def _judged(self, link: Link) -> tuple[Judgement, ...]:
        home, resource = self._view(link.source, link.source_id), self._view(link.target, link.target_id)
        return judge_synchronization(Pair(home, resource, self.desired.kinds["default"].stock), groups=link.group_sync)

    def _view(self, name: str, tenant_id: str) -> View:
        tenant, face = self.desired.estate.tenants.get(name), self.read.get(name)
        if tenant is None:
            return View(Party(name, self.desired.estate.organizations.get(tenant_id, name), tenant_id, ours=False))
        party = Party(name, tenant.display_name, tenant_id, ours=True, cloud=tenant.cloud)
        if face is None:
            return View(party)
        observed = tenant.management is not Management.HERE
        return View(party, face.seen.live if observed else face.wanted, face.seen.documents, observed)


def facing(desired: Desired, readings: Readings) -> Faces:
    """Return all tenants that were read, with all that will be there."""
    tenants = desired.estate.tenants
    read = {name: one for name, one in readings.items() if isinstance(one, Reading) and name in tenants}
    return Faces(desired, readings, {name: face_of(tenants[name], desired, one) for name, one in read.items()})


def face_of(tenant: Tenant, desired: Desired, reading: Reading) -> Face:
    """Return one tenant. A configuration that a person made gets its mark together with the first change in it."""
    seen = see(tenant, desired, reading)
    wanted = _wanted(tenant, seen)
    changed = {link_of(change.address.key) for change in diff(wanted, seen.live) if change.address.kind in PARTS}
    if marking := changed & seen.unmarked:
        seen = see(tenant, desired, reading, marking)
        wanted = _wanted(tenant, seen)
    return Face(reading, seen, wanted)


def _wanted(tenant: Tenant, seen: Seen) -> State:
    return resolve(tenant, seen.documents.values(), seen.live, seen.kinds, seen.template, seen.held)
