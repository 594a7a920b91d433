"""Rule 22: what somebody changed outside Git since the last apply, and the next one would put back.

Who narrowed something by hand may have done it in an emergency, so that opening it again asks. Nobody here knows who
it was, or when. Without a record of the last apply nothing is said, since then nobody knows what Git said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler import access
from reconciler.guarding.case import Case, Earlier, Question, said
from reconciler.model import Action, Address, Body, Change, Effect, Finding, Severity, State

RULE = 22

_WHO = "the audit log of the tenant tells who did it, and when"


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield what is neither as it was applied nor as Git wants it."""
    earlier = case.earlier
    if earlier is None:
        return
    for change in case.changes:
        if change.before is None or change.after is None:
            yield from _came_or_went(case, earlier, change)
        else:
            yield from _differs(case, earlier, change)


def _came_or_went(case: Case, earlier: Earlier, change: Change) -> Iterator[Finding | Question]:
    then, now, wanted = (_body(state, change.address) for state in (earlier.state, case.live, case.desired))
    if then == now:
        return
    done = "was deleted" if change.action is Action.CREATE else "was made" if then is None else "was changed"
    what = f"{case.who(change.address, change.label)} {done}"
    yield _told(case, earlier, change, what, by_both=then != wanted)


def _differs(case: Case, earlier: Earlier, change: Change) -> Iterator[Finding | Question]:
    then = _body(earlier.state, change.address)
    who = case.who(change.address, change.label)
    if then is None:
        yield _told(case, earlier, change, f"{who} was made", by_both=True)
        return
    for block in change.blocks:
        now, wanted = said(change.before, block), said(change.after, block)
        if then.get(block) != now:
            one = replace(change, before={block: now}, after={block: wanted})
            what = f"{who}: {block} was changed"
            yield _told(case, earlier, one, what, block, by_both=then.get(block) != wanted)


def _told(
    case: Case, earlier: Earlier, change: Change, what: str, path: str = "", *, by_both: bool
) -> Finding | Question:
    since = f"since the apply of tree {earlier.tree[:12]}"
    if by_both:
        message = f"{what} by both {since}: outside Git, and in the files"
        return case.finding(change, RULE, path, message, [_WHO], Severity.WARNING)
    if access.effect(change, case.live, case.desired) is not Effect.WIDEN:
        message = f"{what} outside Git {since}, and would be put back"
        return case.finding(change, RULE, path, message, [_WHO], Severity.WARNING)
    message = f"{what} outside Git {since}, and putting it back opens more than now"
    details = ["it may have been closed on purpose, as in an emergency: ask before it is opened again", _WHO]
    finding = case.finding(change, RULE, path, message, details)
    before, after = (said(side, path) if path else side for side in (change.before, change.after))
    return Question(finding, before, after)


def _body(state: State, address: Address) -> Body | None:
    there = state.get(address)
    return there.body if there else None
