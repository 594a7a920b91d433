"""What people may write about synchronization from one tenant into another: four documents, as strict models.

Knows no file and no other document. Whom a name means, and whether a filter or a mapping works, is asked elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.blocks import Strict, unsaid
from reconciler.loading.mapping_shapes import DeltaShape, GroupShape
from reconciler.loading.shapes import Accompanied, Domain, Guid, Line, Name, Prose, Yes
from reconciler.model import Json

LINK, CONFIGURATION, ACCEPTANCE, TOPOLOGY = "SyncLink", "SyncConfiguration", "SyncAcceptance", "Topology"

_MAILBOX = r"[^\s@,;<>]+@[^\s@,;<>]+"
_FOOTING = re.compile(r"[0-9a-f]{32}")
State = Literal["present", "absent"]
People = Literal["deprovision", "keep"]


def _mailbox(text: str) -> str:
    local, _, domain = text.partition("@")
    if not local or "@" in domain or not domain or any(mark in text for mark in " \t\n,;<>"):
        raise PydanticCustomError("mailbox", "is not one mail address such as identity@contoso.example")
    return text


Mailbox = Annotated[
    Line,
    AfterValidator(_mailbox),
    WithJsonSchema({"type": "string", "maxLength": 256, "pattern": f"^{_MAILBOX}$"}),
]


def _footing(text: str) -> str:
    if not _FOOTING.fullmatch(text):
        raise PydanticCustomError("footing", "is not a hash of 32 digits; `reconciler resolve --write` writes it")
    return text


Footing = Annotated[
    str,
    AfterValidator(_footing),
    WithJsonSchema({"type": "string", "pattern": f"^{_FOOTING.pattern}$"}),
]


# ---------------------------------------------------------------------------------------------- who is meant


class Party(Strict):
    """A tenant of this repository, or an organization that is not ours."""

    name: Name = Field(description="A tenant of this repository; anyone else also needs tenantId and domain.")
    tenantId: Guid = Field("", description="The tenant id of the organization.")
    domain: Domain = Field("", description="A domain of the organization, checked against the directory.")


def _party(value: Json) -> Json:
    return {"name": value} if isinstance(value, str) else value


Somebody = Annotated[Party, BeforeValidator(_party, json_schema_input_type=Name | Party)]


class PrincipalShape(Strict):
    """A user or a group: the id decides, a name alone is looked up."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["id"]}, {"required": ["name"]}]})

    name: Line = Field("", description="What the directory calls it.")
    id: Guid = Field("", description="Its object id, which decides.")

    @model_validator(mode="after")
    def _named(self) -> PrincipalShape:
        if not self.model_fields_set & {"name", "id"}:
            raise ValueError("needs a name, an id, or both")
        return self


# ---------------------------------------------------------------------------------------------- who is in scope


class Assigned(Strict):
    """Who is assigned to the configuration."""

    groups: tuple[PrincipalShape, ...] = Field(
        (), description="Security groups of the source; only their direct members count."
    )
    users: tuple[PrincipalShape, ...] = Field((), description="Users of the source, one by one.")
    exclusive: bool = Field(True, description="false: assignments that no file speaks of stay as they are.")


class Scope(Strict):
    """Who is synchronized: those who are assigned, or everybody; of them those whom a filter lets in."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["assigned"]}, {"required": ["all"]}]})

    assigned: Assigned = Field(default_factory=unsaid(Assigned), description="Users and groups, by name.")
    everybody: Literal[True] = Field(
        default_factory=lambda: True, alias="all", description="true: every user of the source."
    )
    filters: tuple[GroupShape, ...] = Field((), description="Groups; a user is in scope when one of them is true.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Scope:
        if len(self.model_fields_set & {"assigned", "everybody"}) != 1:
            raise ValueError("needs either assigned, with users or groups, or all: true")
        return self

    @property
    def says_who(self) -> bool:
        """Whether people are named, and not just everybody meant."""
        return "assigned" in self.model_fields_set


def _scope(value: Json) -> Json:
    match value:
        case "all":
            return {"all": True}
        case str():
            raise PydanticCustomError("choice", "it can be all, or a mapping with assigned or all")
        case _:
            return value


Scoped = Annotated[Scope, BeforeValidator(_scope, json_schema_input_type=Literal["all"] | Scope)]


# ---------------------------------------------------------------------------------------------- settings


class AccidentalDeletion(Strict):
    """The service's own brake: it stops before it deletes more people than this in one cycle."""

    enabled: bool = Field(True, description="false: nothing stops it.")
    threshold: int = Field(100, ge=1, le=2_147_483_647, description="More deletions than this wait for a person.")


class Notifications(Strict):
    """Who is told by mail when the service gives up or waits for a person."""

    recipients: tuple[Mailbox, ...] = Field((), description="Mail addresses.")
    enabled: bool | None = Field(None, description="Whether they are told; left out: when there is somebody to tell.")


_REFUSED: Mapping[str, str] = {
    "interval": "the service runs every 40 minutes (PT40M) and offers nothing else; single people can be provisioned "
    "on demand, and nothing faster exists",
}


def _members(value: Json) -> Json:
    if value not in ("all", "none"):
        raise PydanticCustomError("choice", "it can be all or none; nothing else is told apart yet")
    return value


class TargetGroup(Strict):
    """A group of the target that people join who were synchronized."""

    group: PrincipalShape = Field(description="A group of the target that is there already; the id decides.")
    members: Annotated[Literal["all", "none"], BeforeValidator(_members)] = Field(
        "all", description="Who joins: all of the link, or none: then those of the link leave."
    )


