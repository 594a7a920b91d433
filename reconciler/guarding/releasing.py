"""Rule 16: a job that the service holds, because it would delete more than it may, goes on."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.guarding.case import Case, Question, keeps, said
from reconciler.guarding.synced import is_held, job_at
from reconciler.model import Change

RULE = 16

_WHY = "it would have deleted more people at once than it may"

_DETAILS = (
    "repair what would delete so many before: assign or restore the people, then plan again",
    "what is held now is counted anew in the next cycle, and deleted there as far as the guard lets it through",
)


def find(case: Case) -> Iterator[Question]:
    """Yield what starts a job that is held, by itself or because it is stopped for a change."""
    for change in filter(keeps, case.changes):
        job = job_at(case, change.address.key)
        if is_held(job) and (_starts(change) or _interrupts(change)):
            word = "is started" if _starts(change) else "is stopped for a change and started again"
            message = f"{case.who(change.address, change.label)}: the job {word}, although the service holds it: {_WHY}"
            path = "enabled" if _starts(change) else ""
            before, after = (False, True) if _starts(change) else (change.before, change.after)
            yield Question(case.finding(change, RULE, path, message, _DETAILS), before, after)


def _starts(change: Change) -> bool:
    return change.address.kind == "job" and said(change.after, "enabled") is True


def _interrupts(change: Change) -> bool:
    return change.address.kind == "mappings"
