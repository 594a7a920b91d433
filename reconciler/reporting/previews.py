"""What the next cycle would do for people, for people: counts first, names where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.model.people import Changed, Fate, Forecast, Guarded, Preview
from reconciler.reporting.escaping import for_terminal

_SHOWN: Final = tuple(fate for fate in Fate if fate not in (Fate.IN_SYNC, Fate.SKIP))


def render_preview(found: Preview, limit: int = 0, user: str = "") -> str:
    """Return a preview as text, with at most `limit` people of each fate."""
    return "".join(f"{for_terminal(line)}\n" for line in _lines(found, limit, user))


def _lines(found: Preview, limit: int, user: str) -> Iterator[str]:
    yield f"{found.link}: {found.source} to {found.target}"
    yield "A model of the next cycle, computed here: the service has no dry run."
    for fate, count in found.wanted.counts.items():
        if count:
            yield f"  {count:>8} {fate}"
    yield f"  {_guard(found.wanted.guard)}"
    for part in found.missed:
        yield f"  not read: {part.what}: {part.why}; {part.effect}"
    if user:
        person = found.people.find(user)
        yield from _person(person) if person else [f"nobody called {user} is in scope or linked"]
    elif limit:
        for fate in _SHOWN:
            people = found.people.forecasts(fate)
            for _, one in zip(range(limit), people, strict=False):
                yield from _person(one)


def _guard(guard: Guarded) -> str:
    counted = f"{guard.removed} removed and {guard.blocked} blocked"
    if guard.holds is None:
        return f"the guard against accidental deletions: nobody can say ({counted})"
    limit = "no threshold" if guard.threshold is None else f"threshold {guard.threshold}"
    return f"the guard against accidental deletions {'HOLDS' if guard.holds else 'lets through'}: {counted}, {limit}"


def _person(one: Forecast) -> Iterator[str]:
    why = f": {one.reason}" if one.reason else ""
    yield f"  {one.fate}  {one.principal_name or one.source_id} -> {one.computed or '?'} ({one.confidence}){why}"
    for change in one.changes:
        yield f"      {_change(change)}"
    for note in one.notes:
        yield f"      {note}"


def _change(change: Changed) -> str:
    after = repr(change.after) if change.known else "known to the service alone"
    return f"{change.attribute}: {change.before!r} -> {after}"
