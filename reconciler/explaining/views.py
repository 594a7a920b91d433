"""One of two tenants, as far as we can look into it, and the sentence that begins every answer. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import Address, Document, Json, Party, State


@dataclass(frozen=True, slots=True)
class View:
    """A tenant and all that is known of it. Without a `state` nothing is, which is not the same as nothing set.

    `documents` are this tenant's. `observed` says that we look at it, and never write to it.
    """

    party: Party
    state: State | None = None
    documents: Mapping[Address, Document] = field(default_factory=dict)
    observed: bool = False

    def at(self, kind: str, other: Party) -> Address:
        """Return where this tenant keeps what it says about the other one."""
        return Address(self.party.name, kind, other.tenant_id)

    def has(self, kind: str, other: Party) -> bool:
        """Whether there is an object of that kind about the other tenant."""
        return self.state is not None and self.at(kind, other) in self.state

    def says(self, address: Address, block: str) -> Json:
        """Return what an object says of a block; None when it says nothing or is not there."""
        resource = (self.state or {}).get(address)
        return resource.body.get(block) if resource else None

    def default(self, block: str) -> Json:
        """Return what the default says of a block."""
        return self.says(Address(self.party.name, "default"), block)
