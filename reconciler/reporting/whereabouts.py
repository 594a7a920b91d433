"""Where one person is, link by link, and why → text, Markdown for a ticket, JSON. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from reconciler.model.operations import Happened
from reconciler.model.people import Fate
from reconciler.model.whereabouts import Presence, Way, Whereabouts
from reconciler.phrases import flow
from reconciler.reporting.escaping import code_span, defuse, for_markdown, for_terminal
from reconciler.reporting.inquiries import EventEntry, WayEntry, WhereaboutsDocument
from reconciler.reporting.statuses import json_text, stamp

Output: TypeAlias = Literal["text", "markdown", "json"]

_STYLES = {
    Presence.THERE: "32",
    Presence.COMES: "36",
    Presence.GOES: "33",
    Presence.LOCKED_OUT: "31",
    Presence.KEPT_OUT: "31",
    Presence.ABSENT: "33",
    Presence.UNKNOWN: "35",
}
MODEL = "What the next cycle does is computed here: the service has no dry run."
_SHOWN = ("userPrincipalName", "id", "userType", "accountEnabled", "externalUserState", "mail")


def render_whereabouts(found: Whereabouts, output: Output = "text", *, colour: bool = False) -> str:
    """Return what every link says about a person; `colour` matters to text alone."""
    match output:
        case "json":
            return json_text(_document(found))
        case "markdown":
            return "".join(f"{line}\n" for line in _markdown(found))
        case _:
            return "".join(f"{defuse(line)}\n" for line in _text(found, colour=colour))


def _counted(found: Whereabouts) -> str:
    counts = [f"{sum(way.presence is one for way in found.ways)} {one}" for one in Presence]
    return ", ".join(words for words in counts if not words.startswith("0 "))


# ---------------------------------------------------------------------------------------------- people


def _text(found: Whereabouts, *, colour: bool) -> Iterator[str]:
    yield f"{for_terminal(found.word)}, asked {stamp(found.asked)}"
    yield MODEL
    for way in found.ways:
        yield ""
        title = f"{for_terminal(way.link)}: {for_terminal(way.source)} → {for_terminal(way.target)}"
        answer = f"\x1b[{_STYLES[way.presence]}m{way.presence}\x1b[0m" if colour else str(way.presence)
        yield f"{title}   {answer}"
        yield from (f"  - {line}" for line in _lines(way, for_terminal))
    yield ""
    yield f"{for_terminal(found.word)}: {_counted(found)}."


def _markdown(found: Whereabouts) -> Iterator[str]:
    yield f"### Where {code_span(found.word)} is: {_counted(found)}"
    yield ""
    yield f"Asked {stamp(found.asked)}. {MODEL}"
    for way in found.ways:
        yield ""
        title = f"**{for_markdown(way.link)}**: {for_markdown(way.source)} → {for_markdown(way.target)}"
        yield f"{title}: **{way.presence}**"
        yield ""
        yield from (f"- {line}" for line in _lines(way, for_markdown))


def _lines(way: Way, safe: Callable[[str], str]) -> Iterator[str]:
    """Yield what there is to say of one link, the reasons first."""
    yield from (safe(words) for words in way.because)
    if way.there:
        user = ", ".join(f"{name} {way.there[name]}" for name in _SHOWN if name in way.there)
        sure = f" (who that is: {way.forecast.confidence})" if way.forecast else ""
        yield safe(f"the user of {way.target}: {user}{sure}")
    elif way.unseen:
        yield safe(f"the user of {way.target} was not seen: {way.unseen}")
    yield from (safe(words) for words in _changes(way))
    yield from (safe(words) for words in way.then)
    yield from (safe(f"{stamp(one.at) or 'some time'}: {_event(one)}") for one in way.events)
    yield from (safe(f"not read: {one.what}: {one.why}; {one.effect}") for one in way.missed)
    yield from (safe(words) for words in way.remarks)


def _changes(way: Way) -> Iterator[str]:
    """Yield what the next cycle writes to a user who is there."""
    if way.forecast is not None and way.forecast.fate in (Fate.UPDATE, Fate.ADOPT, Fate.BLOCK):
        yield from map(flow, way.forecast.changes)


def _event(one: Happened) -> str:
    code = f", {one.reason.code}" if one.reason else ""
    changed = f" ({', '.join(one.changed[:5])})" if one.changed and not code else ""
    return f"{one.action} {one.status}{code}{changed}"


# ---------------------------------------------------------------------------------------------- programs


def _document(found: Whereabouts) -> WhereaboutsDocument:
    return {
        "format": "entra-reconciler/whereabouts/v1",
        "exitCode": found.exit_code,
        "user": found.word,
        "asked": found.asked.isoformat(),
        "links": [_entry(way) for way in found.ways],
    }


def _entry(way: Way) -> WayEntry:
    forecast = way.forecast
    return {
        "link": way.link,
        "source": way.source,
        "target": way.target,
        "presence": way.presence,
        "because": list(way.because),
        "then": list(way.then),
        "fate": forecast.fate if forecast else None,
        "sourceId": forecast.source_id if forecast else "",
        "userPrincipalName": forecast.principal_name if forecast else "",
        "targetId": forecast.target_id if forecast else "",
        "targetUserPrincipalName": forecast.computed if forecast else "",
        "confidence": forecast.confidence if forecast else None,
        "there": dict(way.there) if way.there is not None else None,
        "unseen": way.unseen,
        "gates": [{"capability": gate.capability, "answer": gate.answer} for gate in way.gates],
        "state": way.status.state if way.status else None,
        "nextRun": stamp(way.status.next_run) if way.status else None,
        "events": [_event_entry(one) for one in way.events],
        "remarks": [*(f"{one.what}: {one.why}; {one.effect}" for one in way.missed), *way.remarks],
        "exitCode": way.exit_code,
    }


def _event_entry(one: Happened) -> EventEntry:
    return {
        "at": stamp(one.at),
        "action": one.action,
        "status": one.status,
        "changed": list(one.changed),
        "code": one.reason.code if one.reason else "",
    }