class SyncSettings(Strict):
    """How people are synchronized."""

    refused: ClassVar[Mapping[str, str]] = _REFUSED

    displayName: Line = Field("", description="What the portal shows; left out: the display names of both tenants.")
    enabled: bool = Field(True, description="false: the job is paused.")
    access: Name = Field("", description="The AccessProfile of both partner entries; what sync needs is implied.")
    scope: Scoped = Field(default_factory=unsaid(Scope), description="Who is synchronized: all, or who is assigned.")
    mappings: dict[str, DeltaShape] = Field(
        default_factory=dict, description="Changes of the service's own mappings, by target attribute."
    )
    templateHash: Footing = Field(
        "",
        description="The service's own mappings for which this was written; `reconciler resolve --write` fills it in.",
    )
    groupSync: bool = Field(False, description="true: groups are created in the target too. Beta.")
    targetGroups: tuple[TargetGroup, ...] = Field(
        (), description="Groups of the target that people join who were synchronized; ours to keep."
    )
    accidentalDeletion: AccidentalDeletion = Field(
        AccidentalDeletion(), description="When the service stops before it deletes; left out: at 100."
    )
    notifications: Notifications = Field(Notifications(), description="Who is told by mail.")


class SyncSpec(SyncSettings):
    """How people are synchronized, whole: who is meant has to be said."""

    scope: Scoped = Field(description="Who is synchronized: all, or who is assigned. It has to be said.")


# ---------------------------------------------------------------------------------------------- documents


LeftToOthers = Literal[
    "accidentalDeletion", "displayName", "enabled", "filters", "groupSync", "mappings", "notifications"
]


class LinkCare(Strict):
    """How a link may change. Who is in scope is never left to others: `exclusive: false` leaves them assignments."""

    preventDestroy: bool = Field(False, description="Its removal is an error.")
    ignore: tuple[LeftToOthers, ...] = Field((), description="Settings that are left as they are.")


class Removable(Accompanied):
    """What is said of a link beside its settings."""

    state: State = Field("present", description="absent: the configuration is removed in phases.")
    people: People | None = Field(
        None, description="What becomes of those who were synchronized, when the link is absent."
    )
    lifecycle: LinkCare = Field(
        LinkCare(), description="Whether it may be removed, and which settings are left to others."
    )
    acknowledge: tuple[Yes, ...] = Field((), description="Reviewed yeses to guard rules, in either tenant.")


class Pairing(Removable):
    """A link between two tenants, or the source's half of one."""

    name: Name = Field(description="What it is known by; the display name may change freely.")
    spec: SyncSpec = Field(default_factory=unsaid(SyncSpec), description="How people are synchronized.")


class SyncLink(Pairing):
    """Synchronization from one tenant of this repository into another: all that it needs in both."""

    source: Name = Field(description="The tenant whose people are synchronized.")
    target: Name = Field(description="The tenant in which they appear.")


class SyncConfiguration(Pairing):
    """The source's half of a link, when the target is an organization that is not ours."""

    target: Somebody = Field(description="Where people appear: a tenant, or name, tenantId and domain.")


class SyncAcceptance(Accompanied):
    """The target's half of a link: people of that tenant may be created here."""

    source: Somebody = Field(description="Whose people may appear here: a tenant, or name, tenantId and domain.")
    link: Name = Field("", description="The one link that is meant; left out: every link from there.")
    groupSync: bool = Field(False, description="true: groups may be created here too. Beta.")
    access: Name = Field("", description="The AccessProfile of the partner entry.")
    acknowledge: tuple[Yes, ...] = Field((), description="Reviewed yeses to guard rules.")


class Hub(Strict):
    """One tenant in the middle, and each of the others linked with it."""

    hub: Name = Field(description="The tenant in the middle.")
    direction: Literal["in", "out", "both"] = Field(
        description="in: people of the members appear in the hub; out: those of the hub in the members."
    )


def _form(value: Json) -> Json:
    match value:
        case "mesh":
            return None
        case None | str():
            raise PydanticCustomError("choice", "it can be mesh, or a mapping with hub and direction")
        case _:
            return value


class Deviation(SyncSettings):
    """A pair that is otherwise: not linked at all, or with settings of its own."""

    source: Name = Field(description="The tenant whose people are synchronized.")
    target: Name = Field(description="The tenant in which they appear.")
    reason: Prose = Field(description="Why this pair is otherwise.")
    skip: Literal[True] = Field(default_factory=lambda: True, description="true: there is no such link.")
    state: State = Field("present", description="absent: the configuration is removed in phases.")
    people: People | None = Field(None, description="What becomes of those who were synchronized, when it is absent.")


class Topology(Removable):
    """Links between many tenants, made from one template."""

    name: Name = Field(description="What the names of its links begin with.")
    shape: Annotated[Hub | None, BeforeValidator(_form, json_schema_input_type=Literal["mesh"] | Hub)] = Field(
        description="mesh: each with each; or a hub, and the direction."
    )
    members: tuple[Name, ...] = Field(min_length=1, description="Tenants of this repository.")
    link: SyncSpec = Field(
        description="The settings of every link; {source.name}, {source.displayName}, {target.name} and "
        "{target.displayName} are filled in."
    )
    deviations: tuple[Deviation, ...] = Field((), alias="except", description="Pairs that are otherwise.")
