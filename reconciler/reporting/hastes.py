"""People who are provisioned ahead of the next cycle → str: who is sent, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from reconciler.model.haste import Due, Haste, Hastened, Queue
from reconciler.phrases import flow
from reconciler.reporting.escaping import defuse, for_terminal
from reconciler.reporting.operations import HasteDocument, HastenedEntry
from reconciler.reporting.statuses import json_text, told_entry, told_lines

Output: TypeAlias = Literal["text", "json"]

_GREEN, _YELLOW, _RED = "32", "33", "31"


def render_queue(queue: Queue, *, colour: bool = False) -> str:
    """Return who is about to be sent, and who is left to the next cycle."""
    return "".join(f"{defuse(line)}\n" for line in _queue(queue, colour=colour))


def render_haste(done: Haste, output: Output = "text", *, colour: bool = False) -> str:
    """Return what became of everybody, for people or programs; `colour` matters to text alone."""
    if output == "json":
        return json_text(_document(done))
    return "".join(f"{defuse(line)}\n" for line in _haste(done, colour=colour))


# ---------------------------------------------------------------------------------------------- before


def _queue(queue: Queue, *, colour: bool) -> Iterator[str]:
    since = queue.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    yield f"{_counted(len(queue.due), 'user', 'users')} of {for_terminal(queue.source)} changed since {since}."
    if queue.sent:
        yield f"To be provisioned in {for_terminal(queue.target)} now, as the next cycle would:"
        for one in queue.sent:
            yield f"  {_painted(_fate(one), _GREEN, colour=colour)}  {_who(one)}"
            yield from _changes(one)
    if queue.left:
        yield "Left to the next cycle:"
        for one in queue.left:
            yield f"  {_painted(_fate(one), _YELLOW, colour=colour)}  {_who(one)}: {for_terminal(one.why_not)}"
    untouched = len(queue.due) - len(queue.sent) - len(queue.left)
    if untouched:
        yield f"The link does nothing for {untouched} of them: out of scope, or as they should be already."
    for missed in queue.missed:
        yield f"Not read: {for_terminal(missed.what)}: {for_terminal(missed.why)}; {for_terminal(missed.effect)}."
    for group in queue.groups:
        yield f"The assignment of the group {for_terminal(group)} changed; its members come or go with the next cycle."


def _who(one: Due) -> str:
    return f"{for_terminal(one.name)} ({for_terminal(', '.join(one.touched.what) or 'changed')})"


def _fate(one: Due) -> str:
    return one.forecast.fate if one.forecast else ""


def _changes(one: Due) -> Iterator[str]:
    for change in one.forecast.changes if one.forecast and one.forecast.target_id else ():
        yield f"      {for_terminal(flow(change))}"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


# ---------------------------------------------------------------------------------------------- after


def _haste(done: Haste, *, colour: bool) -> Iterator[str]:
    for one in done.people:
        style = _RED if one.is_unknown or not one.is_done else _GREEN
        detail = f": {for_terminal(one.detail)}" if one.detail else ""
        yield f"{_painted(_end(one), style, colour=colour)}  {for_terminal(one.due.name)}{detail}"
        if one.said and one.said.reason and not one.is_done:
            yield from (f"  {line}" for line in told_lines("the service says", one.said.reason))
    yield from (for_terminal(remark) for remark in done.remarks)
    way = f"{for_terminal(done.queue.source)} → {for_terminal(done.queue.target)}"
    if not done.people:
        yield f"Nobody was due ({way})."
        return
    good = sum(one.is_done for one in done.people)
    left = f"; {len(done.queue.left)} left to the next cycle" if done.queue.left else ""
    yield f"Of {_counted(len(done.people), 'person', 'people')} {good} provisioned, as the service says ({way}){left}."


def _end(one: Hastened) -> str:
    return str(one.end) if one.end else str(one.said.result if one.said else "")


def _painted(text: str, style: str, *, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


def _document(done: Haste) -> HasteDocument:
    ends = {one.due.touched.id: one for one in done.people}
    return {
        "format": "entra-reconciler/provisioned/v1",
        "exitCode": done.exit_code,
        "link": done.queue.link,
        "source": done.queue.source,
        "target": done.queue.target,
        "since": done.queue.since.isoformat(),
        "people": [_entry(one, ends.get(one.touched.id)) for one in done.queue.due],
        "groups": list(done.queue.groups),
        "remarks": list(done.remarks),
    }


def _entry(one: Due, end: Hastened | None) -> HastenedEntry:
    said = end.said if end else None
    return {
        "id": one.touched.id,
        "name": one.name,
        "changes": list(one.touched.what),
        "fate": one.forecast.fate if one.forecast else None,
        "why": one.why_not,
        "result": said.result if said else None,
        "end": end.end if end else None,
        "detail": end.detail if end else "",
        "reason": told_entry(said.reason) if said else None,
        "targetId": said.target_id if said else "",
    }
