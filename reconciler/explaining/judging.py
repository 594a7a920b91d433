"""What two tenants make together: one answer for each capability, and what stands in the way. Pure.

A no is certain whatever nobody could read; beside anything unknown, nothing else is. So an unread tenant never makes a
no, and never a yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler import phrases
from reconciler.access import ENDPOINTS, RESTRICTIONS, Admission, admitted, effective
from reconciler.explaining import sides
from reconciler.explaining.remedies import obstacle
from reconciler.explaining.views import View
from reconciler.model import Answer, Body, Capability, Judgement, Obstacle, Side, Source

UNSEEN = "says what nobody here can see"
ASKED = "each person is asked once, and gets in after saying yes"
OWN_PROOF = "where a claim does not count and the tenant asks for it, people prove it anew there"
ACROSS = "between two clouds it needs an application with rights in the target as well, which is not read here"

_BLOCKS = {Capability.COLLABORATION: "b2bCollaboration", Capability.DIRECT_CONNECT: "b2bDirectConnect"}
_KEEPS = {Answer.NO: "does not suppress the question", Answer.UNKNOWN: UNSEEN}
_SYNCED = {Capability.USER_SYNC: "userSyncInbound", Capability.GROUP_SYNC: "groupSyncInbound"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tenants in one direction: people of `home`, resources of `resource`; `stock` is the service's own default."""

    home: View
    resource: View
    stock: Body
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def across_clouds(self) -> bool:
        """Whether they are known to live in two clouds."""
        mine, theirs = (ENDPOINTS.get(view.party.cloud, "") for view in (self.home, self.resource))
        return bool(mine and theirs) and mine != theirs

    def other(self, view: View) -> View:
        """Return the other one of the two."""
        return self.home if view is self.resource else self.resource


def judge(pair: Pair) -> tuple[Judgement, ...]:
    """Return an answer for every capability."""
    collaboration = _getting_through(pair, Capability.COLLABORATION)
    consent = _consent(pair)
    return (
        collaboration,
        _getting_through(pair, Capability.DIRECT_CONNECT),
        _trust(pair),
        consent,
        _synchronization(pair, Capability.USER_SYNC, (consent, collaboration)),
        _synchronization(pair, Capability.GROUP_SYNC, (consent, collaboration)),
    )


def judge_synchronization(pair: Pair, *, groups: bool) -> tuple[Judgement, ...]:
    """Return what synchronization needs, and whether it works: of people, and with `groups` of groups as well."""
    collaboration, consent = _getting_through(pair, Capability.COLLABORATION), _consent(pair)
    asked = (Capability.USER_SYNC, *([Capability.GROUP_SYNC] if groups else []))
    return (collaboration, consent, *(_synchronization(pair, one, (consent, collaboration)) for one in asked))


def together(answers: Iterable[Answer]) -> Answer:
    """Return what holds when all of them are needed."""
    found = set(answers)
    return next((one for one in (Answer.NO, Answer.UNKNOWN, Answer.SOME) if one in found), Answer.YES)


# ---------------------------------------------------------------------------------------------- one by one


def _getting_through(pair: Pair, capability: Capability) -> Judgement:
    block = _BLOCKS[capability]
    out = sides.setting(pair.home, pair.resource.party, f"{block}Outbound", pair.stock, pair.names)
    into = sides.setting(pair.resource, pair.home.party, f"{block}Inbound", pair.stock, pair.names)
    obstacles = [*_shut(pair, pair.home, out, "out"), *_shut(pair, pair.resource, into, "in")]
    remarks = tuple(_restrictions(pair)) if capability is Capability.COLLABORATION else ()
    alone = together(side.answer for side in (out, into))
    found = admitted(out.value, into.value) if alone in (Answer.YES, Answer.SOME) else Admission(alone)
    if found.answer is Answer.NO and alone is not Answer.NO:
        obstacles.append(Obstacle("", "", "each of the two lets some through, and nobody gets through both"))
    if capability is Capability.DIRECT_CONNECT and pair.across_clouds:
        obstacles.append(Obstacle("", "", "direct connect does not work between two clouds"))
        found = Admission(Answer.NO)
    return Judgement(capability, found.answer, (out, into), tuple(obstacles), found.users, found.applications, remarks)


