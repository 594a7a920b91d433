"""What a rehearsal showed: what became of the steps of a plan, and of people by the cycles after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from reconciler.model.operations import Told
from reconciler.model.plans import Plan, Report

Way: TypeAlias = Literal[
    "created", "adopted", "updated", "blocked", "unblocked", "removed", "restored", "failed", "held back"
]
"""What cycles did about a person. `removed` is into the bin; `held back` is whom the guard against deletions keeps."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person, by the names they have where something was done. `attributes` are those that were written."""

    name: str
    principal_name: str
    attributes: tuple[str, ...] = ()
    trouble: Told | None = None


@dataclass(frozen=True, slots=True)
class LinkRehearsed:
    """One link, or a configuration that no link claims. `reason` says why its cycles were not rehearsed, if so.

    `before` and `after` count people who are in the target by it.
    """

    name: str
    source: str
    target: str
    reason: str = ""
    before: int = 0
    after: int = 0
    people: Mapping[Way, tuple[Somebody, ...]] = field(default_factory=dict)
    group_writes: int = 0
    quarantine: Told | None = None

    @property
    def needs_attention(self) -> bool:
        """Whether its cycles did not do all that they were to do."""
        return self.quarantine is not None or bool(self.people.get("failed") or self.people.get("held back"))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All of it. `read_at` is when the tenants were read, `cycles` how many moments for cycles passed.

    `remaining` is the plan after the cycles. `kept` are the attributes with true values, None where all have them.
    """

    read_at: str
    tenants: tuple[str, ...]
    plan: Plan
    report: Report
    remaining: Plan
    cycles: int
    links: tuple[LinkRehearsed, ...]
    assumed: tuple[str, ...] = ()
    kept: tuple[str, ...] | None = None
    exit_code: int = 0
