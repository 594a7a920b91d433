"""What the files say: tenants, documents and what people agreed to, after expansion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from reconciler.model.links import Declaration, Link, Pin, Principal
from reconciler.model.values import Address, Body, Json, Origin


class Management(StrEnum):
    """What may be done to a tenant: `here` plan and apply, `observe` plan only, `elsewhere` no sign-in."""

    HERE = "here"
    OBSERVE = "observe"
    ELSEWHERE = "elsewhere"


class Undeclared(StrEnum):
    """What happens to what Git does not mention: report it, say nothing, or delete it (objects only, guarded)."""

    REPORT = "report"
    IGNORE = "ignore"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A reviewed, exact and expiring yes to one guard rule, written beside the resource.

    Either `path`, `before` and `after` (the exact change meant; YAML says `property`, `from`, `to`) or `count_max` is
    given. `path` is a top-level property, or a leaf such as `inboundTrust.isMfaAccepted`, or "" for the whole object.
    """

    rule: int
    reason: str
    owner: str
    expires: date
    origin: Origin
    path: str = ""
    before: Json = None
    after: Json = None
    count_max: int | None = None


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant of this repository, as its `tenant.yaml` says. `auth` maps `plan` and `apply` to a client id."""

    name: str
    tenant_id: str
    display_name: str
    domain: str
    origin: Origin
    cloud: Literal["global", "usgov", "usgovdod", "china"] = "global"
    relationship: Literal["same-organization", "external"] = "same-organization"
    management: Management = Management.OBSERVE
    undeclared: Undeclared = Undeclared.REPORT
    acceptance: Literal["implied", "required"] = "implied"
    owner: str = ""
    auth: Mapping[str, str] = field(default_factory=dict)
    acknowledge: tuple[Acknowledgement, ...] = ()


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How a resource may change: `prevent_destroy` refuses its deletion, `ignore` names blocks Git leaves alone."""

    prevent_destroy: bool = False
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One resource as Git wants it, after profiles and sets have been expanded.

    `said` is canonical and holds only the top-level properties that Git mentions; None means "inherit". Inside a
    block of named flags (`inboundTrust`) only the mentioned leaves are there. `origins` maps each property of `said`
    to the line a person wrote. `names` maps identifiers in `said` to the labels people gave them.

    `link` is the name of the link that asks for it, or "". `declared` maps what of `said` a SyncLink or a Topology asks
    for to the link: a block, or one leaf as `block.leaf`. `principal` is who an assignment is about; as long as its id
    is not known, the key of the address has the name instead. `exclusive` names the kinds of which nothing may hang
    below this object but what Git says. `pin` is the template that `said` was written for, where it says so.
    """

    address: Address
    label: str
    origin: Origin
    said: Body
    origins: Mapping[str, Origin] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    absent: bool = False
    domain: str = ""
    owner: str = ""
    purpose: str = ""
    ticket: str = ""
    review_by: date | None = None
    lifecycle: Lifecycle = Lifecycle()
    acknowledge: tuple[Acknowledgement, ...] = ()
    link: str = ""
    declared: Mapping[str, Declaration] = field(default_factory=dict)
    principal: Principal | None = None
    exclusive: tuple[str, ...] = ()
    pin: Pin | None = None


@dataclass(frozen=True, slots=True, order=True)
class Hazard:
    """What works and may still surprise in a link that begins in a tenant: where, what, and what to do about it."""

    origin: Origin
    tenant: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Estate:
    """All that the files say, expanded: tenants by name, documents by address, known organizations, and links.

    `organizations` maps a tenant id (lower case) to the label people use for it. `links` are in the order of names.
    `hazards` is what works and may still surprise. `by_tenant` are the same documents, apart for each tenant.
    """

    tenants: Mapping[str, Tenant]
    documents: Mapping[Address, Document]
    organizations: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    by_tenant: Mapping[str, Mapping[Address, Document]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        apart: defaultdict[str, dict[Address, Document]] = defaultdict(dict)
        for address, document in self.documents.items():
            apart[address.tenant][address] = document
        object.__setattr__(self, "by_tenant", dict(apart))
