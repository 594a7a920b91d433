"""Plan, drift, report and findings as JSON documents for programs; `documents` holds their shapes.

Every change carries its jsonpatch (RFC 6902), and it is checked here that before + patch = after. The bytes are
ASCII: nothing in them acts on a terminal or in a log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import jsonpatch

from reconciler.errors import ReconcilerError
from reconciler.model import (
    Address,
    Body,
    Change,
    Envelope,
    Finding,
    Impact,
    Json,
    Origin,
    Outcome,
    Plan,
    Report,
    Step,
    TenantPlan,
    Verdict,
)
from reconciler.model.people import Altered
from reconciler.reporting import wording
from reconciler.reporting.documents import (
    AcknowledgementEntry,
    DeclarationEntry,
    DriftDocument,
    EnvelopeEntry,
    FindingEntry,
    FindingsDocument,
    ImpactEntry,
    OutcomeEntry,
    Place,
    PlanDocument,
    ReportDocument,
    StepEntry,
    TenantEntry,
    Where,
)
from reconciler.reporting.escaping import for_json
from reconciler.reporting.impacts import Named
from reconciler.reporting.previews import entry, guard_entry

# ---------------------------------------------------------------------------------------------- documents


def plan_json(plan: Plan, envelope: Envelope | None = None, named: Named | None = None) -> str:
    """Return the plan as a JSON document; `named` are people to show by name."""
    document = PlanDocument(
        format="entra-reconciler/plan/v1",
        summary=wording.plan_summary(plan),
        tree=plan.tree,
        envelope=_envelope(envelope) if envelope else None,
        tenants=[_tenant(tenant) for tenant in plan.tenants],
        people={
            link: [entry(Altered(None, one)) for people in fates.values() for one in people]
            for link, fates in (named or {}).items()
        },
    )
    return _written(document)


def drift_json(plan: Plan) -> str:
    """Return where live differs from Git, as a JSON document."""
    document = DriftDocument(
        format="entra-reconciler/drift/v1",
        summary=wording.drift_summary(plan),
        tree=plan.tree,
        tenants=[_tenant(tenant) for tenant in plan.tenants],
    )
    return _written(document)


def report_json(report: Report) -> str:
    """Return what became of every step, as a JSON document."""
    verdicts = [outcome.verdict for outcome in report.outcomes]
    document = ReportDocument(
        format="entra-reconciler/report/v1",
        summary=wording.report_summary(report),
        exitCode=report.exit_code,
        interrupted=report.interrupted,
        counts={verdict.value: verdicts.count(verdict) for verdict in Verdict},
        outcomes=[_outcome(outcome) for outcome in report.outcomes],
        remarks=list(report.remarks),
    )
    return _written(document)


def findings_json(findings: Iterable[Finding]) -> str:
    """Return findings that belong to no plan, as a JSON document."""
    found = wording.by_weight(findings)
    document = FindingsDocument(
        format="entra-reconciler/findings/v1",
        summary=wording.findings_summary(found),
        findings=[_finding(finding) for finding in found],
    )
    return _written(document)


def _written(document: Mapping[str, object]) -> str:
    text = json.dumps(for_json(document), indent=2, sort_keys=True, allow_nan=False)
    # What JSON leaves as it is: DEL, and what runners take for a command anywhere in a line. All are inside strings.
    return text.replace("\x7f", "\\u007f").replace("##", "\\u0023\\u0023") + "\n"


def patch_of(change: Change) -> list[dict[str, Json]]:
    """Return the change as a JSON Patch, after checking that it leads from before to after.

    Raises:
        ReconcilerError: when it does not; the plan must then not be trusted.
    """
    before, after = _plain(change.before), _plain(change.after)
    patch = jsonpatch.make_patch(before, after)
    if patch.apply(before) != after:
        raise ReconcilerError(
            f"{change.address}: its JSON Patch does not lead from before to after; report this defect"
        )
    return list(patch.patch)


def _plain(body: Body | None) -> dict[str, Json] | None:
    return None if body is None else {name: _copied(value) for name, value in body.items()}


def _copied(value: Json) -> Json:
    match value:
        case Mapping():
            return {key: _copied(member) for key, member in value.items()}
        case list() | tuple():
            return [_copied(member) for member in value]
        case _:
            return value


# ---------------------------------------------------------------------------------------------- entries


def _envelope(envelope: Envelope) -> EnvelopeEntry:
    return EnvelopeEntry(
        created=envelope.created,
        commit=envelope.commit,
        tool=envelope.tool,
        digest=envelope.digest,
        rehearsal=envelope.rehearsal,
    )


def _tenant(tenant: TenantPlan) -> TenantEntry:
    return TenantEntry(
        tenant=tenant.tenant,
        tenantId=tenant.tenant_id,
        displayName=tenant.display_name,
        standing=tenant.standing,
        condition=wording.condition(tenant),
        reason=tenant.reason,
        blocked=wording.is_blocked(tenant),
        objects=dict(tenant.objects),
        steps=[_step(step) for step in tenant.steps],
        findings=[_finding(finding) for finding in wording.by_weight(tenant.findings)],
        impacts=[_impact(impact) for impact in tenant.impacts],
    )


def _impact(impact: Impact) -> ImpactEntry:
    return ImpactEntry(
        link=impact.link,
        source=impact.source,
        target=impact.target,
        moves=impact.moves,
        counts={str(fate): number for fate, number in impact.counts.items()},
        guard=guard_entry(impact.guard) if impact.guard else None,
        linked=impact.linked,
        unnamed=impact.unnamed,
        removed=impact.removed,
        appearing=impact.appearing,
        unsure=impact.unsure,
        whole=impact.whole,
        unknown=not impact.known,
        free=impact.free,
        surprises=[
            {"severity": one.severity, "message": one.message, "details": list(one.examples)}
            for one in impact.surprises
        ],
        missed=list(impact.missed),
        problem=impact.problem,
    )


def _step(step: Step) -> StepEntry:
    change = step.change
    return StepEntry(
        id=step.id,
        action=change.action,
        address=_where(change.address),
        label=change.label,
        effect=step.effect,
        needs=list(step.needs),
        before=_plain(change.before),
        after=_plain(change.after),
        patch=patch_of(change),
        origin=_place(change.origin) if change.origin else None,
        origins={name: _place(origin) for name, origin in change.origins.items()},
        names=dict(change.names),
    )


def _finding(finding: Finding) -> FindingEntry:
    said, link = finding.acknowledged, finding.declared
    return FindingEntry(
        severity=finding.severity,
        rule=finding.rule,
        stops=finding.stops,
        tenant=finding.tenant,
        address=_where(finding.address) if finding.address else None,
        path=finding.path,
        message=finding.message,
        details=list(finding.details),
        suggestion=finding.suggestion,
        origin=_place(finding.origin) if finding.origin else None,
        acknowledged=AcknowledgementEntry(
            owner=said.owner, reason=said.reason, expires=said.expires.isoformat(), origin=_place(said.origin)
        )
        if said
        else None,
        declared=DeclarationEntry(link=link.link, origin=_place(link.origin)) if link else None,
        waits=finding.waits,
    )


def _outcome(outcome: Outcome) -> OutcomeEntry:
    return OutcomeEntry(
        step=outcome.step,
        address=_where(outcome.address),
        action=outcome.action,
        verdict=outcome.verdict,
        detail=outcome.detail,
        attempts=outcome.attempts,
        label=outcome.label,
        requestIds=list(outcome.request_ids),
    )


def _where(address: Address) -> Where:
    return Where(tenant=address.tenant, kind=address.kind, key=address.key)


def _place(origin: Origin) -> Place:
    return Place(file=origin.file, line=origin.line, column=origin.column)
