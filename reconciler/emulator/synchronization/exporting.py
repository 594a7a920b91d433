"""From the engine's values to a user of the target: who is there already, who is made, what is written.

One user at a time, for on-demand provisioning and for a cycle alike. Whether a user is to be written is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.emulator import people
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.directory_objects import GROUPS, USERS
from reconciler.emulator.synchronization.events import Trouble
from reconciler.emulator.synchronization.persons import with_extensions
from reconciler.emulator.words import addressed, mailed, marked
from reconciler.provisioning import Value, from_graph

if TYPE_CHECKING:
    from reconciler.emulator.directory import Organization
    from reconciler.emulator.world import World

MASTERED: Final = "AzureActiveDirectoryCannotUpdateObjectsMasteredOnPremises"
"""The code for a user of the target whom another directory writes."""

ORIGINATED_ELSEWHERE: Final = "AzureActiveDirectoryCannotUpdateObjectsOriginatedInExternalService"
"""The code for attributes that a mailbox has taken over."""

_MAILBOX: Final = ("mail", "showInAddressList")
_GRAPH: Final[Mapping[str, str]] = {
    "facsimileTelephoneNumber": "faxNumber",
    "mobile": "mobilePhone",
    "physicalDeliveryOfficeName": "officeLocation",
}
# What is not a property of the user that is written: how it is found, whether it is to be, and what is written later.
_NOT_WRITTEN: Final = frozenset({"alternativeSecurityIds", "IsSoftDeleted", "manager"})


@dataclass(frozen=True, slots=True)
class Found:
    """Who stands in the target for somebody of the source: nobody, a user, or somebody in the way."""

    user: Body | None = None
    trouble: Trouble | None = None


def found(world: World, target: Organization, source: Body) -> Found:
    """Look for somebody whom nothing links yet: by the security id, by an open invitation, by an address."""
    store = world.store
    matches = store.worded(target.id, USERS.kind, marked(people.net_id(str(source["id"])))).values()
    if len(matches) > 1:
        return Found(trouble=Trouble("DuplicateTargetEntries", "More than one user has this security id."))
    for user in (*matches, *_invited(world, target, source), *_sharing(world, target, source)):
        return Found(user)
    return Found(trouble=_in_the_way(world, target, source))


def _invited(world: World, target: Organization, source: Body) -> Iterator[Body]:
    """Yield who was invited as this person and has not come yet."""
    name = people.external_name(str(source["userPrincipalName"]), target)
    found = world.store.named(target.id, USERS.kind, name) | _with_mail(world, target, USERS.kind, source)
    yield from (one for one in found.values() if one.get("externalUserState") == "PendingAcceptance")


def _sharing(world: World, target: Organization, source: Body) -> Iterator[Body]:
    """Yield who is an external user with the same mail: two people who share one become one user of the target."""
    if world.switches.shared_mail == "one":
        found = _with_mail(world, target, USERS.kind, source).values()
        yield from (one for one in found if people.is_external(one))


def _with_mail(world: World, target: Organization, kind: str, source: Body) -> dict[str, dict[str, Json]]:
    mail = source.get("mail")
    return world.store.worded(target.id, kind, mailed(str(mail))) if mail else {}


def _in_the_way(world: World, target: Organization, source: Body) -> Trouble | None:
    """Return what an account or a group of the target's own with the same address makes of an invitation."""
    address = str(source.get("mail") or source["userPrincipalName"])
    users = world.store.worded(target.id, USERS.kind, addressed(address)).values()
    if any(not people.is_external(one) for one in users):
        words = "A user of the target tenant has the same proxy address."
        return Trouble("InvitationCreationFailureAmbiguousUser", words)
    groups = world.store.worded(target.id, GROUPS.kind, addressed(address)) | _with_mail(
        world, target, GROUPS.kind, source
    )
    if groups:
        return Trouble("InvitationCreationFailureInvalidPropertyValue", "A group of the target tenant has this mail.")
    return None


def _same(one: Json, other: Json) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one.lower() == other.lower()


def refused(world: World, home: Organization, target: Organization, source: Body) -> Trouble | None:
    """Return why somebody is not invited, or None where they are."""
    domain = str(source.get("mail") or "").rpartition("@")[2].lower()
    if domain and world.switches.unverified_mail == "failure" and domain not in map(str.lower, home.domains):
        return Trouble("InvitationCreationFailure", f"The source tenant has not verified the domain '{domain}'.")
    policy = world.store.get(target.id, "authorizationPolicy") or {}
    if policy.get("allowInvitesFrom") == "none":
        words = "The target tenant does not allow guests to be invited."
        return Trouble("AzureActiveDirectoryForbidden", words)
    return None


def owned_elsewhere(user: Body, values: Mapping[str, Value]) -> list[str]:
    """Return which of these values cannot be written to a user because their mailbox owns them."""
    plans = user.get("assignedPlans") or ()
    has_mailbox = any(one.get("service") == "exchange" and one.get("capabilityStatus") == "Enabled" for one in plans)
    return [name for name in _MAILBOX if name in values] if has_mailbox else []


# ------------------------------------------------------------------------------------------ bodies


def made(source: Body, values: Mapping[str, Value], target: Organization, user_id: str, now: str) -> dict[str, Json]:
    """Return the external user that is made of somebody of the source."""
    address = str(values.get("userPrincipalName") or source["userPrincipalName"])
    said = {"mail": None, "userType": "Member", **dict(_properties({}, values, target))}
    guest = people.guest(address, said, target, user_id, now, home_id=str(source["id"]))
    return USERS.sparse(guest)


def written(user: Body, values: Mapping[str, Value], target: Organization) -> dict[str, Json]:
    """Return a user of the target with these values."""
    return USERS.sparse({**user, **dict(_properties(user, values, target))})


def _properties(user: Body, values: Mapping[str, Value], target: Organization) -> Iterator[tuple[str, Json]]:
    """Yield the values by Graph's names."""
    extensions = {name: value for name, value in values.items() if name.startswith("extensionAttribute")}
    for name, value in values.items():
        if name == "userPrincipalName":
            yield name, people.external_name(str(value), target)
        elif name == "telephoneNumber":
            yield "businessPhones", [value]
        elif name not in _NOT_WRITTEN and name not in extensions:
            yield _GRAPH.get(name, name), value
    if extensions:
        standing = user.get("onPremisesExtensionAttributes") or USERS.resource.stock["onPremisesExtensionAttributes"]
        yield "onPremisesExtensionAttributes", {**standing, **extensions}


def shown(values: Mapping[str, Value], target: Organization) -> dict[str, Value]:
    """Return values as the log shows them: the principal name as it is in the target."""
    name = values.get("userPrincipalName")
    return dict(values) if name is None else {**values, "userPrincipalName": people.external_name(str(name), target)}


def present(user: Body, source: Body, target: Organization) -> dict[str, Value]:
    """Return a user of the target in the engine's names, so that it can be compared with what a mapping gives."""
    whole = {name: value for name, value in with_extensions(user).items() if value not in (None, [])}
    marks = user.get("alternativeSecurityIds") or [None]
    engine = {**from_graph(whole), "alternativeSecurityIds": marks[0], "manager": None}
    if _same(user.get("userPrincipalName"), people.external_name(str(source["userPrincipalName"]), target)):
        engine["userPrincipalName"] = source["userPrincipalName"]
    return engine
