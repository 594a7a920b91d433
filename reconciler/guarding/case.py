"""What the rules look at: one tenant before and after, and the question a rule may put to Git. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from reconciler import access
from reconciler.access import Difference
from reconciler.model import (
    Action,
    Address,
    Body,
    Change,
    Conditions,
    Directory,
    Document,
    DynamicGroups,
    Finding,
    Impact,
    Json,
    Judgement,
    Link,
    Origin,
    Severity,
    Standing,
    State,
    Tenant,
)

Suggest = Callable[[Address, Sequence[str]], str]
"""Returns YAML that takes what is live at an address into Git, or only these paths of it; "" where that is not ours."""


def no_suggestion(address: Address, paths: Sequence[str]) -> str:
    """Return nothing, whatever is asked for."""
    return ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen of another tenant: nothing but its `standing`, or also what is `live` there, and `conditions`.

    `shows_links` says that its synchronization was read as well. `origin` is where its file begins. `dynamic` are its
    dynamic groups where they were asked for.
    """

    standing: Standing
    live: State = field(default_factory=dict)
    shows_links: bool = False
    conditions: Conditions = field(default_factory=Conditions)
    origin: Origin | None = None
    dynamic: DynamicGroups | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the tenant would be if Git still said what was last applied, and the `tree` of those files."""

    tree: str
    state: State


@dataclass(frozen=True, slots=True)
class Case:
    """One tenant. `live` is all that was read, `desired` all that will be there, `changes` the difference.

    `documents` are this tenant's. `remembered` is how many objects the last apply managed here, None when nobody
    knows. `organizations` maps tenant ids to labels, `stock` a kind to what it is when nobody touched it,
    `ours` the ids of this repository's tenants to them. `directory` is what was asked about new partners. `links` are
    those of the repository, by name; `pairs` says of each that begins here whether it would work, `ambiguous` which
    configurations may be its own. `others` are the other tenants of this repository, by name. `earlier` is what was
    applied last, None when nobody knows. `conditions` is what else decides here whether links work. `impacts`
    is what becomes of the people of links by what changes who is in scope, by link.
    """

    tenant: Tenant
    documents: Mapping[Address, Document]
    live: State
    desired: State
    changes: Sequence[Change]
    today: date
    remembered: int | None = None
    organizations: Mapping[str, str] = field(default_factory=dict)
    stock: Mapping[str, Body] = field(default_factory=dict)
    suggest: Suggest = no_suggestion
    ours: Mapping[str, Tenant] = field(default_factory=dict)
    directory: Directory = field(default_factory=Directory)
    links: Mapping[str, Link] = field(default_factory=dict)
    pairs: Mapping[str, Sequence[Judgement]] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    others: Mapping[str, Sight] = field(default_factory=dict)
    earlier: Earlier | None = None
    conditions: Conditions = field(default_factory=Conditions)
    impacts: Mapping[str, Impact] = field(default_factory=dict)

    @property
    def default(self) -> Address:
        """Where the default of the tenant stands."""
        return Address(self.tenant.name, "default")

    def changed(self, kind: str) -> Iterator[Change]:
        """Yield the changes of one kind."""
        return (change for change in self.changes if change.address.kind == kind)

    def partners(self) -> Iterator[Address]:
        """Yield the partners that are really there, by address."""
        return (address for address in sorted(self.live) if address.kind == "partner")

    def who(self, address: Address, label: str = "") -> str:
        """Return how people call what stands at an address, with its key."""
        if address.kind in ("default", "policy"):
            return f"the {address.kind}"
        label = label or self.organizations.get(address.key, "")
        return f"{label} ({address.key})" if label and label != address.key else address.key or address.kind

    def own(self, state: State, address: Address, block: str) -> Json:
        """Return what an object itself says in a state about a block; None when it says nothing or is not there."""
        resource = state.get(address)
        return resource.body.get(block) if resource else None

    def shift(self, address: Address, block: str) -> Shift:
        """Return what applies to the organization of a partner before and after."""
        before, after = self.own(self.live, self.default, block), self.own(self.desired, self.default, block)
        own, wanted = self.own(self.live, address, block), self.own(self.desired, address, block)
        return Shift(
            before=access.effective(block, own, before),
            after=access.effective(block, wanted, after),
            meanwhile=access.effective(block, wanted, before),
        )

    def world_shift(self, change: Change, block: str) -> Shift:
        """Return what a change of the default does to organizations without an entry of their own."""
        return _default_shift(change, block, None)

    def default_shifts(self, change: Change, block: str) -> Iterator[tuple[str, Shift]]:
        """Yield what a change of the default does: to the world (named ""), then to partners with half a block."""
        yield "", self.world_shift(change, block)
        halved = {
            address: own
            for state in (self.live, self.desired)
            for address, own in access.halved(block, state, self.tenant.name)
        }
        for address, own in sorted(halved.items()):
            yield self.who(address), _default_shift(change, block, own)

    def finding(
        self,
        change: Change,
        rule: int,
        path: str,
        message: str,
        details: Iterable[str] = (),
        severity: Severity = Severity.BLOCK,
    ) -> Finding:
        """Return a finding about a change, at the line that asks for it."""
        return Finding(
            severity,
            self.tenant.name,
            message,
            address=change.address,
            rule=rule,
            path=path,
            details=tuple(details),
            origin=change.origins.get(path.partition(".")[0]) or change.origin,
        )


def _default_shift(change: Change, block: str, own: Json) -> Shift:
    before = access.effective(block, own, said(change.before, block))
    after = access.effective(block, own, said(change.after, block))
    return Shift(before, after, after)


@dataclass(frozen=True, slots=True)
class Shift:
    """What applies before and after, and `meanwhile`: under the default of before, should its change come later."""

    before: Json
    after: Json
    meanwhile: Json

    @property
    def gained(self) -> Difference:
        """Who gains in the end, or else in between."""
        return access.gained(self.before, self.after) or access.gained(self.before, self.meanwhile)

    @property
    def lost(self) -> Difference:
        """Who loses in the end."""
        return access.lost(self.before, self.after)

    @property
    def widest(self) -> Json:
        """What shows the gain: what applies in the end, or else in between."""
        return self.after if access.gained(self.before, self.after) else self.meanwhile


@dataclass(frozen=True, slots=True)
class Question:
    """A block finding, and what a yes in Git must name: the exact change, or as many changes as `count`.

    `declares` names what has to be asked for by a link that shall answer it, as in a Document; nothing, no link does.
    """

    finding: Finding
    before: Json = None
    after: Json = None
    count: int | None = None
    declares: tuple[tuple[Address, str], ...] = ()


def said(body: Body | None, block: str, leaf: str = "") -> Json:
    """Return a block, or one leaf of it; None where nothing is said."""
    value = (body or {}).get(block)
    return value.get(leaf) if leaf and value is not None else value


def keeps(change: Change) -> bool:
    """Whether the object is there after the change."""
    return change.action is not Action.DELETE
