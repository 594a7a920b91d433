"""What would be written, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.impacts import Impact
from reconciler.model.states import Action, Change, Effect, Finding
from reconciler.model.values import Address


@dataclass(frozen=True, slots=True)
class Step:
    """One write: a change in its place. `id` is unique in the plan and the same for the same change.

    `needs` are the ids of earlier steps that must be confirmed before this one is carried out.
    """

    id: str
    change: Change
    effect: Effect
    needs: tuple[str, ...] = ()


class Standing(StrEnum):
    """What could be done about a tenant in this run. `vanished`: applied to before, and no file speaks of it now."""

    PLANNED = "planned"
    OBSERVED = "observed"
    ELSEWHERE = "elsewhere"
    UNREADABLE = "unreadable"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class TenantPlan:
    """What happens in one tenant. Steps are in the order of applying.

    `fingerprints` maps `address#block` to the fingerprint of the live block, for every block that a step touches or
    that a guard judged by. `managed` is one fingerprint over everything Git speaks of. `reason` says why a tenant is
    unreadable; `objects` counts what is really there, by kind. In an apply, `lost_with` is the tenant that could not be
    read any more, where this one is only linked with it. `impacts` is what becomes of the people of links that begin
    here, as far as it was asked: people move, so that an apply asks anew and compares no numbers.
    """

    tenant: str
    tenant_id: str
    display_name: str
    standing: Standing
    reason: str = ""
    exit_code: int = 0
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    managed: str = ""
    objects: Mapping[str, int] = field(default_factory=dict)
    lost_with: str = ""
    impacts: tuple[Impact, ...] = ()

    @property
    def unread(self) -> str:
        """What could not be read, for a sentence."""
        return f"{self.lost_with}, with which {self.tenant} is linked," if self.lost_with else self.tenant

    @property
    def blocked(self) -> bool:
        """Whether a finding forbids to apply anything in this tenant."""
        return any(finding.stops for finding in self.findings)

    @property
    def waiting(self) -> bool:
        """Whether something is not as Git says, and nothing can be done about it now but to wait."""
        return any(finding.waits for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written, tenant by tenant. `tree` is the Git tree id of the documents, "" outside Git."""

    tenants: tuple[TenantPlan, ...]
    tree: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps of all tenants, in the order of tenants and applying."""
        return tuple(step for tenant in self.tenants for step in tenant.steps)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands beside the body of a plan file: when (ISO 8601, UTC), commit, tool version, digest of the body.

    `rehearsal` says that an emulator stood in for the tenants.
    """

    created: str
    commit: str
    tool: str
    digest: str
    rehearsal: bool = False


class Verdict(StrEnum):
    """What became of a step: exactly one of these, never two."""

    APPLIED = "applied"
    UNVERIFIED = "applied-unverified"
    WAITING = "waiting"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    NOT_STARTED = "not-started"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step, told as it is. `attempts` counts the writes that were sent.

    Of what can only be waited for, `step` is "": no step of the plan is about it.
    """

    step: str
    address: Address
    action: Action
    verdict: Verdict
    detail: str = ""
    attempts: int = 0
    label: str = ""
    request_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an apply: an outcome for every step of the plan and all that is waited for, and how the run ended.

    `interrupted` is the number of the signal that ended it, or 0; `exit_code` is computed from the outcomes.
    """

    outcomes: tuple[Outcome, ...]
    exit_code: int
    interrupted: int = 0
    remarks: tuple[str, ...] = ()
