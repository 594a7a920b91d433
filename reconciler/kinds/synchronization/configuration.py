"""The configuration itself: an application made from the service's template, and its service principal.

Its display name is not unique, so it carries a mark: a line in the notes of the service principal. The name belongs to
the application: the service refuses a service principal whose name is not that of its application.

A second line of the notes says what the link waits for, and since when, so that a run that is killed leaves nothing
undone that nobody would know of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from reconciler.kinds.blocks import Strict
from reconciler.model import Action, Body, Change, Ids, Kind, Part, Permissions, Request, Resource

TEMPLATE = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"
"""The gallery template of cross-tenant synchronization, in the same cloud."""

SELECTED = "id,appId,displayName,notes,appRoles"
MARK = "Managed by entra-reconciler as link "
RESTART, CYCLE = "restart", "cycle"
WAITS: Mapping[str, str] = {
    RESTART: "entra-reconciler owes the job a restart since ",
    CYCLE: "entra-reconciler has unassigned everybody, to remove the link, since ",
}
"""What a link may wait for, in the words of the notes; the moment follows."""


class Configuration(Strict):
    """What of an application is ours to say."""

    displayName: str = Field("", description="What the portal calls the configuration.")
    marker: str = Field("", description="The link that it belongs to, kept as a line in the notes.")
    awaits: Literal["restart", "cycle"] | None = Field(
        None,
        description="What is still to come: the restart that is owed, or the cycle after everybody was unassigned.",
    )


def marker_in(notes: str | None) -> str | None:
    """Return the link whose mark the notes bear, if they bear one."""
    marks = [line.removeprefix(MARK) for line in map(str.strip, (notes or "").splitlines()) if line.startswith(MARK)]
    return marks[0] if marks else None


def waiting_in(notes: str | None) -> tuple[str | None, str | None]:
    """Return what the link waits for, as the notes tell, and since when."""
    for line in (notes or "").splitlines():
        for what, words in WAITS.items():
            if line.startswith(words):
                return what, line.removeprefix(words)
    return None, None


def with_waiting(notes: str | None, what: str | None) -> str:
    """Return the notes with what the link waits for, up to the moment, which comes last; what people wrote stays."""
    kept = [line for line in (notes or "").splitlines() if not line.startswith(tuple(WAITS.values()))]
    return "\n".join([*kept, WAITS[what]] if what else kept)


def with_marker(notes: str | None, link: str) -> str:
    """Return the notes with the mark of a link; what people wrote stays."""
    kept = [line for line in (notes or "").splitlines() if not line.strip().startswith(MARK)]
    return "\n".join([*kept, f"{MARK}{link}"])


def translate(_: str, body: Body) -> Body:
    """Return a service principal in our words."""
    awaits, since = waiting_in(body.get("notes"))
    return {
        "displayName": body.get("displayName"),
        "marker": marker_in(body.get("notes")),
        "awaits": awaits,
        "since": since,
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
    principal = f"/servicePrincipals/{ids['servicePrincipal']}"
    if "awaits" in after:
        what = after["awaits"]
        notes = with_waiting(there.facts.get("notes") if there else None, what)
        return Request("PATCH", principal, {"notes": notes}, stamped="notes" if what else "")
    if "marker" in after:
        notes = with_marker(there.facts.get("notes") if there else None, after["marker"])
        return Request("PATCH", principal, {"notes": notes})
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
        claims="marker",
        late=("marker",),
        marks={"awaits": RESTART},
        learn=learn,
    ),
    permissions=Permissions(read="Application.Read.All", write="Application.ReadWrite.All"),
    canonical=dict,
    needs=("partner", "identity-synchronization"),
    summary="What the portal calls a configuration: an application from the service's template.",
    stock={"displayName": None, "marker": None, "awaits": None},
    read_only=("id", "appId", "since"),
    examples=({"displayName": "Contoso to Fabrikam", "marker": "contoso-to-fabrikam"},),
)
