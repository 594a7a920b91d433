"""Why somebody is, or is not, in the target of a link, or is there and cannot get in: one answer from all readings.

Pure. What the next cycle makes of them was computed elsewhere, and so was what both tenants let through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler import troubles
from reconciler.model import Answer, Capability, Judgement, Link
from reconciler.model.operations import Happened, LinkState, LinkStatus
from reconciler.model.people import Fate, Forecast, Single
from reconciler.model.whereabouts import Presence, Way

_MANAGED = (Fate.UPDATE, Fate.BLOCK, Fate.IN_SYNC, Fate.ADOPT)
# Where the fate alone tells.
_CERTAIN = {
    Fate.UNKNOWN: Presence.UNKNOWN,
    Fate.CREATE: Presence.COMES,
    Fate.RESTORE: Presence.COMES,
    Fate.REMOVE: Presence.GOES,
}
_RUNS = (LinkState.RUNNING, LinkState.WAITING)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was read of one person by way of one link. `there` is their user in the target, `unseen` why it was not.

    `enabled` says whether they may sign in at home.
    """

    single: Single
    status: LinkStatus
    enabled: bool = True
    there: Mapping[str, str] | None = None
    unseen: str = ""
    gates: tuple[Judgement, ...] = ()
    events: tuple[Happened, ...] = ()
    remarks: tuple[str, ...] = ()
    exit_code: int = 0


def way(link: Link, seen: Sighting) -> Way:
    """Return the answer of one link."""
    forecast = seen.single.forecast
    locks = tuple(_locks(link, seen)) if seen.there else ()
    presence = _presence(forecast, seen, locks)
    return Way(
        link=link.name,
        source=link.source,
        target=link.target,
        presence=presence,
        because=(*locks, *_because(link, forecast, seen)),
        then=tuple(_then(link, presence, seen)),
        forecast=forecast,
        there=seen.there,
        unseen=seen.unseen,
        gates=seen.gates,
        status=seen.status,
        events=seen.events,
        missed=seen.single.missed,
        remarks=seen.remarks,
        exit_code=max(seen.exit_code, seen.single.exit_code),
    )


def _presence(forecast: Forecast | None, seen: Sighting, locks: Sequence[str]) -> Presence:
    fate = forecast.fate if forecast else Fate.SKIP
    if fate in _CERTAIN:
        return _CERTAIN[fate]
    if fate is Fate.CONFLICT and not seen.there:
        return Presence.KEPT_OUT
    if locks:
        return Presence.LOCKED_OUT
    is_there = seen.there or (fate in _MANAGED and forecast is not None and forecast.target_id)
    return Presence.THERE if is_there else Presence.ABSENT


def _locks(link: Link, seen: Sighting) -> Iterator[str]:
    """Yield what keeps somebody from signing in who is there."""
    there = seen.there or {}
    if there.get("accountEnabled") == "false":
        why = "" if seen.enabled else f", as they are disabled in {link.source}"
        yield f"their user in {link.target} is blocked from signing in{why}"
    elif seen.single.forecast and seen.single.forecast.fate is Fate.BLOCK:
        yield f"they are disabled in {link.source}, and the next cycle blocks their user in {link.target}"
    for gate in seen.gates:
        if gate.capability is Capability.COLLABORATION and gate.answer is Answer.NO:
            words = "; ".join(obstacle.message for obstacle in gate.obstacles)
            yield f"nobody of {link.source} may use {link.target}" + (f": {words}" if words else "")


def _because(link: Link, forecast: Forecast | None, seen: Sighting) -> Iterator[str]:
    if forecast is None:
        yield f"{link.source} has no such person"
        return
    if forecast.reason:
        yield forecast.reason
    if forecast.obstacle and forecast.obstacle.name:
        one = forecast.obstacle
        yield f"in the way in {link.target}: the {one.type or 'object'} {one.name} ({one.id}), {one.code}"
    if forecast.routes:
        names = ", ".join(_route(one.type, one.name or one.id) for one in forecast.routes)
        yield f"in scope by {names}"
    yield from forecast.notes
    for gate in seen.gates:
        if gate.answer in (Answer.SOME, Answer.UNKNOWN) and gate.capability is Capability.COLLABORATION:
            yield f"whether they may use {link.target} is decided per person and application: {gate.answer}"
        if gate.capability is Capability.CONSENT and gate.answer is Answer.NO:
            yield "at their first visit they are asked for consent, and get in after saying yes"


def _route(kind: str, name: str) -> str:
    return "everybody being in scope" if kind == "all" else f"the {kind} {name}"


def _then(link: Link, presence: Presence, seen: Sighting) -> Iterator[str]:
    """Yield what happens next, and what to do about it."""
    forecast, status = seen.single.forecast, seen.status
    if status.state not in _RUNS:
        yield f"the job is {status.state}: no cycle runs; `reconciler status {link.name}` says more"
    elif forecast is not None and forecast.fate not in (Fate.SKIP, Fate.IN_SYNC, Fate.UNKNOWN):
        yield f"the next cycle: {forecast.fate}; {_when(status.next_run, status.next_words)}"
    if presence is Presence.COMES and forecast is not None and forecast.fate is Fate.CREATE:
        yield f"sooner: `reconciler verify {link.name} --user {forecast.principal_name or forecast.source_id}`"
    known_as = troubles.known(forecast.reason) if forecast and forecast.fate is Fate.CONFLICT else None
    if known_as:
        yield f"cause: {known_as.cause}"
        yield f"fix: {known_as.fix}"
    if presence is Presence.GOES:
        yield f"who is soft-deleted can be restored in {link.target} for 30 days"
    if presence is Presence.LOCKED_OUT and (seen.there or {}).get("accountEnabled") == "false":
        what = "any change of them" if seen.enabled else "enabling them"
        yield f"{what} in {link.source} lets them in again with the cycle after it"


def _when(moment: datetime | None, words: str) -> str:
    at = moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "nobody can say when"
    return f"{at} ({words})" if words else at
