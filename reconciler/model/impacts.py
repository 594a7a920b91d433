"""What a plan would do to the people of a link, as numbers: part of the plan, and judged anew when it is applied.

No names: a plan is kept and shown in places where nobody should read them. Values only, nothing is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.model.people import Fate, Guarded

FEW: Final = 3
PERCENT: Final = 5


@dataclass(frozen=True, slots=True)
class Surprise:
    """What will surprise somebody about the people of a link, with ids of some; a `warning`, or a `note`."""

    severity: str
    message: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What the next cycle of a link would do once the plan is applied, and what of it the plan is the reason for.

    `moves`: something of the plan can bring people into the scope of the link, or out of it. `linked` is how many
    people the service says it has linked, None where it does not say; `unnamed` of them nobody can name.

    By the plan as many as `removed` are soft-deleted who would not be without it, and as many as `appearing` come. Of
    as many as `unsure` nobody can say whether they are; where not `whole`, nobody can say of how many. `examples` are
    ids in the source of some who are removed. `missed` says what was not read, and `problem` why nothing was.
    """

    link: str
    source: str
    target: str
    moves: bool
    counts: Mapping[Fate, int] = field(default_factory=dict)
    guard: Guarded | None = None
    linked: int | None = None
    unnamed: int | None = 0
    removed: int = 0
    appearing: int = 0
    unsure: int = 0
    whole: bool = True
    examples: tuple[str, ...] = ()
    surprises: tuple[Surprise, ...] = ()
    missed: tuple[str, ...] = ()
    problem: str = ""

    @property
    def known(self) -> bool:
        """Whether it is known how many people the plan soft-deletes."""
        return self.whole and not self.unsure and not self.problem

    @property
    def people(self) -> int:
        """How many people the link has, as the service counts them; else those who were found to be linked."""
        if self.linked is not None:
            return self.linked
        return sum(self.counts.get(fate, 0) for fate in (Fate.UPDATE, Fate.BLOCK, Fate.REMOVE, Fate.IN_SYNC))

    @property
    def free(self) -> int:
        """How many of them may be soft-deleted without a question."""
        return max(FEW, self.people * PERCENT // 100)
