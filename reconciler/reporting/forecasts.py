"""The shape of the JSON document about the people of a link. Rendered in `previews`."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from reconciler.model import Json
from reconciler.model.people import Confidence, Fate

_CLOSED = ConfigDict(extra="forbid")


@with_config(_CLOSED)
class GuardEntry(TypedDict):
    """The guard against accidental deletions. `threshold` is null where there is none, or where it is not shown.

    `holds` is null where nobody can say.
    """

    threshold: int | None
    removed: int
    blocked: int
    holds: bool | None


@with_config(_CLOSED)
class TallyEntry(TypedDict):
    """How many people of each fate; a fate that nobody has is 0."""

    counts: dict[Fate, int]
    guard: GuardEntry


@with_config(_CLOSED)
class TurnEntry(TypedDict):
    """How many people's fate the files turn from what into what; from null where nothing knew of them before.

    Both are the same where only what flows is another.
    """

    live: Fate | None
    wanted: Fate
    people: int


@with_config(_CLOSED)
class MissedEntry(TypedDict):
    """Something that was not read, why, and what follows from it."""

    what: str
    why: str
    effect: str


@with_config(_CLOSED)
class RouteEntry(TypedDict):
    """One way by which somebody is in scope; `all` has neither id nor name."""

    type: Literal["user", "group", "all"]
    id: str
    name: str


@with_config(_CLOSED)
class AttributeEntry(TypedDict):
    """One attribute by the engine's name. `known` is false where only the service can tell the new value."""

    attribute: str
    before: Json
    after: Json
    known: bool


@with_config(_CLOSED)
class ObstacleInTargetEntry(TypedDict):
    """What keeps somebody out: the service's code, and who of the target is in the way, "" for nobody in particular."""

    code: str
    type: Literal["", "user", "group"]
    id: str
    name: str


@with_config(_CLOSED)
class ForecastEntry(TypedDict):
    """What the next cycle would make of one person. `live` is their fate as it is, where the files change it.

    `targetId` is "" where there is no user of the target yet, `targetUserPrincipalName` the name that they would have.
    """

    sourceId: str
    userPrincipalName: str
    displayName: str
    mail: str
    fate: Fate
    live: Fate | None
    reason: str
    targetId: str
    targetUserPrincipalName: str
    confidence: Confidence
    routes: list[RouteEntry]
    changes: list[AttributeEntry]
    obstacle: ObstacleInTargetEntry | None
    notes: list[str]


@with_config(_CLOSED)
class PreviewFindingEntry(TypedDict):
    """Why somebody should look twice."""

    severity: str
    message: str
    details: list[str]


@with_config(_CLOSED)
class PreviewDocument(TypedDict):
    """What the next cycle of a link would do. `live` is null as long as there is no job.

    `wanted` is with what the files say, and equals `live` where `differences` is empty. `people` are named only when
    they are asked for, at most `limit` of each fate. `linked` is null where the service does not say. Of `unnamed` of
    them nothing that was read knows a name, and what becomes of them is unknown (null: nobody can say of how many).
    """

    format: Literal["entra-reconciler/preview/v1"]
    exitCode: int
    link: str
    source: str
    target: str
    assumptions: list[str]
    linked: int | None
    unnamed: int | None
    live: TallyEntry | None
    wanted: TallyEntry
    differences: list[str]
    turns: list[TurnEntry]
    remarks: list[str]
    findings: list[PreviewFindingEntry]
    missed: list[MissedEntry]
    limit: int | None
    people: list[ForecastEntry]
