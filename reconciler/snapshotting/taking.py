"""Reads one tenant into what a seed says of it: settings that were read already, configurations, people, groups.

Whole or not at all: of one answer that is missing, nothing of the tenant is told. Only the provisioning log may be
missing; then fewer links are known, and that is told. Knows nothing of other tenants: `joining` does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pydantic import ValidationError

from reconciler.configurations import find
from reconciler.errors import Forbidden, Unavailable
from reconciler.graph.client import Graph, whole
from reconciler.graph.odata import literal
from reconciler.kinds.synchronization.configuration import marker_in
from reconciler.kinds.synchronization.job import BASE, jobs_in
from reconciler.model import MASKED, Body, Ids, Json, Link, Principal, Reading, Tenant
from reconciler.provisioning import ATTRIBUTES
from reconciler.snapshotting.shapes import PEOPLE, first_of
from reconciler.snapshotting.shapes import Tenant as Seed

T = TypeVar("T")

# Graph's own limit.
_PAGE: Final = 999
_BASIC: Final = (
    "id", "accountEnabled", "createdDateTime", "creationType", "displayName", "externalUserState", "identities",
    "mail", "mailNickname", "onPremisesSyncEnabled", "otherMails", "proxyAddresses", "userPrincipalName", "userType",
)  # fmt: skip
_GROUP: Final = (
    "id", "description", "displayName", "groupTypes", "mail", "mailEnabled", "mailNickname", "membershipRule",
    "proxyAddresses", "securityEnabled",
)  # fmt: skip
_EXTENSION: Final = re.compile(r"extension_[0-9a-fA-F]{32}_\w{1,200}")
# Whatever else stands among the settings may be a secret, and no cycle reads it.
_TOLD: Final = frozenset({"CompanyId", "AuthenticationType", "SyncAll", "SyncNotificationSettings"})
_PROTECTED: Final = ("isServiceProvider", "isInMultiTenantOrganization")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for in one tenant: the links that begin there, whom they name, and whether people matter."""

    links: tuple[Link, ...] = ()
    principals: tuple[Principal, ...] = ()
    people: bool = False


@dataclass(slots=True)
class Taken:
    """What is known of a tenant so far. `remarks` are about what could not be seen."""

    seed: dict[str, Json]
    remarks: list[str] = field(default_factory=list)


async def take(tenant: Tenant, reading: Reading, graph: Graph, wanted: Wanted) -> Taken:
    """Return what a seed says of a tenant whose settings were read.

    Raises:
        GraphError: a part of it cannot be had, so that nothing of it is known.
    """
    taken = Taken({"tenantId": tenant.tenant_id, "displayName": tenant.display_name, **_settings(tenant, reading)})
    taken.seed["domains"] = await _domains(graph)
    if wanted.people:
        policy = await _needing("Policy.Read.All", graph.get("/policies/authorizationPolicy?$select=allowInvitesFrom"))
        if isinstance(said := policy.get("allowInvitesFrom"), str):
            taken.seed["authorizationPolicy"] = {"allowInvitesFrom": said}
    if wanted.people or wanted.links:
        taken.seed["servicePrincipals"] = await _configurations(tenant, graph, wanted, taken.remarks)
        await _people(graph, wanted, taken)
    try:
        Seed.model_validate(taken.seed)
    except ValidationError as error:
        raise Unavailable(f"{tenant.name}: what it shows is not understood: {first_of(error)}") from error
    return taken


# ---------------------------------------------------------------------------------------------- settings


def _settings(tenant: Tenant, reading: Reading) -> dict[str, Json]:
    """Return the settings in Graph's words; a block that nobody set is left out."""
    found: dict[str, Json] = {"default": {}, "partners": [], "objects": {"identitySynchronization": {}}}
    for address, there in reading.state.items():
        body = {name: value for name, value in there.body.items() if value is not None}
        match address.kind:
            case "policy":
                found["objects"]["policy"] = {"": body}
            case "default" if there.facts.get("isServiceDefault") is not True:
                found["default"] = body
            case "partner":
                marks = {name: True for name in _PROTECTED if there.facts.get(name) is True}
                found["partners"].append({"tenantId": address.key, **body, **marks})
            case "identity-synchronization":
                found["objects"]["identitySynchronization"][address.key] = {"tenantId": address.key, **body}
    return found


