"""Members of groups, as requests name them: by reference, one or several at once. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconciler.emulator import views
from reconciler.emulator.calls import Body, Call, Json
from reconciler.emulator.committing import Written
from reconciler.emulator.directory_objects import GROUPS, MEMBER, Collection, live
from reconciler.emulator.finding import principal
from reconciler.emulator.people import is_dynamic
from reconciler.emulator.permissions import ROLES
from reconciler.emulator.refusals import bad_request, denied, no_such_object

if TYPE_CHECKING:
    from reconciler.emulator.world import World

# Graph's own limit for the members that one request adds.
_MOST_AT_ONCE = 20


def referred(world: World, call: Call, reference: Json) -> tuple[Collection, dict[str, Json]]:
    """Return the object that an `@odata.id` refers to: a URL that ends in the id of a directory object.

    Raises:
        Refusal: 400, when it is no reference, or 404, when nothing is there.
    """
    if not isinstance(reference, str) or "/" not in reference:
        raise bad_request("Invalid URL format specified in payload.")
    key = re.split(r"[/']", reference.rstrip("/')"))[-1].lower()
    found = live(world, call.tenant, key)
    if found is None or views.is_newborn(world, call.tenant, found[0].resource, key):
        raise no_such_object(key)
    return found


def bound(world: World, call: Call, group: Body, references: Json) -> list[Written]:
    """Return the links that make members of what is referred to.

    Raises:
        Refusal: 400 or 404, when one of them cannot become a member; then none does.
    """
    if not isinstance(references, list) or len(references) > _MOST_AT_ONCE:
        raise bad_request(f"A list of at most {_MOST_AT_ONCE} members can be added with one request.")
    if references:
        check_assigned(world, call, group)
    links = {one.key: one for one in (_link(world, call, group, *referred(world, call, one)) for one in references)}
    return list(links.values())


def _link(world: World, call: Call, group: Body, collection: Collection, member: Body) -> Written:
    key = f"{group['id']}/{member['id']}"
    if world.store.get(call.tenant, MEMBER.kind, key) is not None:
        words = "One or more added object references already exist for the following modified properties: 'members'."
        raise bad_request(words)
    if collection is GROUPS and "Unified" in group.get("groupTypes", ()):
        raise bad_request("A group cannot be a member of a Microsoft 365 group.")
    return Written(MEMBER, key, None, {"id": member["id"], "kind": collection.kind})


def unbound(world: World, call: Call, group: Body, member_id: str) -> Written:
    """Return the removal of a member.

    Raises:
        Refusal: 404, when it is none, or what `check_assigned` says.
    """
    check_assigned(world, call, group)
    key = f"{group['id']}/{member_id.lower()}"
    link = world.store.get(call.tenant, MEMBER.kind, key)
    if link is None:
        raise no_such_object(member_id)
    return Written(MEMBER, key, link, None)


def check_assigned(world: World, call: Call, group: Body) -> None:
    """Refuse to touch the members of a group whose members are computed, are kept elsewhere, or may get roles.

    Raises:
        Refusal: 400 or 403.
    """
    if is_dynamic(group):
        if world.switches.dynamic_members_refused == 403:
            raise denied()
        raise bad_request("The members of a group with dynamic membership cannot be changed.")
    asking = principal(call)
    if group.get("isAssignableToRole") and asking.kind == "app" and ROLES not in asking.roles:
        raise denied()
    if group.get("onPremisesSyncEnabled"):
        words = "Unable to update the specified properties for on-premises mastered Directory Sync objects"
        raise bad_request(f"{words} or objects currently undergoing migration.")
    if group.get("mailEnabled") and "Unified" not in group.get("groupTypes", ()):
        raise bad_request("Cannot Update a mail-enabled security groups and or distribution list.")


def links_of(world: World, call: Call, group_id: str, after: str = "") -> Iterator[tuple[str, Body]]:
    """Yield the links to the members of a group as the caller sees them, after a key."""
    yield from views.following(world, call, MEMBER, below=group_id, after=after)
