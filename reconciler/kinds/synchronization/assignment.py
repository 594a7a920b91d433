"""Who is assigned to a configuration: a user, or a group whose direct members are in scope.

Taking an assignment away deprovisions people.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reconciler.kinds.blocks import Strict
from reconciler.model import Action, Body, Change, Ids, Kind, Part, Permissions, Request, Resource


class Assignment(Strict):
    """What of an assignment is ours to say: that it is there."""

    principalType: Literal["Group", "User"] | None = Field(None, description="What is assigned.")


def principal_of(key: str) -> str:
    """Return the id of who is assigned, from the key of an assignment."""
    return key.partition("/")[2]


def translate(key: str, body: Body) -> Body | None:
    """Return the assignment of one principal from the list of all, or None where it is not in it.

    Raises:
        ValueError: when the answer is no list, which is not the same as an empty one.
    """
    if not isinstance(items := body.get("value"), list):
        raise ValueError("the answer is no list of assignments")
    found = [item for item in items if str(item.get("principalId")).lower() == principal_of(key)]
    return shown(found[0]) if found else None


def shown(item: Body) -> Body:
    """Return one assignment in our words."""
    return {
        "principalType": item.get("principalType"),
        "id": item.get("id"),
        "principalDisplayName": item.get("principalDisplayName"),
    }


def request(change: Change, ids: Ids, there: Resource | None) -> Request:
    """Return the write."""
    path = f"/servicePrincipals/{ids['servicePrincipal']}/appRoleAssignedTo"
    if change.action is Action.DELETE:
        return Request("DELETE", f"{path}/{there.facts['id'] if there else ''}")
    body = {
        "appRoleId": ids["appRole"],
        "principalId": principal_of(change.address.key),
        "resourceId": ids["servicePrincipal"],
    }
    return Request("POST", path, body)


KIND = Kind(
    name="assignment",
    document="",
    model=Assignment,
    endpoint=Part(path="/servicePrincipals/{servicePrincipal}/appRoleAssignedTo", request=request, translate=translate),
    permissions=Permissions(read="Application.Read.All", write="AppRoleAssignment.ReadWrite.All"),
    canonical=dict,
    needs=("mappings", "settings"),
    summary="Who is in scope of a configuration.",
    stock={"principalType": None},
    read_only=("id", "principalDisplayName"),
    examples=({"principalType": "Group"},),
)
