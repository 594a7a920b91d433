"""What a kind of resource is, as data. The kinds themselves live in `reconciler.kinds`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from reconciler.model.values import Address, Body, Json, fingerprint

if TYPE_CHECKING:
    from pydantic import BaseModel

    from reconciler.model.states import Change, Resource

Ids: TypeAlias = Mapping[str, str]
"""What a sync configuration is known by: application, appId, servicePrincipal, appRole, job, and its target tenant."""

TEMPLATE = "template"
"""The fact under which a part shows what the wish for it is laid over."""


@dataclass(frozen=True, slots=True)
class Request:
    """One write as Microsoft Graph wants it."""

    method: str
    path: str
    body: Body | None = None
    stamped: str = ""
    """The property of the body at whose end the moment of sending is written: nobody can plan that."""

    def at(self, moment: str) -> Request:
        """Return the write as it is sent at a moment."""
        if not self.stamped or self.body is None:
            return self
        return replace(self, body={**self.body, self.stamped: f"{self.body[self.stamped]}{moment}"})


@dataclass(frozen=True, slots=True)
class Singleton:
    """An object that always exists: GET and PATCH at `path`.

    `reset` is the action, POST at `path/{reset}`, that makes all of it what the service begins with, and `pristine` the
    property that says of itself whether it is that; without them it cannot be asked for.
    """

    path: str
    reset: str = ""
    pristine: str = ""


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
class Below(Collection):
    """At most one object below each item of a collection: GET, PUT (which only creates), PATCH and DELETE at `path`.

    `path` has `{key}` where the key of the item stands, which is the object's own as well. `parent` is the kind of the
    items, `member` the property by which an item shows the object when it is asked to.
    """

    parent: str = ""
    member: str = ""

    def item(self, key: str) -> str:
        """Return the path of the object below the item with that key."""
        return self.path.replace("{key}", key)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sync configuration: where it stands is known once the configuration was found or made.

    The key of a part is the name of its link, or that and an own name behind a slash. `path` has names of ids in
    braces. `translate` gives the blocks and facts of the part with a key in an answer of Graph, or None where the
    answer shows no such part. `request` composes a write from a change, the ids, and the part as it was just read.
    `parent` is the kind that it belongs to, or "".

    `arises`: it comes and goes with its parent, and cannot be made or deleted by itself. `once`: a second create would
    make a second one, so that a create is never repeated. `claims` is the block that says whose it is: that nobody has
    claimed one is believed only after a while, unless this run made it. `late` are blocks that a create cannot set;
    they are changed right after it. `last` are blocks that are changed when all the rest of the link is done, `pauses`
    whether they are set back while this part changes. `whole`: all of it is written every time, so that what a new one
    begins with does not matter. `acts` are blocks whose change is something that is done, of which no reading tells: it
    is done after all that is last. `marks` are blocks in which is kept what the link still waits for, with what they
    hold as long as an act is owed: they change at the very end, or before all else where something is owed from then
    on. `restarts` are changes of a block, from one value to another, that take effect only after the act of the job,
    and come when who stays is known. `learn` gives the ids that the answer to a create shows. `lay` gives the whole
    body that is wanted, from the template and what is said. `precheck` is a question that Graph must not refuse before
    a change is sent. `names` are what the own name in a key stands for, piece by piece. `apart`: each stands for
    itself, so that a plan holds although some of them moved meanwhile; those are left as they are.
    """

    path: str
    request: Callable[[Change, Ids, Resource | None], Request]
    translate: Callable[[str, Body], Body | None]
    parent: str = "configuration"
    arises: bool = False
    once: bool = False
    claims: str = ""
    late: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    pauses: bool = False
    whole: bool = False
    acts: tuple[str, ...] = ()
    marks: Mapping[str, Json] = field(default_factory=dict)
    restarts: Mapping[str, tuple[Json, Json]] = field(default_factory=dict)
    learn: Callable[[Body], Ids] | None = None
    lay: Callable[[Body, Body], Body] | None = None
    precheck: Callable[[Change, Ids], Request | None] | None = None
    names: tuple[str, ...] = ()
    apart: bool = False
    keyed_by: Literal["organization", "name"] = "name"

    def item(self, ids: Ids) -> str:
        """Return the path below which the part is read.

        Raises:
            KeyError: when the configuration is not there yet, so that there is no such path.
        """
        return self.path.format_map(ids)


