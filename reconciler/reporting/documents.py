"""The shapes of the JSON documents, and their published schemas, which are made from these very shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from reconciler.model import (
    Action,
    Answer,
    AsideName,
    Capability,
    Effect,
    Health,
    Json,
    Severity,
    Source,
    Standing,
    Verdict,
)
from reconciler.reporting.forecasts import ForecastEntry, GuardEntry, PreviewDocument, PreviewFindingEntry
from reconciler.reporting.inquiries import WhereaboutsDocument
from reconciler.reporting.operations import HasteDocument, LogDocument, StatusDocument, VerificationDocument
from reconciler.reporting.rehearsals import RehearsalDocument
from reconciler.reporting.wording import Condition

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
class DeclarationEntry(TypedDict):
    """The link that says yes by asking for just this, and where."""

    link: str
    origin: Place


@with_config(_CLOSED)
class FindingEntry(TypedDict):
    """Why a person should look twice; `stops` says that nothing of the tenant may be applied because of it.

    `waits` says that nothing can be done about it now but to wait.
    """

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
    declared: DeclarationEntry | None
    waits: bool


@with_config(_CLOSED)
class ImpactEntry(TypedDict):
    """What becomes of the people of a link by the next cycle, in numbers.

    `moves`: something of the plan can change who is in scope. Because of it `removed` are soft-deleted and `appearing`
    come; of `unsure` nobody can say, and where not `whole` nobody can say of how many. `unknown` says that the number
    of `removed` is not to be relied on. `free` may be soft-deleted without a question.
    """

    link: str
    source: str
    target: str
    moves: bool
    counts: dict[str, int]
    guard: GuardEntry | None
    linked: int | None
    unnamed: int | None
    removed: int
    appearing: int
    unsure: int
    whole: bool
    unknown: bool
    free: int
    surprises: list[PreviewFindingEntry]
    missed: list[str]
    problem: str


@with_config(_CLOSED)
class TenantEntry(TypedDict):
    """What happens in one tenant. Of a tenant that is unreadable, elsewhere or vanished nothing is known."""

    tenant: str
    tenantId: str
    displayName: str
    standing: Standing
    condition: Condition
    reason: str
    blocked: bool
    objects: dict[str, int]
    steps: list[StepEntry]
    findings: list[FindingEntry]
    impacts: list[ImpactEntry]


@with_config(_CLOSED)
class EnvelopeEntry(TypedDict):
    """When, from which commit and by which tool the plan was made; the digest is that of the plan file's body.

    `rehearsal`: an emulator stood in for the tenants.
    """

    created: str
    commit: str
    tool: str
    digest: str
    rehearsal: bool


@with_config(_CLOSED)
class PlanDocument(TypedDict):
    """A plan. `people` are named, by link, only where somebody asked for names."""

    format: Literal["entra-reconciler/plan/v1"]
    summary: str
    tree: str
    envelope: EnvelopeEntry | None
    tenants: list[TenantEntry]
    people: dict[str, list[ForecastEntry]]


@with_config(_CLOSED)
class DriftDocument(TypedDict):
    """Where live differs from Git: `before` is what is now, `after` what Git wants."""

    format: Literal["entra-reconciler/drift/v1"]
    summary: str
    tree: str
    tenants: list[TenantEntry]


@with_config(_CLOSED)
class OutcomeEntry(TypedDict):
    """What became of one step, "" where there is only to wait; `attempts` counts the writes that were sent."""

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


@with_config(_CLOSED)
class ShareEntry(TypedDict):
    """How many are managed (a file speaks of them), undeclared (none does), or ignored on purpose."""

    managed: int
    undeclared: int
    ignored: int


@with_config(_CLOSED)
class KindCoverageEntry(TypedDict):
    """The objects of a kind, and the blocks that are set in them. Of `unknown` properties nothing can be said."""

    kind: str
    objects: ShareEntry
    blocks: ShareEntry
    unknown: list[str]


@with_config(_CLOSED)
class MultitenantEntry(TypedDict):
    """The multitenant organization or one of its templates: read, never written.

    Of one that is not `known` the reason says why; one that `says` null is not there. `level` is to whom a template
    applies when a tenant joins.
    """

    name: AsideName
    known: bool
    reason: str
    says: dict[str, Any] | None
    level: list[str]


@with_config(_CLOSED)
class TenantCoverageEntry(TypedDict):
    """One tenant. Of one that is not `known` there are no numbers, and the reason says why."""

    tenant: str
    displayName: str
    known: bool
    reason: str
    kinds: list[KindCoverageEntry]
    multitenant: list[MultitenantEntry]


@with_config(_CLOSED)
class CoverageDocument(TypedDict):
    """How much of the tenants the files speak of."""

    format: Literal["entra-reconciler/coverage/v1"]
    tenants: list[TenantCoverageEntry]


@with_config(_CLOSED)
class CheckEntry(TypedDict):
    """One thing that was looked at. What is fine has no severity; `remedy` are lines for a shell or a browser."""

    tenant: str
    purpose: Literal["plan", "apply", ""]
    subject: str
    health: Health
    severity: Severity | None
    message: str
    details: list[str]
    remedy: list[str]


@with_config(_CLOSED)
class CheckupDocument(TypedDict):
    """Whether we can sign in to the tenants and do there what the files want; `exitCode` is that of the command."""

    format: Literal["entra-reconciler/checkup/v1"]
    summary: str
    exitCode: int
    checks: list[CheckEntry]


@with_config(_CLOSED)
class PartyEntry(TypedDict):
    """One of the two. Of one that is not `known` nothing is known, and the reason says why; `cloud` may be ""."""

    name: str
    displayName: str
    tenantId: str
    ours: bool
    cloud: str
    known: bool
    reason: str


@with_config(_CLOSED)
class SideEntry(TypedDict):
    """What one tenant says in one setting. `value` is what applies, null where nobody knows; `sources` by half."""

    tenant: str
    setting: str
    answer: Answer
    value: Json
    said: str
    basis: str
    sources: dict[str, Source]
    stock: bool
    origin: Place | None


@with_config(_CLOSED)
class ObstacleEntry(TypedDict):
    """What stands in the way; where no tenant is named, it is neither's alone."""

    tenant: str
    setting: str
    message: str
    remedy: str
    origin: Place | None


