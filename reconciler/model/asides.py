"""What is read to be told of and never written: the multitenant organization of a tenant, and its templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from reconciler.model.values import Body

AsideName: TypeAlias = Literal["multitenant organization", "partner template", "synchronization template"]


@dataclass(frozen=True, slots=True)
class Aside:
    """One such object: what it says, in canonical form.

    Without a `body` it is not there, or a `reason` says why it was not read. `level` is to whom a template applies
    when a tenant joins: some of newPartners and existingPartners, or nobody.
    """

    name: AsideName
    body: Body | None = None
    reason: str = ""
    level: tuple[str, ...] = ()

    @property
    def sets(self) -> tuple[str, ...]:
        """The blocks that a template writes when a tenant joins, sorted."""
        if self.name == "multitenant organization" or not self.level:
            return ()
        return tuple(sorted(name for name, value in (self.body or {}).items() if value is not None))
