"""The provisioning log of a link → str: a table with causes and fixes below it, and JSON, one line an entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from reconciler.model.operations import Happened, Told
from reconciler.reporting.escaping import defuse, for_terminal
from reconciler.reporting.operations import LogDocument
from reconciler.reporting.statuses import json_text, stamp, table, told_entry

Output: TypeAlias = Literal["text", "json"]

_HEAD = ("time", "action", "status", "who", "what")
_STYLES = {"failure": "31", "warning": "33", "skipped": "36", "success": "32"}
# Attributes that are named: so many, and no wider than this in all.
_NAMED, _WIDE = 3, 40
_LATE = "The service writes it some minutes late, and keeps it for 7 or 30 days."


def render_log(link: str, found: Sequence[Happened], output: Output = "text", *, colour: bool = False) -> str:
    """Return what became of whom, the newest first; `colour` matters to text alone."""
    if output == "json":
        return "".join(json_text(_entry(link, one), line=True) for one in found)
    return "".join(f"{defuse(line)}\n" for line in _text(link, found, colour=colour))


def _text(link: str, found: Sequence[Happened], *, colour: bool) -> Iterator[str]:
    if found:
        styles = [{2: _STYLES.get(one.status, "")} for one in found]
        yield from table(_HEAD, [_row(one) for one in found], styles=styles, colour=colour)
        yield ""
    yield from _reasons(found)
    yield summary(link, found)


def summary(link: str, found: Sequence[Happened]) -> str:
    """Return the one line that counts the entries, each by how it ended."""
    if not found:
        return f"Log of {for_terminal(link)}: nothing. {_LATE}"
    counts = Counter(one.status or "unknown" for one in found)
    return (
        f"Log of {for_terminal(link)}: {', '.join(f'{counts[word]} {for_terminal(word)}' for word in sorted(counts))}."
    )


def _row(one: Happened) -> tuple[str, ...]:
    return (stamp(one.at) or "unknown", one.action, one.status, _who(one), _what(one))


def _who(one: Happened) -> str:
    return one.principal_name or one.name or one.source_id or "unknown"


def _what(one: Happened) -> str:
    if one.reason:
        return one.reason.code
    fitting = [count for count in range(1, _NAMED + 1) if len(", ".join(one.changed[:count])) <= _WIDE]
    shown = one.changed[: max(fitting, default=1)]
    more = len(one.changed) - len(shown)
    return f"{', '.join(shown)} and {more} more" if more > 0 else ", ".join(shown)


def _reasons(found: Sequence[Happened]) -> Iterator[str]:
    """Yield each code once, failures first, with the words of the service, cause and fix."""
    met: dict[tuple[bool, str], list[Told]] = {}
    for one in found:
        if one.reason:
            met.setdefault((not one.failed, one.reason.code), []).append(one.reason)
    for (_, code), told in sorted(met.items()):
        yield f"{for_terminal(code)} ({len(told)})"
        for message in list(dict.fromkeys(one.message for one in told if one.message))[:3]:
            yield f"  the service says: {for_terminal(message)}"
        yield f"  cause: {told[0].cause}" if told[0].cause else "  no public text explains this code"
        if told[0].fix:
            yield f"  fix: {told[0].fix}"
        yield ""


def _entry(link: str, one: Happened) -> LogDocument:
    return {
        "format": "entra-reconciler/log-entry/v1",
        "link": link,
        "id": one.id,
        "at": stamp(one.at),
        "action": one.action,
        "status": one.status,
        "sourceId": one.source_id,
        "name": one.name,
        "userPrincipalName": one.principal_name,
        "type": one.type,
        "targetId": one.target_id,
        "changed": list(one.changed),
        "reason": told_entry(one.reason),
        "cycleId": one.cycle_id,
        "changeId": one.change_id,
    }
