"""What is: the nine words of the design as frozen values. Nothing here reads, decides or writes.

Tenant, Document, Address (tenant/kind/key), Kind, State (address → body and origin; the same type for desired and
live), Change, Finding, Plan, Outcome.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from pydantic import BaseModel

Json: TypeAlias = Any
"""A JSON value. Bodies are checked at the edges, so the middle only compares, copies and names their parts."""

Body: TypeAlias = Mapping[str, Json]
"""A JSON object in Graph's own property names."""


def canonical_json(value: Json) -> bytes:
    """Return the one way in which we write `value`: sorted keys, no spaces, UTF-8, no NaN.

    Raises:
        ValueError: for NaN, infinities and lone surrogates, which have no such form.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def fingerprint(value: Json) -> str:
    """Return 32 hexadecimal digits that stand for `value`: the same value, the same digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()[:32]


# ---------------------------------------------------------------------------------------------- where


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in a file that a person wrote: path below the repository, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """What a resource is known by: the tenant's name, the kind's name, and the kind's own key ("" for a singleton)."""

    tenant: str
    kind: str
    key: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.tenant, self.kind, self.key) if part)


# ---------------------------------------------------------------------------------------------- tenants


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


# ---------------------------------------------------------------------------------------------- documents


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


@dataclass(frozen=True, slots=True)
class Estate:
    """All that the files say, expanded: tenants by name, documents by address, and known organizations.

    `organizations` maps a tenant id (lower case) to the label people use for it.
    """

    tenants: Mapping[str, Tenant]
    documents: Mapping[Address, Document]
    organizations: Mapping[str, str] = field(default_factory=dict)


# ---------------------------------------------------------------------------------------------- kinds


@dataclass(frozen=True, slots=True)
class Singleton:
    """An object that always exists: GET and PATCH at `path`."""

    path: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Objects that come and go: GET and POST at `path`, GET, PATCH and DELETE at `path/{key}`.

    `key` is the property that identifies an item. `keyed_by` says what a document's `name` stands for:
    an organization, whose tenant id is the key, or the key itself.
    """

    path: str
    key: str
    keyed_by: Literal["organization", "name"] = "organization"

    def item(self, key: str) -> str:
        """Return the path of the item with that key."""
        return f"{self.path}/{key}"


@dataclass(frozen=True, slots=True)
class Permissions:
    """Microsoft Graph application permissions, the least that suffice."""

    read: str
    write: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource, as data: everything the stages need to know about it.

    `model` validates the `spec` that people write (its fields are the blocks we manage); `read_only` are properties we
    know and never write. `canonical` brings a body, said or live, into the one form that is compared with `==`; it
    keeps absent properties absent and None None. `stock` is what the service shows when nobody set anything.
    `fallback` names the kind whose block applies where ours is None. An object with a true property of `protected` is
    never deleted for being undeclared. `examples` are bodies as people may write them,
    used by the conformance suite and the reference pages.
    """

    name: str
    document: str
    model: type[BaseModel]
    endpoint: Singleton | Collection
    permissions: Permissions
    canonical: Callable[[Body], Body]
    stock: Body
    summary: str
    read_only: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    fallback: str = ""
    protected: tuple[str, ...] = ()
    examples: tuple[Body, ...] = ()

    @property
    def blocks(self) -> tuple[str, ...]:
        """The top-level properties we manage, sorted."""
        return tuple(sorted(self.model.model_fields))

    def path(self, key: str) -> str:
        """Return the path of the object with that key ("" for a singleton)."""
        return self.endpoint.path if isinstance(self.endpoint, Singleton) else self.endpoint.item(key)

    def project(self, body: Body) -> Body:
        """Return the managed blocks of a live object, complete: a block or a leaf that the service left out is None.

        Raises:
            ValueError: when a block has a shape that nobody has described to us.
        """
        members = _members(self.model)
        return self.canonical({name: _complete(body.get(name), members[name]) for name in self.blocks})

    def unknown(self, body: Body) -> tuple[str, ...]:
        """Return the names in a live object that nobody has described to us, leaves as `block.leaf`, sorted."""
        members = _members(self.model)
        known = {*members, *self.read_only}
        blocks = (name for name in body if name not in known)
        leaves = (
            f"{name}.{leaf}"
            for name, inner in members.items()
            if inner and isinstance(value := body.get(name), Mapping)
            for leaf in value
            if leaf not in inner
        )
        return tuple(sorted(name for name in (*blocks, *leaves) if "@odata." not in name))


@cache
def _members(model: type[BaseModel]) -> Mapping[str, tuple[str, ...]]:
    """Return the leaves of each block: for a block that is itself a model its fields, else nothing."""
    return {name: _fields(info.annotation) for name, info in sorted(model.model_fields.items())}


def _fields(annotation: object) -> tuple[str, ...]:
    for candidate in (annotation, *get_args(annotation)):
        if hasattr(candidate, "model_fields"):
            return tuple(candidate.model_fields)
    return ()


def _complete(value: Json, members: tuple[str, ...]) -> Json:
    return {name: value.get(name) for name in members} if members and isinstance(value, Mapping) else value


