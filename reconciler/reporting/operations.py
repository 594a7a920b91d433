"""The shapes of the JSON documents about links that are there. Rendered in `statuses`, `events` and `verifications`."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from reconciler.model.haste import End
from reconciler.model.operations import LinkState, Result
from reconciler.model.people import Fate

_CLOSED = ConfigDict(extra="forbid")


@with_config(_CLOSED)
class ToldEntry(TypedDict):
    """A code of the service in its own words; cause and fix are "" where nobody knows the code."""

    code: str
    message: str
    cause: str
    fix: str


@with_config(_CLOSED)
class CycleEntry(TypedDict):
    """One run of a job. Moments are ISO 8601, null where the service does not say."""

    began: str | None
    ended: str | None
    seconds: int | None
    result: str
    counts: dict[str, int]
    error: ToldEntry | None


@with_config(_CLOSED)
class QuarantineEntry(TypedDict):
    """Why a job is held, and when the service tries again."""

    reason: ToldEntry
    error: ToldEntry | None
    since: str | None
    seriesSince: str | None
    times: int
    nextAttempt: str | None


@with_config(_CLOSED)
class LinkStatusEntry(TypedDict):
    """One link; `claimed` is false for a configuration that no link claims. `people` counts objects by type."""

    link: str
    claimed: bool
    source: str
    target: str
    state: LinkState
    wanted: bool
    needsAttention: bool
    configuration: str
    detail: str
    last: CycleEntry | None
    lastSuccess: str | None
    steadySince: str | None
    steadyLast: str | None
    nextRun: str | None
    nextRunSays: str
    people: dict[str, int]
    quarantine: QuarantineEntry | None


@with_config(_CLOSED)
class StatusDocument(TypedDict):
    """How links do. `exitCode` is that of the command without `--detailed-exitcode`."""

    format: Literal["entra-reconciler/status/v1"]
    exitCode: int
    links: list[LinkStatusEntry]


@with_config(_CLOSED)
class LogDocument(TypedDict):
    """One line of `reconciler logs --output json`: what became of one object."""

    format: Literal["entra-reconciler/log-entry/v1"]
    link: str
    id: str
    at: str | None
    action: str
    status: str
    sourceId: str
    name: str
    userPrincipalName: str
    type: str
    targetId: str
    changed: list[str]
    reason: ToldEntry | None
    cycleId: str
    changeId: str


@with_config(_CLOSED)
class OnDemandStepEntry(TypedDict):
    """One step; `words` explain what stands in `details`."""

    type: str
    name: str
    status: str
    description: str
    words: list[str]
    details: dict[str, str]


@with_config(_CLOSED)
class ValueChangeEntry(TypedDict):
    """One attribute of the target user."""

    attribute: str
    before: str
    after: str


@with_config(_CLOSED)
class VerificationDocument(TypedDict):
    """What became of one person on demand. `there` is the user of the target as read back, null where it was not."""

    format: Literal["entra-reconciler/verification/v1"]
    exitCode: int
    link: str
    source: str
    target: str
    user: str
    userId: str
    result: Result
    action: str
    reason: ToldEntry | None
    steps: list[OnDemandStepEntry]
    changes: list[ValueChangeEntry]
    targetId: str
    there: dict[str, str] | None
    unseen: str


@with_config(_CLOSED)
class HastenedEntry(TypedDict):
    """Somebody who changed. `fate` is what the next cycle would make of them, null where they are not there any more.

    `result` is what the service said of them on demand, `end` how the request ended without an answer; both are null
    where nothing was to be sent, and `why` says then why the next cycle has them, or "" where it leaves them alone.
    """

    id: str
    name: str
    changes: list[str]
    fate: Fate | None
    why: str
    result: Result | None
    end: End | None
    detail: str
    reason: ToldEntry | None
    targetId: str


@with_config(_CLOSED)
class HasteDocument(TypedDict):
    """What became of the people who changed since a moment. `groups` are those whose assignment changed."""

    format: Literal["entra-reconciler/provisioned/v1"]
    exitCode: int
    link: str
    source: str
    target: str
    since: str
    people: list[HastenedEntry]
    groups: list[str]
    remarks: list[str]
