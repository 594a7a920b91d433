"""A resource as data: where it lives, what a fresh one shows, who may touch it, what is refused.

An area of the service with plain objects is a few of these; `routes/resources.py` serves them all. A test can mount
one of its own with `World(extra=[Resource(...)])`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from reconciler.emulator.calls import Body, Json, Principal
from reconciler.emulator.refusals import bad_request, invalid_property
from reconciler.emulator.switches import Switches

if TYPE_CHECKING:
    from reconciler.emulator.world import World


@dataclass(frozen=True, slots=True)
class Writing:
    """One body that somebody wants to write: `before` is the object as it stands, or a fresh one for a create."""

    resource: Resource
    action: Literal["create", "update"]
    world: World
    tenant: str
    principal: Principal
    before: Body
    sent: Body

    @property
    def switches(self) -> Switches:
        """The assumptions of this world."""
        return self.world.switches


Check: TypeAlias = "Callable[[Writing], Body]"
"""Returns the body as it may be laid over the object, or raises a Refusal."""


@dataclass(frozen=True, slots=True)
class Audited:
    """The words of the directory audits for one resource; without a category there is no record."""

    category: str = "CrossTenantAccessSettings"
    create: str = "Add an object"
    update: str = "Update an object"
    delete: str = "Delete an object"
    type: str = "Policy"
    service: str = "Core Directory"


def plain(writing: Writing) -> Body:
    """Accept every property that a fresh object has; refuse others."""
    return known(writing)


def known(writing: Writing) -> dict[str, Json]:
    """Return what was sent without annotations and the unchanged key, refusing what cannot be written."""
    resource, body = writing.resource, without_annotations(writing.sent, writing.switches)
    writable = {name: value for name, value in body.items() if name != resource.key}
    for name in writable:
        if name not in resource.stock:
            raise invalid_property(name)
        if name in resource.read_only:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    return writable


def without_annotations(value: Json, switches: Switches) -> Json:
    """Return `value` without `@odata.*` members, at every depth."""
    if isinstance(value, list):
        return [without_annotations(item, switches) for item in value]
    if not isinstance(value, Mapping):
        return value
    for name in value:
        if "@odata." in name and not switches.annotations_accepted:
            raise bad_request(f"The annotation '{name}' is not supported in the request payload.")
    return {name: without_annotations(item, switches) for name, item in value.items() if "@odata." not in name}


@dataclass(frozen=True, slots=True)
class Resource:
    """One singleton (`key` is "") or collection. `stock` is a fresh object without its key, all properties in it.

    `path` is below the version. `read` and `write` name the permissions of which one suffices. `undeclared` is shown
    but cannot be written; `beta` likewise, and in beta alone. `reset` names the action that restores a singleton.
    `guid_key` says that keys are GUIDs and compared without case. `expands` are navigation properties that `$expand`
    may name: each maps to the kind of object that has the same key. `preview` are properties of `stock` that only beta
    knows. With `parent`, there is at most one object below each object of that kind, whose key it shares: `path` has
    `{key}` in it. `replicates` says that a new object is not seen at once, where the assumptions have it so, and `lag`
    names the assumption by which all reads of the kind are behind.
    """

    kind: str
    path: str
    stock: Body
    read: tuple[str, ...]
    write: tuple[str, ...]
    key: str = ""
    guid_key: bool = True
    read_only: tuple[str, ...] = ()
    undeclared: Body = field(default_factory=dict)
    beta: Body = field(default_factory=dict)
    preview: tuple[str, ...] = ()
    parent: str = ""
    has_id: bool = False
    reset: str = ""
    check: Check = plain
    settle: Callable[[World, Body], Body] = lambda world, body: body
    expands: Mapping[str, str] = field(default_factory=dict)
    audited: Audited = Audited()
    units: int = 1
    replicates: bool = False
    lag: str = ""

    @property
    def context(self) -> str:
        """What `@odata.context` says after `$metadata#`."""
        return self.path.removeprefix("/")

    def fresh(self, key: str) -> dict[str, Json]:
        """Return a new object with that key."""
        return {**({self.key: key} if self.key else {}), **self.stock}


def overlay(before: Json, sent: Json, switches: Switches) -> Json:
    """Return a block after a PATCH: members merged or replaced as the switch says, lists replaced as a whole."""
    if not isinstance(before, Mapping) or not isinstance(sent, Mapping):
        return sent
    if switches.nested_patch == "replace":
        return {**dict.fromkeys(before), **sent}
    return {
        **before,
        **{name: overlay(before.get(name), value, switches) for name, value in sent.items()},
    }
