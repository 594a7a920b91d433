"""What may be written to a directory object, and what follows from it. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from reconciler.emulator.calls import Body, Call, Json
from reconciler.emulator.committing import Written
from reconciler.emulator.directory_objects import APPLICATIONS, GROUPS, SERVICE_PRINCIPALS, USERS, Collection
from reconciler.emulator.finding import principal
from reconciler.emulator.linking import bound
from reconciler.emulator.people import own_name
from reconciler.emulator.refusals import Refusal, bad_request
from reconciler.emulator.resources import Writing, known, overlay, without_annotations

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_EXTENSION = "extension_"
_BIND = "@odata.bind"
MEMBERS = f"members{_BIND}"
# What has to have a value always.
_REQUIRED = frozenset({"displayName", "userPrincipalName", "mailNickname"})
# What is no text although it is null as long as nobody has set it.
_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("isAssignableToRole", "isDeviceOnlyAuthSupported", "isFallbackPublicClient"), bool),
    "showInAddressList": bool,
    "optionalClaims": Mapping,
    "samlSingleSignOnSettings": Mapping,
}
# The lists of objects; all others are lists of text.
_OBJECTS = frozenset(
    {
        "addIns",
        "appRoles",
        "identities",
        "keyCredentials",
        "oauth2PermissionScopes",
        "passwordCredentials",
        "requiredResourceAccess",
        "resourceSpecificApplicationPermissions",
    }
)
# What a service principal takes over from its application.
_SHARED = ("appRoles",)


def changed(world: World, call: Call, collection: Collection, before: Body) -> list[Written]:
    """Return everything that a PATCH changes.

    Raises:
        Refusal: 400, when it cannot be done.
    """
    sent = call.object()
    said = checked(world, call, collection, "update", before, sent)
    after = settled(world, call, collection, before, said)
    written = [Written(collection.resource, str(before["id"]), before, after)]
    if collection is APPLICATIONS:
        written += _spread(world, call, after, said)
    if collection is GROUPS:
        written += bound(world, call, after, sent.get(MEMBERS, []))
    return written


def checked(
    world: World, call: Call, collection: Collection, action: Literal["create", "update"], before: Body, sent: Body
) -> dict[str, Json]:
    """Return what may be laid over an object, of what was sent.

    Raises:
        Refusal: 400, for what does not exist, is read-only, or has the wrong type.
    """
    whole = collection.whole({"id": "", **before})
    plain = without_annotations({name: value for name, value in sent.items() if _BIND not in name}, world.switches)
    # A password is taken and never shown.
    plain.pop("passwordProfile", None)
    if plain.get("id", before.get("id")) != before.get("id"):
        raise bad_request("Property 'id' is read-only and cannot be set.")
    extensions = {name: value for name, value in plain.items() if name.startswith(_EXTENSION)}
    rest = {name: value for name, value in plain.items() if name not in extensions}
    writing = Writing(collection.resource, action, world, call.tenant, principal(call), whole, rest)
    body = known(writing)
    for name, value in body.items():
        _check_type(collection, name, value)
        if isinstance(value, Mapping):
            body[name] = overlay(whole[name] or {}, value, world.switches)
    return {**body, **extensions}


def _check_type(collection: Collection, name: str, value: Json) -> None:
    if not _fits(name, value, collection.resource.stock[name]):
        words = f"Invalid value specified for property '{name}' of resource"
        raise bad_request(f"{words} '{collection.type[0].upper()}{collection.type[1:]}'.")


def _fits(name: str, value: Json, standing: Json) -> bool:
    match standing:
        case bool():
            return isinstance(value, bool)
        case list() if name in _OBJECTS:
            return isinstance(value, list) and all(_is_whole(name, one) for one in value)
        case list():
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        case Mapping():
            return isinstance(value, Mapping) and value.keys() <= standing.keys()
        case _:
            return isinstance(value, _TYPES.get(name, str)) or (value is None and name not in _REQUIRED)


def _is_whole(name: str, value: Json) -> bool:
    """Tell whether a member of a list is an object with what the service itself looks at."""
    match name, value:
        case "appRoles", {"id": str(), "allowedMemberTypes": list()}:
            return True
        case "identities", {"signInType": str()}:
            return True
        case _:
            return isinstance(value, Mapping) and name not in ("appRoles", "identities")


def settled(world: World, call: Call, collection: Collection, before: Body, said: Body) -> dict[str, Json]:
    """Return an object with what was said laid over it, and with what the service itself makes of that.

    Raises:
        Refusal: 400, when it would not be unique where it has to be.
    """
    after = {**before, **said}
    if collection is USERS:
        after.update(_names(world, call, before, said))
    return collection.sparse(after)


def _names(world: World, call: Call, before: Body, said: Body) -> Iterator[tuple[str, Json]]:
    """Yield what changes with the names of a user."""
    name = said.get("userPrincipalName")
    if name is not None and name != before.get("userPrincipalName"):
        home = world.directory.organizations[call.tenant]
        check_principal_name(world, call, str(name), str(before.get("id", "")))
        others = [one for one in before.get("identities", []) if one["signInType"] != "userPrincipalName"]
        yield "identities", [*others, own_name(home, name)]
    if said.get("mail") and said["mail"] != before.get("mail"):
        aliases = [one.replace("SMTP:", "smtp:") for one in before.get("proxyAddresses", [])]
        kept = [one for one in aliases if one.lower() != f"smtp:{said['mail']}".lower()]
        yield "proxyAddresses", [f"SMTP:{said['mail']}", *kept]


def check_principal_name(world: World, call: Call, name: str, own_id: str = "") -> None:
    """Refuse a principal name that is taken, or in a domain that is none of the tenant's.

    Raises:
        Refusal: 400.
    """
    home = world.directory.organizations[call.tenant]
    _, _, domain = name.rpartition("@")
    if domain.lower() not in {one.lower() for one in home.domains}:
        words = "The domain portion of the userPrincipalName property is invalid. You must use one of the verified"
        raise bad_request(f"{words} domain names in your organization.")
    if world.store.named(call.tenant, USERS.kind, name).keys() - {own_id}:
        raise bad_request("Another object with the same value for property userPrincipalName already exists.")


def _spread(world: World, call: Call, application: Body, said: Body) -> Iterator[Written]:
    """Yield what changes in the service principal with its application."""
    taken = {name: said[name] for name in _SHARED if name in said}
    if "displayName" in said:
        taken["appDisplayName"] = said["displayName"]
        if world.switches.renaming_reaches_service_principal:
            taken["displayName"] = said["displayName"]
    if not taken:
        return
    for key, body in world.store.named(call.tenant, SERVICE_PRINCIPALS.kind, str(application["appId"])).items():
        yield Written(SERVICE_PRINCIPALS.resource, key, body, SERVICE_PRINCIPALS.sparse({**body, **taken}))


def conflicting(what: str) -> Refusal:
    """Return the refusal of an object that may be there only once, and is."""
    words = f"Another object with the same value for property {what} already exists."
    return Refusal(409, "Request_MultipleObjectsWithSameKeyValue", words)
