"""What a cycle makes of one person: created, adopted, updated, blocked, removed, restored, left alone, or in conflict.

The decision table of the service as data, and one function over it. Not for reading anybody or writing anything: a
caller brings what is known of a person on both sides, and what it calls updated may turn out to need no write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Account = Literal["active", "disabled", "deleted", "gone"]
"""The account at home: `deleted` is in the bin, `gone` is in no bin either."""

Target = Literal["none", "match", "conflict", "live", "blocked", "removed", "discarded", "expired", "gone"]
"""What stands in the target.

Without a link: nobody, somebody who is the same person, or somebody in the way. With one: a user, one who may not sign
in, one in the bin (`removed` by the service, `discarded` by somebody else), one whom the service removed and whom the
bin has let go of (`expired`), or nobody any more (`gone`).
"""


Scope = Literal["in", "out", "ignored"]
"""Whether somebody is meant, whatever their account: `ignored` is whoever the built-in filter does not let through."""


class Action(StrEnum):
    """What is done to one person."""

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    BLOCK = "block"
    REMOVE = "remove"
    RESTORE = "restore"
    SKIP = "skip"
    FAIL = "fail"


ALL_ACTIONS: Final = frozenset({"Add", "Update", "Delete"})
"""What an object mapping may allow."""

NOT_ENTITLED: Final = "NotEffectivelyEntitled"
SKIPPED: Final = "EntrySynchronizationSkipped"
INVALID_ANCHOR: Final = "InvalidAnchor"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one person when the decision is made.

    `reason` says why somebody is not in scope, `conflict` is the code for whoever is in the way, `allowed` what the
    object mapping may do.
    """

    linked: bool
    account: Account
    scope: Scope
    target: Target
    reason: str = NOT_ENTITLED
    conflict: str = ""
    allowed: frozenset[str] = ALL_ACTIONS


@dataclass(frozen=True, slots=True)
class Ways:
    """What the documentation leaves open about decisions."""

    discarded: Literal["failure", "skip"] = "failure"
    vanished: Literal["failure", "created"] = "failure"
    purged: Literal["kept", "purged"] = "kept"


LIKELIEST: Final = Ways()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done, and why where it is nothing: a reason for a skip, a code for a failure."""

    action: Action
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; what is empty is anything. `reason` may be a word of `Standing`."""

    linked: bool
    accounts: tuple[Account, ...]
    scopes: tuple[Scope, ...]
    targets: tuple[Target, ...]
    action: Action
    reason: str = ""

    def fits(self, one: Standing) -> bool:
        """Tell whether the row is about this person."""
        return (
            self.linked is one.linked
            and (not self.accounts or one.account in self.accounts)
            and (not self.scopes or one.scope in self.scopes)
            and (not self.targets or one.target in self.targets)
        )


_ACTIVE: Final[tuple[Account, ...]] = ("active",)
_DISABLED: Final[tuple[Account, ...]] = ("disabled",)
_GONE: Final[tuple[Account, ...]] = ("deleted", "gone")
_THERE: Final[tuple[Target, ...]] = ("live", "blocked")
_IN: Final[tuple[Scope, ...]] = ("in",)
_OUT: Final[tuple[Scope, ...]] = ("out",)
_WHY: Final = "{reason}"
_WHO: Final = "{conflict}"

# The first row that fits decides.
TABLE: Final = (
    Row(False, _ACTIVE, _IN, ("none",), Action.CREATE),
    Row(False, _ACTIVE, _IN, ("match",), Action.ADOPT),
    Row(False, _ACTIVE, _IN, ("conflict",), Action.FAIL, _WHO),
    Row(False, _DISABLED, (), (), Action.SKIP, NOT_ENTITLED),
    Row(False, (), (), (), Action.SKIP, _WHY),
    # Documented: whom the built-in filter does not let through any more is ignored, not removed.
    Row(True, (*_ACTIVE, *_DISABLED), ("ignored",), (), Action.SKIP, _WHY),
    Row(True, _ACTIVE, _IN, _THERE, Action.UPDATE),
    Row(True, _DISABLED, _IN, ("live",), Action.BLOCK),
    Row(True, _DISABLED, _IN, ("blocked",), Action.UPDATE),
    Row(True, _ACTIVE, _OUT, _THERE, Action.REMOVE),
    # Documented: whoever was blocked before they left the scope stays, blocked.
    Row(True, _DISABLED, _OUT, ("blocked",), Action.SKIP, _WHY),
    Row(True, _DISABLED, _OUT, ("live",), Action.REMOVE),
    Row(True, _GONE, (), _THERE, Action.REMOVE),
    Row(True, _ACTIVE, _IN, ("removed",), Action.RESTORE),
    Row(True, _ACTIVE, _IN, ("expired",), Action.CREATE),
    Row(True, _ACTIVE, _IN, ("discarded", "gone"), Action.FAIL, INVALID_ANCHOR),
    Row(True, _DISABLED, _IN, (), Action.SKIP, NOT_ENTITLED),
    Row(True, (), (), (), Action.SKIP, _WHY),
)

# Whoever is gone for good at home, where that is assumed to empty the bin of the target.
_PURGE: Final = Row(True, ("gone",), (), ("removed",), Action.REMOVE)

_NEEDS: Final = {
    Action.CREATE: "Add",
    Action.ADOPT: "Update",
    Action.UPDATE: "Update",
    Action.BLOCK: "Update",
    Action.RESTORE: "Update",
    Action.REMOVE: "Delete",
}


def decide(one: Standing, ways: Ways = LIKELIEST) -> Decision:
    """Return what a cycle makes of a person.

    Raises:
        ValueError: for what cannot be, such as a link to somebody who is in the way.
    """
    row = next(_fitting(one), None)
    if row is None:
        raise ValueError(f"no row of the decision table is about {one}")
    if ways.purged == "purged" and one.account == "gone" and one.target == "removed":
        row = _PURGE
    # Who is in the way is found out by the attempt to create somebody.
    needed = "Add" if row.reason == _WHO else _NEEDS.get(row.action)
    if needed is not None and needed not in one.allowed:
        return Decision(Action.SKIP, SKIPPED)
    if row.reason == INVALID_ANCHOR:
        return _unanchored(one, ways)
    return Decision(row.action, {_WHY: one.reason, _WHO: one.conflict}.get(row.reason, row.reason))


def _fitting(one: Standing) -> Iterator[Row]:
    unlinked: tuple[Target, ...] = ("none", "match", "conflict")
    if one.linked is (one.target not in unlinked):
        yield from (row for row in TABLE if row.fits(one))


def _unanchored(one: Standing, ways: Ways) -> Decision:
    """Return what becomes of somebody whose user in the target was taken away there."""
    if one.target == "discarded" and ways.discarded == "skip":
        return Decision(Action.SKIP, SKIPPED)
    if one.target == "gone" and ways.vanished == "created":
        return Decision(Action.CREATE) if "Add" in one.allowed else Decision(Action.SKIP, SKIPPED)
    return Decision(Action.FAIL, INVALID_ANCHOR)
