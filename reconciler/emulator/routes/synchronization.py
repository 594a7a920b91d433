"""Synchronization below a service principal: its templates, its jobs and what can be done to them, its settings.

The schema of a job has its own routes in `synchronization_schemas`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.emulator import views
from reconciler.emulator.calls import Answer, Body, Call, Json, Route
from reconciler.emulator.committing import Written, commit_all
from reconciler.emulator.refusals import missing
from reconciler.emulator.resources import Resource
from reconciler.emulator.synchronization import connection, cycle, jobs, on_demand, scheduling, settings
from reconciler.emulator.synchronization.finding import Place, body, context, listed, place, shown, template_of
from reconciler.emulator.synchronization.forms import flag, members, text
from reconciler.emulator.synchronization.kinds import (
    JOB,
    READ,
    ROOT,
    ROOT_OF_APPLICATION,
    SCHEMA,
    SECRETS,
    STATE,
    WRITE,
)
from reconciler.emulator.synchronization.refusing import refused
from reconciler.emulator.synchronization.template import TEMPLATE, schema

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_JOB = f"{ROOT}/jobs/{{job}}"


def audited_as(resource: Resource, activity: str) -> Resource:
    """Return a kind whose change has this name in the directory audits."""
    return replace(resource, audited=replace(resource.audited, update=activity))


# ------------------------------------------------------------------------------------------ templates


def _templates(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    found = [_template(here)] if here.has_template else []
    return listed(call, f"{_below(here)}/templates", found)


def _one_template(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    template_of(here, caught["template"])
    return shown(call, f"{_below(here)}/templates", _template(here))


def _template(here: Place) -> dict[str, Json]:
    return {
        "id": TEMPLATE,
        "applicationId": here.principal.get("appId"),
        "default": True,
        "description": None,
        "discoverable": True,
        "factoryTag": here.world.switches.template_factory_tag,
        "metadata": [],
        "schema": {"id": TEMPLATE, "version": "", **schema()},
    }


def _below(here: Place) -> str:
    collection = "servicePrincipals" if here.call.path.split("/")[2] == "servicePrincipals" else "applications"
    return f"{collection}('{here.id}')/synchronization"


# ------------------------------------------------------------------------------------------ jobs


def _jobs(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    found = [jobs.shown(job) for _, job in views.following(world, call, JOB, below=here.id)]
    return listed(call, f"{_below(here)}/jobs", found)


def _get_job(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    return shown(call, f"{_below(here)}/jobs", jobs.shown(here.the_job))


def _create_job(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Make the job of a template; schedule and settings may be sent, are the service's own, and change nothing."""
    here = place(world, call, caught)
    said = members(body(call, world), ("templateId", "schedule", "synchronizationJobSettings"), "synchronizationJob")
    template_of(here, text(said.get("templateId"), "templateId") or "")
    made = jobs.fresh(here.id, jobs.job_id(call.tenant, str(here.principal["appId"])))
    key = f"{here.id}/{made['id']}"
    if world.store.get(call.tenant, JOB.kind, key) is not None or views.lingers(world, call.tenant, JOB.kind, key):
        raise jobs.already(made["id"], world.switches)
    committed = commit_all(world, call, [Written(JOB, key, None, made)], 201)
    return Answer(201, {**context(call, f"{_below(here)}/jobs/$entity"), **jobs.shown(made)}, committed=committed)


