"""Who joins the groups of a target, and who leaves them: from the groups that links name to single memberships. Pure.

Nothing is remembered. A member leaves only where it is known that a link of this group brought them, and that none of
those links means them any more. Everybody else stays: our own people, people from elsewhere, groups, whoever was put
in by hand. What is not known takes nobody in and nobody out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.kinds.membership import KIND
from reconciler.model import (
    Address,
    Brought,
    Document,
    Finding,
    Link,
    Memberships,
    Resource,
    Severity,
    State,
)
from reconciler.resolving.receiving import finding, identity, named, objections, roster_of

Documents = Mapping[Address, Document]

MEMBERSHIP = KIND.name
_UNASKED = Brought(problem="nobody was asked")
_THERE = KIND.canonical({"member": True})


@dataclass(frozen=True, slots=True)
class Gathered:
    """The documents with one for each membership that matters, those that are there, and what is to be said of them."""

    documents: Documents
    live: State = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def gather(documents: Documents, read: Memberships | None, links: Iterable[Link] = ()) -> Gathered:
    """Return the memberships that the groups of these documents come to; where nobody read about them, none."""
    rest = {address: one for address, one in documents.items() if address.kind != MEMBERSHIP}
    groups = [one for address, one in sorted(documents.items()) if address.kind == MEMBERSHIP]
    keeping = {link.name for link in links if link.absent and link.people == "keep"}
    left = tuple(_left(one, keeps=one.link in keeping) for one in groups if one.absent)
    if read is None:
        return Gathered(rest, findings=left)
    single, live, findings = _filled([one for one in groups if not one.absent], read)
    return Gathered({**rest, **single}, live, (*left, *findings))


def _filled(asked: Iterable[Document], read: Memberships) -> tuple[Documents, State, list[Finding]]:
    groups: defaultdict[str, list[Document]] = defaultdict(list)
    findings: list[Finding] = []
    for one in asked:
        wrong = objections(one, read)
        findings += wrong
        if not any(found.severity is Severity.ERROR for found in wrong):
            groups[identity(one, read)].append(one)
    single: dict[Address, Document] = {}
    live: dict[Address, Resource] = {}
    for key, of in groups.items():
        group = _Group(key, of, read)
        found = {document.address: document for document in group.memberships()}
        single |= found
        live |= {at: Resource(_THERE, one.label, one.origin) for at, one in found.items() if group.has(at)}
        findings += group.told(found)
    return single, live, findings


# ---------------------------------------------------------------------------------------------- one group


@dataclass(frozen=True, slots=True)
class _Group:
    """A group by its id, and the documents of all links that fill it, in the order of their names."""

    key: str
    of: Sequence[Document]
    read: Memberships

    @property
    def members(self) -> Mapping[str, str]:
        return roster_of(self.of[0], self.read).members

    def has(self, membership: Address) -> bool:
        return _user(membership) in self.members

    def brought(self, document: Document) -> Brought:
        return self.read.brought.get(document.link, _UNASKED)

    def memberships(self) -> Iterator[Document]:
        """Yield the memberships that shall be, and those that shall not and are; no person twice."""
        meant: set[str] = set()
        for one in self.of:
            mine = self.brought(one).present if one.said["member"] else frozenset[str]()
            for user in sorted(mine - meant):
                yield self._membership(one, user, absent=False)
            meant |= mine
        if any(self.brought(one).problem for one in self.of):
            # They might be meant by the link of which nobody can say whom it means.
            return
        gone: set[str] = set()
        for one in self.of:
            theirs = self.brought(one)
            parted = theirs.parted if one.said["member"] else theirs.parted | theirs.present
            # Whose account is of this tenant is nobody's to take out, whatever became of them.
            leaving = {user for user in parted - meant - gone if self.members.get(user)}
            for user in sorted(leaving):
                yield self._membership(one, user, absent=True)
            gone |= leaving

    def _membership(self, document: Document, user: str, *, absent: bool) -> Document:
        address = replace(document.address, key=f"{document.link}/{self.key}/{user}")
        origin = document.origins.get("member", document.origin)
        return replace(
            document,
            address=address,
            label=self.name,
            origin=origin,
            said={} if absent else {"member": True},
            origins={"member": origin},
            absent=absent,
            principal=None,
            acknowledge=(),
        )

    @property
    def name(self) -> str:
        return str(roster_of(self.of[0], self.read).found.candidates[0].get("displayName"))

    def told(self, found: Documents) -> Iterator[Finding]:
        """Yield what is to be said of the group, link by link."""
        for one in self.of:
            brought = self.brought(one)
            if brought.problem:
                yield finding(
                    one,
                    f"who of link {one.link} belongs to the group {self.name} cannot be told: {brought.problem}; "
                    "nobody joins it and nobody leaves it",
                    Severity.ERROR,
                )
                continue
            mine = [of for of in found.values() if of.link == one.link]
            joins = sum(not of.absent and not self.has(of.address) for of in mine)
            leaves = sum(of.absent for of in mine)
            details = [*self._later(one, brought)]
            if joins or leaves or details:
                message = f"link {one.link}: {joins} join the group {self.name}, {leaves} leave it"
                yield finding(one, message, Severity.NOTE, details)

    def _later(self, document: Document, brought: Brought) -> Iterator[str]:
        if brought.coming and document.said["member"]:
            yield f"{brought.coming} more join when they have appeared: the next apply after that does it"
        if brought.guessed and document.said["member"]:
            yield f"{brought.guessed} do not join: nothing but the same mail says who they are here, which is no proof"
        if brought.unknown:
            yield f"of {brought.unknown} nobody can say whether they are meant: they neither join nor leave"


def dropped(documents: Documents, then: Documents) -> Iterator[Finding]:
    """Yield the groups that links filled at the last apply, and that no file speaks of any more for them."""
    kept = {pair for one in documents.values() if one.address.kind == MEMBERSHIP for pair in _names(one)}
    for address, document in sorted(then.items()):
        filled = address.kind == MEMBERSHIP and not document.absent and document.said["member"]
        if not filled or not kept.isdisjoint(_names(document)):
            continue
        yield Finding(
            Severity.WARNING,
            address.tenant,
            f"no file asks any more for people of link {document.link} in the group {document.label}: whoever is in it "
            "stays, and nobody looks after that",
            address,
            details=("to take them out, bring the entry back with members: none, and apply that before it goes",),
        )


def _names(document: Document) -> set[tuple[str, str]]:
    """Return what a group of a link goes by: its id, and its name."""
    group = named(document)
    return {(document.link, word) for word in (group.id, group.name) if word}


def _user(membership: Address) -> str:
    return membership.key.rpartition("/")[2]


def _left(document: Document, *, keeps: bool) -> Finding:
    """Return what becomes of the memberships of a link that goes: nothing is written about them."""
    group = document.label
    if keeps:
        message = f"link {document.link} is removed, and its people stay in the group {group}: nobody looks after that"
        details = ("to take them out, write members: none there and apply that before state: absent",)
        return finding(document, message, Severity.WARNING, details)
    message = f"link {document.link} is removed: its people leave the group {group} as the service deletes them"
    return finding(document, message, Severity.NOTE)
