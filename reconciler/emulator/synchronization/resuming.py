"""A configuration of a seed that has run before: its job as Graph showed it, and who of both sides is linked.

Below a service principal of a seed, `synchronization` may say beside what `seeding` describes:

- `job`: the job as Graph shows it, in place of `state`. One that was steady before goes on from there: its next cycle
  looks at what changes from now on, and not at everybody.
- `secrets`: the settings as Graph lists them, in place of `target` and `settings`.
- `schema`: directories and rules as Graph shows them, in place of `expressions`, `filters` and `flowTypes`.
- `links`: ids of the source with those of the target that they are linked to; `removed`: those of them whose user of
  the target the service itself deleted; `groups`: those that are groups.
- `matched`: whether everybody is linked as well who is in scope and whom the target knows as theirs.
- `held`: whether no cycle runs, whatever the job says.

Nothing here is journaled, and nothing is checked against policies: it was there before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from reconciler.emulator.calls import Body, Call, Json
from reconciler.emulator.directory_objects import SERVICE_PRINCIPALS, USERS
from reconciler.emulator.people import net_id
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.seed_language import SeedError, seeded_id
from reconciler.emulator.synchronization import cycle, jobs, persons, schemas, settings, subjects
from reconciler.emulator.synchronization.attribute_mappings import engine_mappings
from reconciler.emulator.synchronization.events import FABRIC, Happening, Identity
from reconciler.emulator.synchronization.ground import Ground
from reconciler.emulator.synchronization.kinds import JOB, NEVER, SECRETS, STATE
from reconciler.emulator.synchronization.persons import Scope
from reconciler.emulator.synchronization.template import FIRST_VERSION
from reconciler.emulator.words import marked
from reconciler.provisioning import ProvisioningError, compile_mappings

if TYPE_CHECKING:
    from reconciler.emulator.world import World

MEMBERS: Final = ("job", "secrets", "schema", "links", "removed", "groups", "matched", "held")
_STATUS: Final = (
    "code",
    "countSuccessiveCompleteFailures",
    "quarantine",
    "steadyStateFirstAchievedTime",
    "steadyStateLastAchievedTime",
    "synchronizedEntryCountByType",
)
_HELD: Final = "9999-12-31T23:59:59Z"


def job(where: str, principal: Body, usual_id: str, said: Json) -> dict[str, Json]:
    """Return the job that a seed shows.

    Raises:
        SeedError: when it is none.
    """
    match said:
        case {"id": str(name), "schedule": {"state": str(state)}, "status": Mapping() as status}:
            fresh = jobs.fresh(str(principal["id"]), name or usual_id)
            known = {part: status[part] for part in _STATUS if status.get(part) is not None}
            if "quarantine" in known:
                known["quarantine"] = _quarantine(where, known["quarantine"])
            schedule = {**fresh["schedule"], "state": state}
            return {**fresh, "schedule": schedule, "status": {**fresh["status"], **known}}
        case _:
            raise SeedError(f"{where}.job: a job has id, schedule and status")


def _quarantine(where: str, said: Json) -> dict[str, Json]:
    """Return a quarantine with all that its next attempt looks at."""
    match said:
        case {"reason": str(), "nextAttempt": str(again), "seriesBegan": str(began), "seriesCount": int()}:
            pass
        case _:
            raise SeedError(f"{where}.job.status.quarantine: it has reason, nextAttempt, seriesBegan and seriesCount")
    try:
        datetime.fromisoformat(again), datetime.fromisoformat(began)
    except ValueError as error:
        raise SeedError(f"{where}.job.status.quarantine: {error}") from error
    told = said.get("error") if isinstance(said.get("error"), Mapping) else {}
    words = {part: str(told.get(part) or "") for part in ("code", "message")}
    return {**said, "error": {**words, "tenantActionable": True}}


def schema(where: str, said: Json) -> dict[str, Json]:
    """Return the schema that a seed shows.

    Raises:
        SeedError: when cycles could not follow it.
    """
    try:
        whole = {name: said[name] for name in ("directories", "synchronizationRules")}
        _try(whole)
    except (KeyError, ValueError, TypeError, AttributeError, ProvisioningError, Refusal) as error:
        words = error.message if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
        raise SeedError(f"{where}.schema: no cycle can follow it ({words})") from error
    return {"version": FIRST_VERSION, **whole}


def _try(whole: Body) -> None:
    """Look at everything of a schema that a cycle looks at."""
    (rule,) = whole["synchronizationRules"]
    for side in ("sourceDirectoryName", "targetDirectoryName"):
        schemas.attributes_of(whole["directories"], rule[side])["User"]
    for kind in ("User", "Group"):
        (mapping,) = (one for one in rule["objectMappings"] if one["sourceObjectName"] == kind)
        mapping["flowTypes"].split(",")
        # What is switched off may be empty.
        if mapping["enabled"]:
            Scope.of(mapping)
            compile_mappings(engine_mappings(mapping["attributeMappings"]))


def resume(world: World, where: str, tenant: str, key: str, said: Mapping[str, Json]) -> None:
    """Let a job go on from where it stood, with the links that a seed names.

    Raises:
        SeedError: when the links are none.
    """
    links, removed, groups = said.get("links", {}), said.get("removed", []), said.get("groups", [])
    if not isinstance(links, Mapping) or not isinstance(removed, list) or not isinstance(groups, list):
        raise SeedError(f"{where}.links: ids of the source with ids of the target; removed and groups are lists of ids")
    for source, target in links.items():
        kind = "Group" if source in groups else "User"
        link = cycle.linked(source, str(target), kind=kind, removed=source in removed)
        cycle.keep_link(world, tenant, key, link)
    known = cycle.state(world, tenant, key)
    there = world.store.get(tenant, JOB.kind, key) or {}
    pairs = (world.store.get(tenant, SECRETS.kind, key.partition("/")[0]) or {"value": []})["value"]
    steady = "job" in said and there["status"]["steadyStateFirstAchievedTime"] != NEVER
    after = {
        **known,
        "watermark": 0 if steady else None,
        "syncsAll": steady and settings.syncs_all(pairs),
        "due": _HELD if said.get("held") else None,
        "synchronized": {"User": len(links) - len(removed) - len(groups)},
    }
    world.store.put(tenant, STATE.kind, key, after)


def match_all(world: World, tenants: Mapping[str, Mapping[str, Body]]) -> None:
    """Link whom configurations of a seed have in scope, where they ask for it, and let the log tell of links that were
    named. `tenants` leads from ids of tenants to what the seed says of their service principals.

    To be called when all tenants are filled: it looks into the targets.
    """
    for tenant, principals in tenants.items():
        for name, said in principals.items():
            resumed = said.get("synchronization") or {}
            if resumed.get("matched") or resumed.get("links"):
                key = str(said.get("id", seeded_id(tenant, "service principal", name))).lower()
                _complete(world, tenant, key, matches=bool(resumed.get("matched")))


def _complete(world: World, tenant: str, principal_id: str, *, matches: bool) -> None:
    principal = world.store.get(tenant, SERVICE_PRINCIPALS.kind, principal_id) or {}
    pairs = (world.store.get(tenant, SECRETS.kind, principal_id) or {"value": []})["value"]
    call = Call("GET", "", tenant=tenant, principal=FABRIC)
    for _, found in world.store.scan(tenant, JOB.kind, below=principal_id):
        ground = Ground.of(world, call, principal, found, syncs_all=settings.syncs_all(pairs))
        target = settings.value_of(pairs, "CompanyId").lower()
        for link in cycle.links(world, tenant, ground.key):
            ground.told(_logged(ground, link))
        if matches and target in world.directory.tenants:
            _link(ground, target)


def _logged(ground: Ground, link: Body) -> Happening:
    """Return what the log says of a link: who made it is all that is left of how it was made."""
    body = ground.world.store.get(ground.tenant, str(link["kind"]).lower(), str(link["id"])) or {}
    name, principal = str(body.get("displayName") or ""), str(body.get("userPrincipalName") or "")
    source = Identity(str(link["id"]), name, str(link["kind"]), principal)
    target = Identity(str(link["target"]), kind=str(link["kind"]))
    return Happening("Delete" if link["removed"] else "Create", "Success", source, target, ())


def _link(ground: Ground, target: str) -> None:
    world, tenant = ground.world, ground.tenant
    assigned = subjects.assigned(ground)
    more = 0
    for source_id in dict.fromkeys(subjects.everybody(ground, assigned)):
        body = world.store.get(tenant, USERS.kind, source_id)
        if body is None or ground.link_to(source_id) is not None or not _is_meant(ground, body, assigned):
            continue
        for found in world.store.worded(target, USERS.kind, marked(net_id(source_id))).values():
            cycle.keep_link(world, tenant, ground.key, cycle.linked(source_id, str(found["id"])))
            more += 1
    known = cycle.state(world, tenant, ground.key)
    count = known["synchronized"].get("User", 0) + more
    world.store.put(tenant, STATE.kind, ground.key, {**known, "synchronized": {**known["synchronized"], "User": count}})


def _is_meant(ground: Ground, body: Body, assigned: Mapping[str, None]) -> bool:
    """Tell whether somebody is in scope, be their account enabled or not."""
    entitled = str(body["id"]) in assigned
    verdict = ground.scope.verdict(
        persons.seen(body, assigned=entitled),
        active=True,
        assigned=entitled or ground.syncs_all,
        switches=ground.world.switches,
    )
    return verdict.is_meant
