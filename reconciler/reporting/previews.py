"""What the next cycle of a link would do → str: counts first, and names where somebody asked for them. Judges nothing.

People are read one by one, and at most so many of each fate are shown: nothing here holds all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, Literal, TypeAlias

from reconciler.model import Json
from reconciler.model.people import Altered, Changed, Fate, Forecast, Guarded, Obstacle, Preview, Route, Tally, Turn
from reconciler.reporting.escaping import defuse, for_terminal, quoted
from reconciler.reporting.forecasts import (
    ForecastEntry,
    GuardEntry,
    ObstacleInTargetEntry,
    PreviewDocument,
    TallyEntry,
)
from reconciler.reporting.impacts import guard
from reconciler.reporting.statuses import json_text, table

Output: TypeAlias = Literal["text", "json"]

_EVERYBODY: Final = (
    "everybody is looked at, as by a first cycle, by a restart and after a change of mappings or filters; any other "
    "cycle looks at those alone for whom something has changed in the source since the last one, and whoever differs "
    "otherwise stays as they are until then"
)
_IDENTITY: Final = (
    "who is who in the target is exact where the provisioning log says so, likely where an external user has the name "
    "that the service would compute, and a guess where one has the same mail: nobody but the service sees by what it "
    "matches"
)
_SMS: Final = "whether somebody may sign in by SMS, which keeps them out, was not looked at"
ASSUMED: Final = (_EVERYBODY, _IDENTITY, _SMS)
"""What a preview takes for granted, in sentences that begin with `It assumes that`."""

_STYLES: Final[Mapping[Fate, str]] = {
    Fate.CREATE: "32",
    Fate.ADOPT: "32",
    Fate.RESTORE: "32",
    Fate.UPDATE: "33",
    Fate.BLOCK: "31",
    Fate.REMOVE: "31",
    Fate.CONFLICT: "31",
    Fate.UNKNOWN: "35",
}
_QUIET: Final = frozenset({Fate.IN_SYNC, Fate.SKIP})
_OBSTACLES: Final[Mapping[str, str]] = {
    "InvitationCreationFailureAmbiguousUser": "an account of the target's own has this address",
    "InvitationCreationFailureInvalidPropertyValue": "a group of the target has this address",
    "InvitationCreationFailure": "the source has not verified the domain of the mail",
    "AzureActiveDirectoryForbidden": "the target lets nobody be invited",
    "AzureActiveDirectoryCannotUpdateObjectsMasteredOnPremises": "the user of the target is mastered on premises",
}


def render_preview(
    found: Preview, output: Output = "text", *, limit: int | None = None, user: str = "", colour: bool = False
) -> str:
    """Return a preview for people or programs.

    `limit`: name so many people of each fate, and nobody where it is None. `user` is the one person who is asked about.
    """
    if output == "json":
        return json_text(_document(found, limit, user))
    return "".join(f"{defuse(line)}\n" for line in _text(found, limit, user, colour=colour))


# ---------------------------------------------------------------------------------------------- text


def _text(found: Preview, limit: int | None, user: str, *, colour: bool) -> Iterator[str]:
    yield f"Preview of {for_terminal(found.link)}: {for_terminal(found.source)} to {for_terminal(found.target)}"
    yield ""
    if user:
        yield from _about(found, user)
    else:
        yield from _counted(found, colour=colour)
        yield from _named(found, limit)
    yield from _unread(found)
    yield "A model: the service has no dry run, and nothing was written. It assumes that"
    yield from (f"  - {one}" for one in ASSUMED)
    yield ""
    yield summary(found)


def summary(found: Preview) -> str:
    """Return the one line that counts people, each by their fate."""
    counts = found.wanted.counts
    told = ", ".join(f"{counts[fate]} {fate}" for fate in Fate if counts[fate])
    more = f", {found.unnamed} unknown without a name" if found.unnamed else ""
    short = f"{more}; not everything was read" if found.exit_code else more
    return f"Preview: {told or 'nobody is in scope or linked'}{short}."


def _counted(found: Preview, *, colour: bool) -> Iterator[str]:
    """Yield the counts, and what the files change of them."""
    live, wanted = found.live, found.wanted
    changes = bool(found.differences)
    fates = [fate for fate in Fate if wanted.counts[fate] or (live and live.counts[fate])]
    rows = [(fate.value, str(wanted.counts[fate]), _before(live, fate) if changes else "") for fate in fates]
    if rows:
        head = ("the next cycle", "people", "without the change")
        yield from table(head, rows, styles=[{0: _STYLES.get(fate, "")} for fate in fates], colour=colour)
        yield ""
    yield guard(wanted.guard)
    yield from _linked(found)
    yield from (for_terminal(f"Note: {one}.") for one in found.remarks)
    if found.differences:
        yield "The files change:"
        yield from (f"  {for_terminal(one)}" for one in found.differences)
    yield from map(_turn, found.turns)
    for finding in found.findings:
        yield f"{finding.severity.capitalize()}: {for_terminal(finding.message)}"
        yield from (f"  {for_terminal(one)}" for one in finding.details)
    yield ""


def _linked(found: Preview) -> Iterator[str]:
    if found.linked is not None:
        yield f"The service says that it has linked {found.linked} people."
    fate = "what becomes of them is unknown, and whoever is not in scope any more is soft-deleted"
    if found.unnamed is None:
        yield f"Nobody can say whom else it has linked: {fate}."
    if found.unnamed:
        yield f"Of {found.unnamed} of them neither the scope nor the log knows a name: {fate}."


def _turn(turn: Turn) -> str:
    if turn.live is turn.wanted:
        return f"  people who stay with {turn.wanted}, and other values: {turn.people}"
    return f"  people who go from {turn.live or 'unknown to the link'} to {turn.wanted}: {turn.people}"


def _before(live: Tally | None, fate: Fate) -> str:
    return str(live.counts[fate]) if live else ""


def _named(found: Preview, limit: int | None) -> Iterator[str]:
    if limit is None:
        if any(count for fate, count in found.wanted.counts.items() if fate not in _QUIET):
            yield "Add --names to see who they are."
            yield ""
        return
    for fate in Fate:
        count = found.wanted.counts[fate]
        if fate in _QUIET or not count:
            continue
        yield f"{fate} ({count})"
        for one in islice(found.people.forecasts(fate), limit):
            yield from person(one)
        if count > limit:
            yield f"  and {count - limit} more; --limit shows more"
        yield ""


def _about(found: Preview, user: str) -> Iterator[str]:
    wanted, live = found.people.find(user), found.people.find(user, live=True)
    if wanted is None:
        if found.exit_code:
            yield f"{for_terminal(user)} is not among those who were read, and may be in scope or linked all the same."
        else:
            yield f"{for_terminal(user)} is neither in scope nor linked, or there is nobody of this name."
        yield ""
        return
    yield f"{wanted.fate}"
    yield from person(wanted)
    if found.differences:
        yield f"without the change: {live.fate if live else 'unknown to the link'}"
        yield from person(live) if live and live != wanted else ()
    yield ""


def person(one: Forecast) -> Iterator[str]:
    """Yield all there is to say of one person, made visible for a terminal."""
    name = for_terminal(one.principal_name or one.source_id)
    there = for_terminal(one.computed) or "a name that is not known"
    shown = f" {quoted(one.display_name)}" if one.display_name else ""
    yield f"  {name}{shown} as {there}"
    if one.reason:
        yield f"      why: {_why(one)}"
    if one.routes:
        yield f"      in scope by: {', '.join(map(_route, one.routes))}"
    if one.target_id:
        yield f"      the user {for_terminal(one.target_id)} of the target ({one.confidence})"
    yield from (f"      {_change(change, new=one.fate is Fate.CREATE)}" for change in one.changes)
    yield from (f"      {for_terminal(note)}" for note in one.notes)


def _why(one: Forecast) -> str:
    reason = for_terminal(one.reason)
    obstacle = one.obstacle
    if obstacle is None:
        return reason
    words = _OBSTACLES.get(obstacle.code, "")
    kind = f"{obstacle.type} " if obstacle.type else ""
    who = f": {kind}{for_terminal(obstacle.name)}" if obstacle.name else ""
    return f"{reason}; {words}{who}" if words else f"{reason}{who}"


def _route(route: Route) -> str:
    if route.type == "all":
        return "everybody of the source"
    return f"{route.type} {for_terminal(route.name or route.id)}"


def _change(change: Changed, *, new: bool) -> str:
    after = _value(change.after) if change.known else "what only the service can tell"
    name = for_terminal(change.attribute)
    return f"{name}: {after}" if new else f"{name}: {_value(change.before)} -> {after}"


def _value(value: Json) -> str:
    if value is None:
        return "nothing"
    return quoted(value) if isinstance(value, str) else for_terminal(json.dumps(value, ensure_ascii=True))


def _unread(found: Preview) -> Iterator[str]:
    for one in found.missed:
        yield for_terminal(f"Not read: {one.what}: {one.effect}.")
        yield f"  {for_terminal(one.why)}"
    if found.missed:
        yield ""


# ---------------------------------------------------------------------------------------------- JSON


def _document(found: Preview, limit: int | None, user: str) -> PreviewDocument:
    return {
        "format": "entra-reconciler/preview/v1",
        "exitCode": found.exit_code,
        "link": found.link,
        "source": found.source,
        "target": found.target,
        "assumptions": list(ASSUMED),
        "linked": found.linked,
        "unnamed": found.unnamed,
        "live": _tally(found.live) if found.live else None,
        "wanted": _tally(found.wanted),
        "differences": list(found.differences),
        "turns": [{"live": one.live, "wanted": one.wanted, "people": one.people} for one in found.turns],
        "remarks": list(found.remarks),
        "findings": [
            {"severity": one.severity.value, "message": one.message, "details": list(one.details)}
            for one in found.findings
        ],
        "missed": [{"what": one.what, "why": one.why, "effect": one.effect} for one in found.missed],
        "limit": limit,
        "people": [entry(one) for one in _asked_for(found, limit, user)],
    }


def _asked_for(found: Preview, limit: int | None, user: str) -> Iterator[Altered]:
    """Yield the people who are to be named, each with what becomes of them without the change of the files."""
    if user:
        people: Iterable[Forecast | None] = [found.people.find(user)]
    elif limit is None:
        return
    else:
        people = (one for fate in Fate if fate not in _QUIET for one in islice(found.people.forecasts(fate), limit))
    for one in people:
        if one is not None:
            yield Altered(found.people.find(one.source_id, live=True), one)


def _tally(tally: Tally) -> TallyEntry:
    return {"counts": dict(tally.counts), "guard": guard_entry(tally.guard)}


def guard_entry(found: Guarded) -> GuardEntry:
    """Return what the guard against accidental deletions makes of a cycle."""
    return {
        "threshold": found.threshold,
        "removed": found.removed,
        "blocked": found.blocked,
        "holds": found.holds,
    }


def entry(both: Altered) -> ForecastEntry:
    """Return one person."""
    one, live = both.wanted, both.live
    return {
        "sourceId": one.source_id,
        "userPrincipalName": one.principal_name,
        "displayName": one.display_name,
        "mail": one.mail,
        "fate": one.fate,
        "live": live.fate if live and live.fate is not one.fate else None,
        "reason": one.reason,
        "targetId": one.target_id,
        "targetUserPrincipalName": one.computed,
        "confidence": one.confidence,
        "routes": [{"type": way.type, "id": way.id, "name": way.name} for way in one.routes],
        "changes": [
            {"attribute": each.attribute, "before": each.before, "after": each.after, "known": each.known}
            for each in one.changes
        ],
        "obstacle": _obstacle(one.obstacle),
        "notes": list(one.notes),
    }


def _obstacle(obstacle: Obstacle | None) -> ObstacleInTargetEntry | None:
    if obstacle is None:
        return None
    return {"code": obstacle.code, "type": obstacle.type, "id": obstacle.id, "name": obstacle.name}
