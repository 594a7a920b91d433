"""How much of a tenant the files speak of, in numbers. Counts nothing itself."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.asides import Aside


@dataclass(frozen=True, slots=True)
class Share:
    """How many are managed (a file speaks of them), undeclared (none does), or ignored on purpose."""

    managed: int = 0
    undeclared: int = 0
    ignored: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.managed + self.undeclared + self.ignored


@dataclass(frozen=True, slots=True)
class KindCoverage:
    """The objects of one kind that are there, and the blocks in them that are set or spoken of.

    `unknown` are properties that this version does not know: nothing can be said of them.
    """

    kind: str
    objects: Share
    blocks: Share
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """One tenant. A `reason` says why nothing is known of it; then there are no numbers.

    `asides` are what is told of and never managed.
    """

    tenant: str
    display_name: str
    kinds: tuple[KindCoverage, ...] = ()
    reason: str = ""
    exit_code: int = 0
    asides: tuple[Aside, ...] = ()
