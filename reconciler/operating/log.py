"""Reads the provisioning log of one link: all pages, narrowed by the service where that is documented, else here.

The service narrows by job, time and the id of a person. Failures, and people by sign-in name, are picked here: no
public page says that it could do that. Everything is looked at once more here, whatever the service did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.errors import GraphError
from reconciler.graph.client import Graph
from reconciler.graph.odata import literal, segment
from reconciler.model.operations import Happened
from reconciler.operating.looking import Job, needing
from reconciler.operating.records import happened, is_about

LOG = "/auditLogs/provisioning"
PERMISSION = "AuditLog.Read.All (Microsoft's reference lists Directory.Read.All beside it)"
PAGE = 500
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What of the log is wanted. `user` is an id or a sign-in name of the source, or "" for everybody."""

    since: datetime
    user: str = ""
    failures: bool = False

    def holds(self, found: Happened) -> bool:
        """Whether an entry is wanted. One without a time is shown rather than lost."""
        late = found.at is None or found.at >= self.since
        return late and (not self.user or is_about(found, self.user)) and (found.failed or not self.failures)


def is_id(user: str) -> bool:
    """Whether a user is named by id."""
    return _GUID.fullmatch(user.lower()) is not None


async def read_log(graph: Graph, job: Job, wanted: Narrowed) -> tuple[Happened, ...]:
    """Return the entries of a job, the newest first.

    Raises:
        GraphError: a page cannot be had, so that nobody can say what else there is.
    """
    path = f"{LOG}?$filter={_filter(job, wanted)}&$orderby=activityDateTime%20desc&$top={PAGE}"
    try:
        records = await graph.collect(path, await graph.get(path))
    except GraphError as error:
        raise needing(PERMISSION, "read the provisioning log")(error) from error
    ours = [record for record in records if record.get("jobId") in (None, job.id)]
    return tuple(found for found in map(happened, ours) if wanted.holds(found))


def _filter(job: Job, wanted: Narrowed) -> str:
    # `gt` is documented and `ge` is not: from a second earlier, nothing of the first one is lost.
    since = (wanted.since - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [f"jobId eq {literal(job.id)}", f"activityDateTime gt {segment(since)}"]
    if is_id(wanted.user):
        parts.append(f"sourceIdentity/id eq {literal(wanted.user.lower())}")
    return " and ".join(parts).replace(" ", "%20")
