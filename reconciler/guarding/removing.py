"""Rule 8: what disappears or is reset, and what applies in its place. Some objects are never deleted at all."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler import access
from reconciler.guarding import words
from reconciler.guarding.case import Case, Question, keeps, said
from reconciler.model import Action, Change, Finding, Severity, link_of

RULE = 8

# Facts of a partner that others decide: the service made the entry, and may need it.
_PROTECTING = {
    "isServiceProvider": "it belongs to a service provider relation",
    "isInMultiTenantOrganization": "it is a member of the multitenant organization",
}


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield deletions, resets, blocks given back to a wider default, and changes of service provider entries."""
    for change in case.changes:
        if change.address.kind == access.MEMBERSHIP:
            # Memberships have a rule of their own, and restoring one is nothing but adding it.
            continue
        reason = _refusal(case, change)
        if keeps(change) and change.action is not Action.RESET:
            yield from _given_back(case, change)
        elif reason:
            done = "reset" if keeps(change) else "deleted"
            message = f"{case.who(change.address, change.label)} would be {done}, but {reason}"
            yield case.finding(change, RULE, "", message, severity=Severity.ERROR)
        else:
            yield _reset(case, change) if keeps(change) else _deleted(case, change)
        if change.action is Action.UPDATE and _fact(case, change, "isServiceProvider"):
            message = f"{case.who(change.address, change.label)} is a service provider's entry, and is changed"
            yield case.finding(change, 0, "", message, severity=Severity.WARNING)


def _refusal(case: Case, change: Change) -> str:
    """Return why the object must never be deleted, or nothing."""
    document = case.documents.get(change.address)
    if document and document.lifecycle.prevent_destroy:
        return "its document says lifecycle.preventDestroy"
    return next((reason for fact, reason in _PROTECTING.items() if _fact(case, change, fact)), "")


def _fact(case: Case, change: Change, name: str) -> bool:
    there = case.live.get(change.address)
    return there is not None and bool(there.facts.get(name))


def _deleted(case: Case, change: Change) -> Question:
    details = ["restoring it may be impossible"]
    if change.address.kind == "partner":
        details = ["the default applies to it then, and restoring it may be impossible", *_what_then(case, change)]
    message = f"{case.who(change.address, change.label)} is deleted"
    if change.address.kind == "assignment":
        message, details = _unassigned(case, change)
    return Question(case.finding(change, RULE, "", message, details), before=change.before)


def _unassigned(case: Case, change: Change) -> tuple[str, list[str]]:
    """Return who loses what with an assignment: the people behind a group are not read here."""
    there = case.live.get(change.address)
    is_group = said(change.before, "principalType") == "Group"
    # People have ids and no names here: a finding is shown in pull requests.
    shown = there.facts.get("principalDisplayName") if there and is_group else ""
    name = f"{shown or change.label} ({change.address.key.partition('/')[2]})".lstrip()
    whose = "a direct member who" if is_group else "somebody who"
    link = link_of(change.address.key)
    details = [
        f"{whose} is assigned by nothing else leaves the scope of {link}, and is deleted in the target",
        "there they can be restored for 30 days",
    ]
    return f"{name} is no longer assigned to {link}", details


def _what_then(case: Case, change: Change) -> Iterator[str]:
    for block in access.BLOCKS:
        shift = case.shift(change.address, block)
        for verb, found in (("gains", shift.gained), ("loses", shift.lost)):
            if found:
                yield f"{block} {words.difference(verb, found, change.names)}"
        if shift.gained or shift.lost:
            yield from (f"{block} {line}" for line in words.in_effect(shift.before, shift.widest, change.names))


def _reset(case: Case, change: Change) -> Question:
    details = [f"what changes: {', '.join(change.blocks)}"]
    for block in filter(access.BLOCKS.__contains__, change.blocks):
        for who, shift in case.default_shifts(change, block):
            for verb, found in (("gains", shift.gained), ("loses", shift.lost)):
                about = f"{block} {who}".rstrip()
                details += [f"{about} {words.difference(verb, found, change.names)}"] if found else []
    message = f"{case.who(change.address, change.label)} becomes what the service begins with, all of it"
    return Question(case.finding(change, RULE, "", message, words.lines(details)), change.before, change.after)


def _given_back(case: Case, change: Change) -> Iterator[Question]:
    if change.address.kind != "partner":
        return
    for block in change.blocks:
        before, after = said(change.before, block), said(change.after, block)
        shift = case.shift(change.address, block)
        if before is not None and after is None and shift.gained:
            message = f"{case.who(change.address, change.label)}: {block} goes back to the default, which is wider"
            gains = words.difference("gains", shift.gained, change.names)
            details = (gains, *words.in_effect(shift.before, shift.widest, change.names))
            yield Question(case.finding(change, RULE, block, message, details), before, after)
