"""What to do, in which order: changes become steps, and the plan remembers what it was made from. Pure.

Order: by `needs`, and what hangs below another goes before that goes; then, around a change of the default, a partner
that sets a block of its own goes first and a partner that gives a block back goes last, so that at every moment access
is what it was before or what it will be after; then narrowing before widening. The reasons are in docs/adr/0002.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler import access
from reconciler.model import (
    TEMPLATE,
    Action,
    Address,
    Below,
    Body,
    Change,
    Document,
    Effect,
    Finding,
    Json,
    Kind,
    Part,
    Resource,
    Standing,
    State,
    Step,
    Tenant,
    TenantPlan,
    fingerprint,
)
from reconciler.planning.linking import in_link, linked, linked_pieces, pauses
from reconciler.planning.pieces import (
    AFTER,
    BEFORE,
    BESIDE,
    GOING,
    LINKS,
    STAGE,
    Piece,
    between,
    piece_of,
    stage,
    step_id,
)

__all__ = ["fingerprints", "linked", "managed", "order", "plan_tenant", "step_id"]


def plan_tenant(
    tenant: Tenant,
    documents: Iterable[Document],
    live: State,
    changes: Sequence[Change],
    findings: Iterable[Finding],
    kinds: Mapping[str, Kind],
    effect: Callable[[Change], Effect],
) -> TenantPlan:
    """Return the steps that carry out `changes` in one tenant, in order, bound to the live blocks they rest on."""
    held = pauses(changes, live, kinds)
    steps = tuple(order(changes, kinds, effect, held))
    there = Counter(address.kind for address in live)
    return TenantPlan(
        tenant=tenant.name,
        tenant_id=tenant.tenant_id,
        display_name=tenant.display_name,
        standing=Standing.PLANNED if tenant.management == "here" else Standing.OBSERVED,
        steps=steps,
        findings=tuple(findings),
        fingerprints=fingerprints([*changes, *held], live, kinds),
        managed=fingerprint(managed((one for one in documents if not kinds[one.address.kind].apart), live)),
        objects={name: there[name] for name in sorted(kinds)},
    )


def order(
    changes: Sequence[Change],
    kinds: Mapping[str, Kind],
    effect: Callable[[Change], Effect],
    held: Iterable[Change] = (),
) -> Iterator[Step]:
    """Yield the steps in the order of applying; a change that pulls both ways around the default becomes two.

    `held` are pauses around other changes: each is followed by going on.
    """
    ranks = _ranks(kinds)
    moves = {change.address: {name: (change.before or {}).get(name) for name in change.blocks} for change in changes}
    own = [change for change in changes if not isinstance(kinds[change.address.kind].endpoint, Part)]
    pieces = [piece for change in own for piece in _pieces(change, _fallback(change.address, kinds), moves)]
    parts = [change for change in changes if isinstance(kinds[change.address.kind].endpoint, Part)]
    pieces += linked_pieces(parts, held, kinds)
    rated = [(piece, effect(piece.change)) for piece in pieces]
    needs = _needs(pieces)
    needs = {name: tuple(sorted({*needs[name], *more})) for name, more in _attached(rated, kinds)}
    needs = {name: tuple(sorted({*needs[name], *more})) for name, more in in_link(pieces, needs, kinds)}
    for piece, worth in sorted(rated, key=lambda pair: _place(pair[0], pair[1], ranks, kinds)):
        yield Step(piece.id, piece.change, worth, needs[piece.id])


def _needs(pieces: Iterable[Piece]) -> Mapping[str, tuple[str, ...]]:
    """Return what must be done first: the default waits for blocks that are set, giving back waits for the default.

    The second part of a split change waits for its first part as well.
    """
    at: defaultdict[Address, list[str]] = defaultdict(list)
    leaning: defaultdict[Address | None, list[str]] = defaultdict(list)
    pieces = list(pieces)
    for piece in pieces:
        if piece.phase < AFTER:
            at[piece.change.address].append(piece.id)
        if piece.phase == BEFORE:
            leaning[piece.behind].append(piece.id)
    return {
        piece.id: tuple(
            sorted(_before_giving_back(piece, at) if piece.phase == AFTER else leaning[piece.change.address])
        )
        for piece in pieces
    }


def _attached(rated: Iterable[tuple[Piece, Effect]], kinds: Mapping[str, Kind]) -> Iterator[tuple[str, list[str]]]:
    """Yield what each piece waits for because an object hangs below another.

    The object comes after all that is written of its parent, unless it only narrows, and goes before its parent goes.
    """
    rated = list(rated)
    at: defaultdict[Address, list[Piece]] = defaultdict(list)
    hanging: defaultdict[Address, list[Piece]] = defaultdict(list)
    for piece, _ in rated:
        at[piece.change.address].append(piece)
        parent = _parent(piece.change.address, kinds)
        if parent is not None:
            hanging[parent].append(piece)
    for piece, worth in rated:
        address, goes = piece.change.address, piece.change.action is Action.DELETE
        parent = _parent(address, kinds)
        waits = [other for other in hanging[address] if goes and other.change.action is Action.DELETE]
        if parent is not None and not goes and worth is not Effect.NARROW:
            waits += [other for other in at[parent] if other.change.action is not Action.DELETE]
        yield piece.id, [other.id for other in waits]


def _parent(address: Address, kinds: Mapping[str, Kind]) -> Address | None:
    return kinds[address.kind].parent_of(address) if isinstance(kinds[address.kind].endpoint, Below) else None


def _before_giving_back(piece: Piece, at: Mapping[Address, Sequence[str]]) -> Iterator[str]:
    yield from at.get(piece.change.address, ())
    if piece.behind is not None:
        yield from at.get(piece.behind, ())


def fingerprints(changes: Iterable[Change], live: State, kinds: Mapping[str, Kind]) -> Mapping[str, str]:
    """Return `address#block` → fingerprint of what is there now, for all that the changes touch or were judged by.

    Of an object that is created, its absence is remembered as the fingerprint of None under `address#`. What stands
    apart is judged by itself when its turn comes.
    """
    found: dict[str, str] = {}
    changes = (change for change in changes if not kinds[change.address.kind].apart)
    for address, block, value in _foundations(changes, live, kinds):
        name = f"{address}#{block}"
        # Many partners rest on the same block of the default.
        if name not in found:
            found[name] = fingerprint(value)
    return found


def managed(documents: Iterable[Document], live: State) -> Json:
    """Return the live value of all that Git speaks of, leaf by leaf, so that a change outside Git can be told.

    What a document leaves alone (`lifecycle.ignore`, leaves that it does not mention) is not part of it.
    """
    return {str(document.address): _spoken(document, live.get(document.address)) for document in documents}


def _spoken(document: Document, there: Resource | None) -> Json:
    if there is None:
        return None
    return {
        name: _said_leaves(there.body.get(name), said)
        for name, said in document.said.items()
        if name not in document.lifecycle.ignore
    }


def _said_leaves(value: Json, said: Json) -> Json:
    if value == said:
        return value
    if isinstance(value, Mapping) and isinstance(said, Mapping):
        return {name: _said_leaves(value.get(name), inner) for name, inner in said.items()}
    return value


def _foundations(
    changes: Iterable[Change], live: State, kinds: Mapping[str, Kind]
) -> Iterator[tuple[Address, str, Json]]:
    for change in changes:
        there = live.get(change.address)
        whole = change.action in (Action.DELETE, Action.RESET)
        blocks = kinds[change.address.kind].blocks if whole else change.blocks
        if there is None:
            yield change.address, "", None
        else:
            yield from ((change.address, block, there.body.get(block)) for block in blocks)
        if there is not None and TEMPLATE in there.facts:
            yield change.address, TEMPLATE, there.facts[TEMPLATE]
        behind = _fallback(change.address, kinds)
        if behind is not None and behind in live:
            yield from ((behind, block, live[behind].body.get(block)) for block in blocks)


def _fallback(address: Address, kinds: Mapping[str, Kind]) -> Address | None:
    name = kinds[address.kind].fallback
    return Address(address.tenant, name) if name else None


def _pieces(change: Change, behind: Address | None, moves: Mapping[Address, Body]) -> Iterator[Piece]:
    """Yield the change whole, or split where it sets one thing and gives back another under a moving default.

    `moves` maps what changes in the same plan to the blocks that it changes, as they are before.
    """
    before, after = change.before or {}, change.after or {}
    moving: Body = moves.get(behind, {}) if behind else {}
    middle = {
        block: _pinned(block, before.get(block), after.get(block), moving[block])
        for block in change.blocks
        if block in moving
    }
    if not middle:
        yield piece_of(change, BESIDE, behind)
    elif all(value == after.get(block) for block, value in middle.items()):
        yield piece_of(change, BEFORE, behind)
    elif all(value == before.get(block) for block, value in middle.items()):
        yield piece_of(change, AFTER, behind)
    else:
        first, second = _split(change, before, middle, after)
        yield piece_of(first, BEFORE, behind)
        yield piece_of(second, AFTER, behind)


def _pinned(block: str, before: Json, after: Json, behind: Json) -> Json:
    """Return what stands while the default moves: everything new is set, and nothing is given back yet.

    Of a setting, one half means nothing without the other. Where half of it is left to the default before and after,
    what is in force before is written out, so that it holds until the default has moved.
    """
    if block in access.HALVES:
        whole = [value for value in (after, before) if not access.inherits(block, value)]
        return whole[0] if whole else access.acceptable(access.effective(block, before, behind))
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return {name: before.get(name) if value is None else value for name, value in after.items()}
    return before if after is None else after


def _split(change: Change, before: Body, middle: Body, after: Body) -> tuple[Change, Change]:
    """Return the change from before to the middle, and the one from there to the end."""
    if change.action is Action.DELETE:
        reached = {**before, **middle}
        return between(change, before, reached), replace(change, before=reached)
    reached = {**after, **middle}
    second = between(change, reached, after)
    if change.action is Action.CREATE:
        return replace(change, after=reached), second
    return between(change, before, reached), second


def _ranks(kinds: Mapping[str, Kind]) -> Mapping[str, int]:
    """Return how deep each kind stands: one that needs nothing is 0, others come after all that they need."""
    ranks: dict[str, int] = {}

    def rank(name: str) -> int:
        if name not in ranks:
            ranks[name] = max((rank(other) + 1 for other in kinds[name].needs if other in kinds), default=0)
        return ranks[name]

    return {name: rank(name) for name in sorted(kinds)}


_EFFECTS = tuple(Effect)


def _place(
    piece: Piece, worth: Effect, ranks: Mapping[str, int], kinds: Mapping[str, Kind]
) -> tuple[float, int, int, Address]:
    address = piece.change.address
    if isinstance(kinds[address.kind].endpoint, Part):
        # What hangs below another goes before it.
        deep = GOING - ranks[address.kind] if piece.change.action is Action.DELETE else ranks[address.kind]
        return LINKS + STAGE * stage(piece.phase) + deep, piece.phase, _EFFECTS.index(worth), address
    rank: float = ranks[address.kind]
    parent = _parent(address, kinds)
    if parent is not None and piece.change.action is Action.DELETE:
        # What hangs below another goes before anything is done about that.
        rank = ranks[parent.kind] - 0.5
    return rank, piece.phase, _EFFECTS.index(worth), address
