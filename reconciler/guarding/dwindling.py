"""Rule 11: people who would be soft-deleted in the target because a change takes them out of the scope of a link.

Counted is what the change does and would not happen without it. What was not read makes the number unknown, and never
smaller. Numbers stand in the details: they move while a plan waits.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.guarding.case import Case, Question
from reconciler.model import Address, Finding, Impact, Severity
from reconciler.model.impacts import FEW, PERCENT

RULE = 11

_BACK = "in the target they can be restored for 30 days"


def find(case: Case) -> Iterator[Question]:
    """Yield links of which a change soft-deletes many people, or nobody can say how many."""
    for _, impact in sorted(case.impacts.items()):
        if not impact.whole or impact.problem:
            yield _unknown(case, impact)
        elif impact.removed + impact.unsure > impact.free:
            yield _unknown(case, impact) if impact.unsure else _many(case, impact)


def _many(case: Case, impact: Impact) -> Question:
    message = f"{_who(impact)}: the change soft-deletes many of its people in {impact.target}: is that meant?"
    details = (f"{impact.removed} of {_people(impact)}; {_free(impact)}", *_examples(impact), _BACK)
    return Question(_finding(case, impact, message, details), count=impact.removed)


def _unknown(case: Case, impact: Impact) -> Question:
    """Return the question where nobody can say how many: yes to as many as there are, or to not knowing it."""
    message = f"{_who(impact)}: nobody can say how many of its people the change soft-deletes in {impact.target}"
    details = [f"of {_people(impact)}; {_free(impact)}"] if impact.linked is not None else [_free(impact)]
    if impact.removed:
        details += [f"{impact.removed} are known, as far as was read", *_examples(impact)]
    if impact.unsure:
        details.append(f"of {impact.unsure} it is unknown")
    details += [impact.problem] if impact.problem else [*impact.missed]
    finding = _finding(case, impact, message, tuple(details))
    most = impact.removed + impact.unsure if impact.whole and not impact.problem else impact.linked
    return Question(finding, before=None, after="unknown") if most is None else Question(finding, count=most)


def _finding(case: Case, impact: Impact, message: str, details: tuple[str, ...]) -> Finding:
    address = Address(case.tenant.name, "configuration", impact.link)
    link = case.links.get(impact.link)
    origin = link.origin if link else None
    return Finding(Severity.BLOCK, case.tenant.name, message, address, RULE, "people", details, origin=origin)


def _who(impact: Impact) -> str:
    return f"link {impact.link}"


def _people(impact: Impact) -> str:
    return f"{impact.people} {'person' if impact.people == 1 else 'people'} that it has brought"


def _free(impact: Impact) -> str:
    return f"without a question: {FEW} or {PERCENT} %, here {impact.free}"


def _examples(impact: Impact) -> Iterator[str]:
    yield from impact.examples
    if more := impact.removed - len(impact.examples):
        yield f"and {more} more"
