"""Whether Git says yes: exactly this rule, this property, from this value to that one, by name and not for ever.

An acknowledgement stands in the document of the object it is about. The tenant's own answers counts: how much may
change at once (rule 9), and how many partners may be narrowed together (rule 7). Only there a number is enough: losing
access can be undone, and a profile that is tightened must not ask a hundred times. What opens is always named.
In the document of a link a number says how many people a change may take out of it (rule 11).
Deleting an object without a document, because `undeclared` is `delete`, is answered there by `property: kind/key`.
What a link asks for is answered by the link: see `declaring`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from reconciler.access import RESTRICTIONS
from reconciler.guarding import words
from reconciler.guarding.case import Case, Question
from reconciler.guarding.closing import RULE as NARROWING
from reconciler.guarding.declaring import declared
from reconciler.model import Acknowledgement, Address, Finding, Json, Origin, Severity, canonical_json

# Days: a yes that outlives a yearly review by more than a month is a rule that nobody reviews.
LONGEST = 400
FOLDED = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding with what Git says to it. `used` is where it says yes."""

    finding: Finding
    used: frozenset[Origin] = field(default_factory=frozenset)


def answer(case: Case, questions: Iterable[Question]) -> Iterator[Finding]:
    """Yield every question as a finding, acknowledged or with what would acknowledge it; then idle yeses."""
    asked = list(questions)
    answers = [_answer(case, question) for question in asked]
    folding = [_foldable(one) and not its.used for one, its in zip(asked, answers, strict=True)]
    alike = [one for one, folds in zip(asked, folding, strict=True) if folds]
    if _folds(case, alike):
        answers = [its for its, folds in zip(answers, folding, strict=True) if not folds]
        answers.append(_answer(case, _together(case, alike)))
    yield from (one.finding for one in answers)
    yield from _idle(case, frozenset[Origin]().union(*(one.used for one in answers)))


# ---------------------------------------------------------------------------------------------- one question


def _answer(case: Case, question: Question) -> Answer:
    if declaration := declared(case, question):
        return Answer(replace(question.finding, declared=declaration))
    path, candidates = _where(case, question)
    rule = question.finding.rule
    heard = {one.origin: one for one in candidates if one.rule == rule}
    exact = [one for one in heard.values() if _is_exact(one, path, question)]
    valid = [one for one in exact if _lapse(one, case.today) == ""]
    if len(valid) == 1:
        return Answer(replace(question.finding, acknowledged=valid[0]), frozenset([valid[0].origin]))
    reasons = [reason for one in heard.values() if (reason := _refusal(one, path, question, case.today))]
    if len(valid) > 1:
        reasons = [f"acknowledged more than once, which counts as not at all: {_places(valid)}"]
    details = (*question.finding.details, *_undeclared(case, question), *reasons)
    finding = replace(question.finding, details=details, suggestion=words.suggestion(question, path))
    return Answer(finding)


def _where(case: Case, question: Question) -> tuple[str, Sequence[Acknowledgement]]:
    """Return what a yes must call the property, and the ones that stand where it must stand."""
    address, path = question.finding.address, question.finding.path
    if address is None:
        return path, case.tenant.acknowledge
    document = case.documents.get(address)
    if document is None:
        return f"{address.kind}/{address.key}", case.tenant.acknowledge
    return path, document.acknowledge


def _undeclared(case: Case, question: Question) -> Iterator[str]:
    address = question.finding.address
    if address is not None and address not in case.documents:
        yield "no file speaks of it: acknowledge it in tenant.yaml, or write a document with `state: absent`"


def _is_exact(one: Acknowledgement, path: str, question: Question) -> bool:
    if question.count is not None or one.count_max is not None:
        return question.count is not None and one.count_max is not None and question.count <= one.count_max
    return one.path == path and _same(one.before, question.before) and _same(one.after, question.after)


def _same(said: Json, value: Json) -> bool:
    return canonical_json(_bare(said)) == canonical_json(_bare(value))


def _bare(value: Json) -> Json:
    """Return the value without members that are null: a person need not write what is not there."""
    if not isinstance(value, Mapping):
        return value
    members = {name: _bare(member) for name, member in value.items()}
    return {name: member for name, member in members.items() if member is not None} or None


def _lapse(one: Acknowledgement, today: date) -> str:
    """Return why an acknowledgement does not count today, or nothing."""
    if one.expires < today:
        return f"expired on {one.expires.isoformat()}"
    if one.expires > today + timedelta(days=LONGEST):
        return f"would be valid until {one.expires.isoformat()}, and more than {LONGEST} days ahead counts as for ever"
    return ""


