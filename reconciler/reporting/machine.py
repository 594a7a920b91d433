"""Plan, drift, report and findings as JSON documents for programs, with a published schema for each.

Every change carries its jsonpatch (RFC 6902), and it is checked here that before + patch = after. The bytes are
ASCII: nothing in them acts on a terminal or in a log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Literal

import jsonpatch
from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from reconciler.errors import ReconcilerError
from reconciler.model import (
    Action,
    Address,
    Body,
    Change,
    Effect,
    Envelope,
    Finding,
    Json,
    Origin,
    Outcome,
    Plan,
    Report,
    Severity,
    Standing,
    Step,
    TenantPlan,
    Verdict,
)
from reconciler.reporting import wording
from reconciler.reporting.escaping import for_json

_CLOSED = ConfigDict(extra="forbid")


@with_config(_CLOSED)
class Place(TypedDict):
    """A place in a file that a person wrote; line and column from 1."""

    file: str
    line: int
    column: int


@with_config(_CLOSED)
class Where(TypedDict):
    """What a resource is known by; the key is "" for a singleton."""

    tenant: str
    kind: str
    key: str


@with_config(_CLOSED)
class StepEntry(TypedDict):
    """One write. `before` and `after` hold the blocks that differ; `patch` (RFC 6902) turns one into the other."""

    id: str
    action: Action
    address: Where
    label: str
    effect: Effect
    needs: list[str]
    before: dict[str, Json] | None
    after: dict[str, Json] | None
    patch: list[dict[str, Json]]
    origin: Place | None
    origins: dict[str, Place]
    names: dict[str, str]


@with_config(_CLOSED)
class AcknowledgementEntry(TypedDict):
    """Who said yes, where, why and until when (ISO 8601 date)."""

    owner: str
    reason: str
    expires: str
    origin: Place


@with_config(_CLOSED)
class FindingEntry(TypedDict):
    """Why a person should look twice; `stops` says that nothing of the tenant may be applied because of it."""

    severity: Severity
    rule: int
    stops: bool
    tenant: str
    address: Where | None
    path: str
    message: str
    details: list[str]
    suggestion: str
    origin: Place | None
    acknowledged: AcknowledgementEntry | None


@with_config(_CLOSED)
class TenantEntry(TypedDict):
    """What happens in one tenant. Of a tenant that is unreadable, elsewhere or vanished nothing is known."""

    tenant: str
    tenantId: str
    displayName: str
    standing: Standing
    condition: wording.Condition
    reason: str
    blocked: bool
    objects: dict[str, int]
    steps: list[StepEntry]
    findings: list[FindingEntry]


@with_config(_CLOSED)
class EnvelopeEntry(TypedDict):
    """When, from which commit and by which tool the plan was made; the digest is that of the plan file's body."""

    created: str
    commit: str
    tool: str
    digest: str


@with_config(_CLOSED)
class PlanDocument(TypedDict):
    """A plan."""

    format: Literal["entra-reconciler/plan/v1"]
    summary: str
    tree: str
    envelope: EnvelopeEntry | None
    tenants: list[TenantEntry]


@with_config(_CLOSED)
class DriftDocument(TypedDict):
    """Where live differs from Git: `before` is what is now, `after` what Git wants."""

    format: Literal["entra-reconciler/drift/v1"]
    summary: str
    tree: str
    tenants: list[TenantEntry]


@with_config(_CLOSED)
class OutcomeEntry(TypedDict):
    """What became of one step; `attempts` counts the writes that were sent."""

    step: str
    address: Where
    action: Action
    verdict: Verdict
    detail: str
    attempts: int
    label: str
    requestIds: list[str]


@with_config(_CLOSED)
class ReportDocument(TypedDict):
    """The result of an apply; `interrupted` is the number of the signal that ended it, or 0."""

    format: Literal["entra-reconciler/report/v1"]
    summary: str
    exitCode: int
    interrupted: int
    counts: dict[str, int]
    outcomes: list[OutcomeEntry]
    remarks: list[str]


@with_config(_CLOSED)
class FindingsDocument(TypedDict):
    """Findings that belong to no plan."""

    format: Literal["entra-reconciler/findings/v1"]
    summary: str
    findings: list[FindingEntry]


_DOCUMENTS: Mapping[str, type] = {
    "drift": DriftDocument,
    "findings": FindingsDocument,
    "plan": PlanDocument,
    "report": ReportDocument,
}


def schemas() -> dict[str, str]:
    """Return the schema of each document: file name below `schemas/` → text."""
    return {f"report-{name}.schema.json": _schema(document) for name, document in _DOCUMENTS.items()}


def _schema(document: type) -> str:
    schema = TypeAdapter(document).json_schema(mode="serialization")
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**dialect, **schema}, indent=2, sort_keys=True) + "\n"


# ---------------------------------------------------------------------------------------------- documents


def plan_json(plan: Plan, envelope: Envelope | None = None) -> str:
    """Return the plan as a JSON document."""
    document = PlanDocument(
        format="entra-reconciler/plan/v1",
        summary=wording.plan_summary(plan),
        tree=plan.tree,
        envelope=_envelope(envelope) if envelope else None,
        tenants=[_tenant(tenant) for tenant in plan.tenants],
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
    return EnvelopeEntry(created=envelope.created, commit=envelope.commit, tool=envelope.tool, digest=envelope.digest)


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
    said = finding.acknowledged
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
