"""What a plan is made of before it is put in order: changes, or parts of changes that stand in different places."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reconciler.model import Action, Address, Body, Change, fingerprint

BEFORE, BESIDE, AFTER = -1, 0, 1
# Of a link: what is set back before anything else is done about it, and what is set when all the rest is done.
FIRST, LAST = -2, 3
# Of a link as well: what lets people go, once those who stay are known; what is done when even the last is set; and
# what says that nothing is owed any more.
TURN, ACT, CLOSE = 2, 4, 5
# Where links stand among all steps: after access, stage by stage, and what goes after what comes.
LINKS, GOING, STAGE = 900, 90, 100


def stage(phase: int) -> int:
    """Return the place of a phase among those of a link, of which each is done whole before the next begins."""
    return 0 if BEFORE <= phase <= AFTER else phase


@dataclass(frozen=True, slots=True)
class Piece:
    """A change, or the part of one that must go before or after the default's; `behind` is where that default is."""

    id: str
    change: Change
    phase: int
    behind: Address | None


def piece_of(change: Change, phase: int, behind: Address | None) -> Piece:
    """Return the change as a piece, with the id that its step will have."""
    return Piece(step_id(change), change, phase, behind)


def between(change: Change, before: Body, after: Body) -> Change:
    """Return the update that is a part of `change`, from one value of its blocks to another."""
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return replace(
        change,
        action=Action.UPDATE,
        before={name: before.get(name) for name in names},
        after={name: after.get(name) for name in names},
        origins={name: place for name, place in change.origins.items() if name in names},
    )


def step_id(change: Change) -> str:
    """Return 16 hexadecimal digits that are the same for the same change."""
    return fingerprint([change.action, str(change.address), change.before, change.after])[:16]
