"""Groups of a target that people of links are in: what was read about them, before anybody says what is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.links import Found, Principal


@dataclass(frozen=True, slots=True)
class Roster:
    """A group as the directory shows it, and who is in it; or in `problem` why nobody can say who is.

    `members` maps the ids of those who are members by themselves to the domain of their account at home, "" for
    whoever is not from elsewhere: our own people, groups, devices and service principals.
    """

    found: Found
    members: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """Whom a link has in its target, by the ids that they have there; or in `problem` why nobody can say.

    `present` are in scope, and surely the people that are meant. `parted` are not in scope, and are known to have come
    by this link. Of people in scope, as many as `guessed` may be somebody in the target, and as many as `coming` are
    nobody there yet; of as many as `unknown` nobody can say whether they are in scope, or who they are.
    """

    present: frozenset[str] = frozenset()
    parted: frozenset[str] = frozenset()
    guessed: int = 0
    coming: int = 0
    unknown: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Memberships:
    """What was read for the groups of one tenant that links name: each group, and whom each link has there."""

    rosters: Mapping[Principal, Roster] = field(default_factory=dict)
    brought: Mapping[str, Brought] = field(default_factory=dict)
