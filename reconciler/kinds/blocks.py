"""The shapes that cross-tenant access settings are made of, as people write them, and their one canonical form.

Sources: Graph v1.0 metadata (crossTenantAccessPolicyB2BSetting, …TargetConfiguration, …InboundTrust,
inboundOutboundPolicyConfiguration, …TenantRestrictions, invitationRedemptionIdentityProviderConfiguration) and the
documented table of legal combinations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from reconciler.model import Body, Json

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

EVERY_USER = "AllUsers"
EVERY_APPLICATION = "AllApplications"

_WORDS = {"user": {EVERY_USER}, "group": set(), "application": {EVERY_APPLICATION, "Office365", "AllMicrosoftApps"}}


class Strict(BaseModel):
    """What people write: unknown properties and look-alikes of booleans are refused.

    `refused` says of properties that do exist in Microsoft Graph why nobody may write them here.
    """

    refused: ClassVar[Mapping[str, str]] = {}
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Block = TypeVar("Block", bound=BaseModel)


def unsaid(block: type[Block]) -> Callable[[], Block]:
    """Return a factory of the empty block that stands where nothing is said."""
    return block.model_construct


class Target(Strict):
    """Who or what is meant: an object id, an application id, or one of the service's words for all."""

    target: str = Field(description="Object id of a user or group, client id of an application, or a word for all.")
    targetType: Literal["user", "group", "application"]
    name: str = Field("", description="A label for people; it is never sent to Microsoft Graph.")

    @model_validator(mode="after")
    def _known(self) -> Target:
        words = _WORDS[self.targetType]
        if self.target not in words and not GUID.fullmatch(self.target):
            allowed = " or ".join(["a GUID", *sorted(words)])
            raise ValueError(f"target {self.target!r} is not {allowed}, as targetType {self.targetType} needs")
        return self


class TargetConfiguration(Strict):
    """Whether the targets are let in or kept out; everyone else gets the opposite."""

    accessType: Literal["allowed", "blocked"]
    targets: tuple[Target, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _not_mixed(self) -> TargetConfiguration:
        values = {target.target for target in self.targets}
        everyone = {EVERY_USER, EVERY_APPLICATION} & values
        if everyone and len(values) > 1:
            raise ValueError(f"{everyone.pop()} cannot stand beside other targets")
        return self


class People(TargetConfiguration):
    """Users and groups."""

    @model_validator(mode="after")
    def _people(self) -> People:
        for target in self.targets:
            if target.targetType == "application":
                raise ValueError("people are meant here: it takes targetType user or group, not application")
        return self


class Applications(TargetConfiguration):
    """Applications, by client id."""

    @model_validator(mode="after")
    def _applications(self) -> Applications:
        for target in self.targets:
            if target.targetType != "application":
                raise ValueError(f"applications takes targetType application, not {target.targetType}")
        return self


class B2BSetting(Strict):
    """Who may use what. Both halves are required: what the service does with a missing half is not documented."""

    usersAndGroups: People
    applications: Applications

    @model_validator(mode="after")
    def _no_conflict(self) -> B2BSetting:
        people, applications = self.usersAndGroups, self.applications
        everyone = people.targets[0].target == EVERY_USER
        everything = applications.targets[0].target == EVERY_APPLICATION
        if everyone and people.accessType == "blocked" and applications.accessType == "allowed":
            raise ValueError("AllUsers is blocked while applications are allowed: the service refuses that")
        if everything and applications.accessType == "blocked" and people.accessType == "allowed":
            raise ValueError("AllApplications is blocked while users are allowed: the service refuses that")
        return self


class TenantRestrictions(B2BSetting):
    """What our own people and devices may do in other tenants with accounts of those tenants."""

    refused: ClassVar[Mapping[str, str]] = {"devices": "the service does not support it yet"}


class Visitors(Strict):
    """Whose people may work together with us in Microsoft 365."""

    users: People = Field(description="Users and groups of the other organization.")


class Travellers(Strict):
    """Who of our people may work together with others in Microsoft 365."""

    usersAndGroups: People = Field(description="Users and groups of this tenant.")


class Connections(Strict):
    """Which applications may connect to ours without a person."""

    applications: Applications = Field(description="Applications, by client id.")


class Redemption(Strict):
    """By which accounts an invitation may be redeemed: what is tried first, and what is left when nothing fits."""

    primaryIdentityProviderPrecedenceOrder: tuple[
        Literal["azureActiveDirectory", "externalFederation", "socialIdentityProviders"], ...
    ] = Field(min_length=1, description="What is tried, in this order.")
    fallbackIdentityProvider: Literal["defaultConfiguredIdp", "emailOneTimePasscode", "microsoftAccount"] = Field(
        description="What is left when nothing fits."
    )

    @field_validator("fallbackIdentityProvider", mode="before")
    @classmethod
    def _one_is_left(cls, value: Json) -> Json:
        if value is None:
            raise ValueError(
                "both fallbacks cannot be disabled; emailOneTimePasscode keeps Microsoft accounts out, "
                "defaultConfiguredIdp is what the service begins with"
            )
        return value

    @model_validator(mode="after")
    def _once(self) -> Redemption:
        order = self.primaryIdentityProviderPrecedenceOrder
        twice = [provider for at, provider in enumerate(order) if provider in order[:at]]
        if twice:
            raise ValueError(f"primaryIdentityProviderPrecedenceOrder names {twice[0]} twice; its place counts")
        return self


class InboundTrust(Strict):
    """Whose claims we accept as proof, so that people need not prove it again here; null inherits."""

    isMfaAccepted: bool | None = Field(
        None, description="Multifactor authentication done in the other tenant counts here."
    )
    isCompliantDeviceAccepted: bool | None = Field(
        None, description="A compliant device of the other tenant counts here."
    )
    isHybridAzureADJoinedDeviceAccepted: bool | None = Field(
        None, description="A hybrid joined device of the other tenant counts here."
    )


class ConsentSettings(Strict):
    """Automatic redemption: no consent prompt, if both tenants say so for each other; null inherits (false)."""

    inboundAllowed: bool | None = Field(
        None, description="People of the other tenant are not asked when they come here."
    )
    outboundAllowed: bool | None = Field(None, description="Our people are not asked when they go there.")


# ------------------------------------------------------------------------------------- canonical form


def canonical_blocks(body: Body) -> Body:
    """Return `body` with every block in canonical form; absent properties stay absent, None stays None.

    Raises:
        ValueError: when a block has a shape that is not described above.
    """
    return {name: None if value is None else _canonical_block(name, value) for name, value in sorted(body.items())}


def _canonical_block(name: str, value: Json) -> Json:
    if isinstance(value, bool):
        return value
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is not an object")
    members = {
        inner: _CANONICAL.get(inner, _canonical_flag)(f"{name}.{inner}", member)
        for inner, member in sorted(value.items())
    }
    # The service shows "nothing set" both as null and as an object of nulls.
    return None if all(member is None for member in members.values()) else members


def _canonical_flag(name: str, value: Json) -> Json:
    if value is None or isinstance(value, bool):
        return value
    raise ValueError(f"{name} has an unexpected shape")


def _canonical_word(name: str, value: Json) -> Json:
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"{name} has an unexpected shape")


