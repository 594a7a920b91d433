"""The job: whether a configuration provisions. It is made paused, and started when all the rest is in place.

A restart is asked for, and shown nowhere: the service looks at everybody again, with what it had forgotten before.

Its id follows from the tenant and the application. Its schedule is the service's own: every 40 minutes.
"""

from __future__ import annotations

from pydantic import Field

from reconciler.kinds.blocks import Strict
from reconciler.model import Action, Body, Change, Ids, Kind, Part, Permissions, Request, Resource

TEMPLATE = "Azure2Azure"
BASE = "/servicePrincipals/{servicePrincipal}/synchronization"

DEFAULT_SCOPE = "default scope"
"""What a restart resets when nobody says otherwise; the links between source and target objects stay."""
_SCOPES = {DEFAULT_SCOPE: "Watermark, Escrows, QuarantineState"}


class Job(Strict):
    """What of a job is ours to say."""

    enabled: bool = Field(False, description="Whether it provisions: started or paused.")
    restart: str | None = Field(None, description="That it looks at everybody again, and what it forgets before.")


def job_id(tenant_id: str, app_id: str) -> str:
    """Return the id that the service gives the job of a configuration (seen in three independent examples)."""
    return f"{TEMPLATE}.{tenant_id.replace('-', '')}.{app_id}"


def jobs_in(answer: Body) -> list[Body]:
    """Return the jobs of our template in a list of jobs.

    Raises:
        ValueError: when it is no list, which is not the same as an empty one.
    """
    if not isinstance(found := answer.get("value"), list):
        raise ValueError("the answer is no list of jobs")
    return [one for one in found if one.get("templateId") == TEMPLATE]


def translate(_: str, body: Body) -> Body:
    """Return a job in our words.

    Raises:
        ValueError: when it does not say whether it provisions.
    """
    schedule, status = body.get("schedule") or {}, body.get("status") or {}
    if not schedule.get("state"):
        raise ValueError("the job does not say in schedule.state whether it provisions")
    return {
        "enabled": schedule["state"] == "Active",
        "id": body.get("id"),
        "templateId": body.get("templateId"),
        "status": status,
    }


def request(change: Change, ids: Ids, _: Resource | None) -> Request:
    """Return the write. A deletion drops the links between source and target objects for good."""
    jobs = f"{BASE.format_map(ids)}/jobs"
    match change.action:
        case Action.CREATE:
            return Request("POST", jobs, {"templateId": TEMPLATE})
        case Action.DELETE:
            return Request("DELETE", f"{jobs}/{ids['job']}")
        case _ if restart := (change.after or {}).get("restart"):
            return Request("POST", f"{jobs}/{ids['job']}/restart", {"criteria": {"resetScope": _SCOPES[restart]}})
        case _:
            verb = "start" if (change.after or {}).get("enabled") else "pause"
            return Request("POST", f"{jobs}/{ids['job']}/{verb}")


def precheck(change: Change, ids: Ids) -> Request | None:
    """Return the question whether both tenants let the job do its work, asked before it is started."""
    if change.action is not Action.UPDATE or not (change.after or {}).get("enabled"):
        return None
    credentials = [
        {"key": "CompanyId", "value": ids["target"]},
        {"key": "AuthenticationType", "value": "SyncPolicy"},
    ]
    body = {"useSavedCredentials": False, "templateId": TEMPLATE, "credentials": credentials}
    return Request("POST", f"{BASE.format_map(ids)}/jobs/validateCredentials", body)


KIND = Kind(
    name="job",
    document="",
    model=Job,
    endpoint=Part(
        path=f"{BASE}/jobs/{{job}}",
        request=request,
        translate=translate,
        last=("enabled",),
        acts=("restart",),
        precheck=precheck,
    ),
    permissions=Permissions(read="Synchronization.Read.All", write="Synchronization.ReadWrite.All"),
    canonical=dict,
    needs=("configuration",),
    summary="Whether a configuration provisions.",
    stock={"enabled": False, "restart": None},
    read_only=("id", "templateId", "status"),
    examples=({"enabled": True},),
)
