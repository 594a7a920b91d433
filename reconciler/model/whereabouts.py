"""Why one person is, or is not, in the targets of links, or is there and cannot get in. What was found, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reconciler.model.explanations import Judgement
from reconciler.model.operations import Happened, LinkStatus
from reconciler.model.people import Forecast, Missed


class Presence(StrEnum):
    """Where somebody is, as far as one link is concerned."""

    THERE = "there"
    LOCKED_OUT = "there, and cannot get in"
    COMES = "not there yet"
    GOES = "there, and about to go"
    KEPT_OUT = "kept out"
    ABSENT = "not there"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Way:
    """One link, as far as one person is concerned.

    `because` says why they are where they are, `then` what to do about it. `there` is their user in the target as read,
    None where there is none or it was not read (`unseen`). `gates` are what both tenants say about collaboration and
    consent. `events` are the last of the provisioning log, the newest first; `remarks` say what else there is, and
    `exit_code` is not 0 where something could not be read.
    """

    link: str
    source: str
    target: str
    presence: Presence
    because: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    forecast: Forecast | None = None
    there: Mapping[str, str] | None = None
    unseen: str = ""
    gates: tuple[Judgement, ...] = ()
    status: LinkStatus | None = None
    events: tuple[Happened, ...] = ()
    missed: tuple[Missed, ...] = ()
    remarks: tuple[str, ...] = ()
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What all links together say about one person, at one moment."""

    word: str
    asked: datetime
    ways: tuple[Way, ...]

    @property
    def exit_code(self) -> int:
        """0 when every link has an answer, else the code of what was not read: a no is an answer."""
        return max((way.exit_code for way in self.ways), default=0)
