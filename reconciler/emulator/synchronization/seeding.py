"""From what a seed says of a configuration to its job, its settings and its schema.

Below a service principal of a seed, `synchronization` says:

- `target`: the name of a tenant or of an organization of the seed, or a tenant id.
- `state`: `started` unless it is `fresh` or `paused`. Nothing is checked: the world may be one in which a policy was
  taken back since.
- `settings`: keys and values over the usual ones: assigned users only, deletes held back from 500.
- `expressions`: target attributes of users with the text of their expression, or null for a mapping that is gone.
- `filters`: groups of clauses, as Graph has them.
- `flowTypes`: what may be done in the target.

What it says of a configuration that has run before is in `resuming`. Nothing here is journaled: it was there before.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from reconciler.emulator.blocks import GUID
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.seed_language import SeedError
from reconciler.emulator.synchronization import jobs, resuming, schemas, settings
from reconciler.emulator.synchronization.kinds import JOB, SCHEMA, SECRETS

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_MEMBERS: Final = ("target", "state", "settings", "expressions", "filters", "flowTypes", *resuming.MEMBERS)
_STATES: Final = ("fresh", "started", "paused")
_NOTIFICATION: Final = {"Enabled": False, "DeleteThresholdEnabled": True, "DeleteThresholdValue": 500}


def configure(world: World, where: str, tenant: str, principal: Body, said: Json) -> None:
    """Give a service principal the job, the settings and the schema that a seed describes.

    Raises:
        SeedError: with the place of the first mistake.
    """
    if not isinstance(said, Mapping) or not said.keys() <= set(_MEMBERS):
        raise SeedError(f"{where}: a configuration has {', '.join(_MEMBERS)}")
    for member in ("settings", "expressions"):
        if not isinstance(said.get(member, {}), Mapping):
            raise SeedError(f"{where}.{member}: it is a mapping")
    state = said.get("state", "started")
    if state not in _STATES:
        raise SeedError(f"{where}.state: it is one of {', '.join(_STATES)}, not {state!r}")
    job = _job(world, where, tenant, principal, said)
    key = f"{principal['id']}/{job['id']}"
    try:
        pairs = settings.pairs(said.get("secrets") or _settings(world, f"{where}.target", said))
        schema = resuming.schema(where, said["schema"]) if "schema" in said else _schema(world, said)
    except Refusal as refusal:
        raise SeedError(f"{where}: {refusal.message}") from refusal
    world.store.put(tenant, JOB.kind, key, job)
    world.store.put(tenant, SECRETS.kind, str(principal["id"]), {**SECRETS.fresh(str(principal["id"])), "value": pairs})
    if schema is not None:
        world.store.put(tenant, SCHEMA.kind, key, {"id": job["id"], **schema})
    if said.keys() & set(resuming.MEMBERS):
        resuming.resume(world, where, tenant, key, said)


def _job(world: World, where: str, tenant: str, principal: Body, said: Mapping[str, Json]) -> dict[str, Json]:
    usual_id = jobs.job_id(tenant, str(principal["appId"]))
    if "job" in said:
        return resuming.job(where, principal, usual_id, said["job"])
    fresh = jobs.fresh(str(principal["id"]), usual_id)
    job = fresh if said.get("state") == "fresh" else jobs.started(fresh)
    return jobs.paused(job, world.switches) if said.get("state") == "paused" else job


def _settings(world: World, where: str, said: Mapping[str, Json]) -> list[Json]:
    usual = {
        "CompanyId": _target(world, where, said.get("target")),
        "AuthenticationType": "SyncPolicy",
        "SyncAll": "false",
        "SyncNotificationSettings": json.dumps(_NOTIFICATION),
    }
    return [{"key": key, "value": value} for key, value in {**usual, **said.get("settings", {})}.items()]


def _target(world: World, where: str, said: Json) -> str:
    known = {one.name: one.id for one in world.directory.organizations.values()}
    if isinstance(said, str) and (said in known or GUID.fullmatch(said)):
        return known.get(said, said.lower())
    raise SeedError(f"{where}: {said!r} is neither a tenant or an organization of the seed nor a tenant id")


def _schema(world: World, said: Mapping[str, Json]) -> dict[str, Json] | None:
    """Return the schema as it is kept, or None where it is the template's."""
    if not said.keys() & {"expressions", "filters", "flowTypes"}:
        return None
    standing = schemas.whole(None)
    sent = {name: value for name, value in copy.deepcopy(standing).items() if name != "version"}
    users = sent["synchronizationRules"][0]["objectMappings"][0]
    users["flowTypes"] = said.get("flowTypes", users["flowTypes"])
    users["scope"]["groups"] = said.get("filters", [])
    users["attributeMappings"] = _mappings(users["attributeMappings"], dict(said.get("expressions", {})))
    parts = schemas.checked(sent, standing, world.switches)
    return schemas.stored(parts, schemas.next_version(standing["version"]))


def _mappings(stock: list[dict[str, Json]], expressions: dict[str, Json]) -> list[Json]:
    kept = [one for one in stock if expressions.get(one["targetAttributeName"], "") is not None]
    for one in kept:
        text = expressions.pop(one["targetAttributeName"], None)
        one["source"] = one["source"] if text is None else {"type": "Function", "expression": text}
    added = [(target, text) for target, text in expressions.items() if text is not None]
    return kept + [
        {"targetAttributeName": target, "source": {"type": "Function", "expression": text}} for target, text in added
    ]
