"""What a snapshot is, and what of it is believed when it comes from a file. Reads nothing and computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from reconciler.model import Body, Unreadable

PEOPLE: Final = 200_000
"""More people, groups or configurations of one tenant than this are no snapshot: an emulator holds them in memory."""

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
Guid = Annotated[str, StringConstraints(pattern=f"^{_GUID}$")]
Text = Annotated[str, StringConstraints(max_length=10_000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$")]
Texts = Annotated[list[Text], Field(max_length=1_000)]
Simple = Text | bool | int | None | Texts


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Tenants as they were at a moment (ISO 8601, UTC): what a seed says of each by name, or why it is unread.

    `ids` are the tenant ids of all by name. `assumed` are sentences about what nobody could see. `kept` are the
    attributes that bear their true values where people have pseudonyms; it is None where they have none.
    """

    read_at: str
    ids: Mapping[str, str]
    tenants: Mapping[str, Body]
    unread: Mapping[str, Unreadable] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    kept: tuple[str, ...] | None = None


# ------------------------------------------------------------------------------------------ from a file


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Identity(Strict):
    """How somebody signs in."""

    signInType: Text | None = None
    issuer: Text | None = None
    issuerAssignedId: Text | None = None


class User(BaseModel):
    """Somebody; what is not named here is a plain value or a list of texts."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, Simple]

    id: Guid
    userPrincipalName: Name
    home: Guid | None = None
    manager: Guid | None = None
    accountEnabled: bool | None = None
    identities: Annotated[list[Identity], Field(max_length=100)] = []
    proxyAddresses: Texts = []
    otherMails: Texts = []
    businessPhones: Texts = []
    onPremisesExtensionAttributes: dict[str, Text | None] | None = None


class Deleted(User):
    """Somebody in the bin."""

    deletedDateTime: Moment


class Group(BaseModel):
    """A group; members are ids of its users and groups."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, Simple]

    id: Guid
    members: Annotated[list[Guid], Field(max_length=PEOPLE)] = []


class Pair(Strict):
    """A setting."""

    key: Name
    value: Text


class Synchronization(Strict):
    """What `emulator.synchronization.resuming` understands."""

    job: dict[str, Any] | None = None
    secrets: Annotated[list[Pair], Field(max_length=100)] = []
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    links: dict[Guid, Guid] = {}
    removed: list[Guid] = []
    groups: list[Guid] = []
    matched: bool = False
    held: bool = False


class Principal(Strict):
    """A configuration."""

    id: Guid
    appId: Guid
    displayName: Text
    notes: Text | None = None
    assigned: Annotated[list[Guid], Field(max_length=PEOPLE)] = []
    synchronization: Synchronization | None = None


class Tenant(Strict):
    """A tenant in the seed language."""

    tenantId: Guid
    displayName: Text
    domains: Annotated[list[Name], Field(min_length=1, max_length=5_000)]
    authorizationPolicy: dict[Literal["allowInvitesFrom"], Text] = {}
    default: dict[str, Any] = {}
    partners: Annotated[list[dict[str, Any]], Field(max_length=PEOPLE)] = []
    objects: dict[Literal["policy", "identitySynchronization"], dict[str, dict[str, Any]]] = {}
    users: Annotated[dict[Guid, User], Field(max_length=PEOPLE)] = {}
    deletedUsers: Annotated[dict[Guid, Deleted], Field(max_length=PEOPLE)] = {}
    groups: Annotated[dict[Guid, Group], Field(max_length=PEOPLE)] = {}
    servicePrincipals: Annotated[dict[Guid, Principal], Field(max_length=PEOPLE)] = {}


class Unread(Strict):
    """Why nothing is known of a tenant."""

    reason: Text
    exitCode: Annotated[int, Field(ge=1, le=10)]


class Kept(Strict):
    """The content of a snapshot file."""

    readAt: Moment
    ids: dict[Name, Guid]
    tenants: dict[Name, Tenant]
    unread: dict[Name, Unread]
    assumed: Annotated[list[Text], Field(max_length=1_000)]
    kept: list[Name] | None


def first_of(error: ValidationError) -> str:
    """Return the place and the words of the first thing that is wrong; both may be a stranger's, and are cut."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))[:200]}: {first['msg'][:200]}"
