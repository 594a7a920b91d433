"""How links do → str: a table for a terminal, with what is wrong below it, and JSON. Judges nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from reconciler.model.operations import Cycle, LinkState, LinkStatus, Quarantine, Told
from reconciler.reporting.escaping import defuse, for_json, for_terminal
from reconciler.reporting.operations import CycleEntry, LinkStatusEntry, QuarantineEntry, StatusDocument, ToldEntry

Output: TypeAlias = Literal["text", "json"]

_HEAD = ("link", "from", "to", "state", "last cycle", "took", "result", "people", "next cycle")
_STYLES: Mapping[LinkState, str] = {
    LinkState.RUNNING: "32",
    LinkState.WAITING: "36",
    LinkState.PAUSED: "33",
    LinkState.NOT_MADE: "33",
    LinkState.QUARANTINE: "31",
    LinkState.AMBIGUOUS: "31",
    LinkState.UNKNOWN: "31",
    LinkState.UNREAD: "31",
}
_WIDEST = 60


def render_status(
    found: Sequence[LinkStatus],
    code: int,
    now: datetime,
    output: Output = "text",
    *,
    colour: bool = False,
    line: bool = False,
) -> str:
    """Return how links do, for people or programs; `code` is the exit code, `now` and `colour` matter to text alone.

    With `line`, JSON is on one line, so that many follow each other.
    """
    if output == "json":
        return _json(found, code, line=line)
    return "".join(f"{defuse(line)}\n" for line in _text(found, now, colour=colour))


# ---------------------------------------------------------------------------------------------- text


def _text(found: Sequence[LinkStatus], now: datetime, *, colour: bool) -> Iterator[str]:
    if found:
        rows = [_row(one, now) for one in found]
        yield from table(_HEAD, rows, styles=[{3: _STYLES.get(one.state, "")} for one in found], colour=colour)
        yield ""
    for one in found:
        yield from _explained(one, now)
    yield summary(found)


def summary(found: Iterable[LinkStatus]) -> str:
    """Return the one line that counts the links, each by what it is doing."""
    links = Counter(one.state for one in found if one.link)
    if not links:
        return "Status: the files speak of no link."
    return f"Status: {', '.join(f'{links[state]} {state.value}' for state in LinkState if links[state])}."


def _row(one: LinkStatus, now: datetime) -> tuple[str, ...]:
    last = one.last
    return (
        one.link or f"(no link) {one.configuration}",
        one.source,
        one.target,
        one.state.value,
        ago(last.ended or last.began, now) if last else _no_cycle(one),
        _took(last),
        last.result if last else "",
        ", ".join(f"{number} {kind}" for kind, number in one.people.items()),
        _next(one, now),
    )


def _no_cycle(one: LinkStatus) -> str:
    seen = one.state in (LinkState.RUNNING, LinkState.WAITING, LinkState.PAUSED, LinkState.QUARANTINE)
    return "never" if seen else ""


def _took(last: Cycle | None) -> str:
    seconds = _seconds(last)
    return "" if seconds is None else span(seconds)


def _next(one: LinkStatus, now: datetime) -> str:
    if one.next_run is None:
        return one.next_words.partition(":")[0]
    when = one.next_run
    return f"in {span(int((when - now).total_seconds()))}" if when > now else "due"


def _explained(one: LinkStatus, now: datetime) -> Iterator[str]:
    """Yield what the table has no place for."""
    words = list(_words(one, now))
    if not words:
        return
    yield for_terminal(one.link or f"(no link) {one.configuration}")
    yield from (f"  {line}" for line in words)
    yield ""


def _words(one: LinkStatus, now: datetime) -> Iterator[str]:
    if one.detail:
        yield for_terminal(one.detail)
    if one.wanted and one.state in (LinkState.PAUSED, LinkState.NOT_MADE):
        yield "the files want it to run; `reconciler plan` shows what is missing"
    if one.quarantine:
        yield from _held(one.quarantine, now)
    if one.last and one.last.trouble:
        yield from told_lines("the last cycle ended with", one.last.trouble)
    if one.last and one.last.counts:
        counts = ", ".join(f"{number} {name}" for name, number in one.last.counts.items())
        yield f"last cycle: {counts}"
        if one.link and one.last.counts.get("escrowed"):
            yield f"who failed is tried again; `reconciler logs {for_terminal(one.link)} --failures` shows why they did"
    if one.steady_since:
        yield f"all of it was done for the first time {ago(one.steady_since, now)}"
    if one.next_words and one.state is not LinkState.PAUSED:
        yield f"next cycle {for_terminal(one.next_words)}"


def _held(held: Quarantine, now: datetime) -> Iterator[str]:
    long = f" for {span(int((now - held.since).total_seconds()))}" if held.since else ""
    yield from told_lines(f"in quarantine{long}:", held.reason)
    if held.error:
        yield from told_lines("the error behind it:", held.error)
    if held.times > 1:
        first = f", the first time {ago(held.series_since, now)}" if held.series_since else ""
        yield f"{held.times} attempts failed{first}"


def told_lines(words: str, told: Told) -> Iterator[str]:
    """Yield a code with the service's words, its cause and what to do, each on its line."""
    said = f" ({for_terminal(told.message)})" if told.message else ""
    yield f"{words} {for_terminal(told.code)}{said}"
    if told.cause:
        yield f"  cause: {told.cause}"
        yield f"  fix: {told.fix}"
    else:
        yield "  no public text explains this code"


