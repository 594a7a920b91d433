"""Rule 16: what lets go on a job that the service holds, because it would delete more than it may; and restarts.

The one restart that a plan has is that of the default scope, after the scope of a link became narrower. Whatever else
is released or redone by a restart, somebody does by hand: `reconciler restart` asks for it in so many words.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.guarding.case import Case, Question, keeps, said
from reconciler.guarding.synced import brought, has_run, is_held, job_at, told
from reconciler.model import Address, Change, Finding, Severity, link_of

RULE = 16

_WHY = "it would have deleted more people at once than it may"
_REDONE = (
    "everybody is looked at again, and who is not in scope any more is deleted in the target",
    "failures that are remembered are forgotten, and tried anew",
)


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield what lets a held job go on, by itself or because it is stopped for a change; and what restarts a job."""
    for change in filter(keeps, case.changes):
        if not (does := _does(change)):
            continue
        held = is_held(job_at(case, change.address.key))
        if held is not False:
            yield _question(case, change, does, known=held is True)
        elif said(change.after, "restart") and not _asked_already(case, change):
            yield _restart(case, change)


def _does(change: Change) -> str:
    """Return what a change does to the job, as far as it makes it go on; else nothing."""
    kind, after = change.address.kind, change.after
    if kind == "mappings":
        return "is stopped for a change and started again"
    if kind != "job":
        return ""
    if said(after, "enabled") is True:
        return "is started"
    return "is restarted" if said(after, "restart") else ""


def _question(case: Case, change: Change, does: str, *, known: bool) -> Question:
    who, link = case.who(change.address, change.label), link_of(change.address.key)
    starts = change.address.kind == "job" and said(change.after, "enabled") is True
    path = "enabled" if starts else "restart" if change.address.kind == "job" else ""
    why = f"although the service holds it: {_WHY}" if known else "and the service does not tell whether it holds it"
    details = (
        "repair what would delete so many before: assign or restore the people, then plan again",
        "what is held now is counted anew in the next cycle, and deleted there as far as the guard lets it through",
        f"what is meant to go is let go by `reconciler restart {link} --scope force-deletes` alone",
    )
    before, after = (change.before, change.after) if not path else (said(change.before, path), said(change.after, path))
    before = False if starts else before
    return Question(case.finding(change, RULE, path, f"{who}: the job {does}, {why}", details), before, after)


def _asked_already(case: Case, change: Change) -> bool:
    """Whether rule 13 asks about the scope that the restart is for."""
    settings = Address(change.address.tenant, "settings", link_of(change.address.key))
    return any(other.address == settings and "scope" in other.blocks for other in case.changes)


def _restart(case: Case, change: Change) -> Finding:
    job = job_at(case, change.address.key)
    message = f"{case.who(change.address, change.label)}: the job is restarted, as is owed since its scope changed"
    people = (told(brought(job)),) if has_run(job) else ()
    return case.finding(change, RULE, "restart", message, (*people, *_REDONE), Severity.WARNING)
