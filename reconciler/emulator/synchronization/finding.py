"""From a path to what it names: a service principal that is synchronized, its job, its schema, its settings.

Reads see what lags let them see, writes are judged by what is there. Who may ask is checked here as far as it depends
on the object: an application that may manage what it owns must own this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.emulator import paging, views
from reconciler.emulator.calls import Answer, Body, Call, Json
from reconciler.emulator.permissions import OWNED
from reconciler.emulator.refusals import Refusal, bad_request, denied, missing, shorten
from reconciler.emulator.resources import Resource, without_annotations
from reconciler.emulator.synchronization import schemas
from reconciler.emulator.synchronization.kinds import JOB, SCHEMA, SECRETS
from reconciler.emulator.synchronization.template import GALLERY, TEMPLATE

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_BROAD = frozenset({"Synchronization.Read.All", "Synchronization.ReadWrite.All"})


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names: the service principal as it is stored, and, where the path goes on, one of its jobs."""

    world: World
    call: Call
    principal: Body
    job: Body | None = None

    @property
    def id(self) -> str:
        """The id of the service principal."""
        return str(self.principal["id"])

    @property
    def key(self) -> str:
        """The key of the job, and of what belongs to it."""
        return f"{self.id}/{self.the_job['id']}"

    @property
    def the_job(self) -> Body:
        """The job, where the path names one."""
        if self.job is None:
            raise LookupError(f"{self.call.path} names no job")
        return self.job

    @property
    def has_template(self) -> bool:
        """Whether this service principal can be synchronized at all."""
        return self.principal.get("applicationTemplateId") == GALLERY

    def read(self, resource: Resource, key: str) -> Body | None:
        """Return what hangs below, as this request sees it."""
        return _seen(self.world, self.call, resource, key)

    def settings(self) -> list[dict[str, Json]]:
        """Return the settings as they stand."""
        stored = self.world.store.get(self.call.tenant, SECRETS.kind, self.id) or {"value": []}
        return list(stored["value"])

    def schema(self) -> dict[str, Json]:
        """Return the schema of the job, as this request sees it."""
        return schemas.whole(self.read(SCHEMA, self.key))


def place(world: World, call: Call, caught: Mapping[str, str]) -> Place:
    """Return what the path names.

    Raises:
        Refusal: 404 where something of it is not there, 403 where it is not the caller's.
    """
    resource = world.resources["servicePrincipal" if "sp" in caught else "application"]
    name = caught["sp"] if "sp" in caught else caught["application"]
    key = name.lower()
    if views.is_newborn(world, call.tenant, resource, key) and world.switches.newborn_refusal != 404:
        words = "The service principal is not known to the synchronization service yet."
        raise Refusal(world.switches.newborn_refusal, "UnknownError", words)
    found = None if views.is_newborn(world, call.tenant, resource, key) else _seen(world, call, resource, key)
    if found is None:
        raise missing("Request_ResourceNotFound", name)
    _check_owner(call, found)
    here = Place(world, call, found)
    return here if "job" not in caught else Place(world, call, found, _job(here, caught["job"]))


def _seen(world: World, call: Call, resource: Resource, key: str) -> Body | None:
    if call.writes:
        return world.store.get(call.tenant, resource.kind, key)
    return views.item(world, call, resource, key)


def _job(here: Place, name: str) -> Body:
    found = here.read(JOB, f"{here.id}/{name}")
    if found is None:
        raise missing("Request_ResourceNotFound", name)
    return found


def _check_owner(call: Call, found: Body) -> None:
    principal = call.principal
    if principal is None or principal.kind == "user" or principal.roles & _BROAD:
        return
    if OWNED in principal.roles and principal.object_id not in found.get("owners", ()):
        raise denied()


def shown(call: Call, what: str, whole: Body) -> Answer:
    """Return the answer that shows an object, narrowed as asked; `what` begins the annotation."""
    return Answer(200, {**context(call, f"{what}/$entity"), **_selected(call, whole)})


def listed(call: Call, what: str, found: Iterable[Body]) -> Answer:
    """Return the answer that lists objects, each narrowed as asked."""
    return Answer(200, {**context(call, what), "value": [_selected(call, one) for one in found]})


def context(call: Call, what: str) -> dict[str, Json]:
    """Return the annotation that begins an answer."""
    return {"@odata.context": f"{call.base}/{call.version}/$metadata#{what}"}


def _selected(call: Call, whole: Body) -> dict[str, Json]:
    paging.only(call, {"$select"})
    names = [name.strip() for name in call.query["$select"].split(",")] if "$select" in call.query else list(whole)
    for name in names:
        if name not in whole:
            raise bad_request(f"Could not find a property named '{shorten(name)}'.", code="BadRequest")
    return {name: whole[name] for name in names}


def body(call: Call, world: World) -> dict[str, Json]:
    """Return the body of a request without annotations; no body is an empty one."""
    said = call.object() if call.body else {}
    return dict(without_annotations(said, world.switches))


def template_of(here: Place, name: str) -> str:
    """Return the name of the template that the path or the body names.

    Raises:
        Refusal: 404, where this service principal has no such template.
    """
    if not here.has_template or name != TEMPLATE:
        raise missing("Request_ResourceNotFound", shorten(name))
    return TEMPLATE
