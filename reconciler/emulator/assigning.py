"""Who is assigned to an application, and who is in a group: the links between the objects of a directory.

Reading only, of the truth and not of what lagging reads would show: for whoever decides by these links.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.directory_objects import ASSIGNMENT, BY_KIND, GROUPS, MEMBER, Collection

if TYPE_CHECKING:
    from reconciler.emulator.world import World

NO_ROLE = "00000000-0000-0000-0000-000000000000"
"""The role of whoever is assigned to an application that has none."""


def assigned(
    resource: Body, collection: Collection, principal: Body, role: str, unique: str, now: str
) -> dict[str, Json]:
    """Return an assignment as it is stored. Its id begins with that of the principal; `unique` is a GUID."""
    raw = UUID(str(principal["id"])).bytes_le + UUID(unique).bytes_le
    return {
        "id": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
        "appRoleId": role,
        "createdDateTime": now,
        "principalDisplayName": principal.get("displayName"),
        "principalId": principal["id"],
        "principalType": f"{collection.type[0].upper()}{collection.type[1:]}",
        "resourceDisplayName": resource.get("displayName"),
        "resourceId": resource["id"],
    }


def principal_in(assignment_id: str) -> str:
    """Return the id of the principal with which the id of an assignment begins; "" where it is no such id."""
    try:
        raw = base64.urlsafe_b64decode(f"{assignment_id}=")
        return str(UUID(bytes_le=raw[:16])) if len(raw) == 32 else ""
    except ValueError:
        return ""


def assignments(world: World, tenant: str, service_principal_id: str) -> Iterator[dict[str, Json]]:
    """Yield the assignments to a service principal whose principals are there."""
    for _, body in world.store.scan(tenant, ASSIGNMENT.kind, below=service_principal_id):
        kind = str(body["principalType"])
        if world.store.get(tenant, f"{kind[0].lower()}{kind[1:]}", str(body["principalId"])) is not None:
            yield body


def members(world: World, tenant: str, group_id: str) -> Iterator[tuple[Collection, dict[str, Json]]]:
    """Yield the direct members of a group that are there, with the collections they are in."""
    for _, link in world.store.scan(tenant, MEMBER.kind, below=group_id):
        collection = BY_KIND[str(link["kind"])]
        body = world.store.get(tenant, collection.kind, str(link["id"]))
        if body is not None:
            yield collection, body


def everybody_in(world: World, tenant: str, group_id: str) -> Iterator[tuple[Collection, dict[str, Json]]]:
    """Yield everything that is in a group, directly or through other groups, once."""
    seen, waiting = {group_id}, [group_id]
    while waiting:
        for collection, body in members(world, tenant, waiting.pop()):
            if body["id"] in seen:
                continue
            seen.add(body["id"])
            if collection is GROUPS:
                waiting.append(body["id"])
            yield collection, body


def groups_with(world: World, tenant: str, object_id: str) -> Iterator[dict[str, Json]]:
    """Yield the groups that an object is a direct member of."""
    for key in world.store.ending(tenant, MEMBER.kind, object_id):
        body = world.store.get(tenant, GROUPS.kind, key[:36])
        if body is not None:
            yield body


def all_groups_with(world: World, tenant: str, object_id: str) -> Iterator[dict[str, Json]]:
    """Yield the groups that an object is in, directly or through other groups, once."""
    seen, waiting = {object_id}, [object_id]
    while waiting:
        for body in groups_with(world, tenant, waiting.pop()):
            if body["id"] not in seen:
                seen.add(body["id"])
                waiting.append(body["id"])
                yield body
