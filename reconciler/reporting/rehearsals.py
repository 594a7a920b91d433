"""A rehearsal → str: what became of settings and of people, for a terminal and as JSON. Judges nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from reconciler.model import Action, Finding, Standing, Verdict
from reconciler.model.plans import Plan, Step
from reconciler.model.rehearsals import LinkRehearsed, Rehearsal, Somebody, Way
from reconciler.reporting.escaping import defuse, for_terminal
from reconciler.reporting.operations import ToldEntry
from reconciler.reporting.statuses import json_text, table, told_entry, told_lines
from reconciler.reporting.text import report_text
from reconciler.reporting.wording import counted

Output: TypeAlias = Literal["text", "json"]
_CLOSED = ConfigDict(extra="forbid")
_WAYS: tuple[Way, ...] = (
    "created", "adopted", "updated", "blocked", "unblocked", "restored", "removed", "failed", "held back",
)  # fmt: skip
_HEAD = ("link", "from", "to", "before", "after", *_WAYS)


@with_config(_CLOSED)
class OutcomeEntry(TypedDict):
    """What became of one step in the copy."""

    address: str
    action: Action
    verdict: Verdict
    detail: str


@with_config(_CLOSED)
class StoppingEntry(TypedDict):
    """A finding that stands in the way; `rule` is 0 where it is of none."""

    tenant: str
    rule: int
    message: str


@with_config(_CLOSED)
class StepLeftEntry(TypedDict):
    """A step that a second plan would still take."""

    address: str
    action: Action
    blocks: list[str]


@with_config(_CLOSED)
class PersonEntry(TypedDict):
    """Somebody; names are "" unless they were asked for."""

    name: str
    principalName: str
    attributes: list[str]
    trouble: ToldEntry | None


@with_config(_CLOSED)
class LinkRehearsedEntry(TypedDict):
    """One link; `reason` says why its cycles were not rehearsed, if so, and `people` who, by what was done."""

    link: str
    source: str
    target: str
    reason: str
    before: int
    after: int
    counts: dict[str, int]
    people: dict[str, list[PersonEntry]]
    groupWrites: int
    quarantine: ToldEntry | None


@with_config(_CLOSED)
class RehearsalDocument(TypedDict):
    """A rehearsal; `kept` are the attributes with true values beside pseudonyms, null where there are none."""

    format: Literal["entra-reconciler/rehearsal/v1"]
    exitCode: int
    readAt: str
    tenants: list[str]
    cycles: int
    kept: list[str] | None
    blocking: list[StoppingEntry]
    outcomes: list[OutcomeEntry]
    remarks: list[str]
    remaining: list[StepLeftEntry]
    links: list[LinkRehearsedEntry]
    assumed: list[str]


def render_rehearsal(found: Rehearsal, output: Output = "text", *, names: bool = False, colour: bool = False) -> str:
    """Return what a rehearsal showed; people are counted, and named with `names`."""
    if output == "json":
        return json_text(_document(found, names=names))
    return "".join(f"{line}\n" for line in _text(found, names=names, colour=colour))


# ---------------------------------------------------------------------------------------------- text


def _text(found: Rehearsal, *, names: bool, colour: bool) -> Iterator[str]:
    where = ", ".join(for_terminal(name) for name in found.tenants) or "no tenant"
    yield defuse(f"Rehearsed on a copy of {where} as read at {for_terminal(found.read_at)}; no tenant was written to.")
    if found.kept is not None:
        kept = ", ".join(for_terminal(name) for name in found.kept)
        yield defuse(f"People have pseudonyms. True values have: {kept}.")
    yield ""
    yield "Settings"
    yield from report_text(found.report, colour=colour).rstrip("\n").split("\n")
    for tenant, finding in _stopping(found.plan):
        rule = f" (rule {finding.rule})" if finding.rule else ""
        yield defuse(f"blocked: {for_terminal(tenant)}{rule}: {for_terminal(finding.message)}")
    yield from map(defuse, _left(found.remaining))
    yield ""
    yield f"People, after {counted(found.cycles, 'cycle')}"
    if found.links:
        yield from map(defuse, table(_HEAD, [_row(one) for one in found.links], colour=colour))
        for one in found.links:
            yield from map(defuse, _details(one, names=names))
    else:
        yield "The files speak of no link."
    yield ""
    yield "Assumed"
    yield from (defuse(f"  - {for_terminal(one)}") for one in found.assumed)
    yield ""
    yield defuse(_summary(found))


def _stopping(plan: Plan) -> Iterator[tuple[str, Finding]]:
    """Yield what stands in the way of writing, by tenant."""
    for tenant in plan.tenants:
        if tenant.standing in (Standing.PLANNED, Standing.VANISHED):
            yield from ((tenant.tenant, finding) for finding in tenant.findings if finding.stops)


def _left(remaining: Plan) -> Iterator[str]:
    steps = _writable(remaining)
    if not steps:
        yield "A second plan is empty."
        return
    yield f"A second plan still has {counted(len(steps), 'step')}:"
    yield from (f"  {step.change.action} {for_terminal(str(step.change.address))}" for step in steps)


def _writable(plan: Plan) -> list[Step]:
    """Return the steps of tenants that an apply would write to; what is only observed stays as it is."""
    return [step for tenant in plan.tenants if tenant.standing is Standing.PLANNED for step in tenant.steps]


def _row(one: LinkRehearsed) -> tuple[str, ...]:
    counts = [str(len(one.people.get(way, ())) or "") for way in _WAYS]
    numbers = ("", "") if one.reason else (str(one.before), str(one.after))
    return (one.name, one.source, one.target, *numbers, *counts)


def _details(one: LinkRehearsed, *, names: bool) -> Iterator[str]:
    lines = list(_lines(one, names=names))
    if lines:
        yield ""
        yield for_terminal(one.name)
        yield from (f"  {line}" for line in lines)


def _lines(one: LinkRehearsed, *, names: bool) -> Iterator[str]:
    if one.reason:
        yield f"not rehearsed: {for_terminal(one.reason)}"
    if one.quarantine:
        yield from told_lines("in quarantine:", one.quarantine)
    for way in _WAYS:
        people = one.people.get(way, ())
        if way == "failed":
            yield from _failures(people)
        if way == "updated" and people:
            written = Counter(name for person in people for name in person.attributes)
            told = ", ".join(f"{for_terminal(name)} {number}" for name, number in sorted(written.items()))
            yield f"updated attributes: {told}"
        if way == "held back" and people:
            yield f"the guard against deletions holds {len(people)} back, and nobody was removed with them"
        if names:
            yield from (_named(way, person) for person in people)
    if one.group_writes:
        yield f"groups and their members: {counted(one.group_writes, 'write')}"


def _failures(people: Iterable[Somebody]) -> Iterator[str]:
    troubles = Counter(person.trouble for person in people if person.trouble)
    for trouble, number in sorted(troubles.items(), key=lambda pair: (pair[0].code, pair[0].message)):
        yield from told_lines(f"failed for {number}:", trouble)


def _named(way: Way, person: Somebody) -> str:
    what = f": {', '.join(map(for_terminal, person.attributes))}" if person.attributes else ""
    return f"{way}: {for_terminal(person.name)} <{for_terminal(person.principal_name)}>{what}"


def _summary(found: Rehearsal) -> str:
    counts: Counter[Way] = Counter()
    for link in found.links:
        counts.update({way: len(people) for way, people in link.people.items()})
    people = ", ".join(f"{counts[way]} {way}" for way in _WAYS if counts[way]) or "nobody touched"
    held = sum(one.quarantine is not None for one in found.links)
    blind = sum(bool(one.reason) for one in found.links)
    more = ["the plan is blocked, and `reconciler plan` shows how to answer"] * any(True for _ in _stopping(found.plan))
    more += [f"{counted(held, 'link')} in quarantine"] * bool(held) + [f"{blind} not rehearsed"] * bool(blind)
    return f"Rehearsal: {'; '.join([people, *more])}."


# ---------------------------------------------------------------------------------------------- JSON


def _document(found: Rehearsal, *, names: bool) -> RehearsalDocument:
    return {
        "format": "entra-reconciler/rehearsal/v1",
        "exitCode": found.exit_code,
        "readAt": found.read_at,
        "tenants": list(found.tenants),
        "cycles": found.cycles,
        "kept": None if found.kept is None else list(found.kept),
        "blocking": [
            {"tenant": tenant, "rule": finding.rule, "message": finding.message}
            for tenant, finding in _stopping(found.plan)
        ],
        "outcomes": [
            {"address": str(one.address), "action": one.action, "verdict": one.verdict, "detail": one.detail}
            for one in found.report.outcomes
        ],
        "remarks": list(found.report.remarks),
        "remaining": [_step(step) for step in _writable(found.remaining)],
        "links": [_link(one, names=names) for one in found.links],
        "assumed": list(found.assumed),
    }


def _step(step: Step) -> StepLeftEntry:
    change = step.change
    return {"address": str(change.address), "action": change.action, "blocks": list(change.blocks)}


def _link(one: LinkRehearsed, *, names: bool) -> LinkRehearsedEntry:
    return {
        "link": one.name,
        "source": one.source,
        "target": one.target,
        "reason": one.reason,
        "before": one.before,
        "after": one.after,
        "counts": {way: len(people) for way, people in one.people.items()},
        "people": {way: [_person(each, names=names) for each in people] for way, people in one.people.items()},
        "groupWrites": one.group_writes,
        "quarantine": told_entry(one.quarantine),
    }


def _person(one: Somebody, *, names: bool) -> PersonEntry:
    return {
        "name": one.name if names else "",
        "principalName": one.principal_name if names else "",
        "attributes": list(one.attributes),
        "trouble": told_entry(one.trouble),
    }
