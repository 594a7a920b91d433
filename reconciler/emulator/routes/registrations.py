"""Serves the gallery and what is made of it: templates, `instantiate`, new applications and service principals.

Nothing is idempotent: who asks twice has two, and neither name nor template tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from reconciler.emulator import paging, permissions
from reconciler.emulator.calls import Answer, Body, Call, Json, Route
from reconciler.emulator.changing import checked, conflicting
from reconciler.emulator.committing import Written, commit_all, stamp
from reconciler.emulator.directory_objects import APPLICATIONS, SERVICE_PRINCIPALS, Collection
from reconciler.emulator.finding import addressed, principal, seen
from reconciler.emulator.refusals import bad_request, no_such_object
from reconciler.emulator.registrations import TEMPLATES, Ids, Template, instantiated, principal_of, registered
from reconciler.emulator.showing import context, owners, polymorphic

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_LONGEST_NAME = 256


# ------------------------------------------------------------------------------------------ the gallery


def _templates(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$filter", "$top", "$select"})
    wanted = call.query.get("$filter", "")
    name, _, value = wanted.partition(" eq ")
    if wanted and name.strip() not in ("displayName", "id"):
        raise bad_request("The filter is not supported.", code="BadRequest")
    said = value.strip().strip("'").lower()
    shown = [one.as_json() for one in TEMPLATES.values()]
    kept = [one for one in shown if not wanted or str(one[name.strip()]).lower() == said]
    top = paging.number(call, "$top", len(kept) or 1, 999)
    return Answer(200, {**context(call, "applicationTemplates"), "value": kept[:top]})


def _template(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    return Answer(200, {**context(call, "applicationTemplates", "/$entity"), **_found(caught).as_json()})


def _found(caught: Mapping[str, str]) -> Template:
    template = TEMPLATES.get(caught["key"].lower())
    if template is None:
        raise no_such_object(caught["key"])
    return template


def _instantiate(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    template, sent = _found(caught), call.object()
    for name in sent:
        if name not in ("displayName", "serviceManagementReference"):
            raise bad_request(f"The parameter '{name}' does not exist in the action 'instantiate'.", code="BadRequest")
    name = _name(sent)
    ids = Ids(*(world.new_id() for _ in range(5)))
    home = world.directory.organizations[call.tenant]
    now = stamp(world.clock.now())
    application, service_principal = instantiated(template, name, ids, home, now)
    reference = {"serviceManagementReference": sent.get("serviceManagementReference")}
    made = [(APPLICATIONS, {**application, **reference}), (SERVICE_PRINCIPALS, service_principal)]
    committed = commit_all(world, call, [_new(call, *one) for one in made], 201)
    body = {
        **context(call, "microsoft.graph.applicationServicePrincipal"),
        "application": APPLICATIONS.whole(made[0][1]),
        "servicePrincipal": SERVICE_PRINCIPALS.whole(service_principal),
    }
    return Answer(201, body, committed=committed)


def _name(sent: Body) -> str:
    name = sent.get("displayName")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
        raise bad_request("Property 'displayName' must be given and have at most 256 characters.")
    return name


def _new(call: Call, collection: Collection, body: Body) -> Written:
    """Return a new object; an application that makes one owns it."""
    owner = principal(call)
    owned = {"owners": [owner.object_id]} if owner.kind == "app" else {}
    return Written(collection.resource, str(body["id"]), None, collection.sparse({**body, **owned}))


# ------------------------------------------------------------------------------------------ without a template


def _add_application(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    sent = call.object()
    _name(sent)
    said = checked(world, call, APPLICATIONS, "create", {}, sent)
    home = world.directory.organizations[call.tenant]
    now = stamp(world.clock.now())
    made = {**registered(said["displayName"], world.new_id(), world.new_id(), home, now), **said}
    return _created(world, call, APPLICATIONS, made)


def _add_service_principal(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    sent = call.object()
    app_id = str(sent.get("appId", ""))
    applications = world.store.named(call.tenant, APPLICATIONS.kind, app_id)
    if not applications:
        raise bad_request(f"The appId '{app_id[:60]}' of the service principal does not reference a valid application.")
    if world.store.named(call.tenant, SERVICE_PRINCIPALS.kind, app_id):
        raise conflicting("appId")
    rest = {name: value for name, value in sent.items() if name != "appId"}
    said = checked(world, call, SERVICE_PRINCIPALS, "create", {}, rest)
    application = APPLICATIONS.whole(next(iter(applications.values())))
    home = world.directory.organizations[call.tenant]
    made = principal_of(application, world.new_id(), home, stamp(world.clock.now()))
    return _created(world, call, SERVICE_PRINCIPALS, {**made, **said})


def _created(world: World, call: Call, collection: Collection, body: Body) -> Answer:
    committed = commit_all(world, call, [_new(call, collection, body)], 201)
    shown = {**context(call, collection.name, "/$entity"), **collection.whole(body)}
    return Answer(201, shown, committed=committed)


# ------------------------------------------------------------------------------------------ owners


def _owners(collection: Collection, world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$select", "$top"})
    body = seen(world, call, collection, caught)
    value: list[Json] = [polymorphic(world, call, one, owner) for one, owner in owners(world, call, body)]
    return Answer(200, {**context(call, "directoryObjects"), "value": value})


def routes() -> Iterator[Route]:
    """Yield the routes of the gallery and of what is made."""
    gallery, making = "/applicationTemplates", permissions.CREATE_APPLICATIONS
    yield Route("GET", gallery, _templates)
    yield Route("GET", f"{gallery}/{{key}}", _template)
    yield Route("POST", f"{gallery}/{{key}}/instantiate", _instantiate, making, kind="application")
    yield Route("POST", f"{gallery}/{{key}}/microsoft.graph.instantiate", _instantiate, making, kind="application")
    yield Route("POST", "/applications", _add_application, making, kind="application")
    yield Route("POST", "/servicePrincipals", _add_service_principal, making, kind="servicePrincipal")
    for one in (APPLICATIONS, SERVICE_PRINCIPALS):
        for path in addressed(f"{one.resource.path}/{{key}}/owners"):
            yield Route("GET", path, partial(_owners, one), one.resource.read, kind=one.kind)
