"""Synchronization from one tenant into another, as files want it. What it needs in both tenants are documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reconciler.model.values import Origin


@dataclass(frozen=True, slots=True)
class Principal:
    """A user or a group that people name: by id, by name, or both. The id decides; a name alone is looked up."""

    type: Literal["group", "user"]
    name: str = ""
    id: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A pair of tenants of which one sends people to the other. Its name is the key of all that it needs in `source`.

    `source` is a tenant of this repository. `target` is one as well, or what people call an organization that is not
    ours. `shape` is the kind of document that a person wrote: SyncLink, SyncConfiguration (the source's side alone),
    SyncAcceptance (the target's side alone; then `source` may be the organization that is not ours) or Topology.
    `accepted` is False when the target wants a SyncAcceptance and there is none, so that nothing is implied there.
    `people` says what becomes of those who were synchronized when the link is `absent`; "" says nothing.
    """

    name: str
    source: str
    source_id: str
    target: str
    target_id: str
    shape: str
    origin: Origin
    label: str = ""
    enabled: bool = True
    scope: Literal["assigned", "all"] = "assigned"
    exclusive: bool = True
    group_sync: bool = False
    accepted: bool = True
    absent: bool = False
    people: Literal["", "deprovision", "keep"] = ""
    owner: str = ""
