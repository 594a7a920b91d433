"""How many people a link has brought and what its job went through, as far as what was read shows. Judges nothing.

The service counts by type of object in the status of a job; nobody counts for it here. What it does not show is
unknown, which is never none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.guarding.case import Case
from reconciler.model import MASKED, Address, Body, Resource, State, link_of

_NEVER = "0001-01-01"
_EXECUTIONS = ("lastExecution", "lastSuccessfulExecution", "lastSuccessfulExecutionWithExports")
_HELD = "TooManyDeletes"


def job_at(case: Case, key: str) -> Resource | None:
    """Return the job of the link that a key belongs to, as it is there."""
    return case.live.get(Address(case.tenant.name, "job", link_of(key)))


def has_run(job: Resource | None) -> bool:
    """Whether a job may have synchronized somebody. A status that is not shown rules nothing out."""
    if job is None:
        return False
    status = _status(job)
    ended = [(status.get(name) or {}).get("timeEnded") for name in _EXECUTIONS]
    moments = [*ended, status.get("steadyStateFirstAchievedTime")]
    happened = any(moment and not str(moment).startswith(_NEVER) for moment in moments)
    return happened or not status or bool(status.get("synchronizedEntryCountByType")) or bool(status.get("quarantine"))


def works(job: Resource | None) -> bool:
    """Whether the last cycle of a job ended well, so that both tenants let it do its work."""
    status = _status(job) if job else {}
    ended = str((status.get("lastSuccessfulExecution") or {}).get("timeEnded") or _NEVER)
    return not ended.startswith(_NEVER) and not status.get("quarantine")


def is_held(job: Resource | None) -> bool | None:
    """Whether the service holds back deletions of a job until somebody decides; None when it does not tell."""
    status = _status(job) if job else {}
    if job is None or not status:
        return None if job else False
    quarantine = status.get("quarantine")
    return isinstance(quarantine, Mapping) and _HELD in str(quarantine.get("reason"))


def brought(job: Resource | None) -> int | None:
    """Return how many people a job has brought; None when nobody can say."""
    if not has_run(job):
        return 0
    counts = _status(job).get("synchronizedEntryCountByType") if job else None
    people = [one.get("value") for one in counts or () if str(one.get("key")).lower().startswith("user")]
    return sum(people) if people and all(isinstance(one, int) for one in people) else None


def brought_into(tenant_id: str, source: str, live: State) -> int | None:
    """Return how many people the jobs of a tenant have brought into another one, whoever made them."""
    aimed = [
        address
        for address, resource in live.items()
        if address.kind == "settings" and resource.body.get("targetTenantId") in (tenant_id, MASKED, None)
    ]
    masked = any(live[address].body["targetTenantId"] != tenant_id for address in aimed)
    jobs = [live.get(Address(source, "job", address.key)) for address in aimed]
    return None if masked and any(map(has_run, jobs)) else added(map(brought, jobs))


def added(numbers: Iterable[int | None]) -> int | None:
    """Return the sum; None when one of them is unknown."""
    found = list(numbers)
    return None if None in found else sum(number for number in found if number is not None)


def told(number: int | None) -> str:
    """Return a number of people in words, for the details of a finding: it moves while a plan waits."""
    if number is None:
        return "nobody can say how many people it has brought"
    return f"it has brought {number} {'person' if number == 1 else 'people'}"


def _status(job: Resource) -> Body:
    status = job.facts.get("status")
    return status if isinstance(status, Mapping) else {}