async def _domains(graph: Graph) -> list[str]:
    """Return the verified domains: the default one first."""
    answer = await graph.get("/organization?$select=id,verifiedDomains")
    match answer.get("value"):
        case [{"verifiedDomains": list(domains)}] if domains:
            known = [one for one in domains if isinstance(one, Mapping) and isinstance(one.get("name"), str)]
            return [str(one["name"]) for one in sorted(known, key=lambda one: one.get("isDefault") is not True)]
        case _:
            raise Unavailable("/organization does not show the verified domains")


# ---------------------------------------------------------------------------------------------- configurations


async def _configurations(tenant: Tenant, graph: Graph, wanted: Wanted, remarks: list[str]) -> dict[str, Json]:
    there = await _needing("Application.Read.All", find(graph, tenant.tenant_id))
    found: dict[str, Json] = {}
    for one in there:
        base, key = BASE.format_map(one.ids), one.ids["servicePrincipal"]
        paths = (f"{base}/jobs", f"{base}/secrets", f"/servicePrincipals/{key}/appRoleAssignedTo")
        answers = await graph.get_all(paths)
        jobs, secrets = (whole(answers[path]) for path in paths[:2])
        assigned = await graph.collect(paths[2], whole(answers[paths[2]]))
        said: dict[str, Json] = {
            "secrets": _pairs(one.principal, secrets, wanted.links, remarks),
            **await _running(graph, one.ids, jobs_in(jobs), remarks),
        }
        found[key] = {
            "id": key,
            "appId": one.ids["appId"],
            "displayName": one.name,
            "notes": one.principal.get("notes"),
            "assigned": [
                str(each["principalId"]) for each in assigned if each.get("principalType") in ("User", "Group")
            ],
            **({"synchronization": said} if "job" in said else {}),
        }
    return found


async def _running(graph: Graph, ids: Ids, jobs: list[Body], remarks: list[str]) -> dict[str, Json]:
    """Return a job with its schema, and who is linked as far as the log tells; nothing where there is no job."""
    if len(jobs) > 1:
        raise Unavailable(
            f"the configuration {ids['appId']} has {len(jobs)} jobs, and nobody can tell which one counts"
        )
    for job in jobs:
        name = str(job.get("id"))
        schema = await graph.get(f"{BASE.format_map(ids)}/jobs/{name}/schema")
        parts = {part: schema.get(part) for part in ("directories", "synchronizationRules")}
        shown = {part: job.get(part) for part in ("id", "schedule", "status")}
        return {"job": shown, "schema": parts, **await _links(graph, name, remarks)}
    return {}


def _pairs(principal: Body, secrets: Body, links: Iterable[Link], remarks: list[str]) -> list[Json]:
    if not isinstance(listed := secrets.get("value"), list):
        raise Unavailable("the settings of a configuration are no list")
    pairs = {str(one.get("key")): str(one.get("value")) for one in listed if isinstance(one, Mapping)}
    told = {key: value if key in _TOLD else MASKED for key, value in pairs.items()}
    marked = [link for link in links if link.name == marker_in(principal.get("notes"))]
    if told.get("CompanyId") == MASKED and marked:
        told["CompanyId"] = marked[0].target_id
        remarks.append(f"{marked[0].name} goes where its link says: its target is not shown")
    return [{"key": key, "value": value} for key, value in told.items()]


async def _links(graph: Graph, job: str, remarks: list[str]) -> dict[str, Json]:
    """Return who is linked to whom, by the last word of the log about each."""
    links: dict[str, str] = {}
    removed: dict[str, bool] = {}
    groups: set[str] = set()
    path = f"/auditLogs/provisioning?$filter=jobId%20eq%20{literal(job)}&$orderby=activityDateTime%20desc&$top=1000"
    try:
        async for page in graph.pages(path):
            for record in page:
                source, target = (_object(record.get(f"{side}Identity")) for side in ("source", "target"))
                key, other = str(source.get("id") or ""), str(target.get("id") or "")
                if key and other and key not in links and _tells_of_a_link(record):
                    links[key], removed[key] = other, _done(record)[0] == "delete"
                    groups |= {key} if str(source.get("identityType")).lower() == "group" else set()
    except Forbidden:
        remarks.append(f"who is linked by {job} is told by names alone: the provisioning log takes AuditLog.Read.All")
    gone = [key for key, is_gone in removed.items() if is_gone]
    return {"links": links, "removed": gone, "groups": sorted(groups)}


