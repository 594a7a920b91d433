"""How links do in the service: the state of their jobs, what became of whom, and what a person set off by hand.

What was read, in our words; it decides nothing, and nothing here is compared with Git.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class LinkState(StrEnum):
    """What a link is doing. `waiting`: started, and its first cycle has not ended yet."""

    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    QUARANTINE = "quarantine"
    NOT_MADE = "not made yet"
    AMBIGUOUS = "ambiguous"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Told:
    """A code of the service, in its own words and, where somebody knows it, with cause and fix."""

    code: str
    message: str = ""
    cause: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of a job. A moment is None where the service does not say. `counts` are objects by what was done."""

    began: datetime | None
    ended: datetime | None
    result: str
    counts: Mapping[str, int] = field(default_factory=dict)
    trouble: Told | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Why a job is held, since when, how often in this series, and when the service tries again."""

    reason: Told
    error: Told | None
    since: datetime | None
    series_since: datetime | None
    times: int
    next_attempt: datetime | None


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """One link, or one configuration that no link claims (then `link` is "").

    `wanted` says whether the files want it to run. `detail` says more where the state alone does not, `exit_code` is
    that of the error behind an unread one. `people` are numbers of objects by type. `next_run` is None where nobody can
    say; `next_words` says why, or how sure it is.
    """

    link: str
    source: str
    target: str
    state: LinkState
    wanted: bool = False
    configuration: str = ""
    detail: str = ""
    exit_code: int = 0
    last: Cycle | None = None
    last_success: datetime | None = None
    steady_since: datetime | None = None
    steady_last: datetime | None = None
    next_run: datetime | None = None
    next_words: str = ""
    people: Mapping[str, int] = field(default_factory=dict)
    quarantine: Quarantine | None = None

    @property
    def needs_attention(self) -> bool:
        """Whether it is held, or is to run and does not. What was not read is told by its exit code."""
        if self.state in (LinkState.QUARANTINE, LinkState.AMBIGUOUS, LinkState.UNKNOWN):
            return True
        return self.wanted and self.state in (LinkState.PAUSED, LinkState.NOT_MADE)


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the provisioning log. `reason` is why it failed or was skipped; `changed` names attributes."""

    id: str
    at: datetime | None
    action: str
    status: str
    source_id: str
    name: str
    principal_name: str
    type: str
    target_id: str
    changed: tuple[str, ...] = ()
    reason: Told | None = None
    cycle_id: str = ""
    change_id: str = ""

    @property
    def failed(self) -> bool:
        return self.status == "failure"


class Result(StrEnum):
    """What provisioning on demand came to."""

    SUCCESS = "success"
    IN_SYNC = "in sync already"
    SKIPPED = "skipped"
    FAILURE = "failure"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OnDemandStep:
    """One step on the way of a person into the target. `words` explain what stands in `details`."""

    type: str
    name: str
    status: str
    description: str
    words: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnDemand:
    """What the service says it did for one person. `changes` are attribute, old and new value."""

    result: Result
    action: str
    steps: tuple[OnDemandStep, ...]
    changes: tuple[tuple[str, str, str], ...] = ()
    target_id: str = ""
    reason: Told | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of one person on demand, and the user of the target as it was read back.

    `there` is None where nothing was read; `unseen` says why not. `unseen_code` is not 0 when it should have been seen.
    """

    link: str
    source: str
    target: str
    user: str
    user_id: str
    said: OnDemand
    there: Mapping[str, str] | None = None
    unseen: str = ""
    unseen_code: int = 0

    @property
    def exit_code(self) -> int:
        """0 when the person is in sync, 1 when not, 7 when nobody can say or the user cannot be seen."""
        if self.said.result in (Result.SKIPPED, Result.FAILURE):
            return 1
        return 7 if self.said.result is Result.UNKNOWN else self.unseen_code


Scope = Literal["default", "watermark", "escrows", "quarantine", "full", "force-deletes"]
