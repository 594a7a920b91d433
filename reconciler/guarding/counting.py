"""Rules 9 and 10: too much at once, and too little in Git. Counted on all that was read, before any filter."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from reconciler.access import MEMBERSHIP
from reconciler.guarding import words
from reconciler.guarding.case import Case, Question
from reconciler.model import Action, Address, Finding, Severity, Undeclared

DELETIONS, DELETED_PERCENT = 1, 10
UPDATES, UPDATED_PERCENT = 3, 30


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield what is too many, and what Git forgot."""
    yield from _too_many(case)
    yield from _forgotten(case)
    yield from _emptied(case)


def _too_many(case: Case) -> Iterator[Question]:
    begins = {change.address for change in case.changes if change.action is Action.CREATE}
    actions = [change.action for change in case.changes if _counts(change.address, begins)]
    deletions, there = actions.count(Action.DELETE), sum(_counts(address, begins) for address in case.live)
    updates = actions.count(Action.UPDATE) + actions.count(Action.RESET)
    if _exceeds(deletions, DELETIONS, DELETED_PERCENT, there) or _exceeds(updates, UPDATES, UPDATED_PERCENT, there):
        message = (
            f"{words.counted(deletions, 'object')} would be deleted and {updates} updated, "
            f"of {there} that are there: is that meant?"
        )
        allowed = f"{DELETIONS} deletion or {DELETED_PERCENT} %, {UPDATES} updates or {UPDATED_PERCENT} %"
        details = (f"without a question: {allowed}",)
        finding = Finding(Severity.BLOCK, case.tenant.name, message, rule=9, details=details, origin=case.tenant.origin)
        yield Question(finding, count=deletions + updates)


def _counts(address: Address, begins: Collection[Address]) -> bool:
    """Whether it is an object of its own.

    The settings and mappings that a configuration begins with are only there in the plan, and people are counted by
    the rule about the groups that they join.
    """
    if address.kind == MEMBERSHIP:
        return False
    return address.kind not in ("mappings", "settings") or replace(address, kind="configuration") not in begins


def _exceeds(number: int, always: int, percent: int, there: int) -> bool:
    return number > always and number * 100 > percent * there


def _forgotten(case: Case) -> Iterator[Finding]:
    """Yield when objects were managed at the last apply and no document speaks of any now.

    Among the objects that were remembered, those that every tenant has may be as many as are named now; a document that
    says `state: absent` speaks.
    """
    named = sum(bool(address.key) for address in case.documents)
    remembered = case.remembered or 0
    if remembered > 0 and not case.documents:
        yield _error(case, f"the last apply managed {words.counted(remembered, 'object')} here, and Git names none now")
    elif remembered > max(1, len(case.documents)) and not named:
        yield _error(
            case, f"the last apply managed {remembered} objects here, and Git names nothing but the default now"
        )


def _emptied(case: Case) -> Iterator[Finding]:
    partners = [case.who(address, case.live[address].label) for address in case.partners()]
    named = any(address.kind == "partner" for address in case.documents)
    if case.tenant.undeclared is Undeclared.DELETE and partners and not named:
        message = (
            f"undeclared is delete, and Git names no partner: that would delete all {len(partners)} that are there"
        )
        yield _error(case, message, words.lines(partners))


def _error(case: Case, message: str, details: tuple[str, ...] = ()) -> Finding:
    remedy = "bring the files back, or say `state: absent` in the documents of what is to go"
    return Finding(
        Severity.ERROR,
        case.tenant.name,
        f"{message}; {remedy}",
        rule=10,
        details=details,
        origin=case.tenant.origin,
    )


def vanished(tenant: str, remembered: int) -> Finding:
    """Return the finding for a tenant that was applied to before and of which no file speaks any more."""
    left = "all that was applied there" if remembered < 1 else words.counted(remembered, "object")
    return Finding(
        Severity.ERROR,
        tenant,
        f"its tenant.yaml is gone: {left} would stay as it is, unwatched; bring the file back, "
        "with `management: observe` or `elsewhere` if nothing shall be written there",
        rule=10,
    )
