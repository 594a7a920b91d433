"""People on the way through a link: what the next cycle would make of each, and why. Values only, nothing is decided.

A person is somebody of the source. What cannot be known is a value of its own here, and never the absence of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from reconciler.model.values import Json

if TYPE_CHECKING:
    from reconciler.model.states import Finding


class Fate(StrEnum):
    """What the next cycle would do for somebody. `UNKNOWN` is a result: what it takes to tell was not to be had."""

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    BLOCK = "block"
    REMOVE = "soft-delete"
    RESTORE = "restore"
    IN_SYNC = "in sync"
    SKIP = "skip"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure it is which user of the target somebody is.

    `EXACT`: the provisioning log of the job says so. `LIKELY`: an external user has the name that the service computes.
    `GUESS`: an external user has the same mail. `NONE`: there is nobody.
    """

    EXACT = "exact"
    LIKELY = "likely"
    GUESS = "guess"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Route:
    """One way by which somebody is in scope: an assignment of their own, a group, or `all`, which has no id."""

    type: Literal["user", "group", "all"]
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """One attribute by the engine's name. `known` is False where only the service can tell the new value."""

    attribute: str
    before: Json
    after: Json
    known: bool = True


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps somebody out of the target: the service's code, and who is in the way, where somebody is."""

    code: str
    type: Literal["", "user", "group"] = ""
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """Which user of the target somebody in scope is; no id where there is nobody yet.

    `computed` is the principal name that the service gives them there. `fate` is that of the next cycle.
    """

    source_id: str
    principal_name: str
    target_id: str
    computed: str
    confidence: Confidence
    fate: Fate


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the next cycle would make of one person.

    `reason` says why for a skip, a conflict and what is unknown; else it is "". `target_id` is "" where there is no
    user of the target yet. `computed` is the principal name that the service would give, "" where nobody can say.
    `notes` is what somebody should know beside it. `in_scope` is None where nobody can say.
    """

    source_id: str
    principal_name: str
    display_name: str
    mail: str
    fate: Fate
    reason: str = ""
    target_id: str = ""
    computed: str = ""
    confidence: Confidence = Confidence.NONE
    routes: tuple[Route, ...] = ()
    changes: tuple[Changed, ...] = ()
    obstacle: Obstacle | None = None
    notes: tuple[str, ...] = ()
    in_scope: bool | None = None


@dataclass(frozen=True, slots=True)
class Altered:
    """Somebody whose fate a change of the files alters; `live` is None where the link knows nothing of them yet."""

    live: Forecast | None
    wanted: Forecast


@dataclass(frozen=True, slots=True)
class Turn:
    """How many people's fate a change of the files turns from what into what; from None where nothing knew of them.

    Both are the same where only what flows is another.
    """

    live: Fate | None
    wanted: Fate
    people: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Something that was not read, why, and the exit code of the error behind it. `effect` is what follows from it."""

    what: str
    why: str
    effect: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Single:
    """What the next cycle would make of the one person who was asked about; None where there is no such person."""

    forecast: Forecast | None
    missed: tuple[Missed, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 when their fate is told, else the code of what was not read."""
        return max((one.exit_code for one in self.missed), default=0)


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard against accidental deletions makes of a cycle. `threshold` is None where there is no guard.

    `holds` is None where nobody can say: the threshold is not shown, or what is unknown may exceed it. Of as many as
    `unknown` nobody knows whether they are removed.
    """

    threshold: int | None
    removed: int
    blocked: int
    holds: bool | None
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people of each fate, and what the guard makes of it."""

    counts: Mapping[Fate, int]
    guard: Guarded


class People(Protocol):
    """Everybody of a preview, read from disk one by one, in the order of principal names."""

    def forecasts(self, *fates: Fate, live: bool = False) -> Iterator[Forecast]:
        """Yield people of these fates, or all; as the files want it, or as it is `live`."""

    def altered(self) -> Iterator[Altered]:
        """Yield those whose fate the files change."""

    def matched(self) -> Iterator[Matched]:
        """Yield everybody who is in the target, or may be, after the cycle as the files want it."""

    def find(self, word: str, *, live: bool = False) -> Forecast | None:
        """Return somebody by id, principal name or mail, whatever the case."""

    def close(self) -> None:
        """Forget everybody."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the next cycle of one link would do, for everybody.

    `live` is the forecast with the configuration as it is, None where there is none yet; `wanted` is that with what the
    files say. `linked` is how many people the service says that it has linked, None where it does not say. `unnamed` of
    them are neither in scope nor in the log, so that what becomes of them is unknown; None where nobody can say.
    `differences` say what of the files makes one, `turns` count whose fate it alters. `missed` is what was not read;
    where not `whole`, people may be missing who are in scope, or in the target.
    """

    link: str
    source: str
    target: str
    live: Tally | None
    wanted: Tally
    people: People
    linked: int | None = None
    unnamed: int | None = 0
    differences: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    missed: tuple[Missed, ...] = ()
    whole: bool = True

    @property
    def alterations(self) -> int:
        """How many people's fate the files change."""
        return sum(turn.people for turn in self.turns)

    @property
    def exit_code(self) -> int:
        """0 when everybody's fate is told, else the code of what was not read."""
        return max((one.exit_code for one in self.missed), default=0)
