"""What a kind of resource is, as data. The kinds themselves live in `reconciler.kinds`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from reconciler.model.values import Body, Json

if TYPE_CHECKING:
    from pydantic import BaseModel


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
    people may write them, used by the conformance suite and the reference pages.
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
    ordered: tuple[str, ...] = ()
    beta: tuple[str, ...] = ()
    version: Literal["v1.0", "beta"] = "v1.0"
    left_out: tuple[str, ...] = ()
    examples: tuple[Body, ...] = ()

    @property
    def blocks(self) -> tuple[str, ...]:
        """The top-level properties we manage, sorted."""
        return tuple(sorted(name for name in self.model.model_fields if name not in self.left_out))

    def at(self, version: Literal["v1.0", "beta"]) -> Kind:
        """Return the kind as one version of Microsoft Graph knows it."""
        return replace(self, version=version, left_out=self.beta if version == "v1.0" else ())

    def path(self, key: str) -> str:
        """Return the path of the object with that key ("" for a singleton)."""
        return self.endpoint.path if isinstance(self.endpoint, Singleton) else self.endpoint.item(key)

    def project(self, body: Body) -> Body:
        """Return the managed blocks of a live object, complete: a block or a leaf that the service left out is None.

        Raises:
            ValueError: when a block has a shape that nobody has described to us.
        """
        members = _members(self.model)
        shown = {name: inner for name, inner in members.items() if name not in self.left_out}
        return self.canonical({name: _complete(body.get(name), inner) for name, inner in shown.items()})

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
        found = (name for name in (*blocks, *leaves) if name not in known and "@odata." not in name)
        return tuple(sorted(found))


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