@dataclass(frozen=True, slots=True)
class Permissions:
    """Microsoft Graph application permissions, the least that suffice."""

    read: str
    write: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource, as data: everything the stages need to know about it.

    `model` validates the `spec` that people write (its fields are the blocks we manage); `read_only` are properties we
    know and never write, a leaf of a block as `block.leaf`. `canonical` brings a body, said or live, into the one form
    that is compared with `==`; it keeps absent properties absent and None None. `stock` is what the service shows when
    nobody set anything. `fallback` names the kind whose block applies where ours is None. An object with a true one
    of `protected` is never deleted for being undeclared. `ordered` names the lists, as `block.leaf`, in which every
    entry has its place; other lists are sets. `beta` are blocks that only the beta version of Microsoft Graph has; `at`
    gives the kind for one `version`, in which `left_out` are the blocks that it does not show. `examples` are bodies as
    people may write them, used by the conformance suite and the reference pages. `service` is the origin of Microsoft
    Graph in the cloud of the tenant, where a body refers to another object.
    """

    name: str
    document: str
    model: type[BaseModel]
    endpoint: Singleton | Collection | Part
    permissions: Permissions
    canonical: Callable[[Body], Body]
    stock: Body
    summary: str
    read_only: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    fallback: str = ""
    protected: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    beta: tuple[str, ...] = ()
    version: Literal["v1.0", "beta"] = "v1.0"
    left_out: tuple[str, ...] = ()
    examples: tuple[Body, ...] = ()
    ids: Mapping[str, Ids] = field(default_factory=dict)
    service: str = "https://graph.microsoft.com"

    @property
    def blocks(self) -> tuple[str, ...]:
        """The top-level properties we manage, sorted."""
        return tuple(sorted(name for name in self.model.model_fields if name not in self.left_out))

    def at(self, version: Literal["v1.0", "beta"]) -> Kind:
        """Return the kind as one version of Microsoft Graph knows it."""
        return replace(self, version=version, left_out=self.beta if version == "v1.0" else ())

    def located(self, ids: Mapping[str, Ids]) -> Kind:
        """Return the kind as it stands in one tenant, where these sync configurations are."""
        return replace(self, ids=ids)

    def ids_of(self, key: str) -> Ids:
        """Return what the sync configuration that a key belongs to is known by; nothing when it is not there.

        What names its objects in the key gives those, and the service.
        """
        if isinstance(self.endpoint, Part) and self.endpoint.names:
            own = zip(self.endpoint.names, key.split("/")[1:], strict=True)
            return {"service": self.service, **dict(own)}
        return self.ids.get(link_of(key), {})

    @property
    def apart(self) -> bool:
        """Whether each of its objects stands for itself, and people move among them while a plan waits."""
        return isinstance(self.endpoint, Part) and self.endpoint.apart

    def path(self, key: str) -> str:
        """Return the path of the object with that key ("" for a singleton).

        Raises:
            KeyError: for a part of a sync configuration that is not there.
        """
        match self.endpoint:
            case Singleton(path):
                return path
            case Part() as part:
                return part.item(self.ids_of(key))
            case Collection() as collection:
                return collection.item(key)

    def parent_of(self, address: Address) -> Address | None:
        """Return the address of what the object at `address` belongs to, if it belongs to another."""
        match self.endpoint:
            case Below(parent=parent):
                return Address(address.tenant, parent, address.key)
            case Part(parent=parent) if parent:
                return Address(address.tenant, parent, link_of(address.key))
            case _:
                return None

    def project(self, body: Body) -> Body:
        """Return the managed blocks of a live object, complete: a block or a leaf that the service left out is None.

        Raises:
            ValueError: when a block has a shape that nobody has described to us.
        """
        if isinstance(self.endpoint, Part):
            return self.canonical({name: body.get(name) for name in self.blocks})
        members = _members(self.model)
        shown = {name: inner for name, inner in members.items() if name not in self.left_out}
        return self.canonical({name: _complete(body.get(name), inner) for name, inner in shown.items()})

    def shown(self, body: Body) -> Body:
        """Return the blocks of which a reading tells; what is only done is not among them."""
        acts = self.endpoint.acts if isinstance(self.endpoint, Part) else ()
        return {name: value for name, value in body.items() if name not in acts}

    def footing(self, template: Body | None) -> str:
        """Return what names a template: the same of what is ours to say in it, the same digits."""
        shown = self.stock if template is None else template
        return fingerprint({name: shown[name] for name in self.blocks})

    @property
    def beginning(self) -> Body:
        """What the managed blocks are when nobody set anything."""
        return self.project(self.stock)

    def is_reset(self, there: Resource) -> bool:
        """Whether an object that can be reset is what the service begins with: as it says itself, or as we know it.

        Its own word counts, since what it begins with is its business and may become another.
        """
        fact = self.endpoint.pristine if isinstance(self.endpoint, Singleton) else ""
        return there.facts.get(fact) is True or there.body == self.beginning

    def unknown(self, body: Body) -> tuple[str, ...]:
        """Return the names in a live object that nobody has described to us, leaves as `block.leaf`, sorted.

        Parts of a sync configuration are translated, name by name.
        """
        if isinstance(self.endpoint, Part):
            return ()
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
        found = (name for name in (*blocks, *leaves) if name not in known and "@odata." not in name)
        return tuple(sorted(found))


def link_of(key: str) -> str:
    """Return the name of the link in the key of a part of a sync configuration."""
    return key.partition("/")[0]


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