def _patch_job(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    """Find nothing: a job is changed by its actions alone, though the metadata knows an update."""
    here = place(world, call, caught)
    raise missing("Request_ResourceNotFound", str(here.the_job["id"]))


def _delete_job(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    gone = [Written(JOB, here.key, here.the_job, None)]
    schema_of_job = world.store.get(call.tenant, SCHEMA.kind, here.key)
    if schema_of_job is not None:
        gone.append(Written(SCHEMA, here.key, schema_of_job, None))
    cycle.forget(world, call.tenant, here.key)
    return Answer(204, committed=commit_all(world, call, gone, 204))


def _changed(here: Place, activity: str, after: Body, *others: Written) -> Answer:
    """Write a job and answer that it is done."""
    changes = [Written(audited_as(JOB, activity), here.key, here.the_job, after), *others]
    return Answer(204, committed=commit_all(here.world, here.call, changes, 204))


def _start(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    return _changed(here, "Enable/start provisioning configuration", _begun(here, jobs.started(here.the_job)))


def _begun(here: Place, job: Body) -> Body:
    """Return a job that was set going: its first step looks at both tenants' policies.

    Raises:
        Refusal: where that is assumed to be looked at before the answer is given.
    """
    objection = connection.refusal(here.world, here.call.tenant, here.settings())
    if objection is None:
        return job
    if here.world.switches.start_without_connection == "refused":
        raise objection
    now = here.world.clock.now()
    return jobs.quarantined(job, "EncounteredQuarantineException", objection.code, objection.message, now)


def _pause(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    return _changed(here, "Disable/pause provisioning configuration", jobs.paused(here.the_job, world.switches))


def _restart(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    criteria = members(body(call, world), ("criteria",), "restart").get("criteria") or {}
    scopes = jobs.reset_scopes(members(criteria, ("resetScope",), "criteria").get("resetScope"))
    known = cycle.state(world, call.tenant, here.key)
    after = jobs.released(here.the_job) if "QuarantineState" in scopes else here.the_job
    if not jobs.is_active(after) and world.switches.restart_starts:
        after = jobs.started(after)
    if jobs.is_active(after):
        after = _begun(here, after)
    left = cycle.forgotten(known, scopes)
    if "ConnectorDataStore" in scopes:
        cycle.drop_links(world, call.tenant, here.key)
    before = world.store.get(call.tenant, STATE.kind, here.key)
    forgetting = Written(STATE, here.key, before, {**left, "due": scheduling.first(world, after, left)})
    return _changed(here, "Enable/restart provisioning configuration", after, forgetting)


# ------------------------------------------------------------------------------------------ settings, and testing them


def _get_secrets(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    found = settings.shown(here.read(SECRETS, here.id), world.switches)
    return listed(call, "Collection(microsoft.graph.synchronizationSecretKeyStringValuePair)", found)


def _put_secrets(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    sent = settings.pairs(members(body(call, world), ("value",), "secrets").get("value"))
    before = world.store.get(call.tenant, SECRETS.kind, here.id)
    _check_target(here, settings.value_of(sent, "CompanyId").lower())
    after = {**SECRETS.fresh(here.id), "value": settings.laid(here.settings(), sent, world.switches)}
    return Answer(204, committed=commit_all(world, call, [Written(SECRETS, here.id, before, after)], 204))


def _check_target(here: Place, target: str) -> None:
    """Refuse a target that another configuration has, where one configuration a pair is all that there may be."""
    if here.world.switches.second_configuration_accepted or not target:
        return
    for key, other in here.world.store.all(here.call.tenant, SECRETS.kind).items():
        if key != here.id and settings.value_of(other["value"], "CompanyId").lower() == target:
            words = "Another configuration of this tenant has the same target tenant."
            raise refused("TargetTenantAlreadyConfigured", words, here.world.switches)


def _validate(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    known = ("applicationIdentifier", "credentials", "templateId", "useSavedCredentials")
    said = members(body(call, world), known, "validateCredentials")
    template_of(here, text(said.get("templateId"), "templateId") or TEMPLATE)
    saved = said.get("useSavedCredentials")
    is_saved = saved is not None and flag(saved, "useSavedCredentials")
    given = here.settings() if is_saved else settings.pairs(said.get("credentials"))
    objection = connection.refusal(world, call.tenant, given)
    if objection is not None:
        raise objection
    return Answer(204)


# ------------------------------------------------------------------------------------------ one person, now


def _provision(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    here = place(world, call, caught)
    on_demand.check_rate(here)
    subject = on_demand.subject(body(call, world), here)
    told, committed = on_demand.provision(here, subject)
    return Answer(200, {**context(call, "microsoft.graph.stringKeyStringValuePair"), **told}, committed=committed)


def _routes() -> Iterator[Route]:
    for root in (ROOT, ROOT_OF_APPLICATION):
        yield Route("GET", f"{root}/templates", _templates, READ)
        yield Route("GET", f"{root}/templates/{{template}}", _one_template, READ)
    yield Route("GET", f"{ROOT}/jobs", _jobs, READ, kind=JOB.kind)
    yield Route("POST", f"{ROOT}/jobs", _create_job, WRITE, kind=JOB.kind)
    yield Route("POST", f"{ROOT}/jobs/validateCredentials", _validate, WRITE)
    yield Route("GET", _JOB, _get_job, READ, kind=JOB.kind)
    yield Route("PATCH", _JOB, _patch_job, WRITE, kind=JOB.kind)
    yield Route("DELETE", _JOB, _delete_job, WRITE, kind=JOB.kind)
    for name, handler in (("start", _start), ("pause", _pause), ("restart", _restart)):
        yield Route("POST", f"{_JOB}/{name}", handler, WRITE, kind=JOB.kind)
    yield Route("POST", f"{_JOB}/validateCredentials", _validate, WRITE)
    yield Route("POST", f"{_JOB}/provisionOnDemand", _provision, WRITE)
    yield Route("GET", f"{ROOT}/secrets", _get_secrets, READ, kind=SECRETS.kind)
    yield Route("PUT", f"{ROOT}/secrets", _put_secrets, WRITE, kind=SECRETS.kind)


ROUTES = tuple(_routes())
