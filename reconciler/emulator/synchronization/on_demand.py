"""One user of the source provisioned at once: found, judged, matched, written, and every step told.

It writes to the target tenant: it is no dry run. Groups, and users who are gone from the source, are refused: what the
service makes of them is a matter of the cycle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Json
from reconciler.emulator.directory_objects import USERS
from reconciler.emulator.refusals import Refusal, bad_request, missing
from reconciler.emulator.synchronization import settings
from reconciler.emulator.synchronization.carrying_out import carry_out, note_done, note_synchronized
from reconciler.emulator.synchronization.events import Happening, Identity, Step, Trouble, answer
from reconciler.emulator.synchronization.forms import items, members, text
from reconciler.emulator.synchronization.ground import Ground
from reconciler.emulator.synchronization.treating import person, treat

if TYPE_CHECKING:
    from reconciler.emulator.synchronization.finding import Place

MOST, SECONDS = 5, 10.0
"""The service's own limit: so many requests in so many seconds."""


def check_rate(here: Place) -> None:
    """Count this request.

    Raises:
        Refusal: 429, when too many came in a short time.
    """
    name, now = f"on demand {here.call.tenant}/{here.id}", here.world.clock.monotonic()
    recent = [one for one in json.loads(here.world.store.recall(name) or "[]") if 0 <= now - one < SECONDS]
    if len(recent) >= MOST:
        wait = max(1, round(SECONDS - (now - recent[0])))
        raise Refusal(429, "TooManyRequests", "Too many requests.", headers={"Retry-After": str(wait)})
    here.world.store.remember(name, json.dumps([*recent, now]))


def subject(said: Mapping[str, Json], here: Place) -> str:
    """Return the id of the user who is meant.

    Raises:
        Refusal: 400, where the request does not mean one user and the rule of the job.
    """
    parameters = items(members(said, ("parameters",), "provisionOnDemand").get("parameters"), "parameters")
    if len(parameters) != 1:
        raise bad_request("Exactly one set of parameters is expected.", code="BadRequest")
    given = members(parameters[0], ("ruleId", "subjects"), "synchronizationJobApplicationParameters")
    if given.get("ruleId") not in [rule["id"] for rule in here.schema()["synchronizationRules"]]:
        raise bad_request("The job has no rule with this identifier.", code="BadRequest")
    subjects = items(given.get("subjects"), "subjects")
    if len(subjects) != 1:
        raise bad_request("Exactly one subject is expected.", code="BadRequest")
    one = members(subjects[0], ("links", "objectId", "objectTypeName"), "synchronizationJobSubject")
    if one.get("objectTypeName") != "User":
        raise bad_request("Only an object of the type 'User' can be provisioned on demand.", code="BadRequest")
    return (text(one.get("objectId"), "objectId") or "").lower()


def provision(here: Place, user_id: str) -> tuple[dict[str, Json], tuple[int, ...]]:
    """Provision a user, and return the answer with the numbers of the journal rows.

    Whoever is linked and out of scope is removed, as in a cycle; no guard counts this.
    """
    world, call = here.world, here.call
    if world.store.get(call.tenant, USERS.kind, user_id) is None:
        raise missing("Request_ResourceNotFound", user_id)
    ground = Ground.of(world, call, here.principal, here.the_job, syncs_all=settings.syncs_all(here.settings()))
    treated = treat(ground, person(ground, user_id), managers_now=True) if ground.objection is None else None
    what = _refused(ground, user_id) if treated is None else treated.what
    committed: tuple[int, ...] = ()
    if treated is not None:
        committed, more = carry_out(ground, treated)
        note_synchronized(ground, "User", more)
        if not treated.failed:
            note_done(ground, user_id)
    where = ground.told(what)
    return answer(what, where, as_result=world.switches.on_demand_answer == "result"), committed


def _refused(ground: Ground, user_id: str) -> Happening:
    """Return what is told where the policies of the two tenants let nobody through."""
    code = ground.objection.code if ground.objection else ""
    words = ground.objection.message if ground.objection else ""
    body = ground.world.store.get(ground.tenant, USERS.kind, user_id) or {}
    source = Identity(user_id, str(body.get("displayName") or ""), principal_name=str(body["userPrincipalName"]))
    step = Step("TestConnection", "Import", "Failure", words, {"errorCode": code})
    return Happening("Other", "Failure", source, Identity(), (step,), trouble=Trouble(code, words))
