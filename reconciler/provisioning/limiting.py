"""What stops a cycle: more deletions than it may carry out, or more failures than the service puts up with.

Counts in, a verdict out. Not for what is done about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Excess = Literal["", "EncounteredEscrowProportionThreshold"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures the service puts up with: its own numbers, documented as approximate.

    Less than `evaluated_from` are none; `most` are objects, `most_of_all` objects and references together.
    """

    evaluated_from: int = 5_000
    most: int = 40_000
    most_of_all: int = 60_000


DOCUMENTED: Final = Limits()


def holds_deletions(removed: int, blocked: int, threshold: int | None, *, counts_blocked: bool = True) -> bool:
    """Tell whether the guard against accidental deletions holds all deletions of a cycle.

    `removed` would be deleted, `blocked` would be kept from signing in; no threshold is no guard.
    """
    return threshold is not None and removed > 0 and removed + (blocked if counts_blocked else 0) > threshold


def excess(failed: int, references: int, done: int, limits: Limits = DOCUMENTED) -> Excess:
    """Return why a job goes into quarantine for its failures, or nothing.

    `failed` are objects, `references` managers and members that could not be written, `done` what went well.
    """
    is_most = failed >= limits.evaluated_from and failed * 100 > (failed + done) * 40
    if is_most or failed > limits.most or failed + references > limits.most_of_all:
        return "EncounteredEscrowProportionThreshold"
    return ""
