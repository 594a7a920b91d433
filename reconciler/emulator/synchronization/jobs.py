"""The life of a job: created, started, paused, restarted, in quarantine. Bodies in, bodies out.

What a cycle does to a job is the business of `cycle`; whether a job may start is asked in `connection`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization.forms import unreadable
from reconciler.emulator.synchronization.kinds import JOB, NEVER
from reconciler.emulator.synchronization.template import TEMPLATE

RESET_SCOPES: Final = {
    "None": 0,
    "ConnectorDataStore": 1,
    "Escrows": 2,
    "Watermark": 4,
    "QuarantineState": 8,
    "Full": 15,
    "ForceDeletes": 32,
}
LIKE_THE_PORTAL: Final = frozenset({"Escrows", "Watermark", "QuarantineState"})
_DAY: Final = timedelta(days=1)
_QUARANTINE_RETRIES: Final = (timedelta(hours=6), timedelta(hours=12), _DAY)
_QUARANTINE_ENDS: Final = timedelta(days=28)

# How the service shows an execution that never was: as a failure without an error, at the beginning of time.
NO_EXECUTION: Final[dict[str, Json]] = {
    "activityIdentifier": None,
    "countEntitled": 0,
    "countEntitledForProvisioning": 0,
    "countEscrowed": 0,
    "countEscrowedRaw": 0,
    "countExported": 0,
    "countExports": 0,
    "countImported": 0,
    "countImportedDeltas": 0,
    "countImportedReferenceDeltas": 0,
    "error": {"code": "None", "message": "", "tenantActionable": False},
    "state": "Failed",
    "timeBegan": NEVER,
    "timeEnded": NEVER,
}


def job_id(tenant: str, app_id: str) -> str:
    """Return the id of the one job of a configuration: made of the template, the source tenant and the application."""
    return f"{TEMPLATE}.{tenant.replace('-', '').lower()}.{app_id.lower()}"


def fresh(service_principal: str, name: str) -> dict[str, Json]:
    """Return a job that was just created: neither started nor paused by anybody."""
    return {**JOB.fresh(name), "servicePrincipalId": service_principal}


def shown(job: Body) -> dict[str, Json]:
    """Return a job as answers show it."""
    return {name: value for name, value in job.items() if name != "servicePrincipalId"}


def is_active(job: Body) -> bool:
    """Tell whether cycles run."""
    return bool(job["schedule"]["state"] == "Active")


def started(job: Body) -> dict[str, Json]:
    """Return a job that runs, out of any quarantine; one that runs already goes on."""
    if is_active(job) and job["status"]["quarantine"] is None:
        return dict(job)
    return released({**job, "schedule": {**job["schedule"], "state": "Active"}})


def released(job: Body) -> dict[str, Json]:
    """Return a job without its quarantine; one that is paused stays so."""
    status = {**job["status"], "quarantine": None, "countSuccessiveCompleteFailures": 0}
    if is_active(job):
        has_run = status["steadyStateFirstAchievedTime"] != NEVER
        status |= {"code": "Active" if has_run else "NotRun", "lastExecution": status["lastExecution"] or NO_EXECUTION}
    return {**job, "status": status}


def paused(job: Body, switches: Switches) -> dict[str, Json]:
    """Return a job that nobody runs; what it knows stays."""
    schedule = {**job["schedule"], "state": switches.paused_schedule_state}
    return {**job, "schedule": schedule, "status": {**job["status"], "code": "Paused"}}


def executed(job: Body, execution: Body, synchronized: Body) -> dict[str, Json]:
    """Return a job after a cycle that went through; `synchronized` says how many objects of each type are linked."""
    status, ended = job["status"], execution["timeEnded"]
    first = status["steadyStateFirstAchievedTime"]
    written = execution if execution["countExported"] else status["lastSuccessfulExecutionWithExports"]
    return {
        **job,
        "status": {
            **status,
            "code": "Active",
            "countSuccessiveCompleteFailures": 0,
            "lastExecution": execution,
            "lastSuccessfulExecution": execution,
            "lastSuccessfulExecutionWithExports": written,
            "steadyStateFirstAchievedTime": ended if first == NEVER else first,
            "steadyStateLastAchievedTime": ended,
            "synchronizedEntryCountByType": [
                {"key": f"{kind} to {kind}", "value": count} for kind, count in sorted(synchronized.items())
            ],
        },
    }


def quarantined(job: Body, reason: str, code: str, message: str, now: datetime) -> dict[str, Json]:
    """Return a job that was stopped by what it met; it goes on trying, ever less often, and gives up after 28 days.

    A job that is in quarantine for the same reason already is at its next attempt.
    """
    before = job["status"]["quarantine"]
    again = before if before is not None and before["reason"] == reason else None
    began = now if again is None else datetime.fromisoformat(again["seriesBegan"])
    quarantine = {
        "currentBegan": _stamp(began),
        "error": {"code": code, "message": message, "tenantActionable": True},
        "nextAttempt": _stamp(_next_attempt(began, now)),
        "reason": reason,
        "seriesBegan": _stamp(began),
        "seriesCount": 1 if again is None else again["seriesCount"] + 1,
    }
    failures = job["status"]["countSuccessiveCompleteFailures"] + 1
    status = {
        **job["status"],
        "code": "Quarantine",
        "quarantine": quarantine,
        "countSuccessiveCompleteFailures": failures,
    }
    is_over = now - began >= _QUARANTINE_ENDS
    schedule = {**job["schedule"], "state": "Disabled"} if is_over else job["schedule"]
    return {**job, "schedule": schedule, "status": status}


def _next_attempt(began: datetime, now: datetime) -> datetime:
    """Return the next moment after 6, 12 and 24 hours, and then every day."""
    for wait in _QUARANTINE_RETRIES:
        if began + wait > now:
            return began + wait
    return began + _DAY * ((now - began) // _DAY + 1)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def reset_scopes(said: Json) -> frozenset[str]:
    """Return what a restart resets, `Full` and nothing at all spelled out.

    Raises:
        Refusal: 400, for a word that is no scope.
    """
    if said is None or said == "":
        return LIKE_THE_PORTAL
    if not isinstance(said, str):
        raise unreadable("resetScope")
    words = {word.strip() for word in said.split(",")}
    if not words <= RESET_SCOPES.keys():
        raise unreadable("resetScope")
    mask = 0
    for word in words:
        mask |= RESET_SCOPES[word]
    return frozenset(name for name, bit in RESET_SCOPES.items() if bit & mask and name != "Full")


def already(name: str, switches: Switches) -> Refusal:
    """Return the refusal of a second job for the same template."""
    return Refusal(switches.second_job, "Conflict", f"A job with the identifier '{name}' already exists.")