# ---------------------------------------------------------------------------------------------- tables and times


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    styles: Sequence[Mapping[int, str]] = (),
    colour: bool = False,
) -> Iterator[str]:
    """Yield the lines of a table, escaped; a column in which nothing stands is left out."""
    shown = [[for_terminal(cell, limit=_WIDEST) for cell in row] for row in rows]
    kept = [at for at in range(len(head)) if any(row[at] for row in shown)]
    widths = {at: max(len(head[at]), *(len(row[at]) for row in shown)) for at in kept}
    yield "  ".join(head[at].ljust(widths[at]) for at in kept).rstrip()
    for number, row in enumerate(shown):
        style = styles[number] if styles and colour else {}
        yield "  ".join(_styled(row[at].ljust(widths[at]), style.get(at, "")) for at in kept).rstrip()


def _styled(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def ago(then: datetime | None, now: datetime) -> str:
    """Return a moment as the time since then."""
    if then is None:
        return "unknown"
    seconds = int((now - then).total_seconds())
    return f"{span(seconds)} ago" if seconds >= 0 else f"in {span(-seconds)}"


def span(seconds: int) -> str:
    """Return a time to wait in its two largest units."""
    parts = [(seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    first = next((at for at, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number) or "0 s"


# ---------------------------------------------------------------------------------------------- JSON


def _json(found: Iterable[LinkStatus], code: int, *, line: bool) -> str:
    document: StatusDocument = {
        "format": "entra-reconciler/status/v1",
        "exitCode": code,
        "links": [_entry(one) for one in found],
    }
    return json_text(document, line=line)


def json_text(document: object, *, line: bool = False) -> str:
    """Return a document as JSON that acts on no terminal and no runner; as one line when it is one of many."""
    text = json.dumps(for_json(document), indent=None if line else 2, sort_keys=True)
    return text.replace("\x7f", "\\u007f").replace("##", "\\u0023\\u0023") + "\n"


def _entry(one: LinkStatus) -> LinkStatusEntry:
    return {
        "link": one.link,
        "claimed": bool(one.link),
        "source": one.source,
        "target": one.target,
        "state": one.state,
        "wanted": one.wanted,
        "needsAttention": one.needs_attention,
        "configuration": one.configuration,
        "detail": one.detail,
        "last": _cycle(one.last),
        "lastSuccess": stamp(one.last_success),
        "steadySince": stamp(one.steady_since),
        "steadyLast": stamp(one.steady_last),
        "nextRun": stamp(one.next_run),
        "nextRunSays": one.next_words,
        "people": dict(one.people),
        "quarantine": _quarantine(one.quarantine),
    }


def _cycle(last: Cycle | None) -> CycleEntry | None:
    if last is None:
        return None
    return {
        "began": stamp(last.began),
        "ended": stamp(last.ended),
        "seconds": _seconds(last),
        "result": last.result,
        "counts": dict(last.counts),
        "error": told_entry(last.trouble),
    }


def _seconds(last: Cycle | None) -> int | None:
    if last is None or last.began is None or last.ended is None:
        return None
    return max(0, int((last.ended - last.began).total_seconds()))


def _quarantine(held: Quarantine | None) -> QuarantineEntry | None:
    if held is None:
        return None
    return {
        "reason": _told(held.reason),
        "error": told_entry(held.error),
        "since": stamp(held.since),
        "seriesSince": stamp(held.series_since),
        "times": held.times,
        "nextAttempt": stamp(held.next_attempt),
    }


def told_entry(told: Told | None) -> ToldEntry | None:
    """Return a code as an entry of a document."""
    return None if told is None else _told(told)


def _told(told: Told) -> ToldEntry:
    return {"code": told.code, "message": told.message, "cause": told.cause, "fix": told.fix}


def stamp(moment: datetime | None) -> str | None:
    """Return a moment as documents have it."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
