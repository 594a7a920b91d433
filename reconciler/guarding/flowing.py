"""Rules 12 and 18: what people become in the target, and what makes the service look at all of them again.

Judged is each mapping by itself, against the one that is there; a new job begins with the service's own, so that
these ask nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.guarding.case import Case, Question, keeps, said
from reconciler.guarding.synced import brought, has_run, job_at, told
from reconciler.model import Address, Body, Change, Finding, Json, Severity, link_of
from reconciler.provisioning import ExpressionError, attributes_of, parse
from reconciler.provisioning.trees import Text

MANY = 1000
"""People for whom a look at all of them again is asked about."""

_MAPPINGS = "mappings"
_REDONE = (
    "the job is stopped meanwhile, and the first cycle after it takes its time",
    "people whose sign-in was blocked in the target by hand are allowed to sign in again",
)


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield what mappings make of people, and changes after which everybody is looked at again."""
    for change in filter(keeps, case.changed(_MAPPINGS)):
        before, after = _by_name(case, change, change.before), _by_name(case, change, change.after)
        yield from _membership(case, change, before.get("usertype"), after.get("usertype"))
        yield from _blocking(case, change, before.get("accountenabled"), after.get("accountenabled"))
        yield from _evaluated_again(case, change)


def _by_name(case: Case, change: Change, body: Body | None) -> Body:
    """Return the mappings of one side by target attribute in lower case; what is not there is the service's own."""
    mappings = said(body, _MAPPINGS)
    if mappings is None and _MAPPINGS in (change.after or {}):
        mappings = said(case.stock.get(_MAPPINGS), _MAPPINGS)
    return {name.lower(): mapping for name, mapping in (mappings or {}).items()}


# ---------------------------------------------------------------------------------------------- rule 12


def _membership(case: Case, change: Change, before: Json, after: Json) -> Iterator[Question]:
    gains = [
        *(["people may become members"] if _may_be_member(after) and not _may_be_member(before) else []),
        *(["it applies to those who are there already"] if _always(after) and not _always(before) else []),
    ]
    if gains and before != after:
        message = f"{case.who(change.address, change.label)}: userType changes, {' and '.join(gains)}"
        details = (f"before: {_spoken(before)}", f"after: {_spoken(after)}")
        finding = case.finding(change, 12, f"{_MAPPINGS}.userType", message, details)
        yield Question(finding, before, after, declares=_if_stock(case, change, after))


def _blocking(case: Case, change: Change, before: Json, after: Json) -> Iterator[Question]:
    if before != after and _follows(before) and not _follows(after):
        message = (
            f"{case.who(change.address, change.label)}: accountEnabled no longer follows the source, "
            "so that who is blocked there can still sign in here"
        )
        details = (f"before: {_spoken(before)}", f"after: {_spoken(after)}")
        finding = case.finding(change, 12, f"{_MAPPINGS}.accountEnabled", message, details)
        yield Question(finding, before, after)


def _if_stock(case: Case, change: Change, after: Json) -> tuple[tuple[Address, str], ...]:
    """Return what a link has to ask for that answers: it does so for the service's own mapping alone."""
    stock = (said(case.stock.get(_MAPPINGS), _MAPPINGS) or {}).get("userType")
    return ((change.address, _MAPPINGS),) if after is not None and after == stock else ()


def _may_be_member(mapping: Json) -> bool:
    """Whether somebody may come out as a member. Where no mapping says what people are, nobody here can say."""
    if mapping is None:
        return True
    values = [_constant(mapping["expression"]), mapping.get("default") or "Guest"]
    return any(value is None or value.lower() != "guest" for value in values)


def _constant(expression: str) -> str | None:
    """Return the one value of an expression that has only one; None for all others."""
    if not expression:
        return "Guest"
    try:
        tree = parse(expression)
    except ExpressionError:
        return None
    return tree.value if isinstance(tree, Text) else None


def _always(mapping: Json) -> bool:
    return mapping is not None and mapping.get("apply") != "onCreate"


def _follows(mapping: Json) -> bool:
    """Whether a mapping passes on, for as long as somebody is there, that they are blocked in the source."""
    if mapping is None or not _always(mapping) or not mapping["expression"]:
        return False
    try:
        return "accountenabled" in {name.lower() for name in attributes_of(parse(mapping["expression"]))}
    except ExpressionError:
        return False


def _spoken(mapping: Json) -> str:
    if mapping is None:
        return "no mapping"
    default = f", else {mapping['default']}" if mapping.get("default") is not None else ""
    when = "only for new people" if mapping.get("apply") == "onCreate" else "always"
    return f"{mapping['expression'] or 'nothing'}{default}, {when}"


# ---------------------------------------------------------------------------------------------- rule 18


def _evaluated_again(case: Case, change: Change) -> Iterator[Finding | Question]:
    job = job_at(case, change.address.key)
    if not has_run(job):
        return
    number, impact = brought(job), case.impacts.get(link_of(change.address.key))
    if number is None and impact and impact.known:
        number = impact.people
    message = f"{case.who(change.address, change.label)}: {_touched(change)} change, and everybody is looked at again"
    details = (told(number), *_REDONE)
    if number is None or number > MANY:
        yield Question(case.finding(change, 18, "", message, details), change.before, change.after)
    else:
        yield case.finding(change, 18, "", message, details, Severity.WARNING)


def _touched(change: Change) -> str:
    words = {"mappings": "mappings", "filters": "filters", "groupSync": "the mappings of groups"}
    return " and ".join(words.get(block, block) for block in change.blocks)
