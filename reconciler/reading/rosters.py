"""The groups that links fill in a tenant, each with its direct members: all of them, or the reason why not.

Whether somebody is from elsewhere, and from where, follows from the principal name that the service gives people of
other organizations. Who should be a member is not asked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from reconciler.errors import GraphError, Unavailable
from reconciler.graph.client import Graph
from reconciler.graph.odata import literal
from reconciler.model import Body, Found, Principal, Roster
from reconciler.reading.principals import told_by

SELECTED = "id,displayName,groupTypes,mailEnabled,isAssignableToRole,onPremisesSyncEnabled,visibility"
_MEMBERS = "id,userPrincipalName,userType"
_USER = "#microsoft.graph.user"
_EXTERNAL = "#ext#@"


async def read_rosters(groups: Iterable[Principal], graph: Graph) -> Mapping[Principal, Roster]:
    """Return these groups, with everybody who is a member of the ones that can be told."""
    paths = {group: _path(group) for group in groups}
    answers = await graph.get_all(paths.values()) if paths else {}
    known = {path: told_by(answer) for path, answer in answers.items()}
    rosters = dict(zip(known, await asyncio.gather(*(_roster(one, graph) for one in known.values())), strict=True))
    return {group: rosters[path] for group, path in paths.items()}


def _path(group: Principal) -> str:
    if group.id:
        return f"/groups/{group.id}?$select={SELECTED}"
    # Names of groups are not unique: a second one is to be seen.
    return f"/groups?$filter=displayName%20eq%20{literal(group.name)}&$select={SELECTED}&$top=5"


async def _roster(group: Found, graph: Graph) -> Roster:
    if group.problem or len(group.candidates) != 1:
        return Roster(group, problem=group.problem)
    path = f"/groups/{group.candidates[0]['id']}/members?$select={_MEMBERS}&$top=999"
    try:
        members = await graph.collect(path, await graph.get(path))
        return Roster(group, dict(map(_member, members)))
    except GraphError as error:
        lacking = error.adding("to read members takes GroupMember.Read.All and User.Read.All")
        return Roster(group, problem=str(lacking if error.lacks_permission else error))


def _member(one: Body) -> tuple[str, str]:
    """Return the id of a member, and the domain at home of one who is from elsewhere.

    Raises:
        Unavailable: when it does not show who it is. Without the permission to read users, only their ids are shown.
    """
    key, name = one.get("id"), one.get("userPrincipalName")
    if not isinstance(key, str):
        raise Unavailable("a member came without an id, so the list cannot be trusted")
    if one.get("@odata.type", _USER) != _USER:
        return key.lower(), ""
    if not isinstance(name, str):
        raise Unavailable(f"the member {key} came without userPrincipalName; to read members takes User.Read.All")
    return key.lower(), home_of(name)


def home_of(principal_name: str) -> str:
    """Return the domain at home of somebody from elsewhere, in small letters; "" for our own people.

    The name at home stands before `#EXT#`, with `_` for `@`; no domain has an underscore.
    """
    before, mark, _ = principal_name.lower().partition(_EXTERNAL)
    _, separator, domain = before.rpartition("_")
    return domain if mark and separator else ""
