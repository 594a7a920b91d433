"""The order of the stages, and nothing else: read, resolve, diff, guard, plan; for an apply, check and carry out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import date

from reconciler import access, applying, explaining
from reconciler.applying.verdicts import Result, exit_code
from reconciler.covering import cover
from reconciler.diffing import diff
from reconciler.errors import Blocked, GraphError, PlanDamaged, PlanStale
from reconciler.explaining import View
from reconciler.graph.client import Graph
from reconciler.guarding import guard, vanished
from reconciler.identifying import introduce
from reconciler.importing import Suggestions
from reconciler.kinds import in_use
from reconciler.kinds.synchronization import SYNCHRONIZATION
from reconciler.model import (
    Address,
    Body,
    Coverage,
    Document,
    Estate,
    Explanation,
    Finding,
    Kind,
    Link,
    Management,
    Outcome,
    Part,
    Party,
    Plan,
    Reading,
    Report,
    Severity,
    Standing,
    State,
    Synchronizations,
    Tenant,
    TenantPlan,
    Unreadable,
    Verdict,
)
from reconciler.planning import fingerprints, linked, plan_tenant
from reconciler.reading import Wanted, read
from reconciler.repository import Record
from reconciler.resolving import resolve, settle, standing


@dataclass(frozen=True, slots=True)
class Desired:
    """What is wanted, and what a plan needs to know beside it.

    `tree` is the Git tree id of the documents, `records` what was last applied by tenant id, `today` the day on which
    acknowledgements are judged.
    """

    estate: Estate
    kinds: Mapping[str, Kind]
    tree: str
    today: date
    records: Mapping[str, Record] = field(default_factory=dict)


_PARTS = frozenset(SYNCHRONIZATION)

Readings = Mapping[str, Reading | Unreadable]
"""What was read, by tenant; a tenant that nobody signs in to is not there."""


async def plan(desired: Desired, connect: Callable[[Tenant], Graph]) -> Plan:
    """Read every tenant and return what would be written. `connect` returns a client that can only read."""
    async with AsyncExitStack() as stack:
        connected = _connected(desired.estate, connect, stack)
        return compute(desired, await read_all(desired, connected, introducing=True))


async def coverage(desired: Desired, connect: Callable[[Tenant], Graph]) -> list[Coverage]:
    """Read every tenant and return how much of it the files speak of, by name."""
    async with AsyncExitStack() as stack:
        readings = await read_all(desired, _connected(desired.estate, connect, stack))
    return [
        cover(tenant, _documents(desired.estate, tenant), readings.get(name), desired.kinds)
        for name, tenant in sorted(desired.estate.tenants.items())
    ]


async def explain(
    desired: Desired, connect: Callable[[Tenant], Graph], one: Party, two: Party, *, declared: bool = False
) -> Explanation:
    """Read those of the two that are ours, and return what holds between them.

    With `declared` it is what would hold if all were as the files say.
    """
    both = {party.name for party in (one, two) if party.ours}
    tenants = {name: tenant for name, tenant in desired.estate.tenants.items() if name in both}
    scene = replace(desired, estate=replace(desired.estate, tenants=tenants))
    async with AsyncExitStack() as stack:
        readings = await read_all(scene, _connected(scene.estate, connect, stack))
    views = [_view(party, scene, readings.get(party.name), declared=declared) for party in (one, two)]
    labels = {
        key: label for view in views for document in view.documents.values() for key, label in document.names.items()
    }
    return explaining.explain(views[0], views[1], desired.kinds["default"].stock, labels, declared=declared)


def _view(party: Party, desired: Desired, reading: Reading | Unreadable | None, *, declared: bool) -> View:
    tenant = desired.estate.tenants.get(party.name) if party.ours else None
    if tenant is None:
        return View(party)
    documents = _documents(desired.estate, tenant)
    match reading:
        case Reading():
            seen = _see(tenant, desired, reading)
            wanted = resolve(tenant, seen.documents.values(), seen.live, seen.kinds, seen.template)
            state = wanted if declared else reading.state
            return View(party, state, documents, tenant.management is Management.OBSERVE)
        case Unreadable():
            return View(replace(party, reason=reading.reason, exit_code=reading.exit_code), documents=documents)
        case None:
            return View(replace(party, reason="nobody here signs in to this tenant"), documents=documents)


async def read_all(
    desired: Desired, connected: Mapping[str, Graph | Unreadable], *, introducing: bool = False
) -> Readings:
    """Read all tenants side by side; with `introducing`, the directory is asked about partners that are not there."""

    async def answer(name: str, graph: Graph | Unreadable) -> Reading | Unreadable:
        if isinstance(graph, Unreadable):
            return graph
        tenant = desired.estate.tenants[name]
        documents = _documents(desired.estate, tenant)
        absent = [address for address, document in documents.items() if document.absent and address.kind not in _PARTS]
        reading = await read(tenant, graph, _kinds(desired, tenant), absent, _links(desired.estate, tenant))
        if isinstance(reading, Unreadable) or not introducing:
            return reading
        return replace(reading, directory=await introduce(graph, _newcomers(documents, reading.state)))

    answers = await asyncio.gather(*(answer(name, graph) for name, graph in connected.items()))
    return {answer.tenant: answer for answer in answers}


def _newcomers(documents: Mapping[Address, Document], live: State) -> Mapping[str, str]:
    """Return the tenant ids of partners that would be created, with the domains that the files say."""
    return {
        address.key: document.domain
        for address, document in documents.items()
        if address.kind == "partner" and address not in live and not document.absent
    }


def compute(desired: Desired, readings: Readings) -> Plan:
    """Return the plan that follows from the documents and what was read. Pure: same input, same plan."""
    estate = desired.estate
    known = {tenant.tenant_id for tenant in estate.tenants.values()}
    gone = [_vanished(tenant_id, record) for tenant_id, record in desired.records.items() if tenant_id not in known]
    plans = [_plan_tenant(tenant, desired, readings.get(name)) for name, tenant in estate.tenants.items()]
    plans = linked(plans, estate.links)
    return Plan(tuple(sorted([*plans, *gone], key=lambda plan: (plan.tenant, plan.tenant_id))), desired.tree)


def _plan_tenant(tenant: Tenant, desired: Desired, reading: Reading | Unreadable | None) -> TenantPlan:
    match reading:
        case Reading():
            return _plan_readable(tenant, desired, reading)
        case Unreadable():
            return _unplanned(tenant, Standing.UNREADABLE, reading.reason, reading.exit_code)
        case None:
            return _unplanned(tenant, Standing.ELSEWHERE, "nobody here signs in to this tenant")


def _unplanned(tenant: Tenant, standing: Standing, reason: str, code: int = 0) -> TenantPlan:
    return TenantPlan(tenant.name, tenant.tenant_id, tenant.display_name, standing, reason, code)


def _plan_readable(tenant: Tenant, desired: Desired, reading: Reading) -> TenantPlan:
    seen = _see(tenant, desired, reading)
    documents, live, kinds = seen.documents, seen.live, seen.kinds
    wanted = resolve(tenant, documents.values(), live, kinds, seen.template)
    changes = tuple(diff(wanted, live, documents))
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
        stock={name: kind.stock for name, kind in desired.kinds.items()},
        suggest=_suggestions(tenant, desired, documents, live).suggest,
        ours={one.tenant_id: one for one in desired.estate.tenants.values()},
        directory=reading.directory,
    )
    return plan_tenant(
        tenant,
        documents.values(),
        live,
        changes,
        (*findings, *seen.findings, *_unknown_properties(reading)),
        kinds,
        lambda change: access.effect(change, live, wanted),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """One tenant with all names known by id, in the form in which what is there and what is wanted are compared."""

    documents: Mapping[Address, Document]
    live: State
    kinds: Mapping[str, Kind]
    template: Body | None = None
    findings: tuple[Finding, ...] = ()


def _see(tenant: Tenant, desired: Desired, reading: Reading) -> _Seen:
    documents, kinds = _documents(desired.estate, tenant), _kinds(desired, tenant)
    read = reading.synchronizations
    if read is None:
        return _Seen(documents, reading.state, kinds)
    documents, unknown = settle(documents, read)
    live = standing(reading.state, documents, kinds, read.template)
    ambiguous = [_ambiguous(link, read) for link in desired.estate.links if link.name in read.ambiguous]
    return _Seen(documents, live, kinds, read.template, (*unknown, *ambiguous))


def _ambiguous(link: Link, read: Synchronizations) -> Finding:
    message = f"several configurations may be the one of the link {link.name}, and none of them is touched"
    hint = "delete those that are not meant, or write `entra-reconciler`'s mark into the notes of the one that is"
    return Finding(
        Severity.ERROR,
        link.source,
        f"{message}; {hint}",
        Address(link.source, "configuration", link.name),
        rule=20,
        details=read.ambiguous[link.name],
        origin=link.origin,
    )


def _suggestions(tenant: Tenant, desired: Desired, documents: Mapping[Address, Document], live: State) -> Suggestions:
    ours = {one.tenant_id: name for name, one in desired.estate.tenants.items()}
    return Suggestions(tenant, live, documents, desired.kinds, ours, desired.estate.organizations)


def _documents(estate: Estate, tenant: Tenant) -> Mapping[Address, Document]:
    return {address: document for address, document in estate.documents.items() if address.tenant == tenant.name}


def _kinds(desired: Desired, tenant: Tenant) -> Mapping[str, Kind]:
    """Return the kinds in the versions of Microsoft Graph that the documents of a tenant need.

    Parts of sync configurations are read only where a link begins.
    """
    used = in_use(desired.kinds, _documents(desired.estate, tenant).values())
    begins = bool(_links(desired.estate, tenant).links)
    return {name: kind for name, kind in used.items() if begins or not isinstance(kind.endpoint, Part)}


def _links(estate: Estate, tenant: Tenant) -> Wanted:
    """Return the links that begin in a tenant, and whom they name there."""
    begin = tuple(link for link in estate.links if link.source == tenant.name and link.shape != "SyncAcceptance")
    named = [document.principal for document in _documents(estate, tenant).values() if document.principal]
    return Wanted(begin, tuple(dict.fromkeys(named)))


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


# ---------------------------------------------------------------------------------------------- how a plan ends


def plan_exit_code(plan: Plan, *, detailed: bool = False) -> int:
    """Return 3 when something is blocked, else the code of a tenant that could not be read, else 0.

    With `detailed`, 2 says that an apply would write something; what is only observed does not count.
    """
    unread = next((tenant.exit_code for tenant in plan.tenants if tenant.standing is Standing.UNREADABLE), 0)
    if any(blocked(tenant) for tenant in plan.tenants):
        return Blocked.exit_code
    planned = any(tenant.steps for tenant in plan.tenants if tenant.standing is Standing.PLANNED)
    return unread or (2 if detailed and planned else 0)


def drift_exit_code(plan: Plan, *, detailed: bool = False) -> int:
    """Return the code of a tenant of which nothing can be said, else 2 with `detailed` where live differs, else 0."""
    unread = next((tenant.exit_code for tenant in plan.tenants if tenant.standing is Standing.UNREADABLE), 0)
    vanished_code = Blocked.exit_code if any(tenant.standing is Standing.VANISHED for tenant in plan.tenants) else 0
    return unread or vanished_code or (2 if detailed and plan.steps else 0)


def blocked(tenant: TenantPlan) -> bool:
    """Whether a finding stands in the way of writing; where nothing is ever written, findings only inform."""
    return tenant.blocked and tenant.standing in (Standing.PLANNED, Standing.VANISHED)


def writable(tenant: TenantPlan) -> bool:
    """Whether an apply would write something to this tenant."""
    return tenant.standing is Standing.PLANNED and bool(tenant.steps) and not tenant.blocked


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
        current = compute(desired, readings)
        check_current(saved, current, desired, readings)
        graphs = {name: graph for name, graph in connected.items() if isinstance(graph, Graph)}
        places = {name: _place(tenant, desired, readings.get(name)) for name, tenant in desired.estate.tenants.items()}
        results = await applying.apply(_accepted(saved, current), graphs, run, places)
    return _report(saved, current, desired.estate, results, run.stopping())


def _place(tenant: Tenant, desired: Desired, reading: Reading | Unreadable | None) -> applying.Place:
    """Return what applying has to know of a tenant beside its steps."""
    read = reading.synchronizations if isinstance(reading, Reading) else None
    links = _links(desired.estate, tenant).links
    ours = {name for name, one in desired.estate.tenants.items() if one.management is Management.HERE}
    return applying.Place(
        tenant.tenant_id,
        _kinds(desired, tenant),
        links,
        dict(read.ids) if read else {},
        theirs=frozenset(link.name for link in links if link.target not in ours),
    )


def _accepted(saved: Plan, current: Plan) -> list[TenantPlan]:
    """Return what is carried out: the current plan, judged anew, but never more tenants than were shown.

    Of a tenant that cannot be read any more, the steps that were shown stay, so that each of them gets an outcome.
    """
    shown = {tenant.tenant_id: tenant for tenant in saved.tenants if tenant.standing is Standing.PLANNED}
    return [
        replace(tenant, steps=shown[tenant.tenant_id].steps) if tenant.standing is Standing.UNREADABLE else tenant
        for tenant in current.tenants
        if tenant.tenant_id in shown
    ]


def check_current(saved: Plan, current: Plan, desired: Desired, readings: Readings) -> None:
    """Refuse a plan that is no longer what would be planned.

    Raises:
        PlanStale: something it rests on was changed outside Git, or its tenants are others.
        PlanDamaged: all it rests on is the same, and yet its steps are not.
    """
    now = {tenant.tenant_id: tenant for tenant in current.tenants}
    shown = [tenant.tenant_id for tenant in saved.tenants]
    if set(shown) != now.keys():
        raise PlanStale("the plan speaks of other tenants than the documents; make a new plan")
    if shown != list(now):
        raise PlanDamaged("the plan does not name each tenant once, in the order of names; make a new plan")
    for tenant in saved.tenants:
        _check_tenant(tenant, now[tenant.tenant_id], desired, readings)


def _check_tenant(saved: TenantPlan, current: TenantPlan, desired: Desired, readings: Readings) -> None:
    damaged = PlanDamaged(f"what the plan says of {saved.tenant} does not follow from the documents; make a new plan")
    if (saved.tenant, saved.display_name) != (current.tenant, current.display_name):
        raise damaged
    if saved.standing is Standing.UNREADABLE and (saved.steps or not saved.exit_code):
        raise damaged
    if Standing.UNREADABLE in (saved.standing, current.standing):
        return
    if any(step.change.address.kind not in desired.kinds for step in saved.steps):
        raise damaged
    if any(
        step.change.address.kind not in _kinds(desired, desired.estate.tenants[current.tenant]) for step in saved.steps
    ):
        raise damaged
    reading = readings.get(current.tenant)
    stale = _stale(saved, current, desired, reading) if isinstance(reading, Reading) else ""
    if stale and current.standing is Standing.PLANNED:
        raise PlanStale(stale)
    if saved.standing is not current.standing or (saved.steps != current.steps and not stale):
        raise damaged
    if current.standing is Standing.PLANNED:
        _check_findings(saved, current)


def _stale(saved: TenantPlan, current: TenantPlan, desired: Desired, reading: Reading) -> str:
    """Return what was changed since the plan was made, as far as the plan rests on it, or nothing."""
    seen = _see(desired.estate.tenants[current.tenant], desired, reading)
    basis = fingerprints([step.change for step in saved.steps], seen.live, seen.kinds)
    names = sorted(basis.keys() | saved.fingerprints.keys())
    moved = [name for name in names if basis.get(name) != saved.fingerprints.get(name)]
    if moved:
        return f"{saved.tenant} was changed since the plan was made: {_places(moved)}; make a new plan"
    shown = {step.change.address for step in saved.steps}
    fresh = [str(step.change.address) for step in current.steps if step.change.address not in shown]
    if fresh:
        return f"{saved.tenant} needs steps that the plan does not show: {', '.join(fresh[:10])}; plan again"
    if saved.managed != current.managed:
        return f"{saved.tenant} was changed since the plan was made, where Git speaks; make a new plan"
    return ""


def _places(names: Iterable[str], limit: int = 5) -> str:
    """Return `address#block` names object by object: `address (block, block)`, and `address` where it came or went."""
    blocks: dict[str, list[str]] = {}
    for name in names:
        address, _, block = name.partition("#")
        blocks.setdefault(address, []).append(block)
    # An object that came or went has a name without a block as well.
    told = [address if "" in inside else f"{address} ({', '.join(inside)})" for address, inside in blocks.items()]
    more = len(told) - limit
    return ", ".join(told[:limit]) + (f" and {more} more" if more > 0 else "")


def _check_findings(saved: TenantPlan, current: TenantPlan) -> None:
    """Refuse to carry out what was shown without a danger that is in it, or what was shown as blocked."""
    shown = {_danger(finding) for finding in saved.findings}
    unseen = [found.message for found in current.findings if _weighs(found) and _danger(found) not in shown]
    if unseen:
        raise PlanStale(f"the plan does not show this about {saved.tenant}: {unseen[0]}; make a new plan")
    if saved.blocked and not current.blocked:
        raise PlanStale(f"{saved.tenant} was blocked when the plan was made, and is not any more; make a new plan")


def _weighs(finding: Finding) -> bool:
    return finding.severity in (Severity.BLOCK, Severity.ERROR)


def _danger(finding: Finding) -> tuple[Severity, int, Address | None, str, str]:
    """Return what makes a finding the same; a count over a whole tenant may move while the plan waits."""
    message = finding.message if finding.address else ""
    return finding.severity, finding.rule, finding.address, finding.path, message


def _report(saved: Plan, current: Plan, estate: Estate, results: Sequence[Result], interrupted: int) -> Report:
    """Return how the run ended. A tenant in which nothing is ever written cannot make it a bad end."""
    lost = [tenant for tenant in current.tenants if tenant.standing is Standing.UNREADABLE]
    known = {tenant.tenant_id for tenant in lost}
    unread = [tenant for tenant in saved.tenants if tenant.standing is Standing.UNREADABLE]
    unread = [tenant for tenant in unread if tenant.tenant_id not in known]
    codes = [tenant.exit_code for tenant in (*lost, *unread) if _written_to(tenant, estate)]
    stopped = [tenant for tenant in current.tenants if blocked(tenant) and not tenant.steps]
    if stopped:
        codes.append(Blocked.exit_code)
    return Report(
        outcomes=tuple(result.outcome for result in results),
        exit_code=exit_code(results, interrupted=interrupted, elsewhere=next((code for code in codes if code), 0)),
        interrupted=interrupted,
        remarks=(
            *(f"{tenant.tenant} could not be read, and was left alone: {tenant.reason}" for tenant in lost),
            *(
                f"{tenant.tenant} could not be read when the plan was made, and was left alone; make a new plan for it"
                for tenant in unread
            ),
            *(f"{tenant.tenant} is blocked: {_stopping(tenant).message}" for tenant in stopped),
        ),
    )


def _stopping(tenant: TenantPlan) -> Finding:
    """Return the first finding that stands in the way."""
    return next(finding for finding in tenant.findings if finding.stops)


def _written_to(tenant: TenantPlan, estate: Estate) -> bool:
    known = estate.tenants.get(tenant.tenant)
    return known is not None and known.management is Management.HERE


def records_of(saved: Plan, desired: Desired, report: Report, digest: str) -> Mapping[str, Record]:
    """Return what to remember of an apply, for each tenant that is in sync or in which something was carried out."""
    counts = Counter(address.tenant for address, document in desired.estate.documents.items() if not document.absent)
    return {
        tenant.tenant_id: Record(tenant.tenant, desired.tree, digest, report.exit_code, counts[tenant.tenant])
        for tenant in saved.tenants
        if tenant.standing is Standing.PLANNED and not tenant.blocked and _began(tenant, report.outcomes)
    }


def _began(tenant: TenantPlan, outcomes: Iterable[Outcome]) -> bool:
    verdicts = {outcome.verdict for outcome in outcomes if outcome.address.tenant == tenant.tenant}
    idle = {Verdict.NOT_STARTED, Verdict.SKIPPED, Verdict.BLOCKED, Verdict.FAILED}
    return not tenant.steps or bool(verdicts - idle)
