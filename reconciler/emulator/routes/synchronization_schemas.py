"""The schema of a job: read, replaced, reset to the template's; and the languages that can be used in it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Answer, Body, Call, Route
from reconciler.emulator.committing import Written, commit_all, stamp
from reconciler.emulator.refusals import missing
from reconciler.emulator.resources import Audited
from reconciler.emulator.synchronization import cycle, languages, schemas
from reconciler.emulator.synchronization.finding import Place, body, context, listed, place, shown, template_of
from reconciler.emulator.synchronization.kinds import READ, ROOT, ROOT_OF_APPLICATION, SCHEMA, STATE, WRITE
from reconciler.emulator.synchronization.refusing import no_route
from reconciler.emulator.synchronization.template import TEMPLATE, schema
from reconciler.provisioning import Surroundings

if TYPE_CHECKING:
    from reconciler.emulator.world import World

# Nobody changes anything by looking.
_UNAUDITED = replace(SCHEMA, audited=Audited(category=""))
_SCHEMA = f"{ROOT}/jobs/{{job}}/schema"
_OF_TEMPLATE = f"{ROOT}/templates/{{template}}/schema"
_OF_APPLICATION = f"{ROOT_OF_APPLICATION}/templates/{{template}}/schema"


def _get(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    what = f"servicePrincipals('{here.id}')/synchronization/jobs('{here.the_job['id']}')/schema"
    return shown(call, what, {"id": here.the_job["id"], **here.schema()})


def _put(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    standing = here.schema()
    parts = schemas.checked(body(call, world), standing, world.switches)
    if not world.switches.every_put_restarts and all(parts[name] == standing[name] for name in parts):
        return Answer(204)
    return _written(here, schemas.stored(parts, schemas.next_version(standing["version"])))


def _reset(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    return _written(here, schemas.stored(schema(), schemas.next_version(here.schema()["version"])))


def _written(here: Place, after: Body) -> Answer:
    """Write a schema: the next cycle looks at everybody anew, and knows whom it has linked already."""
    kept = {one.kind: here.world.store.get(here.call.tenant, one.kind, here.key) for one in (SCHEMA, STATE)}
    known = cycle.forgotten(cycle.state(here.world, here.call.tenant, here.key), {"Watermark"})
    changes = [Written(SCHEMA, here.key, kept[SCHEMA.kind], {"id": here.the_job["id"], **after})]
    if kept[STATE.kind] is not None:
        changes.append(Written(STATE, here.key, kept[STATE.kind], known))
    return Answer(204, committed=commit_all(here.world, here.call, changes, 204))


def _patch(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Find no route: the metadata once said that there is one, and the back end has none."""
    here = place(world, call, caught)
    url = (
        f"{call.base}/{call.version}/servicePrincipals('{here.id}')/synchronization/jobs('{here.the_job['id']}')/schema"
    )
    raise no_route(url)


def _discover(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Look again at what the other side has: nothing new, but it is known to be so."""
    here = place(world, call, caught)
    standing, now = here.schema(), stamp(world.clock.now())
    found = {"discoveryDateTime": now, "version": f"Date:{now}, ActivityId:{world.new_id()}"}
    directories = [{**one, **found} if one["id"] == caught["directory"] else one for one in standing["directories"]]
    chosen = next((one for one in directories if one["id"] == caught["directory"]), None)
    if chosen is None:
        raise missing("Request_ResourceNotFound", caught["directory"])
    after = schemas.stored({**standing, "directories": directories}, standing["version"])
    before = world.store.get(call.tenant, SCHEMA.kind, here.key)
    written = Written(_UNAUDITED, here.key, before, {"id": here.the_job["id"], **after})
    what = "microsoft.graph.directoryDefinition"
    return Answer(200, {**context(call, what), **chosen}, committed=commit_all(world, call, [written], 200))


# ------------------------------------------------------------------------------------------ the languages


def _parse(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    _named(world, call, caught)
    chance = random.Random(world.new_id())
    surroundings = Surroundings(now=world.clock.now, below=chance.randrange)
    told = languages.parsed(body(call, world), surroundings)
    return Answer(200, {**context(call, "microsoft.graph.parseExpressionResponse"), **told})


def _functions(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    _named(world, call, caught)
    return listed(call, "functions", languages.functions(world.switches))


def _operators(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    _named(world, call, caught)
    return listed(call, "filterOperators", languages.operators(world.switches))


def _named(world: World, call: Call, caught: Mapping[str, str]) -> None:
    """Find the job or the template whose schema is asked."""
    here = place(world, call, caught)
    if "template" in caught:
        template_of(here, caught["template"])


def _of_template(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    _named(world, call, caught)
    return shown(call, "microsoft.graph.synchronizationSchema", {"id": TEMPLATE, "version": "", **schema()})


def _routes() -> Iterator[Route]:
    yield Route("GET", _SCHEMA, _get, READ, kind=SCHEMA.kind)
    yield Route("PUT", _SCHEMA, _put, WRITE, kind=SCHEMA.kind)
    yield Route("PATCH", _SCHEMA, _patch, WRITE, kind=SCHEMA.kind)
    yield Route("DELETE", _SCHEMA, _reset, WRITE, kind=SCHEMA.kind)
    for path in (_OF_TEMPLATE, _OF_APPLICATION):
        yield Route("GET", path, _of_template, READ)
    yield Route("POST", f"{_SCHEMA}/directories/{{directory}}/discover", _discover, WRITE, kind=SCHEMA.kind)
    for base in (_SCHEMA, _OF_TEMPLATE):
        yield Route("POST", f"{base}/parseExpression", _parse, WRITE)
        for brackets in ("", "()"):
            yield Route("GET", f"{base}/functions{brackets}", _functions, WRITE)
            yield Route("GET", f"{base}/filterOperators{brackets}", _operators, WRITE)


ROUTES = tuple(_routes())
