"""The configuration itself: an application made from the service's template, and its service principal.

Its display name is not unique, so it carries a mark: a line in the notes of the service principal. The name belongs to
the application: the service refuses a service principal whose name is not that of its application.
"""

from __future__ import annotations

from pydantic import Field

from reconciler.kinds.blocks import Strict
from reconciler.model import Action, Body, Change, Ids, Kind, Part, Permissions, Request, Resource

TEMPLATE = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"
"""The gallery template of cross-tenant synchronization, in the same cloud."""

SELECTED = "id,appId,displayName,notes,appRoles"
MARK = "Managed by entra-reconciler as link "


class Configuration(Strict):
    """What of an application is ours to say."""

    displayName: str = Field("", description="What the portal calls the configuration.")
    marker: str = Field("", description="The link that it belongs to, kept as a line in the notes.")


def marker_in(notes: str | None) -> str | None:
    """Return the link whose mark the notes bear, if they bear one."""
    marks = [line.removeprefix(MARK) for line in (notes or "").splitlines() if line.startswith(MARK)]
    return marks[0] if marks else None


def with_marker(notes: str | None, link: str) -> str:
    """Return the notes with the mark of a link; what people wrote stays."""
    kept = [line for line in (notes or "").splitlines() if not line.startswith(MARK)]
    return "\n".join([*kept, f"{MARK}{link}"])


def translate(_: str, body: Body) -> Body:
    """Return a service principal in our words."""
    return {
        "displayName": body.get("displayName"),
        "marker": marker_in(body.get("notes")),
        "notes": body.get("notes"),
        "id": body.get("id"),
        "appId": body.get("appId"),
    }


def request(change: Change, ids: Ids, there: Resource | None) -> Request:
    """Return the write. A deletion takes the service principal, the job and all assignments along."""
    after = change.after or {}
    if change.action is Action.CREATE:
        path = f"/applicationTemplates/{TEMPLATE}/instantiate"
        return Request("POST", path, {"displayName": after.get("displayName")})
    application = f"/applications(appId='{ids['appId']}')"
    if change.action is Action.DELETE:
        return Request("DELETE", application)
    if "marker" in after:
        notes = with_marker(there.facts.get("notes") if there else None, after["marker"])
        return Request("PATCH", f"/servicePrincipals/{ids['servicePrincipal']}", {"notes": notes})
    return Request("PATCH", application, after)


def learn(answer: Body) -> Ids:
    """Return what a new configuration is known by.

    Raises:
        KeyError: when the answer does not show it.
    """
    return ids_of(answer["servicePrincipal"])


def ids_of(principal: Body) -> Ids:
    """Return what a configuration is known by, from its service principal.

    Raises:
        KeyError: when it lacks a property that is needed.
    """
    roles = [role for role in principal.get("appRoles") or () if role.get("displayName") == "msiam_access"]
    return {
        "servicePrincipal": principal["id"],
        "appId": principal["appId"],
        "appRole": roles[0]["id"] if roles else "",
    }


KIND = Kind(
    name="configuration",
    document="",
    model=Configuration,
    endpoint=Part(
        path=f"/servicePrincipals/{{servicePrincipal}}?$select={SELECTED}",
        request=request,
        translate=translate,
        parent="",
        once=True,
        late=("marker",),
        learn=learn,
    ),
    permissions=Permissions(read="Application.Read.All", write="Application.ReadWrite.All"),
    canonical=dict,
    needs=("partner", "identity-synchronization"),
    protected=("unclaimed",),
    summary="What the portal calls a configuration: an application from the service's template.",
    stock={"displayName": None, "marker": None},
    read_only=("id", "appId", "unclaimed"),
    examples=({"displayName": "Contoso to Fabrikam", "marker": "contoso-to-fabrikam"},),
)
