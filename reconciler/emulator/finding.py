"""From what a path says to the directory object that it is about, as whoever asks may see and change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconciler.emulator import permissions, views
from reconciler.emulator.blocks import GUID
from reconciler.emulator.calls import Body, Call, Json, Principal
from reconciler.emulator.directory_objects import APPLICATIONS, SERVICE_PRINCIPALS, USERS, Collection
from reconciler.emulator.refusals import denied, no_such_object, unauthenticated

if TYPE_CHECKING:
    from reconciler.emulator.world import World

APP_ID = "appId"
"""What a path catches that names an application, or its service principal, by its application id."""


def addressed(path: str) -> tuple[str, ...]:
    """Return the ways in which a path below an application or a service principal may be written."""
    collection, _, rest = path.partition("/{key}")
    return (path, f"{collection}(appId='{{{APP_ID}}}'){rest}")


def seen(world: World, call: Call, collection: Collection, caught: Mapping[str, str]) -> dict[str, Json]:
    """Return the object that a read is about.

    Raises:
        Refusal: 404.
    """
    key = _key(world, call, collection, caught)
    body = views.item(world, call, collection.resource, key)
    if body is None:
        raise no_such_object(caught.get("key") or caught.get(APP_ID, ""))
    return dict(body)


def there(world: World, call: Call, collection: Collection, caught: Mapping[str, str]) -> dict[str, Json]:
    """Return the object that a write is about: the service decides by what is there, if it knows it already.

    Raises:
        Refusal: 404.
    """
    key = _key(world, call, collection, caught)
    body = world.store.get(call.tenant, collection.kind, key)
    if body is None or views.is_newborn(world, call.tenant, collection.resource, key):
        raise no_such_object(caught.get("key") or caught.get(APP_ID, ""))
    return body


def writable(world: World, call: Call, collection: Collection, caught: Mapping[str, str]) -> dict[str, Json]:
    """Return the object that a write is about, if it may be written by whoever asks.

    Raises:
        Refusal: 404, or 403 for an object of somebody else.
    """
    body = there(world, call, collection, caught)
    check_owned(call, collection, body)
    return body


def check_owned(call: Call, collection: Collection, body: Body) -> None:
    """Let whoever may write only what they own write nothing else.

    Raises:
        Refusal: 403.
    """
    if collection not in (APPLICATIONS, SERVICE_PRINCIPALS):
        return
    asking = principal(call)
    everything = tuple(one for one in permissions.WRITE_APPLICATIONS if one != permissions.OWNED)
    if not asking.may(everything) and asking.object_id not in body.get("owners", ()):
        raise denied()


def principal(call: Call) -> Principal:
    """Return who asks.

    Raises:
        Refusal: 401.
    """
    if call.principal is None:
        raise unauthenticated("Access token is empty.")
    return call.principal


def _key(world: World, call: Call, collection: Collection, caught: Mapping[str, str]) -> str:
    """Return the key of an object by what the path caught: its id, or the second name that some have."""
    if APP_ID in caught:
        return next(iter(world.store.named(call.tenant, collection.kind, caught[APP_ID])), "")
    said = caught["key"]
    if GUID.fullmatch(said):
        return said.lower()
    if collection is USERS and "@" in said:
        return next(iter(world.store.named(call.tenant, collection.kind, said)), "")
    return ""
