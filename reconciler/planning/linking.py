"""The steps of links: what is made in parts, paused meanwhile, and waits for another tenant. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.model import (
    Action,
    Address,
    Change,
    Json,
    Kind,
    Link,
    Part,
    Standing,
    State,
    Step,
    TenantPlan,
    link_of,
)
from reconciler.planning.pieces import ACT, AFTER, BESIDE, CLOSE, FIRST, LAST, TURN, Piece, between, piece_of, stage

_WORDS = ("partner", "identity-synchronization")
"""Kinds by which a tenant lets a link work."""


def pauses(changes: Iterable[Change], live: State, kinds: Mapping[str, Kind]) -> list[Change]:
    """Return what is set back for a while, because something changes that must not be changed while it runs.

    What changes by itself, or goes, is not here.
    """
    changes = list(changes)
    touched = {(change.address, block) for change in changes for block in change.blocks}
    found: dict[Address, Change] = {}
    for change in changes:
        endpoint = kinds[change.address.kind].endpoint
        if not isinstance(endpoint, Part) or not endpoint.pauses or change.action is not Action.UPDATE:
            continue
        for address, block, stock in _running(change.address, live, kinds):
            if (address, block) not in touched:
                there = live[address]
                before, after = {block: there.body[block]}, {block: stock}
                found[address] = Change(Action.UPDATE, address, before, after, there.label, change.origin)
    return [*found.values(), *_debts(changes, live, kinds)]


def _debts(changes: Iterable[Change], live: State, kinds: Mapping[str, Kind]) -> Iterator[Change]:
    """Yield the marks of what is owed, as long as the act is not done that must not be forgotten.

    A mark that changes by itself, or stands already, is not here.
    """
    for change in changes:
        endpoint = kinds[change.address.kind].endpoint
        if not isinstance(endpoint, Part) or not any((change.after or {}).get(name) for name in endpoint.acts):
            continue
        for address, block, owed in _marks(change.address, kinds):
            moving = any(other.address == address and block in (other.after or {}) for other in changes)
            if address in live and not moving:
                there = live[address]
                before = {block: there.body[block]}
                yield Change(Action.UPDATE, address, before, {block: owed}, there.label, change.origin)


def _marks(part: Address, kinds: Mapping[str, Kind]) -> Iterator[tuple[Address, str, Json]]:
    """Yield the blocks of the same configuration in which is kept what is owed, and what they hold then."""
    for kind in kinds.values():
        if isinstance(kind.endpoint, Part):
            for block, owed in kind.endpoint.marks.items():
                yield Address(part.tenant, kind.name, link_of(part.key)), block, owed


def _running(part: Address, live: State, kinds: Mapping[str, Kind]) -> Iterator[tuple[Address, str, Json]]:
    """Yield what of the same configuration is set that is set last, and what it is when nobody set it."""
    for kind in kinds.values():
        endpoint = kind.endpoint
        address = Address(part.tenant, kind.name, link_of(part.key))
        if isinstance(endpoint, Part) and address in live:
            for block in endpoint.last:
                if live[address].body.get(block) != kind.stock[block]:
                    yield address, block, kind.stock[block]


def linked_pieces(changes: Iterable[Change], held: Iterable[Change], kinds: Mapping[str, Kind]) -> Iterator[Piece]:
    """Yield the changes of parts of sync configurations, with what comes late or last as pieces of its own."""
    for change in changes:
        kind = kinds[change.address.kind]
        match change.action:
            case Action.CREATE:
                yield from _made(change, kind)
            case Action.DELETE:
                yield from _taken(change, kind)
            case Action.UPDATE:
                yield from _changed(change, kind)
    for change in held:
        marks = any(name in _part(kinds[change.address.kind]).marks for name in change.blocks)
        yield piece_of(change, FIRST, None)
        yield piece_of(replace(change, before=change.after, after=change.before), CLOSE if marks else LAST, None)


def _made(change: Change, kind: Kind) -> Iterator[Piece]:
    after, part = change.after or {}, _part(kind)
    begun = {
        name: kind.stock[name] if name in (*part.late, *part.last) else value
        for name, value in after.items()
        if name not in part.late
    }
    yield piece_of(replace(change, after=begun), BESIDE, None)
    for names, phase in ((part.late, AFTER), (part.last, LAST)):
        wanted = {name: after[name] for name in names if name in after and after[name] != kind.stock[name]}
        if wanted:
            yield piece_of(between(change, {name: kind.stock[name] for name in wanted}, wanted), phase, None)


def _taken(change: Change, kind: Kind) -> Iterator[Piece]:
    """Yield a deletion; what runs is stopped before."""
    before, part = change.before or {}, _part(kind)
    stopped = {name: kind.stock[name] for name in part.last if before.get(name) != kind.stock[name]}
    if stopped:
        yield piece_of(between(change, {name: before[name] for name in stopped}, stopped), FIRST, None)
    yield piece_of(replace(change, before={**before, **stopped}), BESIDE, None)


def _changed(change: Change, kind: Kind) -> Iterator[Piece]:
    before, after, part = change.before or {}, change.after or {}, _part(kind)
    last, late = part.last, part.late
    turning = [name for name, turn in part.restarts.items() if (before.get(name), after.get(name)) == turn]
    apart = (*last, *late, *part.acts, *part.marks, *turning)
    for names, phase in (
        ([name for name in after if name not in apart], BESIDE),
        (turning, TURN),
        ([name for name in after if name in part.acts], ACT),
        ([name for name in after if name in part.marks and after[name] == part.marks[name]], FIRST),
        ([name for name in after if name in part.marks and after[name] != part.marks[name]], CLOSE),
        ([name for name in after if name in late], AFTER),
        ([name for name in after if name in last and after[name] == kind.stock[name]], FIRST),
        ([name for name in after if name in last and after[name] != kind.stock[name]], LAST),
    ):
        if names:
            reached = {name: after[name] for name in names}
            yield piece_of(between(change, {name: before.get(name) for name in names}, reached), phase, None)


def _part(kind: Kind) -> Part:
    if not isinstance(kind.endpoint, Part):
        raise TypeError(f"{kind.name} is no part of a sync configuration")
    return kind.endpoint


def in_link(
    pieces: Iterable[Piece], needs: Mapping[str, tuple[str, ...]], kinds: Mapping[str, Kind]
) -> Iterator[tuple[str, list[str]]]:
    """Yield what each piece of a link waits for in the same link: what its kind needs, and what must come first."""
    pieces = list(pieces)
    of: defaultdict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        kind = kinds[piece.change.address.kind]
        if isinstance(kind.endpoint, Part) and not kind.apart:
            of[link_of(piece.change.address.key)].append(piece)
    for piece in pieces:
        kind = kinds[piece.change.address.kind]
        linked = isinstance(kind.endpoint, Part) and not kind.apart
        waits = of[link_of(piece.change.address.key)] if linked else []
        yield piece.id, [other.id for other in waits if other is not piece and _goes_before(other, piece, kind)]


def _goes_before(other: Piece, piece: Piece, kind: Kind) -> bool:
    """Whether a piece of the same link must be done before `piece`, which is of that kind."""
    if stage(other.phase) != stage(piece.phase):
        return stage(other.phase) < stage(piece.phase)
    theirs, mine = other.change.address, piece.change.address
    if piece.change.action is Action.DELETE:
        if other.change.action is Action.DELETE:
            return kind.name == "configuration" and theirs != mine
        # Whoever is in scope by both is in scope all the time.
        return theirs.kind == mine.kind and other.change.action is Action.CREATE
    same = theirs == mine and other.phase < piece.phase
    needed = (
        theirs.kind in (*kind.needs, getattr(kind.endpoint, "parent", "")) and other.change.action is not Action.DELETE
    )
    return same or needed


def linked(plans: Sequence[TenantPlan], links: Iterable[Link]) -> list[TenantPlan]:
    """Return the plans with what the steps of links wait for in other tenants, and in their own, before they begin.

    Who sends people waits for the word of who receives them: consent and permission there, consent here. For what
    nobody carries out from here, because a tenant is only observed, no step can wait.
    """
    words = {address: ids for plan in plans if plan.standing is Standing.PLANNED for address, ids in _words(plan)}
    awaited = {(link.source, link.name): _awaited(link, words) for link in links}
    return [replace(plan, steps=tuple(_waiting(step, awaited) for step in plan.steps)) for plan in plans]


def _words(plan: TenantPlan) -> Iterator[tuple[Address, list[str]]]:
    """Yield the steps by which a tenant gives its word, by what they change."""
    found: defaultdict[Address, list[str]] = defaultdict(list)
    for step in plan.steps:
        if step.change.address.kind in _WORDS and step.change.action is not Action.DELETE:
            found[step.change.address].append(step.id)
    yield from found.items()


def _awaited(link: Link, words: Mapping[Address, Sequence[str]]) -> list[str]:
    ends = ((link.target, link.source_id), (link.source, link.target_id))
    addresses = [Address(tenant, kind, other) for tenant, other in ends for kind in _WORDS]
    return [name for address in addresses for name in words.get(address, ())]


def _waiting(step: Step, awaited: Mapping[tuple[str, str], Sequence[str]]) -> Step:
    address, after = step.change.address, step.change.after or {}
    begins = address.kind == "configuration" and step.change.action is Action.CREATE
    starts = address.kind == "job" and after.get("enabled") is True
    more = awaited.get((address.tenant, link_of(address.key)), ()) if begins or starts else ()
    return replace(step, needs=tuple(sorted({*step.needs, *more}))) if more else step