def _tells_of_a_link(record: Body) -> bool:
    """Tell whether an entry says that its two are linked: a write, or that none was needed. Other skips may not."""
    action, status = _done(record)
    if status == "skipped":
        steps = [_object(_object(one).get("details")) for one in record.get("provisioningSteps") or ()]
        return action == "stageddelete" or any(one.get("SkipReason") == "RedundantExport" for one in steps)
    return status == "success"


def _done(record: Body) -> tuple[str, str]:
    status = _object(record.get("provisioningStatusInfo")).get("status")
    return str(record.get("provisioningAction")).lower(), str(status).lower()


def _object(said: Json) -> Body:
    return said if isinstance(said, Mapping) else {}


# ---------------------------------------------------------------------------------------------- people


async def _people(graph: Graph, wanted: Wanted, taken: Taken) -> None:
    seed = taken.seed
    groups = await _needing("Group.Read.All", _all(graph, f"/groups?$select={','.join(_GROUP)}&$top={_PAGE}"))
    seed["groups"] = {str(one["id"]): _only(one, _GROUP) for one in groups}
    users: dict[str, Body] = {}
    if wanted.people:
        extensions = sorted(set(_EXTENSION.findall(json.dumps(seed["servicePrincipals"]))))
        names = sorted({*_BASIC, *_graph_names(), *extensions})
        path = f"/users?$select={','.join(names)}&$expand=manager($select=id)&$top={_PAGE}"
        listed = await _needing("User.Read.All", _all(graph, path))
        users = {str(one["id"]): _user(one, names) for one in listed}
        asked = f"$select={','.join([*names, 'deletedDateTime'])}&$top={_PAGE}"
        path = f"/directory/deletedItems/microsoft.graph.user?{asked}"
        binned = await _needing("User.Read.All", _all(graph, path))
        seed["deletedUsers"] = {str(one["id"]): _only(one, [*names, "deletedDateTime"]) for one in binned}
    seed["users"] = {key: _managed(one, users) for key, one in users.items()}
    for key in _meant(wanted, seed):
        listed = await _needing("GroupMember.Read.All", _all(graph, f"/groups/{key}/members?$select=id&$top={_PAGE}"))
        ids = [str(one["id"]) for one in listed]
        seed["groups"][key]["members"] = [one for one in ids if one in users or one in seed["groups"]]
    for one in seed["servicePrincipals"].values():
        one["assigned"] = [key for key in one["assigned"] if key in users or key in seed["groups"]]


def _graph_names() -> Iterable[str]:
    """Return Graph's names of what the engine can read or write, but for what is asked in another way."""
    return {one.graph.partition(".")[0] for one in ATTRIBUTES.values() if one.graph} - {"manager"}


def _meant(wanted: Wanted, seed: Body) -> list[str]:
    """Return the groups whose members matter: those that are assigned, and those that files name."""
    assigned = {key for one in seed["servicePrincipals"].values() for key in one["assigned"]}
    names = {one.name for one in wanted.principals if one.type == "group" and not one.id}
    ids = {one.id.lower() for one in wanted.principals if one.id}
    return [key for key, one in seed["groups"].items() if key in assigned | ids or one.get("displayName") in names]


async def _all(graph: Graph, path: str) -> list[Body]:
    found: list[Body] = []
    async for page in graph.pages(path):
        found += page
        if len(found) > PEOPLE:
            raise Unavailable(f"{path.partition('?')[0]} has more than {PEOPLE} objects, too many to rehearse with")
    if not all(isinstance(one.get("id"), str) for one in found):
        raise Unavailable(f"{path.partition('?')[0]}: an item came without id, so the list cannot be trusted")
    return found


def _only(one: Body, names: Iterable[str]) -> dict[str, Json]:
    return {name: one[name] for name in names if name in one}


def _user(one: Body, names: Iterable[str]) -> dict[str, Json]:
    manager = _object(one.get("manager")).get("id")
    return {**_only(one, names), **({"manager": str(manager)} if manager else {})}


def _managed(one: Mapping[str, Json], users: Mapping[str, Body]) -> dict[str, Json]:
    """Return a user whose manager is among those who are known."""
    return {name: value for name, value in one.items() if name != "manager" or value in users}


async def _needing(permission: str, asked: Awaitable[T]) -> T:
    """Return what was asked for, or let a refusal say what it takes."""
    try:
        return await asked
    except Forbidden as error:
        raise error.adding(f"it takes {permission}") from error
