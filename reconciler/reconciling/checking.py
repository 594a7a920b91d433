"""Whether a saved plan still follows from the files and the tenants. Writes nothing.

People move while a plan waits. What stands apart for each of them makes no plan stale: it is carried out as shown where
that is still right, and left alone where it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.errors import PlanDamaged, PlanStale
from reconciler.model import (
    Address,
    Finding,
    Kind,
    Plan,
    Reading,
    Severity,
    Standing,
    Step,
    TenantPlan,
)
from reconciler.planning import fingerprints
from reconciler.reconciling.seeing import Desired, Readings, kinds_of, see


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
    pairs = [(tenant, now[tenant.tenant_id]) for tenant in saved.tenants]
    for one, other in pairs:
        _check_form(one, other, desired)
    # What changed in one tenant may be what the steps of another wait for.
    stale = {one.tenant: _checked_stale(one, other, desired, readings) for one, other in pairs}
    for one, other in pairs:
        _check_steps(one, other, desired, stale[one.tenant])


def _damaged(saved: TenantPlan) -> PlanDamaged:
    return PlanDamaged(f"what the plan says of {saved.tenant} does not follow from the documents; make a new plan")


def _check_form(saved: TenantPlan, current: TenantPlan, desired: Desired) -> None:
    damaged = _damaged(saved)
    if (saved.tenant, saved.display_name) != (current.tenant, current.display_name):
        raise damaged
    if saved.standing is Standing.UNREADABLE and (saved.steps or not saved.exit_code):
        raise damaged
    if Standing.UNREADABLE in (saved.standing, current.standing):
        return
    kinds = _kinds(current, desired)
    if any(step.change.address.kind not in kinds for step in saved.steps):
        raise damaged


def _kinds(current: TenantPlan, desired: Desired) -> Mapping[str, Kind]:
    tenant = desired.estate.tenants.get(current.tenant)
    return kinds_of(desired, tenant) if tenant else {}


def _checked_stale(saved: TenantPlan, current: TenantPlan, desired: Desired, readings: Readings) -> str:
    """Return what was changed in a tenant that is only observed; in one that would be written to, refuse the plan."""
    reading = readings.get(current.tenant)
    if Standing.UNREADABLE in (saved.standing, current.standing) or not isinstance(reading, Reading):
        return ""
    stale = _stale(saved, current, desired, reading)
    if stale and current.standing is Standing.PLANNED:
        raise PlanStale(stale)
    return stale


def _check_steps(saved: TenantPlan, current: TenantPlan, desired: Desired, stale: str) -> None:
    if Standing.UNREADABLE in (saved.standing, current.standing):
        return
    kinds = _kinds(current, desired)
    if saved.standing is not current.standing or (_bound(saved, kinds) != _bound(current, kinds) and not stale):
        raise _damaged(saved)
    if current.standing is Standing.PLANNED:
        _check_findings(saved, current)


def _bound(plan: TenantPlan, kinds: Mapping[str, Kind]) -> list[Step]:
    """Return the steps that hold together or not at all."""
    return [step for step in plan.steps if not kinds[step.change.address.kind].apart]


def _stale(saved: TenantPlan, current: TenantPlan, desired: Desired, reading: Reading) -> str:
    """Return what was changed since the plan was made, as far as the plan rests on it, or nothing."""
    seen = see(desired.estate.tenants[current.tenant], desired, reading)
    basis = fingerprints([step.change for step in _bound(saved, seen.kinds)], seen.live, seen.kinds)
    names = sorted(basis.keys() | saved.fingerprints.keys())
    moved = [name for name in names if basis.get(name) != saved.fingerprints.get(name)]
    if moved:
        return f"{saved.tenant} was changed since the plan was made: {_places(moved)}; make a new plan"
    shown = {step.change.address for step in saved.steps}
    fresh = [str(step.change.address) for step in _bound(current, seen.kinds) if step.change.address not in shown]
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
