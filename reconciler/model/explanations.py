"""Who gets from one tenant into another, and what each of the two says about it. Decides nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.values import Json, Origin


class Answer(StrEnum):
    """Whether it works: for all, for some, for nobody; or nobody here can say."""

    YES = "yes"
    SOME = "some"
    NO = "no"
    UNKNOWN = "unknown"


class Capability(StrEnum):
    """What people of one tenant may be able to do with another."""

    COLLABORATION = "collaboration"
    DIRECT_CONNECT = "direct-connect"
    TRUST = "trust"
    CONSENT = "consent"
    USER_SYNC = "user-sync"
    GROUP_SYNC = "group-sync"


class Source(StrEnum):
    """Where a value comes from. `unsaid`: nobody says it, and nothing stands behind it."""

    ENTRY = "entry"
    INHERITED = "inherited"
    DEFAULT = "default"
    UNSAID = "unsaid"
    CLOUD = "cloud"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two. A `reason` says why nothing is known of what it says; `exit_code` is that of the error behind it.

    `ours` says that the files have a folder for it. `cloud` is "" where nobody knows it.
    """

    name: str
    display_name: str
    tenant_id: str
    ours: bool
    cloud: str = ""
    reason: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """What one tenant says about the other in one setting, and what that alone lets through.

    `setting` is a property of Microsoft Graph, `value` what applies (None: unknown), `said` the same in words.
    `sources` tells where each half comes from, or the whole as ""; `basis` is that in a sentence. `stock` says that it
    comes from a default as the service makes it. `origin` is the line in Git that speaks of it.
    """

    tenant: str
    setting: str
    answer: Answer
    value: Json
    said: str
    basis: str
    sources: Mapping[str, Source] = field(default_factory=dict)
    stock: bool = False
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way, wholly or in part, and what a person can do about it."""

    tenant: str
    setting: str
    message: str
    remedy: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether one capability works in one direction, by what, and what stands in the way.

    When only some get through, `users` and `applications` are who they are and where they get, as ids or words.
    """

    capability: Capability
    answer: Answer
    sides: tuple[Side, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    users: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Direction:
    """People of `home` and resources of `resource`."""

    home: str
    resource: str
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Both directions between two tenants. `declared` says that it is about what the files want, not what is there."""

    parties: tuple[Party, Party]
    directions: tuple[Direction, Direction]
    declared: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """The code of the first tenant that could not be read, or 0: an answer is never an error."""
        return next((party.exit_code for party in self.parties if party.exit_code), 0)
