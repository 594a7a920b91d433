"""Rule 17: people who would be matched otherwise, and settings under which nobody is deleted as a link says it.

What files alone show is refused when they are loaded: consent for the default, everybody blocked from what is allowed,
everybody mixed with ids, a mapping by which people are matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.guarding.case import Case, Question, keeps, said
from reconciler.model import MASKED, Address, Body, Change, Finding, Json, Severity, link_of

RULE = 17

_PARTS = frozenset({"assignment", "configuration", "job", "mappings", "settings"})

HAZARDS: Mapping[str, str] = {
    "HardDeletesEnabled": "people may be deleted for good at once, and not for 30 days into the bin",
    "SkipOutOfScopeDeletions": "who leaves the scope is not deleted, so that nobody ever leaves the target",
}
"""Settings that no file speaks of, and what may come of them."""


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield mappings by which people would be matched otherwise, and settings that nobody should have set."""
    for change in filter(keeps, case.changed("mappings")):
        yield from _matching(case, change)
    for address, resource in sorted(case.live.items()):
        if address.kind == "settings" and address.key in case.links:
            for key, value in sorted((resource.facts.get("hazards") or {}).items()):
                yield _hazard(case, address, key, value)


def _matching(case: Case, change: Change) -> Iterator[Finding | Question]:
    before, after = (_matched(said(body, "mappings")) for body in (change.before, change.after))
    if before is None or after is None or before == after:
        return
    usual = _matched(said(case.stock.get("mappings"), "mappings"))
    who = case.who(change.address, change.label)
    if after == usual:
        message = f"{who}: people are matched as the service does it from now on, and were matched otherwise"
        details = (f"before: {_spoken(before)}", f"after: {_spoken(after)}", "who is linked stays linked")
        yield Question(case.finding(change, RULE, "mappings", message, details), _json(before), _json(after))
    else:
        message = f"{who}: people would be matched by {_spoken(after)}, and the service knows its own way alone"
        yield case.finding(change, RULE, "mappings", message, severity=Severity.ERROR)


def _matched(mappings: Json) -> Mapping[str, tuple[str, int]] | None:
    """Return by what people are matched: target attributes, each with its expression and its place."""
    if not isinstance(mappings, Mapping):
        return None
    return {
        name: (str(one.get("expression")), one["matching"]) for name, one in mappings.items() if one.get("matching")
    }


def _spoken(matched: Mapping[str, tuple[str, int]]) -> str:
    return ", ".join(f"{name} from {expression}" for name, (expression, _) in sorted(matched.items())) or "nothing"


def _json(matched: Mapping[str, tuple[str, int]]) -> Body:
    return {name: {"expression": expression, "matching": place} for name, (expression, place) in matched.items()}


def _hazard(case: Case, address: Address, key: str, value: Json) -> Finding:
    """Return what is wrong with a setting: an error where the link is changed, which rests on it, else a warning."""
    changes = any(
        change.address.kind in _PARTS and link_of(change.address.key) == address.key for change in case.changes
    )
    resource, document = case.live[address], case.documents.get(address)
    state = "is not shown, so that it may be set" if value == MASKED else f"is set ({value})"
    return Finding(
        Severity.ERROR if changes else Severity.WARNING,
        case.tenant.name,
        f"{case.who(address, resource.label)}: {key} {state} among the settings of the job: {HAZARDS[key]}",
        address=address,
        rule=RULE,
        details=(
            "no file speaks of it, and cross-tenant synchronization has no use for it",
            "take it out where it was set, in the settings that Microsoft Graph calls secrets, then plan again",
        ),
        origin=document.origin if document else None,
    )
