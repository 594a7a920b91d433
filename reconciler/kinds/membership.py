"""Who is a member of a group of the target because a link brought them: one membership, tied by reference.

Which memberships there should be is not said here: people come and go with the cycles of the service. The key is the
name of the link, the id of the group and the id of the user, with slashes between.

Facts: Microsoft's pages on adding and removing members of groups, and on listing the groups that a user is in.
"""

from __future__ import annotations

from pydantic import Field

from reconciler.kinds.blocks import Strict
from reconciler.model import Action, Body, Change, Ids, Kind, Part, Permissions, Request, Resource


class Membership(Strict):
    """What of a membership is ours to say: that it is there."""

    member: bool | None = Field(None, description="Whether the person is a member.")


def translate(key: str, body: Body) -> Body | None:
    """Return the membership in one group, from all groups that somebody is in, or None where it is not among them.

    Raises:
        ValueError: when the answer is no list, which is not the same as an empty one.
    """
    if not isinstance(items := body.get("value"), list):
        raise ValueError("the answer is no list of groups")
    group = key.split("/")[1]
    return {"member": True} if any(str(one.get("id")).lower() == group for one in items) else None


def request(change: Change, ids: Ids, _: Resource | None) -> Request:
    """Return the write. Without `$ref` at its end, a deletion would delete the person."""
    members = f"/groups/{ids['group']}/members"
    if change.action is Action.DELETE:
        return Request("DELETE", f"{members}/{ids['user']}/$ref")
    return Request("POST", f"{members}/$ref", {"@odata.id": f"{ids['service']}/v1.0/directoryObjects/{ids['user']}"})


KIND = Kind(
    name="membership",
    document="",
    model=Membership,
    endpoint=Part(
        path="/users/{user}/memberOf?$select=id&$top=999",
        request=request,
        translate=translate,
        parent="",
        names=("group", "user"),
        apart=True,
    ),
    permissions=Permissions(read="GroupMember.Read.All", write="GroupMember.ReadWrite.All"),
    canonical=dict,
    summary="Who of a link is in a group of the target.",
    stock={"member": None},
    examples=({"member": True},),
)