def _refusal(one: Acknowledgement, path: str, question: Question, today: date) -> str:
    """Return why an acknowledgement that was perhaps meant does not count, or nothing."""
    lapse = _lapse(one, today)
    if _is_exact(one, path, question):
        return f"the acknowledgement at {one.origin} {lapse}"
    if question.count is not None:
        said = "names no countMax" if one.count_max is None else f"is for {one.count_max} at most, not {question.count}"
        return f"the acknowledgement at {one.origin} {said}"
    if one.count_max is not None:
        return f"the acknowledgement at {one.origin} only counts; this needs the exact change"
    if one.path == path:
        meant = f"from {words.written(one.before)} to {words.written(one.after)}"
        return f"the acknowledgement at {one.origin} is for another change: {meant}"
    if _is_near(one.path, path):
        return f"the acknowledgement at {one.origin} names {_called(one.path)}; it has to name {_called(path)}"
    return ""


def _is_near(said: str, path: str) -> bool:
    """Whether somebody may have meant `path`: a wildcard, or a part of it, or what it is a part of."""
    return "*" in said or f"{path}.".startswith(f"{said}.") or f"{said}.".startswith(f"{path}.") or not (said and path)


def _called(path: str) -> str:
    return f"property {path!r}" if path else "no property, the whole object"


def _places(ones: Iterable[Acknowledgement]) -> str:
    return ", ".join(str(origin) for origin in sorted(one.origin for one in ones))


# ---------------------------------------------------------------------------------------------- many alike


def _foldable(question: Question) -> bool:
    address, path = question.finding.address, question.finding.path
    if question.finding.rule != NARROWING or address is None or address.kind != "partner":
        return False
    # A change of tenant restrictions may open as well as shut, and what opens is named.
    return path != RESTRICTIONS


def _folds(case: Case, questions: Sequence[Question]) -> bool:
    """Whether they become one: when there are many, or when Git already answers them by number."""
    counted = any(one.rule == NARROWING and one.count_max is not None for one in case.tenant.acknowledge)
    return len(questions) > FOLDED or (counted and bool(questions))


def _together(case: Case, questions: Sequence[Question]) -> Question:
    """Return one question for all, answered in tenant.yaml by how many there are."""
    findings = [one.finding for one in questions]
    partners: set[Address | None] = {finding.address for finding in findings}
    entries = [f"{finding.message}; {'; '.join(finding.details)}" for finding in findings]
    message = f"{words.counted(len(partners), 'partner')}: less gets through than now, in {len(findings)} blocks"
    finding = Finding(
        Severity.BLOCK,
        case.tenant.name,
        message,
        rule=NARROWING,
        details=words.lines(entries),
        origin=case.tenant.origin,
    )
    return Question(finding, count=len(findings))


# ---------------------------------------------------------------------------------------------- idle ones


def _idle(case: Case, used: frozenset[Origin]) -> Iterator[Finding]:
    """Yield the acknowledgements that answered nothing, so that somebody takes them out."""
    places: list[tuple[Address | None, tuple[Acknowledgement, ...]]] = [
        (None, case.tenant.acknowledge),
        *((address, case.documents[address].acknowledge) for address in sorted(case.documents)),
    ]
    idle = {one.origin: (address, one) for address, ones in places for one in ones if one.origin not in used}
    lapsed = {origin: entry for origin, entry in idle.items() if _lapse(entry[1], case.today)}
    spent = {origin: entry for origin, entry in idle.items() if origin not in lapsed}
    yield from (_useless(case, address, one) for address, one in lapsed.values())
    if len(spent) > 1:
        yield _spent(case, [one for _, one in spent.values()])
    else:
        yield from (_useless(case, address, one) for address, one in spent.values())


def _useless(case: Case, address: Address | None, one: Acknowledgement) -> Finding:
    lapse = _lapse(one, case.today)
    expired = one.expires < case.today
    return Finding(
        Severity.WARNING if expired else Severity.NOTE,
        case.tenant.name,
        f"the acknowledgement of rule {one.rule} at {one.origin} {lapse or 'answers nothing in this plan'}; "
        + ("choose an earlier date" if lapse and not expired else "correct it, or take it out"),
        address=address,
        path=one.path,
        origin=one.origin,
    )


def _spent(case: Case, ones: Sequence[Acknowledgement]) -> Finding:
    """Return one finding for all that answer nothing: after an apply that is what becomes of every yes."""
    return Finding(
        Severity.NOTE,
        case.tenant.name,
        f"{len(ones)} acknowledgements answer nothing in this plan; take out those that have done their work",
        details=words.lines([f"rule {one.rule} at {one.origin}" for one in sorted(ones, key=lambda one: one.origin)]),
    )
