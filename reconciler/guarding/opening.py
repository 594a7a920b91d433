"""Rules 5 and 6: who gets in who did not, and whose claims replace ours.

A partner's own change is judged by what applies to it before and after, under the default of before and of after; a
change of the default by what it does to everyone without an entry. Deletions belong to rule 8.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.access import ENTRANCES, FLAGS, TRUST
from reconciler.guarding import words
from reconciler.guarding.case import Case, Question, Shift, keeps, said
from reconciler.model import Change, Finding, Severity

_WORLDWIDE = "b2bDirectConnectInbound"


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield what opens the tenant."""
    for change in filter(keeps, case.changed("partner")):
        yield from _partner_opens(case, change)
        yield from _partner_trusts(case, change)
    for change in case.changed("default"):
        yield from _default_opens(case, change)
        yield from _default_trusts(case, change)


def _partner_opens(case: Case, change: Change) -> Iterator[Question]:
    for block in filter(ENTRANCES.__contains__, change.blocks):
        shift = case.shift(change.address, block)
        if shift.gained:
            message = f"{case.who(change.address, change.label)}: {block} lets in more than now"
            finding = case.finding(change, 5, block, message, _gain(change, shift))
            before, after = said(change.before, block), said(change.after, block)
            yield Question(finding, before, after, declares=((change.address, block),))


def _partner_trusts(case: Case, change: Change) -> Iterator[Question]:
    shift = case.shift(change.address, TRUST)
    for flag in FLAGS[TRUST]:
        before, after = said(change.before, TRUST, flag), said(change.after, TRUST, flag)
        if before != after and flag in shift.gained.flags:
            message = f"{case.who(change.address, change.label)}: its claim replaces ours, {TRUST}.{flag} becomes true"
            details = words.in_effect(shift.before, shift.widest, change.names)
            yield Question(case.finding(change, 6, f"{TRUST}.{flag}", message, details), before, after)


def _default_opens(case: Case, change: Change) -> Iterator[Finding | Question]:
    for block in filter(ENTRANCES.__contains__, change.blocks):
        shifts = [(who, shift) for who, shift in case.default_shifts(change, block) if shift.gained]
        details = [line for who, shift in shifts for line in _gain(change, shift, who)]
        if block == _WORLDWIDE and any(shift.gained.open_ended for who, shift in shifts if not who):
            message = f"the default: {block} would let in people of every organization; name partners instead"
            yield case.finding(change, 5, block, message, details, Severity.ERROR)
        elif shifts:
            message = f"the default: {block} lets in more than now, from every organization without an entry of its own"
            finding = case.finding(change, 5, block, message, details)
            yield Question(finding, said(change.before, block), said(change.after, block))


def _default_trusts(case: Case, change: Change) -> Iterator[Finding]:
    shift = case.world_shift(change, TRUST)
    for flag in shift.gained.flags:
        message = f"the default: {TRUST}.{flag} would accept the claims of every organization; name partners instead"
        details = words.in_effect(shift.before, shift.after, change.names)
        yield case.finding(change, 6, f"{TRUST}.{flag}", message, details, Severity.ERROR)


def _gain(change: Change, shift: Shift, who: str = "") -> tuple[str, ...]:
    gains = words.difference("gains", shift.gained, change.names)
    return (f"{who} {gains}".lstrip(), *words.in_effect(shift.before, shift.widest, change.names))
