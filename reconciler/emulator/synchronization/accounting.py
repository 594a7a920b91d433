"""What cycles did since a moment, job by job, from the journal and the provisioning log: for who rehearses a change.

Looks at the world and changes nothing. People are plain mappings with `id`, `name` and `principalName`: of the target
where something was written there, and of the source where not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.directory_objects import DELETED, GROUPS, MEMBER, USERS
from reconciler.emulator.synchronization import cycle
from reconciler.emulator.synchronization.kinds import EVENT, JOB, SECRETS
from reconciler.emulator.synchronization.settings import value_of

if TYPE_CHECKING:
    from reconciler.emulator.store import Entry
    from reconciler.emulator.world import World

WAYS = ("created", "updated", "blocked", "unblocked", "removed", "restored")


def standing(world: World) -> dict[str, dict[str, Json]]:
    """Return of every job, by its service principal, its tenant, and who of the source is linked to whom."""
    found: dict[str, dict[str, Json]] = {}
    for tenant in world.directory.tenants:
        for key in world.store.all(tenant, JOB.kind):
            principal, _, job = key.partition("/")
            pairs = (world.store.get(tenant, SECRETS.kind, principal) or {"value": []})["value"]
            target = value_of(pairs, "CompanyId").lower()
            links = {
                str(one["id"]): str(one["target"])
                for one in cycle.links(world, tenant, key)
                if one["kind"] == "User"
                and not one["removed"]
                and world.store.get(target, USERS.kind, str(one["target"])) is not None
            }
            found[principal] = {"tenant": tenant, "job": job, "target": target, "links": links}
    return found


def done(world: World, since: int, principal: str, before: Body) -> dict[str, Json]:
    """Return what the cycles of one job did after a number of the journal; `before` is how it stood then.

    Somebody who was created, restored or removed counts as that alone, whatever else was written with it.
    """
    ways: dict[str, dict[str, dict[str, Json]]] = {way: {} for way in WAYS}
    groups = 0
    for entry in _written(world, since, principal):
        if entry.kind in (GROUPS.kind, MEMBER.kind):
            groups += 1
        for way, person in _ways(entry):
            standing_one = ways[way].get(entry.key, {})
            attributes = sorted({*standing_one.get("attributes", ()), *person.pop("attributes", ())})
            ways[way][entry.key] = {**person, "attributes": attributes}
    _settle(ways)
    failed, held = _troubles(world, str(before["tenant"]), str(before["job"]))
    now: Body = standing(world).get(principal, dict(before))
    made = ways["created"].keys() | ways["restored"].keys()
    new = {target for source, target in now["links"].items() if source not in before["links"]}
    return {
        **{way: sorted(people.values(), key=_order) for way, people in ways.items()},
        "adopted": [_person(world.store.get(now["target"], USERS.kind, one) or {}) for one in sorted(new - made)],
        "failed": failed,
        "held": held,
        "groupWrites": groups,
        "before": len(before["links"]),
        "after": sum(1 for one in now["links"].values() if world.store.get(now["target"], USERS.kind, one)),
        "quarantine": _quarantine(world, str(before["tenant"]), f"{principal}/{before['job']}"),
    }


def _written(world: World, since: int, principal: str) -> Iterator[Entry]:
    part = f"/servicePrincipals/{principal}/synchronization/"
    for entry in world.store.journal(since=since):
        if entry.committed and entry.principal["kind"] == "service" and part in entry.path:
            yield entry


def _ways(entry: Entry) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield what one write did to a user of the target."""
    person = _person(entry.after or entry.before or {})
    match entry.kind, entry.before, entry.after:
        case DELETED.kind, Mapping(), None:
            yield "restored", person
        case USERS.kind, None, Mapping():
            yield "created", person
        case USERS.kind, Mapping(), None:
            yield "removed", person
        case USERS.kind, Mapping() as before, Mapping() as after:
            was, now = (one.get("accountEnabled", True) is not False for one in (before, after))
            if was != now:
                yield "blocked" if was else "unblocked", person
            if attributes := [name for name in entry.blocks if name != "accountEnabled"]:
                yield "updated", {**person, "attributes": attributes}


def _settle(ways: Mapping[str, dict[str, dict[str, Json]]]) -> None:
    """Take out of each list who is told of better elsewhere: a restoration is no creation, for one."""
    for key in ways["restored"]:
        ways["created"].pop(key, None)
    for way in ("created", "restored", "removed"):
        for key in ways[way]:
            for other in ("updated", "unblocked"):
                ways[other].pop(key, None)


def _order(person: Body) -> tuple[str, str]:
    return str(person["principalName"]), str(person["id"])


def _person(body: Body) -> dict[str, Json]:
    name, principal = str(body.get("displayName") or ""), str(body.get("userPrincipalName") or "")
    return {"id": str(body.get("id") or ""), "name": name, "principalName": principal}


def _troubles(world: World, tenant: str, job: str) -> tuple[list[Json], list[Json]]:
    """Return who failed with the last that was tried, and whose deletion was held back."""
    last: dict[str, dict[str, Json]] = {}
    for event in world.store.all(tenant, EVENT.kind).values():
        if event["jobId"] == job:
            last[str(event["sourceIdentity"]["id"])] = event
    failed: list[Json] = []
    held: list[Json] = []
    for event in sorted(last.values(), key=lambda one: str(one["sourceIdentity"]["id"])):
        source = event["sourceIdentity"]
        name = source["details"].get("UserPrincipalName", "")
        person: dict[str, Json] = {"id": source["id"], "name": source["displayName"], "principalName": name}
        error = event["provisioningStatusInfo"]["errorInformation"] or {}
        if event["provisioningStatusInfo"]["status"] == "failure":
            failed.append({**person, "code": error.get("errorCode", ""), "reason": error.get("reason", "")})
        if event["provisioningAction"] == "stagedDelete":
            held.append(person)
    return failed, held


def _quarantine(world: World, tenant: str, key: str) -> Json:
    job = world.store.get(tenant, JOB.kind, key)
    found = job["status"]["quarantine"] if job else None
    return None if found is None else {"code": found["error"]["code"], "message": found["error"]["message"]}