# ---------------------------------------------------------------------------------------------- state


@dataclass(frozen=True, slots=True)
class Resource:
    """A body at an address: `body` holds all managed blocks in canonical form, `facts` the read-only properties."""

    body: Body
    label: str = ""
    origin: Origin | None = None
    facts: Body = field(default_factory=dict)


State: TypeAlias = Mapping[Address, Resource]
"""Desired or live: the same type, so that a difference is a comparison."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read of one tenant, whole. `unknown` maps a kind to property names nobody has described to us."""

    tenant: str
    state: State
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A tenant of which nothing may be concluded, and why. `exit_code` is that of the error behind it."""

    tenant: str
    reason: str
    exit_code: int


# ---------------------------------------------------------------------------------------------- changes


class Action(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Effect(StrEnum):
    """What a change does to who gets in or out; the order is the order of applying."""

    NARROW = "narrow"
    NEUTRAL = "neutral"
    WIDEN = "widen"


@dataclass(frozen=True, slots=True)
class Change:
    """One step from what is to what should be. `before` and `after` hold just the blocks that differ.

    A create has no `before` and all blocks Git speaks of in `after`; a delete has no `after` and the whole object in
    `before`. `origins` maps a block to the line that asks for it, `names` identifiers to people's labels.
    """

    action: Action
    address: Address
    before: Body | None
    after: Body | None
    label: str = ""
    origin: Origin | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The top-level properties that the change touches, sorted."""
        return tuple(sorted({*(self.before or {}), *(self.after or {})}))


class Severity(StrEnum):
    """How much a finding weighs: `block` wants an acknowledgement in Git, `error` cannot be acknowledged."""

    NOTE = "note"
    WARNING = "warning"
    BLOCK = "block"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a person should look twice, in one sentence, with facts to check it by.

    `rule` is the number of a guard rule, or 0. `path` is the property meant, as in an Acknowledgement. `suggestion` is
    YAML to paste. `acknowledged` is where Git says yes;
    an acknowledged block no longer blocks, and is still shown.
    """

    severity: Severity
    tenant: str
    message: str
    address: Address | None = None
    rule: int = 0
    path: str = ""
    details: tuple[str, ...] = ()
    suggestion: str = ""
    origin: Origin | None = None
    acknowledged: Acknowledgement | None = None

    @property
    def stops(self) -> bool:
        """Whether nothing of this tenant may be applied because of it."""
        return self.severity is Severity.ERROR or (self.severity is Severity.BLOCK and self.acknowledged is None)


# ---------------------------------------------------------------------------------------------- plan


@dataclass(frozen=True, slots=True)
class Step:
    """One write: a change in its place. `id` is unique in the plan and the same for the same change.

    `needs` are the ids of earlier steps that must be confirmed before this one is carried out.
    """

    id: str
    change: Change
    effect: Effect
    needs: tuple[str, ...] = ()


class Standing(StrEnum):
    """What could be done about a tenant in this run. `vanished`: applied to before, and no file speaks of it now."""

    PLANNED = "planned"
    OBSERVED = "observed"
    ELSEWHERE = "elsewhere"
    UNREADABLE = "unreadable"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class TenantPlan:
    """What happens in one tenant. Steps are in the order of applying.

    `fingerprints` maps `address#block` to the fingerprint of the live block, for every block that a step touches or
    that a guard judged by. `managed` is one fingerprint over everything Git speaks of. `reason` says why a tenant is
    unreadable; `objects` counts what is really there, by kind.
    """

    tenant: str
    tenant_id: str
    display_name: str
    standing: Standing
    reason: str = ""
    exit_code: int = 0
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    managed: str = ""
    objects: Mapping[str, int] = field(default_factory=dict)

    @property
    def blocked(self) -> bool:
        """Whether a finding forbids to apply anything in this tenant."""
        return any(finding.stops for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written, tenant by tenant. `tree` is the Git tree id of the documents, "" outside Git."""

    tenants: tuple[TenantPlan, ...]
    tree: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps of all tenants, in the order of tenants and applying."""
        return tuple(step for tenant in self.tenants for step in tenant.steps)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands beside the body of a plan file: when (ISO 8601, UTC), commit, tool version, digest of the body."""

    created: str
    commit: str
    tool: str
    digest: str


# ---------------------------------------------------------------------------------------------- outcomes


class Verdict(StrEnum):
    """What became of a step: exactly one of these, never two."""

    APPLIED = "applied"
    UNVERIFIED = "applied-unverified"
    WAITING = "waiting"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    NOT_STARTED = "not-started"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step, told as it is. `attempts` counts the writes that were sent."""

    step: str
    address: Address
    action: Action
    verdict: Verdict
    detail: str = ""
    attempts: int = 0
    label: str = ""
    request_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an apply: an outcome for every step of the plan, and how the run ended.

    `interrupted` is the number of the signal that ended it, or 0; `exit_code` is computed from the outcomes.
    """

    outcomes: tuple[Outcome, ...]
    exit_code: int
    interrupted: int = 0
    remarks: tuple[str, ...] = ()
