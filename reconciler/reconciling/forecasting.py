"""The people of a link: what the files want of it beside what is there, and the next cycle previewed. Writes nothing.

Only what belongs to links is read of the source here; everybody who is in scope is `previewing`'s business.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from reconciler.errors import GraphError, SetupError
from reconciler.graph.client import Graph
from reconciler.guarding.synced import brought
from reconciler.kinds import ALL
from reconciler.kinds.synchronization.job import BASE
from reconciler.kinds.synchronization.mappings import wanted_schema
from reconciler.model import (
    Address,
    Body,
    Estate,
    Json,
    Link,
    Management,
    Reading,
    State,
    Synchronizations,
    Tenant,
    Unreadable,
    link_of,
)
from reconciler.model.people import Preview, Route
from reconciler.operating import Connect, choose_one
from reconciler.previewing import Assigned, Configured, Seat, Wish, preview
from reconciler.reading.synchronizing import read_synchronizations
from reconciler.reconciling.seeing import Desired, Seen, links_of, see
from reconciler.resolving import resolve

MAPPINGS, SETTINGS, JOB, ASSIGNMENT = "mappings", "settings", "job", "assignment"


async def forecast(estate: Estate, name: str, connect: Connect, now: Callable[[], datetime]) -> Preview:
    """Return what the next cycle of a link would do, as it is and as the files want it.

    Whoever gets it closes its people.

    Raises:
        SetupError: there is no such link, or nobody here can sign in where it begins.
        GraphError: its configuration cannot be read.
    """
    async with placed(estate, name, connect, now) as at:
        return await preview(at.seat, at.source, at.target, at.live, at.wish, now, linked=at.linked)


@dataclass(frozen=True, slots=True)
class Place:
    """A link with both sides, as it is, None where it is not made yet, and as the files want it."""

    seat: Seat
    source: Graph
    target: Graph | Unreadable
    live: Configured | None
    wish: Wish
    linked: int | None

    def made(self) -> Configured:
        """Return the configuration as it is.

        Raises:
            SetupError: there is none yet.
        """
        if self.live is None:
            raise SetupError(f"{self.seat.link}: its job is not made yet; apply makes it")
        return self.live


@dataclass(frozen=True, slots=True)
class Home:
    """A tenant that links begin in, signed in to, with what belongs to all of them."""

    desired: Desired
    tenant: Tenant
    source: Graph
    reading: Reading


@asynccontextmanager
async def opened(estate: Estate, tenant: Tenant, connect: Connect, now: Callable[[], datetime]) -> AsyncIterator[Home]:
    """Sign in where links begin, for as long as the block runs, and read what belongs to them, once for all of them.

    Raises:
        GraphError: it cannot be read.
    """
    source = connect(tenant)
    try:
        desired = Desired(estate, ALL, "", now().date())
        yield Home(desired, tenant, source, await _read(desired, tenant, source))
    finally:
        await source.aclose()


@asynccontextmanager
async def seated(home: Home, link: Link, connect: Connect) -> AsyncIterator[Place]:
    """Find the job of a link that begins there, and sign in to its target for as long as the block runs.

    Raises:
        SetupError: several configurations may be its own, or it has a form that nobody has described to us.
        GraphError: it cannot be read.
    """
    target = _target(home.desired.estate, link, connect)
    try:
        schema = await _schema(link, home.reading, home.source)
        yield _place(home.desired, home.tenant, link, home.reading, schema, home.source, target)
    except ValueError as error:
        raise SetupError(f"{link.name}: {error}") from error
    finally:
        if isinstance(target, Graph):
            await target.aclose()


@asynccontextmanager
async def placed(estate: Estate, name: str, connect: Connect, now: Callable[[], datetime]) -> AsyncIterator[Place]:
    """Find the job of a link by its name, and sign in on both sides for as long as the block runs.

    Raises:
        SetupError: there is no such link, or nobody here can sign in where it begins.
        GraphError: its configuration cannot be read.
    """
    link, tenant = choose_one(estate, name)
    async with opened(estate, tenant, connect, now) as home, seated(home, link, connect) as place:
        yield place


async def _read(desired: Desired, tenant: Tenant, graph: Graph) -> Reading:
    """Return what belongs to links that begin in a tenant, and nothing else of it."""
    wanted = links_of(desired.estate, tenant)
    answers = await graph.get_all(wanted.paths)
    found, state = await read_synchronizations(wanted, tenant, answers, graph)
    return Reading(tenant.name, state, synchronizations=found)


async def _schema(link: Link, reading: Reading, graph: Graph) -> Body | None:
    """Return the schema of the job as Graph shows it, None where there is no job."""
    read = reading.synchronizations
    ids = read.ids.get(link.name) if read else None
    if ids is None or _at(link, JOB) not in reading.state:
        return None
    return await graph.get(f"{BASE.format_map(ids)}/jobs/{ids['job']}/schema")


def _target(estate: Estate, link: Link, connect: Connect) -> Graph | Unreadable:
    tenant = estate.tenants.get(link.target)
    if tenant is None or tenant.management is Management.ELSEWHERE:
        return Unreadable(link.target, f"nobody here signs in to {link.target}", 0)
    try:
        return connect(tenant)
    except GraphError as error:
        return Unreadable(link.target, str(error), error.exit_code)


def _place(
    desired: Desired,
    tenant: Tenant,
    link: Link,
    reading: Reading,
    schema: Body | None,
    source: Graph,
    target: Graph | Unreadable,
) -> Place:
    read = reading.synchronizations or Synchronizations()
    if link.name in read.ambiguous:
        raise SetupError(
            f"{link.origin}: several configurations in {tenant.name} may be that of {link.name}; "
            "`reconciler plan` names them"
        )
    seen = see(tenant, desired, reading)
    wanted = resolve(tenant, seen.documents.values(), seen.live, seen.kinds, seen.template, seen.held)
    return place_of(link, reading, seen, wanted, schema, source, target)


def place_of(
    link: Link,
    reading: Reading,
    seen: Seen,
    wanted: State,
    schema: Body | None,
    source: Graph,
    target: Graph | Unreadable,
) -> Place:
    """Return a link with both sides; `schema` is that of its job as Graph shows it, None where there is no job.

    Raises:
        ValueError: a mapping that the files want cannot be written into the schema.
    """
    read = reading.synchronizations or Synchronizations()
    job = reading.state.get(_at(link, JOB))
    ids = read.ids.get(link.name, {})
    seat = Seat(
        link.name,
        link.source,
        link.target,
        ids.get("servicePrincipal", ""),
        str(job.facts.get("id") or ids.get("job", "")) if job else "",
        link.source_id,
    )
    live = None if schema is None else configured(link, reading.state, schema)
    wish = _wish(link, live, wanted, reading.state, seen)
    return Place(seat, source, target, live, wish, brought(job) if job else None)


def _at(link: Link, kind: str) -> Address:
    return Address(link.source, kind, link.name)


# ---------------------------------------------------------------------------------------------- configurations


def configured(link: Link, state: State, schema: Body) -> Configured:
    """Return the configuration of a link in a state, with this schema."""
    settings = state.get(_at(link, SETTINGS))
    return Configured(schema, settings.body if settings else {}, dict(_assigned(link, state)))


def _wanted(link: Link, live: Configured | None, state: State) -> Configured | None:
    """Return the configuration that the files want, None where the job goes."""
    mappings = state.get(_at(link, MAPPINGS))
    if _at(link, JOB) not in state or mappings is None:
        return None
    return configured(link, state, wanted_schema(live.schema if live else None, mappings.body))


def _assigned(link: Link, state: State) -> Iterator[tuple[tuple[str, str], Route]]:
    for address, resource in state.items():
        if address.tenant == link.source and address.kind == ASSIGNMENT and link_of(address.key) == link.name:
            kind = str(resource.body.get("principalType")).lower()
            key = address.key.partition("/")[2]
            label = resource.label or str(resource.facts.get("principalDisplayName") or "")
            if kind == "user":
                yield ("user", key), Route("user", key, label)
            if kind == "group":
                yield ("group", key), Route("group", key, label)


def _wish(link: Link, live: Configured | None, wanted: State, there: State, seen: Seen) -> Wish:
    configured = _wanted(link, live, wanted)
    remarks = tuple(_remarks(link, wanted, there, seen))
    if live is None or configured is None:
        words = ("the link is not made yet",) if live is None else ("the job goes",)
        return Wish(configured, words, remarks)
    differences = tuple(_differences(link, live, configured, wanted, there))
    return Wish(configured, differences, remarks, same=not differences)


def _remarks(link: Link, wanted: State, there: State, seen: Seen) -> Iterator[str]:
    job = wanted.get(_at(link, JOB))
    if job is not None and not job.body.get("enabled"):
        yield "the files want the job paused: no cycle runs until it is started"
    is_running = there.get(_at(link, JOB))
    if is_running is not None and not is_running.body.get("enabled"):
        yield "the job is paused: no cycle runs until it is started"
    quarantine = ((is_running.facts.get("status") or {}) if is_running else {}).get("quarantine")
    if isinstance(quarantine, Mapping):
        yield f"the job is in quarantine ({quarantine.get('reason')}): the next cycle may come late"
    mappings = wanted.get(_at(link, MAPPINGS))
    if mappings is not None and mappings.body.get("groupSync"):
        yield "groups are made in the target as well; they are not previewed, and the guard counts their deletions too"
    yield from (
        one.message for one in seen.findings if one.address is not None and link_of(one.address.key) == link.name
    )


def _differences(link: Link, live: Configured, wanted: Configured, state: State, there: State) -> Iterator[str]:
    """Yield what of the files makes a difference to people."""
    before, after = there[_at(link, MAPPINGS)].body, state[_at(link, MAPPINGS)].body
    flows = (before.get("mappings") or {}, after.get("mappings") or {})
    changed = sorted(name for name in flows[0].keys() | flows[1].keys() if flows[0].get(name) != flows[1].get(name))
    if changed:
        yield f"mappings: {', '.join(changed)}"
    if before.get("filters") != after.get("filters"):
        yield "scoping filters"
    for name in ("scope", "accidentalDeletion"):
        if live.settings.get(name) != wanted.settings.get(name):
            yield f"{name}: {_said(live.settings.get(name))} -> {_said(wanted.settings.get(name))}"
    yield from _parted(live.assigned or {}, wanted.assigned or {})


def _parted(before: Assigned, after: Assigned) -> Iterator[str]:
    for words, some, others in (("assigned", after, before), ("no longer assigned", before, after)):
        new = (route for key, route in some.items() if key not in others)
        # People are named where somebody asked for names, which is not here.
        names = [f"{route.type} {(route.type != 'user' and route.name) or route.id}" for route in new]
        if names:
            yield f"{words}: {', '.join(names)}"


def _said(value: Json) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {value[name]}" for name in sorted(value))
    return str(value)
