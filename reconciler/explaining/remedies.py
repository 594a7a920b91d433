"""What a person can do about an obstacle: what to write, and where. Never wider than the one tenant meant."""

from __future__ import annotations

import json
from dataclasses import dataclass

from reconciler.access import CLOUDS, SETTINGS, SYNCHRONIZATION
from reconciler.explaining.sides import PARTNER, POLICY, Barrier
from reconciler.explaining.views import View
from reconciler.model import Address, Answer, Document, Json, Obstacle, Origin, Party, Side

_DOCUMENTS = {PARTNER: "Partner", POLICY: "CrossTenantAccessPolicy", SYNCHRONIZATION: "IdentitySynchronization"}
_SHARED = "/shared/profiles/"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What would have to be said: in an object of which kind, about which property, in which words."""

    kind: str
    block: str
    words: str
    leaf: str = ""


def obstacle(view: View, other: Party, side: Side, message: str, closed: Barrier | None = None) -> Obstacle:
    """Return that a side stands in the way, with what to do about it where anything is known."""
    if view.state is None:
        return Obstacle(side.tenant, side.setting, message, f"ask whoever looks after {view.party.name}")
    if side.answer is Answer.UNKNOWN:
        return Obstacle(side.tenant, side.setting, message)
    remedy, origin = _remedy(view, other, _wished(side, closed))
    if view.observed:
        remedy += f"; {view.party.name} is only observed here, so that somebody else has to do it"
    return Obstacle(side.tenant, side.setting, message, remedy, origin)


def _wished(side: Side, closed: Barrier | None) -> _Wish:
    if closed is not None:
        if closed.needs:
            return _Wish(POLICY, CLOUDS, f"{closed.needs} among its {CLOUDS}")
        return _Wish(PARTNER, "", "what shall apply to it")
    if side.setting in SETTINGS:
        return _Wish(PARTNER, side.setting, f"{side.setting} with whom to let through")
    *above, block, leaf = side.setting.split(".")
    # Above the block there is a name only where the block belongs to an object of its own.
    return _Wish(SYNCHRONIZATION if above else PARTNER, block, f"{block}: {{{leaf}: true}}", leaf)


def _remedy(view: View, other: Party, wish: _Wish) -> tuple[str, Origin | None]:
    address = Address(view.party.name, POLICY) if wish.kind == POLICY else view.at(wish.kind, other)
    document = view.documents.get(address)
    if document is None:
        return f"write {wish.words} in a new {_called(view, other, wish)}", None
    kind, said = _DOCUMENTS[wish.kind], document.origins.get(wish.block)
    if document.absent:
        return f"the {kind} says `state: absent`: write {wish.words} instead", document.origin
    if wish.block in document.lifecycle.ignore:
        return (
            f"the {kind} leaves {wish.block} to others, by lifecycle.ignore: ask them, or take it back",
            document.origin,
        )
    if _is_pending(document, wish, view.says(address, wish.block)):
        return f"Git says something else: plan and apply the {kind}, and look again", said or document.origin
    if said and _SHARED in said.file:
        # What is said there, is said for everybody who shares it; a block of one's own replaces all of it.
        return f"write {_whole(wish, document.said[wish.block])} in the {kind}, not in its profile", document.origin
    return f"write {wish.words} in the {kind}", said or document.origin


def _whole(wish: _Wish, said: Json) -> str:
    """Return the words of a wish with all else that is said in the block now."""
    if not wish.leaf:
        return wish.words
    flags = ", ".join(f"{flag}: {json.dumps(value)}" for flag, value in {**said, wish.leaf: True}.items())
    return f"{wish.block}: {{{flags}}}"


def _called(view: View, other: Party, wish: _Wish) -> str:
    """Return the document that is missing, by what has to stand in its head."""
    kind, folder = _DOCUMENTS[wish.kind], view.party.name
    if wish.kind == POLICY:
        return f"{kind} in the folder of {folder}"
    identity = f"name: {other.name}" if other.ours else f"the tenantId {other.tenant_id}, name and domain of the other"
    return f"{kind} in the folder of {folder}, with {identity}"


def _is_pending(document: Document, wish: _Wish, live: Json) -> bool:
    """Whether Git asks for something else than what is there."""
    said = document.said.get(wish.block)
    if said is None:
        return False
    if not wish.leaf:
        return bool(said != live)
    wanted = said.get(wish.leaf)
    return wanted is not None and wanted != (live or {}).get(wish.leaf)
