"""The dynamic groups of a tenant with their rules, read when something hangs on them. Judges no rule."""

from __future__ import annotations

from reconciler.errors import Forbidden, GraphError
from reconciler.graph.client import Graph
from reconciler.model import Body, DynamicGroup, DynamicGroups

_PATH = "/groups?$filter=groupTypes/any(c:c%20eq%20'DynamicMembership')&$select=id,displayName,membershipRule&$top=999"
_PERMISSION = "GroupMember.Read.All"


async def read_dynamic_groups(graph: Graph) -> DynamicGroups:
    """Return all of them, by id; that they could not be read whole is an answer as well."""
    try:
        items = await graph.collect(_PATH, await graph.get(_PATH))
    except GraphError as error:
        told = error.adding(f"to read them takes {_PERMISSION}") if isinstance(error, Forbidden) else error
        return DynamicGroups(problem=str(told))
    if not all(map(_is_described, items)):
        return DynamicGroups(problem="a group was shown without its id or its rule")
    found = {
        item["id"]: DynamicGroup(item["id"], str(item.get("displayName")), item["membershipRule"]) for item in items
    }
    return DynamicGroups(tuple(found[key] for key in sorted(found)))


def _is_described(item: Body) -> bool:
    return isinstance(item.get("id"), str) and isinstance(item.get("membershipRule"), str)
