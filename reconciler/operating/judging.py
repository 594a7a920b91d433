"""From the body of a job to the state of its link. Pure: what it takes from Graph is taken as it is, or not at all.

The beginning of time means "never", and a run that never was looks like a failure without an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from reconciler.model import Body, Json, Link
from reconciler.model.operations import Cycle, LinkState, LinkStatus, Quarantine, Told
from reconciler.troubles import explain

INTERVAL = timedelta(minutes=40)
"""From the start of one cycle to the start of the next: the service's own, and the same for everybody."""

_DISABLED = "the service has disabled the job: four weeks in quarantine are the most"
_NO_ERROR = frozenset({"", "none"})
_COUNTS = {
    "entitled": "countEntitled",
    "imported": "countImported",
    "exported": "countExported",
    "exports": "countExports",
    "escrowed": "countEscrowed",
}
_DURATION = re.compile(r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?")


def status_of(blank: LinkStatus, job: Body | None, now: datetime) -> LinkStatus:
    """Return how a configuration does that is there; `blank` says which one it is."""
    if job is None:
        return replace(blank, state=LinkState.NOT_MADE, detail="the configuration is there, and has no job yet")
    status, schedule = _object(job.get("status")), _object(job.get("schedule"))
    state, detail = _state(_text(schedule.get("state")), _text(status.get("code")), status.get("quarantine"))
    quarantine = _quarantine(status.get("quarantine")) if state is LinkState.QUARANTINE else None
    last = _cycle(status.get("lastExecution"))
    if state is LinkState.WAITING and last is not None:
        detail = "started anew; its first cycle since then has not ended yet"
    success = _cycle(status.get("lastSuccessfulExecution"))
    next_run, words = _next(state, _text(schedule.get("interval")), last, quarantine, now)
    return replace(
        blank,
        state=state,
        detail=detail,
        last=last,
        last_success=success.ended if success else None,
        steady_since=moment(status.get("steadyStateFirstAchievedTime")),
        steady_last=moment(status.get("steadyStateLastAchievedTime")),
        next_run=next_run,
        next_words=words,
        people=_numbers(status.get("synchronizedEntryCountByType")),
        quarantine=quarantine,
    )


def without(link: Link, state: LinkState, detail: str = "", exit_code: int = 0) -> LinkStatus:
    """Return how a link does of which there is nothing to judge."""
    return LinkStatus(link.name, link.source, link.target, state, is_wanted(link), detail=detail, exit_code=exit_code)


def is_wanted(link: Link) -> bool:
    """Whether the files want the link to run."""
    return link.enabled and not link.absent


def exit_code(found: Iterable[LinkStatus]) -> int:
    """Return 8 when something may not be read, else 9 or 1 when something could not be, else 0."""
    codes = {one.exit_code for one in found}
    return next((code for code in (8, 9, 1) if code in codes), max(codes, default=0))


# ---------------------------------------------------------------------------------------------- the state


def _state(schedule: str, code: str, quarantine: Json) -> tuple[LinkState, str]:
    """Return the state by both words of the service, and what is odd about it."""
    active, word = schedule.lower() == "active", code.lower()
    if word == "quarantine" or (active and isinstance(quarantine, Mapping)):
        return LinkState.QUARANTINE, "" if active else _DISABLED
    if not active:
        return LinkState.PAUSED, ""
    match word:
        case "notrun":
            return LinkState.WAITING, "started; its first cycle has not ended yet"
        case "active":
            return LinkState.RUNNING, ""
        case _:
            return LinkState.UNKNOWN, f"the service calls its state {code!r}, which this version does not know"


def _quarantine(said: Json) -> Quarantine:
    body = _object(said)
    reason = _text(body.get("reason")) or "Unknown"
    times = body.get("seriesCount")
    return Quarantine(
        reason=explain(reason, ""),
        error=_error(body.get("error")),
        since=moment(body.get("currentBegan")),
        series_since=moment(body.get("seriesBegan")),
        times=times if isinstance(times, int) else 0,
        next_attempt=moment(body.get("nextAttempt")),
    )


def _cycle(said: Json) -> Cycle | None:
    """Return a run, or None for one that never was."""
    body = _object(said)
    began, ended = moment(body.get("timeBegan")), moment(body.get("timeEnded"))
    if began is None and ended is None:
        return None
    counts = {name: body.get(member) for name, member in _COUNTS.items()}
    return Cycle(
        began=began,
        ended=ended,
        result=_text(body.get("state")),
        counts={name: number for name, number in counts.items() if isinstance(number, int)},
        trouble=_error(body.get("error")),
    )


def _error(said: Json) -> Told | None:
    body = _object(said)
    code = _text(body.get("code"))
    return None if code.lower() in _NO_ERROR else explain(code, _text(body.get("message")))


def _numbers(said: Json) -> Mapping[str, int]:
    pairs = said if isinstance(said, list) else []
    found = {str(one.get("key")): one.get("value") for one in pairs if isinstance(one, Mapping)}
    return {name: number for name, number in sorted(found.items()) if isinstance(number, int)}


# ---------------------------------------------------------------------------------------------- the next run


def _next(
    state: LinkState, interval: str, last: Cycle | None, quarantine: Quarantine | None, now: datetime
) -> tuple[datetime | None, str]:
    """Return when the next cycle begins, and how far that can be known."""
    match state:
        case LinkState.PAUSED:
            return None, "none: it is paused"
        case LinkState.QUARANTINE:
            return _next_attempt(quarantine)
        case LinkState.WAITING | LinkState.RUNNING:
            return _next_cycle(interval, last, now)
        case _:
            return None, "unknown"


def _next_attempt(quarantine: Quarantine | None) -> tuple[datetime | None, str]:
    at = quarantine.next_attempt if quarantine else None
    return (at, "the service tries again") if at else (None, "unknown: in quarantine, and no next attempt is told")


def _next_cycle(interval: str, last: Cycle | None, now: datetime) -> tuple[datetime | None, str]:
    if last is None or last.began is None:
        return None, "unknown: no cycle has been told yet"
    every = duration(interval) if interval else INTERVAL
    if every is None:
        return None, "unknown: the service tells an interval that cannot be counted with"
    due = last.began + every
    return (due, "") if due >= now else (due, "due: a cycle is under way, or late")


def duration(text: str) -> timedelta | None:
    """Return an ISO 8601 duration of days and less, or None for what is no time to wait, such as "never"."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    # What is longer than a year is the service's word for never.
    whole = days * 86_400 + hours * 3_600 + minutes * 60 + seconds
    return timedelta(seconds=whole) if 0 < whole <= 366 * 86_400 else None


# ---------------------------------------------------------------------------------------------- values


def moment(said: Json) -> datetime | None:
    """Return a moment; None where none is told, and for the beginning of time."""
    if not isinstance(said, str):
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    if found.year <= 1:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _text(said: Json) -> str:
    return said if isinstance(said, str) else ""


def _object(said: Json) -> Body:
    return said if isinstance(said, Mapping) else {}
