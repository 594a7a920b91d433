"""What stops a cycle: more deletions than it may carry out, or more failures than the service puts up with.

Counts in, a verdict out. Not for what is done about it.
"""

from __future__ import annotations

from typing import Final, Literal

Excess = Literal["", "EncounteredEscrowProportionThreshold"]

# The service's own numbers, documented as approximate.
_EVALUATED_FROM: Final = 5_000
_MOST: Final = 40_000
_MOST_WITH_REFERENCES: Final = 60_000


def holds_deletions(removed: int, blocked: int, threshold: int | None, *, counts_blocked: bool = True) -> bool:
    """Tell whether the guard against accidental deletions holds all deletions of a cycle.

    `removed` would be deleted, `blocked` would be kept from signing in; no threshold is no guard.
    """
    return threshold is not None and removed > 0 and removed + (blocked if counts_blocked else 0) > threshold


def excess(failed: int, references: int, done: int) -> Excess:
    """Return why a job goes into quarantine for its failures, or nothing.

    `failed` are objects, `references` managers and members that could not be written, `done` what went well.
    """
    if failed + references < _EVALUATED_FROM:
        return ""
    is_most = failed >= _EVALUATED_FROM and failed * 100 > (failed + done) * 40
    if is_most or failed > _MOST or failed + references > _MOST_WITH_REFERENCES:
        return "EncounteredEscrowProportionThreshold"
    return ""
