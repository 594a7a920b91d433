"""Synchronization from one tenant into another, as files want it. What it needs in both tenants are documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from reconciler.model.kinds import Ids
from reconciler.model.values import Body, Origin


@dataclass(frozen=True, slots=True)
class Principal:
    """A user or a group that people name: by id, by name, or both. The id decides; a name alone is looked up."""

    type: Literal["group", "user"]
    name: str = ""
    id: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Who bears a name or an id in a tenant, as the directory shows them; or in `problem` why nobody can say.

    `inside` are the names of groups that are members of a group. None: nobody looked, or could, as `unseen` says.
    """

    candidates: tuple[Body, ...] = ()
    problem: str = ""
    inside: tuple[str, ...] | None = None
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a tenant has bought, as far as it is in force: `plans` are the ids of the service plans in it."""

    name: str
    seats: int
    used: int
    plans: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Conditions:
    """What else decides in a tenant whether links work, read to be told of: nothing follows where it was not read.

    `inviters` says who may invite guests, in the service's own word, `subscriptions` what the tenant has bought; None
    is unknown, and `problems` says why, by these two names, where it was asked.
    """

    inviters: str | None = None
    subscriptions: tuple[Subscription, ...] | None = None
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Synchronizations:
    """What was read of a tenant because links begin there, beside the state of their parts.

    `ids` are the configurations by link, `found` the people and groups that links name. `template` is the service's own
    mappings in the form of the kind, None where no configuration is there to show them. `ambiguous` maps links to the
    configurations that might be theirs, described for people. `offered` is False where the service says that it offers
    no template from which one could be made.
    """

    ids: Mapping[str, Ids] = field(default_factory=dict)
    template: Body | None = None
    found: Mapping[Principal, Found] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Pin:
    """The template that a link was written for, as `Kind.footing` names it, and the line that says so."""

    footing: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Declaration:
    """A link that asks for something by its name, and the line on which it does."""

    link: str
    origin: Origin


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