def _shut(pair: Pair, view: View, side: Side, way: str) -> Iterator[Obstacle]:
    words = {Answer.NO: f"lets nobody {way}", Answer.SOME: f"lets only some {way}", Answer.UNKNOWN: UNSEEN}
    if side.answer in words:
        yield _obstacle(pair, view, side, f"{view.party.name} {words[side.answer]}")


def _obstacle(pair: Pair, view: View, side: Side, message: str) -> Obstacle:
    other = pair.other(view).party
    closed = sides.barrier(view, other) if side.sources.get("") is Source.CLOUD else None
    return obstacle(view, other, side, message, closed)


def _restrictions(pair: Pair) -> Iterator[str]:
    """Yield what the tenant says of its people's other accounts, where anybody has set that."""
    home, other = pair.home, pair.resource.party
    own, default = home.says(home.at(sides.PARTNER, other), RESTRICTIONS), home.default(RESTRICTIONS)
    if own is not None or (default is not None and default != pair.stock.get(RESTRICTIONS)):
        said = phrases.block(effective(RESTRICTIONS, own, default), pair.names)
        yield (
            f"{RESTRICTIONS} of {home.party.name} is about people there who use an account of {other.name}, "
            f"not about guests: {said}"
        )


def _trust(pair: Pair) -> Judgement:
    claims = sides.trust(pair.resource, pair.home.party, pair.stock)
    obstacles = [
        _obstacle(pair, pair.resource, side, f"{pair.resource.party.name} {_refused(side)}")
        for side in claims
        if side.answer is not Answer.YES
    ]
    answer = _of_several({side.answer for side in claims})
    remarks = (OWN_PROOF,) if answer in (Answer.NO, Answer.SOME) else ()
    return Judgement(Capability.TRUST, answer, tuple(claims), tuple(obstacles), remarks=remarks)


def _of_several(answers: set[Answer]) -> Answer:
    """Return the answer for claims that count each by itself."""
    if {Answer.YES, Answer.NO} <= answers:
        return Answer.SOME
    return Answer.UNKNOWN if Answer.UNKNOWN in answers else together(answers)


def _refused(side: Side) -> str:
    return UNSEEN if side.answer is Answer.UNKNOWN else f"does not accept {side.setting.rpartition('.')[2]}"


def _consent(pair: Pair) -> Judgement:
    out = sides.consent(pair.home, pair.resource.party, "outboundAllowed")
    into = sides.consent(pair.resource, pair.home.party, "inboundAllowed")
    obstacles = [
        _obstacle(pair, view, side, f"{view.party.name} {_KEEPS[side.answer]}")
        for view, side in ((pair.home, out), (pair.resource, into))
        if side.answer in _KEEPS
    ]
    answer = together(side.answer for side in (out, into))
    remarks = (ASKED,) if answer is Answer.NO else ()
    return Judgement(Capability.CONSENT, answer, (out, into), tuple(obstacles), remarks=remarks)


def _synchronization(pair: Pair, capability: Capability, needed: tuple[Judgement, ...]) -> Judgement:
    side = sides.synchronization(pair.resource, pair.home.party, _SYNCED[capability])
    obstacles = [_obstacle(pair, pair.resource, side, _about(pair, side))] if side.answer is not Answer.YES else []
    obstacles += [_needed(one) for one in needed if one.answer is not Answer.YES]
    answer = together([side.answer, *(one.answer for one in needed)])
    if pair.across_clouds and capability is Capability.GROUP_SYNC:
        obstacles.append(Obstacle("", "", "groups are not synchronized between two clouds"))
        answer = Answer.NO
    elif pair.across_clouds:
        obstacles.append(Obstacle("", "", ACROSS))
        answer = together([answer, Answer.UNKNOWN])
    return Judgement(capability, answer, (side,), tuple(obstacles))


def _about(pair: Pair, side: Side) -> str:
    name = pair.resource.party.name
    return f"{name} {UNSEEN}" if side.answer is Answer.UNKNOWN else f"{name} lets nothing be created from there"


def _needed(one: Judgement) -> Obstacle:
    what = one.capability.value
    match one.answer:
        case Answer.SOME:
            return Obstacle("", "", f"it needs {what}, which works for some only")
        case Answer.UNKNOWN:
            return Obstacle("", "", f"it needs {what}, of which nobody knows whether it works")
        case _:
            return Obstacle("", "", f"it needs {what}, and the answer there is no")
