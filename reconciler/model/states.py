"""What is there and what should be, how the two differ, and why a person should look twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from reconciler.model.asides import Aside
from reconciler.model.documents import Acknowledgement
from reconciler.model.impacts import Impact
from reconciler.model.links import Conditions, Declaration, Synchronizations
from reconciler.model.lookups import Directory, DynamicGroups
from reconciler.model.memberships import Memberships
from reconciler.model.people import Fate, Forecast
from reconciler.model.values import Address, Body, Origin


@dataclass(frozen=True, slots=True)
class Resource:
    """A body at an address: `body` holds all managed blocks in canonical form, `facts` the read-only properties."""

    body: Body
    label: str = ""
    origin: Origin | None = None
    facts: Body = field(default_factory=dict)


State: TypeAlias = Mapping[Address, Resource]
"""Desired or live: the same type, so that a difference is a comparison."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read of one tenant, whole. `unknown` maps a kind to property names nobody has described to us.

    `synchronizations` is None where no link begins, so that nothing of the kind was read.
    `directory` is what was asked about organizations that are to become partners. `memberships` is what was asked about
    groups that links fill here, None where none does, or nobody asked. `impacts` is what was asked about the people of
    links that begin here, by link; `people` are some of them by name, where somebody wants to see them.
    `asides` and `conditions` were read only to be told of; what is missing there makes the rest no less whole.
    `dynamic` is None where nothing hangs on dynamic groups, so that nobody asked for them.
    """

    tenant: str
    state: State
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    synchronizations: Synchronizations | None = None
    directory: Directory = field(default_factory=Directory)
    asides: tuple[Aside, ...] = ()
    conditions: Conditions = field(default_factory=Conditions)
    memberships: Memberships | None = None
    impacts: Mapping[str, Impact] = field(default_factory=dict)
    people: Mapping[str, Mapping[Fate, tuple[Forecast, ...]]] = field(default_factory=dict)
    dynamic: DynamicGroups | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A tenant of which nothing may be concluded, and why. `exit_code` is that of the error behind it."""

    tenant: str
    reason: str
    exit_code: int


class Action(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    RESET = "reset"


class Effect(StrEnum):
    """What a change does to who gets in or out; the order is the order of applying."""

    NARROW = "narrow"
    NEUTRAL = "neutral"
    WIDEN = "widen"


@dataclass(frozen=True, slots=True)
class Change:
    """One step from what is to what should be. `before` and `after` hold just the blocks that differ.

    A create has no `before` and all blocks Git speaks of in `after`; a delete has no `after` and the whole object in
    `before`. A reset makes all of an object what the service begins with; the blocks that it does not name are that
    already. `origins` maps a block to the line that asks for it, `names` identifiers to people's labels.
    """

    action: Action
    address: Address
    before: Body | None
    after: Body | None
    label: str = ""
    origin: Origin | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The top-level properties that the change touches, sorted."""
        return tuple(sorted({*(self.before or {}), *(self.after or {})}))


class Severity(StrEnum):
    """How much a finding weighs: `block` wants an acknowledgement in Git, `error` cannot be acknowledged."""

    NOTE = "note"
    WARNING = "warning"
    BLOCK = "block"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a person should look twice, in one sentence, with facts to check it by.

    `rule` is the number of a guard rule, or 0. `path` is the property meant, as in an Acknowledgement. `suggestion` is
    YAML to paste. `acknowledged` is where Git says yes, `declared` the link that says it by asking for just this;
    a block that is answered no longer blocks, and is still shown. `waits` says that nothing can be done about it now
    but to wait: that is its outcome in an apply.
    """

    severity: Severity
    tenant: str
    message: str
    address: Address | None = None
    rule: int = 0
    path: str = ""
    details: tuple[str, ...] = ()
    suggestion: str = ""
    origin: Origin | None = None
    acknowledged: Acknowledgement | None = None
    declared: Declaration | None = None
    waits: bool = False

    @property
    def answered(self) -> bool:
        """Whether Git says yes to it."""
        return self.acknowledged is not None or self.declared is not None

    @property
    def stops(self) -> bool:
        """Whether nothing of this tenant may be applied because of it."""
        return self.severity is Severity.ERROR or (self.severity is Severity.BLOCK and not self.answered)
