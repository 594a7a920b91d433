"""What an import sees of sync configurations: all of them, who is assigned, and whether their targets let people in.

Access settings are imported whatever becomes of this. Writes no document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from reconciler.adopting.unfit import is_unfit
from reconciler.errors import GraphError
from reconciler.graph.client import Graph
from reconciler.importing import Person, Sight
from reconciler.importing.configuring import assigned, group_sync, target_of, unclaimed
from reconciler.model import (
    Address,
    Body,
    Estate,
    Found,
    Kind,
    Management,
    Principal,
    Reading,
    State,
    Tenant,
    Unreadable,
)
from reconciler.reading import Gathered, gather, look_up, read
from reconciler.reconciling import PARTS, links_of

_POLICIES = ("partner", "identity-synchronization")
_PERMISSIONS = "Application.Read.All and Synchronization.Read.All"


@dataclass(frozen=True, slots=True)
class Seen:
    """The configurations as they were read, None where they were not, who is assigned, and what is made of both."""

    sight: Sight = field(default_factory=Sight)
    gathered: Gathered | None = None
    found: Mapping[str, Found] = field(default_factory=dict)

    def beside(self, estate: Estate, tenant: Tenant, reading: Reading) -> tuple[Estate, Reading]:
        """Return what a plan with these files reads of the tenant; where nothing was read, nothing is wanted."""
        if self.gathered is None:
            rest = {address: one for address, one in estate.documents.items() if address.kind not in PARTS}
            return replace(estate, documents=rest, links=()), reading
        wanted = links_of(estate, tenant)
        if not wanted.links:
            return estate, reading
        people = {one: self.found[one.id] for one in wanted.principals if one.id in self.found}
        read, state = self.gathered.shared_out(wanted.links, people)
        return estate, replace(reading, state={**reading.state, **state}, synchronizations=read)


async def look(
    estate: Estate, tenant: Tenant, graph: Graph, connect: Callable[[Tenant], Graph], kinds: Mapping[str, Kind]
) -> Seen:
    """Return what is there, or in `problem` of the sight why nobody can say."""
    if not kinds.keys() >= PARTS:
        return Seen()
    try:
        gathered = await gather(tenant, graph)
        _, state = gathered.shared_out(links_of(estate, tenant).links)
        peculiar = gathered.peculiar()
        found = await look_up(_principals(state), graph)
    except GraphError as error:
        hint = f"; grant the application {_PERMISSIONS}, and import again" if error.lacks_permission else ""
        return Seen(Sight(problem=f"{error}{hint}"))
    sight = Sight(
        state=state,
        template=gathered.template,
        footing=kinds["mappings"].footing(gathered.template) if gathered.template is not None else "",
        people={one.id: _person(one, answer, state) for one, answer in found.items()},
        peculiar=peculiar,
        closed=await _closed(estate, tenant, state, connect, kinds),
        taken=frozenset(link.name for link in estate.links),
    )
    return Seen(sight, gathered, {one.id: answer for one, answer in found.items()})


# ---------------------------------------------------------------------------------------------- who is assigned


def _principals(state: State) -> Iterator[Principal]:
    for key in unclaimed(state):
        for kind, principal in assigned(state, key):
            match kind:
                case "Group":
                    yield Principal("group", id=principal)
                case "User":
                    yield Principal("user", id=principal)


def _person(one: Principal, found: Found, state: State) -> Person:
    """Return what to call somebody; where the directory may not be asked, as the assignment does."""
    if found.problem:
        shown = (of.facts for at, of in state.items() if at.kind == "assignment" and at.key.endswith(f"/{one.id}"))
        return Person(_label(next(iter(shown), {}).get("principalDisplayName")))
    if not found.candidates:
        return Person(gone=True)
    return Person(_label(found.candidates[0].get("userPrincipalName" if one.type == "user" else "displayName")))


def _label(name: object) -> str:
    return name if isinstance(name, str) and name.strip() and not is_unfit(name) else ""


# ---------------------------------------------------------------------------------------------- who lets them in


async def _closed(
    estate: Estate, tenant: Tenant, state: State, connect: Callable[[Tenant], Graph], kinds: Mapping[str, Kind]
) -> Mapping[str, str]:
    """Return why nothing can be said about the other half, for those of our tenants of which nothing can."""
    ours = {one.tenant_id: one for one in estate.tenants.values() if one.tenant_id != tenant.tenant_id}
    groups: dict[str, bool] = {}
    for key in unclaimed(state):
        target = target_of(state, tenant.name, key)
        if target in ours:
            groups[target] = groups.get(target, False) or group_sync(state, tenant.name, key)
    reasons = {key: await _reason(ours[key], tenant, connect, kinds, groups=groups[key]) for key in sorted(groups)}
    return {key: reason for key, reason in reasons.items() if reason}


async def _reason(
    target: Tenant, source: Tenant, connect: Callable[[Tenant], Graph], kinds: Mapping[str, Kind], *, groups: bool
) -> str:
    if target.management is Management.ELSEWHERE:
        return f"nobody here signs in to {target.name}"
    policies = {name: kinds[name].at("beta" if groups else "v1.0") for name in _POLICIES}
    try:
        async with aclosing(connect(target)) as graph:
            reading = await read(target, graph, policies)
    except GraphError as error:
        reading = Unreadable(target.name, str(error), error.exit_code)
    if isinstance(reading, Unreadable):
        return f"{target.name} could not be read ({reading.reason})"
    lacking = list(_lacking(target, source, reading.state, groups=groups))
    return f"{target.name} does not say {' and '.join(lacking)} for {source.name}" if lacking else ""


def _lacking(target: Tenant, source: Tenant, state: State, *, groups: bool) -> Iterable[str]:
    """Yield what a link would ask for in its target and is not there."""
    wanted = [
        ("partner", "automaticUserConsentSettings", "inboundAllowed"),
        ("identity-synchronization", "userSyncInbound", "isSyncAllowed"),
    ]
    if groups:
        wanted.append(("identity-synchronization", "groupSyncInbound", "isSyncAllowed"))
    for kind, block, leaf in wanted:
        there = state.get(Address(target.name, kind, source.tenant_id))
        value: Body = (there.body.get(block) if there else None) or {}
        if value.get(leaf) is not True:
            yield f"{block}.{leaf}"