def _canonical_order(name: str, value: Json) -> Json:
    """Return a list in which every entry has its place, as it is."""
    match value:
        case None:
            return None
        case list() | tuple() if all(isinstance(entry, str) for entry in value):
            return list(value)
        case _:
            raise ValueError(f"{name} has an unexpected shape")


def _canonical_half(name: str, value: Json) -> Json:
    match value:
        case None:
            return None
        case {"accessType": str(access), "targets": list() | tuple() as targets}:
            pairs = {_canonical_target(name, target) for target in targets}
            return {
                "accessType": access,
                "targets": [{"target": target, "targetType": kind} for target, kind in sorted(pairs)],
            }
        case {"targets": None, **rest} if rest.get("accessType") is None:
            return None
        case _:
            raise ValueError(f"{name} has an unexpected shape")


_CANONICAL: Mapping[str, Callable[[str, Json], Json]] = {
    "usersAndGroups": _canonical_half,
    "users": _canonical_half,
    "applications": _canonical_half,
    "primaryIdentityProviderPrecedenceOrder": _canonical_order,
    "fallbackIdentityProvider": _canonical_word,
}


def _canonical_target(name: str, value: Json) -> tuple[str, str]:
    match value:
        case {"target": str(target), "targetType": str(kind)}:
            return _lower(target), kind
        case _:
            raise ValueError(f"{name} has a target of an unexpected shape")


def _lower(identifier: str) -> str:
    return identifier.lower() if GUID.fullmatch(identifier) else identifier


def labels(value: Json) -> Mapping[str, str]:
    """Return the labels people gave to identifiers anywhere in `value`: identifier → name."""
    match value:
        case {"target": str(target), "name": str(name)} if name:
            return {_lower(target): name}
        case Mapping():
            return {key: name for member in value.values() for key, name in labels(member).items()}
        case list() | tuple():
            return {key: name for member in value for key, name in labels(member).items()}
        case _:
            return {}


def everyone(access: str, users: str = EVERY_USER, applications: str = EVERY_APPLICATION) -> Json:
    """Return a setting that allows or blocks everyone and everything."""
    return {"usersAndGroups": all_people(access, users), "applications": all_applications(access, applications)}


def all_people(access: str, users: str = EVERY_USER) -> Json:
    """Return the half of a setting that allows or blocks all people."""
    return {"accessType": access, "targets": [{"target": users, "targetType": "user"}]}


def all_applications(access: str, applications: str = EVERY_APPLICATION) -> Json:
    """Return the half of a setting that allows or blocks all applications."""
    return {"accessType": access, "targets": [{"target": applications, "targetType": "application"}]}