@with_config(_CLOSED)
class JudgementEntry(TypedDict):
    """Whether a capability works. `users` and `applications` say who gets where, when only some do."""

    capability: Capability
    answer: Answer
    sides: list[SideEntry]
    obstacles: list[ObstacleEntry]
    users: list[str]
    applications: list[str]
    remarks: list[str]


@with_config(_CLOSED)
class DirectionEntry(TypedDict):
    """People of `home` and resources of `resource`."""

    home: str
    resource: str
    judgements: list[JudgementEntry]


@with_config(_CLOSED)
class ExplanationDocument(TypedDict):
    """What holds between two tenants; `declared`: if all were as the files say. `names` are labels of ids."""

    format: Literal["entra-reconciler/explanation/v1"]
    declared: bool
    exitCode: int
    parties: list[PartyEntry]
    directions: list[DirectionEntry]
    names: dict[str, str]


_DOCUMENTS: Mapping[str, type] = {
    "checkup": CheckupDocument,
    "coverage": CoverageDocument,
    "drift": DriftDocument,
    "explanation": ExplanationDocument,
    "findings": FindingsDocument,
    "log": LogDocument,
    "plan": PlanDocument,
    "preview": PreviewDocument,
    "rehearsal": RehearsalDocument,
    "report": ReportDocument,
    "status": StatusDocument,
    "verification": VerificationDocument,
    "whereabouts": WhereaboutsDocument,
    "provisioned": HasteDocument,
}


def schemas() -> dict[str, str]:
    """Return the schema of each document: file name below `schemas/` → text."""
    return {f"report-{name}.schema.json": _schema(document) for name, document in _DOCUMENTS.items()}


def _schema(document: type) -> str:
    schema = TypeAdapter(document).json_schema(mode="serialization")
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**dialect, **schema}, indent=2, sort_keys=True) + "\n"
