"""People who are provisioned before the next cycle comes: who changed, who is sent, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reconciler.model.operations import OnDemand, Result
from reconciler.model.people import Fate, Forecast, Missed

SENT = frozenset({Fate.CREATE, Fate.ADOPT, Fate.UPDATE})
"""What is provisioned on demand. Whoever would go, be blocked or come back is left to the cycle: see `Due.why_not`."""

_LEFT = {
    Fate.REMOVE: "no guard counts deletions on demand; the cycle has one",
    Fate.BLOCK: "the service takes nobody on demand who is disabled",
    Fate.RESTORE: "on demand there may be a second user beside the one in the bin",
}


@dataclass(frozen=True, slots=True)
class Touched:
    """A user about whom the audits say something since a moment. `what` are their words, `at` is the last of it."""

    id: str
    name: str
    what: tuple[str, ...]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Recent:
    """Who changed in a tenant, and the groups whose assignment to an application did."""

    people: tuple[Touched, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody who changed, and what the next cycle would make of them; None where they are not there any more."""

    touched: Touched
    forecast: Forecast | None
    missed: tuple[Missed, ...] = ()

    @property
    def name(self) -> str:
        """What people know them by."""
        return (self.forecast.principal_name if self.forecast else "") or self.touched.name or self.touched.id

    @property
    def is_sent(self) -> bool:
        """Whether they are provisioned on demand."""
        return self.forecast is not None and self.forecast.fate in SENT

    @property
    def why_not(self) -> str:
        """Why they are left to the next cycle although it would do something for them; "" where it would not."""
        if self.is_sent or self.forecast is None:
            return ""
        match self.forecast.fate:
            case Fate.UNKNOWN | Fate.CONFLICT:
                return self.forecast.reason or "; ".join(f"{one.what}: {one.why}" for one in self.missed)
            case fate:
                return _LEFT.get(fate, "")


@dataclass(frozen=True, slots=True)
class Queue:
    """Who changed in the source of a link since a moment, and who of them is sent."""

    link: str
    source: str
    target: str
    since: datetime
    due: tuple[Due, ...]
    groups: tuple[str, ...] = ()

    @property
    def sent(self) -> tuple[Due, ...]:
        """Who is provisioned, in the order in which they changed."""
        return tuple(one for one in self.due if one.is_sent)

    @property
    def left(self) -> tuple[Due, ...]:
        """Whom the next cycle does something for, and who are left to it."""
        return tuple(one for one in self.due if one.why_not)

    @property
    def missed(self) -> tuple[Missed, ...]:
        """What was not read, once each."""
        return tuple(dict.fromkeys(missed for one in self.due for missed in one.missed))

    @property
    def exit_code(self) -> int:
        """0 when everybody's fate is known, else the code of what was not read."""
        return max((missed.exit_code for missed in self.missed), default=0)


class End(StrEnum):
    """How the request for one person ended, where the service gave no answer about them."""

    REFUSED = "refused"
    UNANSWERED = "unanswered"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Hastened:
    """What became of one person: what the service said, or how the request ended instead, and why."""

    due: Due
    said: OnDemand | None = None
    end: End | None = None
    detail: str = ""

    @property
    def is_done(self) -> bool:
        """Whether the service says that they are as they should be."""
        return self.said is not None and self.said.result in (Result.SUCCESS, Result.IN_SYNC)

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can say what became of them."""
        return self.end is End.UNANSWERED or (self.said is not None and self.said.result is Result.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Haste:
    """What became of everybody in a queue. `remarks` is what there is to say beside it."""

    queue: Queue
    people: tuple[Hastened, ...]
    remarks: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 when all are done, 7 when of somebody nobody can say, 6 when not all are done, 1 when none is."""
        if any(one.is_unknown for one in self.people):
            return 7
        done = sum(one.is_done for one in self.people)
        if done < len(self.people):
            return 6 if done else 1
        return self.queue.exit_code
