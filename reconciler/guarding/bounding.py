"""Rules 13 and 14: whom a link means, everybody or those who are assigned, and what stops it from deleting many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.guarding.case import Case, Question, keeps, said
from reconciler.guarding.synced import brought, job_at, told
from reconciler.model import MASKED, Change, Finding, Impact, Json, link_of

MOST = 500
"""Deletions in one cycle; the portal's own number. A brake above it is asked about."""
SHARE = 25
"""Percent of the people a link has brought."""

_MEANT = {"all": "everybody in the source", "assigned": "those who are assigned", None: "unknown", MASKED: "unknown"}


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield changes of the scope, and a brake that is taken off or let out."""
    for change in filter(keeps, case.changed("settings")):
        yield from _scope(case, change)
        yield from _brake(case, change)


def _scope(case: Case, change: Change) -> Iterator[Question]:
    before, after = said(change.before, "scope"), said(change.after, "scope")
    job = job_at(case, change.address.key)
    # A job without a word about it means those who are assigned.
    if job is None or before == after or after is None or (before is None and after == "assigned"):
        return
    message = (
        f"{case.who(change.address, change.label)}: it means {_MEANT[after]} from now on, "
        f"before: {_MEANT.get(before, 'unknown')}"
    )
    details = [f"{told(brought(job))}; {_moved(case.impacts.get(link_of(change.address.key)))}"]
    if after == "assigned":
        details.append("who is not assigned is deleted in the target, and can be restored there for 30 days")
        details.append("the service looks at it after a restart of the job")
    yield Question(case.finding(change, 13, "scope", message, details), before, after)


def _moved(impact: Impact | None) -> str:
    """Return how many people a change of the scope moves; nobody asked before the job has brought anybody."""
    if impact is None:
        return "how many would appear is told by a plan with --impact"
    if not impact.known:
        return "how many would appear or vanish is unknown"
    return f"{impact.appearing} would appear, and {impact.removed} be soft-deleted"


# ---------------------------------------------------------------------------------------------- rule 14


def _brake(case: Case, change: Change) -> Iterator[Question]:
    before, after = said(change.before, "accidentalDeletion"), said(change.after, "accidentalDeletion")
    number = brought(job_at(case, change.address.key))
    reason = _let_out(before, after, number) if isinstance(after, Mapping) and before != after else ""
    if reason:
        message = f"{case.who(change.address, change.label)}: the guard against accidental deletions {reason}"
        details = (f"before: {_spoken(before)}", f"after: {_spoken(after)}", told(number))
        yield Question(case.finding(change, 14, "accidentalDeletion", message, details), before, after)


def _let_out(before: Json, after: Json, people: int | None) -> str:
    """Return why it stops less than it did, or nothing."""
    threshold, known = after["threshold"], isinstance(before, Mapping)
    if known and not before["enabled"]:
        return ""
    if not after["enabled"]:
        return "goes off"
    if known and threshold <= before["threshold"]:
        return ""
    lets = f"would let through {threshold} deletions in one cycle"
    if threshold > MOST:
        return f"{lets}, more than {MOST}"
    # Where there was no guard, any is more; one that the service hides may have been a stricter one.
    looser = known or before == MASKED
    if people is None and looser:
        return f"{lets}, and nobody can say of how many people"
    exceeds = looser and people is not None and 0 < people * SHARE < threshold * 100
    return f"{lets}, more than {SHARE} % of the people" if exceeds else ""


def _spoken(guard: Json) -> str:
    if not isinstance(guard, Mapping):
        return "unknown" if guard == MASKED else "not set"
    return f"stops above {guard['threshold']}" if guard["enabled"] else "off"
