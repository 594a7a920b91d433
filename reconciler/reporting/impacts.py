"""What a plan does to people, in words: one line of numbers for each link, what is dangerous first. Judges nothing.

Names are no part of a plan. Where somebody asked for them they come beside it, and it is said before that they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from reconciler.model import Impact, Plan
from reconciler.model.people import Fate, Forecast, Guarded
from reconciler.reporting.escaping import for_terminal

Named: TypeAlias = Mapping[str, Mapping[Fate, tuple[Forecast, ...]]]
"""People by link and fate, as many as somebody wants to see."""

PERSONAL: Final = "Personal data follows: people of these tenants by name. Share it with nobody who need not see it."

_WORDS: Final[Mapping[Fate, str]] = {
    Fate.REMOVE: "-{} soft-deleted",
    Fate.BLOCK: "{} blocked",
    Fate.CONFLICT: "{} kept out",
    Fate.CREATE: "+{} created",
    Fate.ADOPT: "{} adopted",
    Fate.RESTORE: "{} restored",
    Fate.UPDATE: "{} updated",
}
# Of these there is always somebody, or nothing to be told about them.
_QUIET: Final = frozenset({Fate.IN_SYNC, Fate.SKIP, Fate.UNKNOWN})


def title(impact: Impact) -> str:
    """Return whose people a line is about, and where."""
    return f"people of {impact.link} in {impact.target}, by the next cycle"


def line(impact: Impact) -> str:
    """Return the numbers of a link: what is dangerous first, and what is unknown last, as it is."""
    unknown = "".join(f"; unknown: {words}" for words in _unknown(impact))
    if impact.problem:
        return unknown.removeprefix("; ")
    counts = [_WORDS[fate].format(number) for fate in _WORDS if (number := impact.counts.get(fate, 0))]
    numbers = ((impact.removed, "soft-deleted"), (impact.appearing, "appearing"))
    by_plan = [f"{number} {words}" for number, words in numbers if number]
    because = f" (because of this plan: {', '.join(by_plan)})" if by_plan else ""
    nobody = "nobody is known to change" if unknown else "nobody changes"
    return f"{', '.join(counts) or nobody}{because}{unknown}"


def _unknown(impact: Impact) -> Iterator[str]:
    if impact.problem:
        yield "everybody"
        return
    if number := impact.counts.get(Fate.UNKNOWN, 0):
        yield str(number)
    if impact.unnamed is None:
        yield "whom else the job has linked"
    if impact.unnamed:
        yield f"{impact.unnamed} linked whom nothing names"
    if not impact.whole:
        yield "whoever was not read"


def lines(impact: Impact) -> Iterator[str]:
    """Yield all there is to say of a link: the numbers, the guard of the service, and what was not read."""
    yield line(impact)
    if impact.problem:
        yield f"not read: {impact.problem}"
    elif impact.guard:
        yield guard(impact.guard)
    for one in impact.surprises:
        yield f"{one.severity}: {one.message} ({', '.join(one.examples)})"
    yield from (f"not read: {one}" for one in impact.missed)


def guard(found: Guarded) -> str:
    """Return what the guard against accidental deletions makes of a cycle."""
    counted = f"{found.removed} people removed and {found.blocked} blocked"
    with_unknown = f"{counted}, and {found.unknown} of whom it is unknown" if found.unknown else counted
    match found.holds, found.threshold:
        case None, None:
            told = f"nobody can say: its threshold is not shown ({with_unknown})"
        case None, int(threshold):
            told = f"nobody can say: {counted} and those of whom it is unknown, against a threshold of {threshold}"
        case True, threshold:
            told = f"it HOLDS all deletions, and the job goes into quarantine: {with_unknown}, more than {threshold}"
        case False, None:
            told = f"there is none ({with_unknown})"
        case _, threshold:
            all_of_them = ", all together" if found.unknown else ""
            told = f"it lets everything through: {with_unknown}{all_of_them}, not more than {threshold}"
    return f"The guard against accidental deletions: {told}."


def impacts_of(plan: Plan) -> list[Impact]:
    """Return the impacts of a plan, in the order of tenants and links."""
    return [impact for tenant in plan.tenants for impact in tenant.impacts]


def summary(impacts: Iterable[Impact]) -> str:
    """Return the numbers of many links in one line, for where there is no room for each."""
    found = list(impacts)
    removed = sum(one.counts.get(Fate.REMOVE, 0) for one in found)
    unknown = sum(bool(list(_unknown(one))) for one in found)
    links = f"{len(found)} {'link' if len(found) == 1 else 'links'}"
    return (
        f"people of {links}: -{removed} soft-deleted; something is unknown of {unknown} (see the text or HTML report)"
    )


def roll(named: Named | None) -> Iterator[str]:
    """Yield people by link and fate, one a line in a form of its own for each sink: who, as whom, and why."""
    from reconciler.reporting.previews import person

    for link, fates in sorted((named or {}).items()):
        for fate, people in fates.items():
            if fate in (Fate.IN_SYNC, Fate.SKIP) or not people:
                continue
            yield f"{for_terminal(link)}: {fate}"
            for one in people:
                yield from person(one)
