"""How plans and applies end: exit codes, the report, and what is remembered of an apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler import applying
from reconciler.applying.verdicts import Result, exit_code
from reconciler.errors import Blocked
from reconciler.model import (
    Action,
    Finding,
    Outcome,
    Plan,
    Report,
    Standing,
    TenantPlan,
    Verdict,
)
from reconciler.reconciling.seeing import Desired
from reconciler.repository import Record


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


def unapplied(plan: Plan) -> Report:
    """Return how an apply of a plan ends of which nothing can be written: there is nothing to do, or all is blocked."""
    results = [result for tenant in plan.tenants if blocked(tenant) for result in applying.blocked(tenant.steps)]
    return report_of(plan, plan, results, 0)


def report_of(
    saved: Plan, current: Plan, results: Sequence[Result], interrupted: int, more: Iterable[str] = ()
) -> Report:
    """Return how the run ended. As in a plan, a tenant that could not be read counts, whatever may be done there.

    `more` is what came up since the plan was made, in words.
    """
    lost = [tenant for tenant in current.tenants if tenant.standing is Standing.UNREADABLE]
    known = {tenant.tenant_id for tenant in lost}
    unread = [tenant for tenant in saved.tenants if tenant.standing is Standing.UNREADABLE]
    unread = [tenant for tenant in unread if tenant.tenant_id not in known]
    stopped = [tenant for tenant in current.tenants if blocked(tenant) and not tenant.steps]
    codes = [*(Blocked.exit_code for _ in stopped), *(tenant.exit_code for tenant in (*lost, *unread))]
    return Report(
        outcomes=(*(result.outcome for result in results), *_waited_for(current)),
        exit_code=exit_code(results, interrupted=interrupted, elsewhere=next((code for code in codes if code), 0)),
        interrupted=interrupted,
        remarks=(
            *(f"{tenant.unread} could not be read, and {_alone(tenant)}: {tenant.reason}" for tenant in lost),
            *(
                f"{tenant.tenant} could not be read when the plan was made, and was left alone; make a new plan for it"
                for tenant in unread
            ),
            *(f"{tenant.tenant} is blocked: {_stopping(tenant).message}" for tenant in stopped),
            *more,
        ),
    )


def _alone(tenant: TenantPlan) -> str:
    return "both were left alone" if tenant.lost_with else "was left alone"


def not_shown(saved: Plan, current: Plan) -> list[str]:
    """Return how much came up since the plan was made, tenant by tenant; nothing of it is written."""
    shown = {step.id for step in saved.steps}
    fresh = {
        tenant.tenant: sum(step.id not in shown for step in tenant.steps)
        for tenant in current.tenants
        if tenant.standing is Standing.PLANNED
    }
    return [
        f"{name}: people moved since the plan was made; not shown then, and not written: {number}"
        for name, number in fresh.items()
        if number
    ]


def _waited_for(plan: Plan) -> Iterator[Outcome]:
    """Yield what can only be waited for, as an outcome without a step."""
    for tenant in plan.tenants:
        for finding in tenant.findings if tenant.standing is Standing.PLANNED else ():
            if finding.waits and finding.address:
                address = finding.address
                yield Outcome("", address, Action.DELETE, Verdict.WAITING, finding.message, label=address.key)


def _stopping(tenant: TenantPlan) -> Finding:
    """Return the first finding that stands in the way."""
    return next(finding for finding in tenant.findings if finding.stops)


def records_of(saved: Plan, desired: Desired, report: Report, digest: str) -> Mapping[str, Record]:
    """Return what to remember of an apply, for each tenant that is in sync or in which something was carried out."""
    counts = Counter(address.tenant for address, document in desired.estate.documents.items() if not document.absent)
    return {
        tenant.tenant_id: Record(
            tenant.tenant, desired.tree, digest, _ended(tenant, report), counts[tenant.tenant], desired.world
        )
        for tenant in saved.tenants
        if tenant.standing is Standing.PLANNED and not tenant.blocked and _began(tenant, report.outcomes)
    }


def _ended(tenant: TenantPlan, report: Report) -> int:
    """Return 0 where all steps of a tenant were carried out, whatever became of the others; else how the run ended."""
    mine = [outcome.verdict for outcome in report.outcomes if outcome.step and outcome.address.tenant == tenant.tenant]
    return 0 if {Verdict.APPLIED, Verdict.SUPERSEDED}.issuperset(mine) else report.exit_code


def _began(tenant: TenantPlan, outcomes: Iterable[Outcome]) -> bool:
    verdicts = {outcome.verdict for outcome in outcomes if outcome.address.tenant == tenant.tenant}
    idle = {Verdict.NOT_STARTED, Verdict.SKIPPED, Verdict.BLOCKED, Verdict.FAILED}
    return not tenant.steps or bool(verdicts - idle)
