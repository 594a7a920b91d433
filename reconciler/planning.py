"""What to do, in which order: changes become steps, and the plan remembers what it was made from. Pure.

Order: by `needs`; then, around a change of the default, a partner that sets a block of its own goes first and a partner
that gives a block back goes last, so that at every moment access is what it was before or what it will be after; then
narrowing before widening. The reasons are in docs/adr/0002.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.model import (
    Action,
    Address,
    Body,
    Change,
    Document,
    Effect,
    Finding,
    Json,
    Kind,
    Standing,
    State,
    Step,
    Tenant,
    TenantPlan,
    fingerprint,
)

BEFORE, BESIDE, AFTER = -1, 0, 1


@dataclass(frozen=True, slots=True)
class _Piece:
    """A change, or the part of one that must go before or after the default's."""

    change: Change
    phase: int


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
    steps = tuple(order(changes, kinds, effect))
    return TenantPlan(
        tenant=tenant.name,
        tenant_id=tenant.tenant_id,
        display_name=tenant.display_name,
        standing=Standing.PLANNED if tenant.management == "here" else Standing.OBSERVED,
        steps=steps,
        findings=tuple(findings),
        fingerprints=fingerprints(changes, live, kinds),
        managed=fingerprint(managed(documents, live)),
        objects={name: sum(address.kind == name for address in live) for name in sorted(kinds)},
    )


def order(changes: Sequence[Change], kinds: Mapping[str, Kind], effect: Callable[[Change], Effect]) -> Iterator[Step]:
    """Yield the steps in the order of applying; a change that pulls both ways around the default becomes two."""
    ranks = _ranks(kinds)
    pieces = [piece for change in changes for piece in _pieces(change, _changing(change, changes, kinds))]
    rated = [(piece, effect(piece.change)) for piece in pieces]
    for piece, worth in sorted(rated, key=lambda pair: _place(pair[0], pair[1], ranks)):
        yield Step(_step_id(piece.change), piece.change, worth, _needs(piece, pieces, kinds))


def _needs(piece: _Piece, pieces: Iterable[_Piece], kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """Return what must be done first: the default waits for blocks that are set, giving back waits for the default."""
    address = piece.change.address
    if piece.phase == AFTER:
        behind = _fallback(address, kinds)
        needed = [other for other in pieces if other.change.address == behind or _is_first_half(other, piece)]
    else:
        needed = [
            other for other in pieces if other.phase == BEFORE and _fallback(other.change.address, kinds) == address
        ]
    return tuple(sorted(_step_id(other.change) for other in needed))


def _is_first_half(other: _Piece, piece: _Piece) -> bool:
    return other.phase == BEFORE and other.change.address == piece.change.address


def fingerprints(changes: Iterable[Change], live: State, kinds: Mapping[str, Kind]) -> Mapping[str, str]:
    """Return `address#block` → fingerprint of what is there now, for all that the changes touch or were judged by.

    Of an object that is created, its absence is remembered as the fingerprint of None under `address#`.
    """
    return {f"{address}#{block}": fingerprint(value) for address, block, value in _foundations(changes, live, kinds)}


def managed(documents: Iterable[Document], live: State) -> Json:
    """Return the live value of every block that Git speaks of, so that a change outside Git can be told."""
    there = {document.address: live.get(document.address) for document in documents}
    return {
        str(document.address): {name: resource.body.get(name) for name in document.said} if resource else None
        for document in documents
        for resource in [there[document.address]]
    }


def _foundations(
    changes: Iterable[Change], live: State, kinds: Mapping[str, Kind]
) -> Iterator[tuple[Address, str, Json]]:
    for change in changes:
        there = live.get(change.address)
        if there is None:
            yield change.address, "", None
        blocks = kinds[change.address.kind].blocks if change.action is Action.DELETE else change.blocks
        for block in blocks if there else ():
            yield change.address, block, there.body.get(block) if there else None
        behind = _fallback(change.address, kinds)
        if behind is not None and behind in live:
            for block in blocks:
                yield behind, block, live[behind].body.get(block)


def _fallback(address: Address, kinds: Mapping[str, Kind]) -> Address | None:
    name = kinds[address.kind].fallback
    return Address(address.tenant, name) if name else None


def _changing(change: Change, changes: Iterable[Change], kinds: Mapping[str, Kind]) -> frozenset[str]:
    """Return the blocks whose fallback changes in the same plan."""
    behind = _fallback(change.address, kinds)
    return frozenset(block for other in changes if other.address == behind for block in other.blocks)


def _pieces(change: Change, moving: frozenset[str]) -> Iterator[_Piece]:
    """Yield the change whole, or split where it sets one thing and gives back another under a moving default."""
    before, after = change.before or {}, change.after or {}
    middle = {block: _pinned(before.get(block), after.get(block)) for block in change.blocks if block in moving}
    if not middle:
        yield _Piece(change, BESIDE)
    elif all(value == after.get(block) for block, value in middle.items()):
        yield _Piece(change, BEFORE)
    elif change.action is Action.DELETE or all(value == before.get(block) for block, value in middle.items()):
        yield _Piece(change, AFTER)
    else:
        reached = {**after, **middle}
        yield _Piece(_between(change, before, reached), BEFORE)
        yield _Piece(_between(change, reached, after), AFTER)


def _pinned(before: Json, after: Json) -> Json:
    """Return what stands when everything new is set and nothing is given back yet."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return {name: before.get(name) if value is None else value for name, value in after.items()}
    return before if after is None else after


def _between(change: Change, before: Body, after: Body) -> Change:
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return replace(
        change,
        before={name: before.get(name) for name in names},
        after={name: after.get(name) for name in names},
        origins={name: place for name, place in change.origins.items() if name in names},
    )


def _ranks(kinds: Mapping[str, Kind]) -> Mapping[str, int]:
    """Return how deep each kind stands: one that needs nothing is 0, others come after all that they need."""
    ranks: dict[str, int] = {}

    def rank(name: str) -> int:
        if name not in ranks:
            ranks[name] = max((rank(other) + 1 for other in kinds[name].needs if other in kinds), default=0)
        return ranks[name]

    return {name: rank(name) for name in sorted(kinds)}


_EFFECTS = tuple(Effect)


def _place(piece: _Piece, worth: Effect, ranks: Mapping[str, int]) -> tuple[int, int, int, Address]:
    address = piece.change.address
    return ranks[address.kind], piece.phase, _EFFECTS.index(worth), address


def _step_id(change: Change) -> str:
    return fingerprint([change.action, str(change.address), change.before, change.after])[:8]
