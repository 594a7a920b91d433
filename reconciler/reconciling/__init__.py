"""The order of the stages, and nothing else: read, resolve, diff, guard, plan; for an apply, check and carry out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from reconciler import access, applying, explaining
from reconciler.covering import cover
from reconciler.diffing import diff
from reconciler.errors import GraphError, PlanStale
from reconciler.explaining import View
from reconciler.graph.client import Graph
from reconciler.guarding import guard, vanished
from reconciler.guarding.joining import joining
from reconciler.identifying import introduce
from reconciler.importing import Suggestions
from reconciler.model import (
    Address,
    Coverage,
    Document,
    Estate,
    Explanation,
    Finding,
    Management,
    Party,
    Plan,
    Reading,
    Report,
    Severity,
    Standing,
    State,
    Step,
    Tenant,
    TenantPlan,
    Unreadable,
)
from reconciler.model.people import Fate, Forecast
from reconciler.planning import linked, plan_tenant, step_id
from reconciler.reading import read
from reconciler.reconciling.asking import with_dynamic_groups
from reconciler.reconciling.checking import check_current
from reconciler.reconciling.ending import (
    blocked,
    drift_exit_code,
    not_shown,
    plan_exit_code,
    records_of,
    report_of,
    unapplied,
    writable,
)
from reconciler.reconciling.facing import Face, Faces, facing
from reconciler.reconciling.losing import without_lost
from reconciler.reconciling.recruiting import recruited
from reconciler.reconciling.remembering import earlier
from reconciler.reconciling.seeing import PARTS, Desired, Readings, Seen, documents_of, kinds_of, links_of, see
from reconciler.reconciling.surprises import surprises
from reconciler.reconciling.surveying import NOTHING, Inquiry, surveyed, told
from reconciler.reconciling.withholding import withheld
from reconciler.repository import Record
from reconciler.resolving import resolve

__all__ = [
    "PARTS",
    "Desired",
    "Inquiry",
    "Readings",
    "apply",
    "blocked",
    "check_current",
    "compute",
    "coverage",
    "drift_exit_code",
    "explain",
    "explain_all",
    "links_of",
    "plan",
    "plan_exit_code",
    "plan_with_people",
    "read_all",
    "records_of",
    "settings",
    "unapplied",
    "writable",
]


async def plan(desired: Desired, connect: Callable[[Tenant], Graph], inquiry: Inquiry = NOTHING) -> Plan:
    """Read every tenant and return what would be written. `connect` returns a client that can only read."""
    return (await plan_with_people(desired, connect, inquiry))[0]


async def plan_with_people(
    desired: Desired, connect: Callable[[Tenant], Graph], inquiry: Inquiry
) -> tuple[Plan, Mapping[str, Mapping[Fate, tuple[Forecast, ...]]]]:
    """Return the plan, and people whom it concerns by link, as far as the inquiry wants names: no plan holds them."""
    async with AsyncExitStack() as stack:
        connected = _connected(desired.estate, connect, stack)
        readings = await read_all(desired, connected, introducing=True, inquiry=inquiry)
    people = {
        link: one
        for reading in readings.values()
        if isinstance(reading, Reading)
        for link, one in reading.people.items()
    }
    return compute(desired, readings), dict(sorted(people.items()))


async def coverage(desired: Desired, connect: Callable[[Tenant], Graph]) -> list[Coverage]:
    """Read every tenant and return how much of it the files speak of, by name."""
    async with AsyncExitStack() as stack:
        readings = await read_all(desired, _connected(desired.estate, connect, stack))
    return [_covered(tenant, desired, readings.get(name)) for name, tenant in sorted(desired.estate.tenants.items())]


def _covered(tenant: Tenant, desired: Desired, reading: Reading | Unreadable | None) -> Coverage:
    """Return the numbers of a tenant; of kinds that were not read there are none."""
    if not isinstance(reading, Reading):
        return cover(tenant, {}, reading, desired.kinds)
    seen = see(tenant, desired, reading)
    return cover(tenant, seen.documents, reading, seen.kinds)


async def explain(
    desired: Desired, connect: Callable[[Tenant], Graph], one: Party, two: Party, *, declared: bool = False
) -> Explanation:
    """Read those of the two that are ours, and return what holds between them.

    With `declared` it is what would hold if all were as the files say.
    """
    (found,) = await explain_all(desired, connect, [(one, two)], declared=declared)
    return found


async def explain_all(
    desired: Desired,
    connect: Callable[[Tenant], Graph],
    pairs: Sequence[tuple[Party, Party]],
    *,
    declared: bool = False,
) -> list[Explanation]:
    """Read those who are ours, each once, and return what holds between the two of each pair."""
    names = {party.name for pair in pairs for party in pair if party.ours}
    tenants = {name: tenant for name, tenant in desired.estate.tenants.items() if name in names}
    scene = replace(desired, estate=replace(desired.estate, tenants=tenants))
    async with AsyncExitStack() as stack:
        readings = await read_all(scene, _connected(scene.estate, connect, stack))
    views = {
        party: _view(party, scene, readings.get(party.name), declared=declared) for pair in pairs for party in pair
    }
    return [_explained(desired, views[one], views[two], declared=declared) for one, two in pairs]


def _explained(desired: Desired, one: View, two: View, *, declared: bool) -> Explanation:
    labels = {
        key: label
        for view in (one, two)
        for document in view.documents.values()
        for key, label in document.names.items()
    }
    return explaining.explain(one, two, desired.kinds["default"].stock, labels, declared=declared)


def _view(party: Party, desired: Desired, reading: Reading | Unreadable | None, *, declared: bool) -> View:
    tenant = desired.estate.tenants.get(party.name) if party.ours else None
    if tenant is None:
        return View(party)
    documents = documents_of(desired.estate, tenant)
    match reading:
        case Reading():
            seen = see(tenant, desired, reading)
            wanted = resolve(tenant, seen.documents.values(), seen.live, seen.kinds, seen.template, seen.held)
            state = wanted if declared else reading.state
            return View(party, state, documents, tenant.management is Management.OBSERVE)
        case Unreadable():
            return View(replace(party, reason=reading.reason, exit_code=reading.exit_code), documents=documents)
        case None:
            return View(replace(party, reason="nobody here signs in to this tenant"), documents=documents)


async def settings(desired: Desired, connect: Callable[[Tenant], Graph]) -> Readings:
    """Read the settings of every tenant, and no sync configurations. `connect` returns a client that can only read."""
    scene = replace(desired, estate=replace(desired.estate, links=()))
    async with AsyncExitStack() as stack:
        return await read_all(scene, _connected(scene.estate, connect, stack))


async def read_all(
    desired: Desired,
    connected: Mapping[str, Graph | Unreadable],
    *,
    introducing: bool = False,
    inquiry: Inquiry = NOTHING,
) -> Readings:
    """Read all tenants side by side.

    With `introducing`, the directories are asked about partners that are not there, and about people whom links bring.
    """

    async def answer(name: str, graph: Graph | Unreadable) -> Reading | Unreadable:
        if isinstance(graph, Unreadable):
            return graph
        tenant = desired.estate.tenants[name]
        documents = documents_of(desired.estate, tenant)
        absent = [address for address, document in documents.items() if document.absent and address.kind not in PARTS]
        reading = await read(tenant, graph, kinds_of(desired, tenant), absent, links_of(desired.estate, tenant))
        if isinstance(reading, Unreadable) or not introducing:
            return reading
        return replace(reading, directory=await introduce(graph, _newcomers(documents, reading.state)))

    answers = await asyncio.gather(*(answer(name, graph) for name, graph in connected.items()))
    readings = {answer.tenant: answer for answer in answers}
    if not introducing:
        return readings
    surveys = await surveyed(desired, readings, connected, inquiry)
    peopled = await recruited(desired, told(readings, surveys), connected, surveys)
    return await with_dynamic_groups(desired, peopled, connected)


def _newcomers(documents: Mapping[Address, Document], live: State) -> Mapping[str, str]:
    """Return the tenant ids of partners that would be created, with the domains that the files say."""
    return {
        address.key: document.domain
        for address, document in documents.items()
        if address.kind == "partner" and address not in live and not document.absent
    }


def compute(desired: Desired, readings: Readings, shown: Plan | None = None) -> Plan:
    """Return the plan that follows from the documents and what was read. Pure: same input, same plan.

    Of what stands apart, because people move while a plan waits, only what was `shown` is planned and judged.
    """
    estate = desired.estate
    known = {tenant.tenant_id for tenant in estate.tenants.values()}
    gone = [_vanished(tenant_id, record) for tenant_id, record in desired.records.items() if tenant_id not in known]
    faces = facing(desired, readings)
    known_steps = frozenset(step.id for step in shown.steps) if shown else None
    plans = [_plan_tenant(tenant, faces, known_steps) for tenant in estate.tenants.values()]
    plans = withheld(linked(plans, estate.links), estate.links, readings)
    return Plan(tuple(sorted([*plans, *gone], key=lambda plan: (plan.tenant, plan.tenant_id))), desired.tree)


def _plan_tenant(tenant: Tenant, faces: Faces, shown: Collection[str] | None) -> TenantPlan:
    match faces.read.get(tenant.name), faces.readings.get(tenant.name):
        case Face() as face, _:
            return _plan_readable(tenant, face, faces, shown)
        case _, Unreadable() as unread:
            return _unplanned(tenant, Standing.UNREADABLE, unread.reason, unread.exit_code)
        case _:
            return _unplanned(tenant, Standing.ELSEWHERE, "nobody here signs in to this tenant")


def _unplanned(tenant: Tenant, standing: Standing, reason: str, code: int = 0) -> TenantPlan:
    return TenantPlan(tenant.name, tenant.tenant_id, tenant.display_name, standing, reason, code)


def _plan_readable(tenant: Tenant, face: Face, faces: Faces, shown: Collection[str] | None) -> TenantPlan:
    desired, reading, seen, wanted = faces.desired, face.reading, face.seen, face.wanted
    documents, live, kinds = seen.documents, seen.live, seen.kinds
    read = reading.synchronizations
    changes = tuple(
        change
        for change in diff(wanted, live, documents)
        if shown is None or not kinds[change.address.kind].apart or step_id(change) in shown
    )
    record = desired.records.get(tenant.tenant_id)
    findings = guard(
        tenant,
        documents,
        live,
        wanted,
        changes,
        desired.today,
        remembered=record.managed if record else None,
        organizations=desired.estate.organizations,
        stock=seen.stock,
        suggest=_suggestions(tenant, desired, seen).suggest,
        ours={one.tenant_id: one for one in desired.estate.tenants.values()},
        directory=reading.directory,
        links=desired.estate.links,
        pairs=faces.pairs(tenant.name),
        ambiguous=read.ambiguous if read else {},
        others=faces.others(tenant.name),
        earlier=earlier(tenant, desired, seen),
        conditions=reading.conditions,
        impacts={name: one for name, one in reading.impacts.items() if one.moves},
    )
    planned = plan_tenant(
        tenant,
        documents.values(),
        live,
        changes,
        (
            *findings,
            *seen.findings,
            *_unknown_properties(reading),
            *surprises(desired.estate, tenant.name),
            *joining(tenant, reading.asides, live, wanted, desired.estate.organizations),
        ),
        kinds,
        lambda change: access.effect(change, live, wanted),
    )
    return replace(planned, impacts=tuple(one for _, one in sorted(reading.impacts.items())))


def _suggestions(tenant: Tenant, desired: Desired, seen: Seen) -> Suggestions:
    ours = {one.tenant_id: name for name, one in desired.estate.tenants.items()}
    return Suggestions(
        tenant,
        seen.live,
        seen.documents,
        desired.kinds,
        ours,
        desired.estate.organizations,
        seen.template,
        frozenset(link.name for link in desired.estate.links),
    )


def _unknown_properties(reading: Reading) -> Iterable[Finding]:
    for kind, names in sorted(reading.unknown.items()):
        yield Finding(
            Severity.NOTE,
            reading.tenant,
            f"Microsoft Graph shows properties of {kind} objects that this version does not know; they are left alone",
            details=names,
        )


def _vanished(tenant_id: str, record: Record) -> TenantPlan:
    reason = "it was applied to before, and no tenant.yaml speaks of it any more"
    finding = vanished(record.tenant, record.managed)
    return TenantPlan(record.tenant, tenant_id, record.tenant, Standing.VANISHED, reason, findings=(finding,))


def _connected(
    estate: Estate, connect: Callable[[Tenant], Graph], stack: AsyncExitStack
) -> Mapping[str, Graph | Unreadable]:
    """Return a client for every tenant that we sign in to, or why there is none; the stack closes them."""
    connected: dict[str, Graph | Unreadable] = {}
    for name, tenant in estate.tenants.items():
        if tenant.management is Management.ELSEWHERE:
            continue
        try:
            graph = connect(tenant)
        except GraphError as error:
            connected[name] = Unreadable(name, str(error), error.exit_code)
        else:
            connected[name] = graph
            stack.push_async_callback(graph.aclose)
    return connected


# ---------------------------------------------------------------------------------------------- apply


async def apply(saved: Plan, desired: Desired, connect: Callable[[Tenant], Graph], run: applying.Run) -> Report:
    """Carry out `saved`, after checking that it still follows from the files and the tenants.

    Raises:
        PlanStale: the documents or the tenants changed since; nothing was written.
        PlanDamaged: it does not follow from what it claims to follow from; nothing was written.
    """
    if saved.tree != desired.tree:
        raise PlanStale("the documents are not the ones that the plan was made from; make a new plan")
    async with AsyncExitStack() as stack:
        connected = _connected(desired.estate, connect, stack)
        readings = await read_all(desired, connected, introducing=True)
        current = without_lost(saved, compute(desired, readings), desired.estate.links)
        if more := not_shown(saved, current):
            current = without_lost(saved, compute(desired, readings, saved), desired.estate.links)
        check_current(saved, current, desired, readings)
        graphs = {name: graph for name, graph in connected.items() if isinstance(graph, Graph)}
        outdated = _outdated(saved, current)
        places = {
            name: replace(_place(tenant, desired, readings.get(name)), outdated=outdated)
            for name, tenant in desired.estate.tenants.items()
        }
        results = await applying.apply(_accepted(saved, current), graphs, run, places)
    return report_of(saved, current, results, run.stopping(), more)


def _place(tenant: Tenant, desired: Desired, reading: Reading | Unreadable | None) -> applying.Place:
    """Return what applying has to know of a tenant beside its steps."""
    read = reading.synchronizations if isinstance(reading, Reading) else None
    links = links_of(desired.estate, tenant).links
    ours = {name for name, one in desired.estate.tenants.items() if one.management is Management.HERE}
    return applying.Place(
        tenant.tenant_id,
        kinds_of(desired, tenant),
        links,
        dict(read.ids) if read else {},
        strangers=frozenset(_strangers(reading.state) if isinstance(reading, Reading) else ()),
        theirs=frozenset(link.name for link in links if link.target not in ours or not link.accepted),
    )


def _strangers(live: State) -> Iterable[str]:
    """Return the configurations that belong to no link."""
    return (at.key for at, there in live.items() if at.kind == "configuration" and there.facts.get("unclaimed"))


def _accepted(saved: Plan, current: Plan) -> list[TenantPlan]:
    """Return what is carried out: the current plan, judged anew, but never more tenants and steps than were shown.

    Each step that was shown gets an outcome: those of a tenant that cannot be read any more, and those that are not
    right any more, are the ones of the plan.
    """
    shown = {tenant.tenant_id: tenant for tenant in saved.tenants if tenant.standing is Standing.PLANNED}
    return [
        replace(tenant, steps=tuple(_steps(shown[tenant.tenant_id], tenant)))
        for tenant in current.tenants
        if tenant.tenant_id in shown
    ]


def _steps(saved: TenantPlan, current: TenantPlan) -> Iterable[Step]:
    now = {step.id: step for step in current.steps}
    return (now.get(step.id, step) for step in saved.steps)


def _outdated(saved: Plan, current: Plan) -> frozenset[str]:
    """Return the steps that were shown and would not be planned any more, of tenants that were read."""
    read = {tenant.tenant_id for tenant in current.tenants if tenant.standing is not Standing.UNREADABLE}
    shown = {step.id for tenant in saved.tenants if tenant.tenant_id in read for step in tenant.steps}
    return frozenset(shown - {step.id for step in current.steps})
