"""The shape of the JSON document about one person. Rendered in `whereabouts`."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from reconciler.model import Answer, Capability
from reconciler.model.operations import LinkState
from reconciler.model.people import Confidence, Fate
from reconciler.model.whereabouts import Presence

_CLOSED = ConfigDict(extra="forbid")


@with_config(_CLOSED)
class GateEntry(TypedDict):
    """What both tenants together say about one capability."""

    capability: Capability
    answer: Answer


@with_config(_CLOSED)
class EventEntry(TypedDict):
    """One entry of the provisioning log."""

    at: str | None
    action: str
    status: str
    changed: list[str]
    code: str


@with_config(_CLOSED)
class WayEntry(TypedDict):
    """One link. `fate` is what the next cycle makes of the person, null where there is no such person.

    `there` is their user in the target as read, null where there is none or it was not read: `unseen` says which.
    """

    link: str
    source: str
    target: str
    presence: Presence
    because: list[str]
    then: list[str]
    fate: Fate | None
    sourceId: str
    userPrincipalName: str
    targetId: str
    targetUserPrincipalName: str
    confidence: Confidence | None
    there: dict[str, str] | None
    unseen: str
    gates: list[GateEntry]
    state: LinkState | None
    nextRun: str | None
    events: list[EventEntry]
    remarks: list[str]
    exitCode: int


@with_config(_CLOSED)
class WhereaboutsDocument(TypedDict):
    """What every link says about one person. `asked` is when, ISO 8601."""

    format: Literal["entra-reconciler/whereabouts/v1"]
    exitCode: int
    user: str
    asked: str
    links: list[WayEntry]
