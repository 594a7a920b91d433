"""Who changed in a tenant since a moment, as its directory audits tell. Whom a link means is not known here.

A user has no time of their last change in Microsoft Graph, so the audits are the only place to ask; they are written
some minutes late. Documented: https://learn.microsoft.com/graph/api/resources/directoryaudit
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from reconciler.errors import GraphError, Unavailable
from reconciler.graph.client import Graph, whole
from reconciler.graph.odata import literal, segment
from reconciler.model import Body, Json
from reconciler.model.haste import Recent, Touched
from reconciler.operating.judging import moment
from reconciler.operating.looking import needing

AUDITS = "/auditLogs/directoryAudits"
PERMISSION = "AuditLog.Read.All"
# Users, and who is in a group or assigned to an application.
CATEGORIES = ("UserManagement", "GroupManagement")
_USER, _GROUP = "user", "group"
# What happened to a group that may bring or take many people at once.
_ASSIGNED = "app role assignment"


async def read_recent(graph: Graph, since: datetime) -> Recent:
    """Return who changed since then, the first change first.

    Raises:
        GraphError: a page cannot be had, so that nobody can say who else changed.
    """
    paths = [_path(category, since) for category in CATEGORIES]
    try:
        answers = await graph.get_all(paths)
        records = [one for path in paths for one in await graph.collect(path, whole(answers[path]))]
    except GraphError as error:
        raise needing(PERMISSION, "read the directory audits")(error) from error
    return gathered(records)


def gathered(records: Iterable[Body]) -> Recent:
    """Return the people in audit records, once each, and the groups whose assignment changed.

    Raises:
        Unavailable: a record does not say what it is about, so that nobody can say who else changed.
    """
    people: dict[str, Touched] = {}
    groups: dict[str, str] = {}
    for record in sorted(records, key=lambda one: str(one.get("activityDateTime"))):
        if str(record.get("result", "success")).lower() not in ("success", "unknownfuturevalue"):
            continue
        what = str(record.get("activityDisplayName") or "")
        for kind, about in _targets(record):
            identifier = str(about.get("id") or "").lower()
            if kind == _USER and identifier:
                people[identifier] = _with(people.get(identifier), identifier, about, what, record)
            if kind == _GROUP and identifier and _ASSIGNED in what.lower():
                groups[identifier] = str(about.get("displayName") or identifier)
    return Recent(tuple(people.values()), tuple(sorted(groups.values())))


def _path(category: str, since: datetime) -> str:
    moment_ = segment(since.strftime("%Y-%m-%dT%H:%M:%SZ"))
    parts = (f"activityDateTime ge {moment_}", f"category eq {literal(category)}")
    return f"{AUDITS}?$filter={' and '.join(parts).replace(' ', '%20')}"


def _targets(record: Body) -> Iterator[tuple[str, Mapping[str, Json]]]:
    said = record.get("targetResources")
    if not isinstance(said, list):
        raise Unavailable("a record of the directory audits does not say what it is about; nothing was sent")
    for one in said:
        if isinstance(one, Mapping):
            yield str(one.get("type") or "").lower(), one


def _with(known: Touched | None, identifier: str, about: Mapping[str, Json], what: str, record: Body) -> Touched:
    before = known.what if known else ()
    name = str(about.get("userPrincipalName") or about.get("displayName") or "")
    return Touched(
        identifier,
        name or (known.name if known else ""),
        before if what in before else (*before, what),
        moment(record.get("activityDateTime")),
    )
