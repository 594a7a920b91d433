"""Rule 7: who is shut out. Narrowing locks people out at once, and the ones it hits most are named in no file.

Tenant restrictions are about our own people and devices in the tenants of others: whichever way they change, somebody
loses something, access or protection, so that every change of them asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler import access, phrases
from reconciler.guarding import words
from reconciler.guarding.case import Case, Question, Shift, keeps, said
from reconciler.model import Change

RULE = 7

_SHUTS = tuple(block for block in access.HALVES if block != access.RESTRICTIONS)

# Microsoft Rights Management Services: who cannot use it elsewhere cannot read encrypted mail from there.
_ENCRYPTED_MAIL = "00000012-0000-0000-c000-000000000000"


def find(case: Case) -> Iterator[Question]:
    """Yield what closes the tenant. Deletions belong to rule 8."""
    for change in filter(keeps, case.changed("partner")):
        yield from _partner_closes(case, change)
    for change in case.changed("default"):
        yield from _default_closes(case, change)


def _partner_closes(case: Case, change: Change) -> Iterator[Question]:
    yield from _restricts(case, change)
    for block in filter(_SHUTS.__contains__, change.blocks):
        shift = case.shift(change.address, block)
        if shift.lost:
            message = f"{case.who(change.address, change.label)}: {block} lets through less than now"
            finding = case.finding(change, RULE, block, message, _loss(change, block, shift))
            yield Question(finding, said(change.before, block), said(change.after, block))


def _default_closes(case: Case, change: Change) -> Iterator[Question]:
    yield from _restricts(case, change)
    for block in filter(_SHUTS.__contains__, change.blocks):
        shifts = [(who, shift) for who, shift in case.default_shifts(change, block) if shift.lost]
        if shifts:
            message = f"the default: {block} lets through less than now, for every organization that inherits it"
            details = [line for who, shift in shifts for line in _loss(change, block, shift, who)]
            finding = case.finding(change, RULE, block, message, [_inheriting(case, block), *details])
            yield Question(finding, said(change.before, block), said(change.after, block))


def _restricts(case: Case, change: Change) -> Iterator[Question]:
    block = access.RESTRICTIONS
    if block not in change.blocks:
        return
    is_default = change.address.kind == "default"
    shift = case.world_shift(change, block) if is_default else case.shift(change.address, block)
    message = f"{case.who(change.address, change.label)}: {block} changes, which our own people and devices feel"
    details = [_inheriting(case, block)] if is_default else []
    for verb, found in (("gains", shift.gained), ("loses", shift.lost)):
        details += [words.difference(verb, found, change.names)] if found else []
    details += words.in_effect(shift.before, shift.after, change.names)
    finding = case.finding(change, RULE, block, message, details)
    yield Question(finding, said(change.before, block), said(change.after, block))


def _inheriting(case: Case, block: str) -> str:
    """Return which of the partners that are there have no word of their own about a block."""
    names = [
        case.who(address, case.live[address].label)
        for address in case.partners()
        if access.inherits(block, case.own(case.live, address, block))
    ]
    return f"live partners without own entry for it: {len(names)}" + (f" ({phrases.some(names)})" if names else "")


def _loss(change: Change, block: str, shift: Shift, who: str = "") -> Iterator[str]:
    yield f"{who} {words.difference('loses', shift.lost, change.names)}".lstrip()
    yield from words.in_effect(shift.before, shift.after, change.names)
    if block == "b2bCollaborationOutbound" and access.loses(shift.before, shift.after, _ENCRYPTED_MAIL):
        yield (
            "encrypted mail from other organizations can no longer be read: "
            f"allow application {_ENCRYPTED_MAIL} (Microsoft Rights Management Services)"
        )
