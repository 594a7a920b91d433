"""The tenants' journal of synchronization, retold in the words of a plan, so that the oracle can compare the two.

Pure, and an account of its own: it imports nothing of what it judges. A link in a plan is an application, its service
principal, a job, its secrets, a schema and assignments in a tenant; which link they belong to tells the mark in the
notes of the service principal. What bears no mark keeps its id for a key, and fits no plan.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = Mapping[str, Any]

TEMPLATE = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"
MARK = re.compile(r"^Managed by entra-reconciler as link (.+)$", re.MULTILINE)
STEM = "/servicePrincipals/"
# What a schema says of a mapping beside its expression, and what it is called in a plan.
APPLIES = {"Always": None, "ObjectAddOnly": "onCreate"}
# How the tenants call the parts of a configuration, each known by a service principal, and how a plan does.
PARTS = {
    "servicePrincipal": "configuration",
    "synchronizationJob": "job",
    "synchronizationSecrets": "settings",
    "synchronizationSchema": "mappings",
    "appRoleAssignment": "assignment",
}


@dataclass(frozen=True, slots=True)
class Index:
    """Which link a service principal belongs to, by its id and by its appId, and what is known of principals.

    `named` are the links that a plan makes configurations for, by tenant and display name.
    """

    links: dict[str, str] = field(default_factory=dict)
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def link(self, key: str) -> str:
        """Return the link of a service principal or application; an unmarked one goes by its own id."""
        return self.links.get(key, key)


def index(entries: Iterable[Json], worlds: Iterable[Json], plan: Json) -> Index:
    """Return who is who, from all that was ever seen."""
    made = Index()
    entries = list(entries)
    principals = [entry["after"] for entry in entries if entry["kind"] == "servicePrincipal" and entry["after"]]
    for world in worlds:
        for tenant in world["tenants"].values():
            objects = tenant.get("objects", {})
            principals += objects.get("servicePrincipal", {}).values()
            made.types.update(dict.fromkeys(objects.get("group", {}), "Group"))
            made.types.update(dict.fromkeys(objects.get("user", {}), "User"))
    for one in principals:
        found = MARK.search(one.get("notes") or "")
        if found and one.get("applicationTemplateId") == TEMPLATE:
            made.links.update({one["id"]: found[1], one["appId"]: found[1]})
    for tenant in plan["tenants"]:
        for step in tenant["steps"]:
            if step["address"]["kind"] == "configuration" and step["action"] == "create":
                named = (tenant["tenantId"].lower(), step["after"]["displayName"])
                made.named.setdefault(named, step["address"]["key"])
    return made


def retold(entries: Sequence[Json], known: Index) -> list[Json]:
    """Return the entries as a plan would speak of them; questions, and halves of one write, are left out."""
    return [told for entry in entries for told in _retold(entry, known)]


class Object(NamedTuple):
    """An object of a world: as a plan calls it, as it is, and as a plan speaks of it."""

    address: tuple[str, str, str]
    body: Json
    words: Json


def objects(world: Json, known: Index) -> Iterator[Object]:
    """Yield all that stands in the tenants beside their people."""
    for name, tenant in world["tenants"].items():
        yield Object((name, "default", ""), tenant["default"], tenant["default"])
        for partner in tenant["partners"]:
            yield Object((name, "partner", str(partner["tenantId"]).lower()), partner, partner)
        standing = tenant.get("objects", {})
        for key, body in standing.get("identitySynchronization", {}).items():
            yield Object((name, "identity-synchronization", key), body, body)
        for key, body in standing.get("application", {}).items():
            if body.get("applicationTemplateId") == TEMPLATE:
                yield Object((name, "application", known.link(body["appId"])), {**body, "id": key}, {})
        for kind, ours in PARTS.items():
            for key, body in standing.get(kind, {}).items():
                if kind != "servicePrincipal" or body.get("applicationTemplateId") == TEMPLATE:
                    yield _object(name, ours, key, body, known)


def _object(tenant: str, kind: str, key: str, body: Json, known: Index) -> Object:
    link = known.link(key.partition("/")[0])
    whom = f"{link}/{body['principalId']}" if kind == "assignment" else link
    # What a job says of its cycles is the service's own account.
    said = {name: value for name, value in body.items() if (kind, name) != ("job", "status")}
    return Object((tenant, kind, whom), said, WORDS[kind](body) or {})


def _retold(entry: Json, known: Index) -> Iterator[Json]:
    path = entry.get("path", "").partition("?")[0]
    if path.endswith("/validateCredentials"):
        return
    if path.endswith("/identitySynchronization"):
        method = "POST" if entry["method"] == "PUT" else entry["method"]
        yield {**entry, "kind": "identity-synchronization", "method": method}
    elif path.endswith("/instantiate"):
        # One write, two objects: the application stands for both.
        if entry["kind"] != "servicePrincipal":
            yield _instantiated(entry, known)
    elif "/applications" in path:
        yield from _application(entry, path, known)
    elif STEM in path and entry["kind"] not in ("", *PARTS):
        # What the service keeps for itself beside the object that was written.
        return
    elif STEM in path:
        yield _below(entry, path.partition(STEM)[2].split("/"), known)
    else:
        yield entry


def _below(entry: Json, path: Sequence[str], known: Index) -> Json:
    """Return what was done to a service principal, or to what is below it."""
    principal, sent = path[0], entry["sent"]
    told = entry
    match path[1:]:
        case []:
            told = _configuration(entry, principal, known)
        case ["synchronization", "jobs"]:
            told = _part(entry, "job", principal, known, {"enabled": False}, _job)
        case ["synchronization", "jobs", _]:
            told = _part(entry, "job", principal, known, sent, _job)
        case ["synchronization", "jobs", _, ("start" | "pause") as verb]:
            told = {**_part(entry, "job", principal, known, {"enabled": verb == "start"}, _job), "method": "PATCH"}
        case ["synchronization", "jobs", _, "schema"]:
            told = {**_part(entry, "mappings", principal, known, _schema(sent), _schema), "method": "PATCH"}
        case ["synchronization", "secrets"]:
            told = {**_part(entry, "settings", principal, known, _secrets(sent), _secrets), "method": "PATCH"}
        case ["appRoleAssignedTo", *_]:
            told = _assignment(entry, principal, known)
    return told


def _part(
    entry: Json, kind: str, principal: str, known: Index, sent: Json | None, words: Callable[[Json | None], Json | None]
) -> Json:
    """Return an entry about a part of a configuration, its bodies in the words of a plan."""
    before, after = words(entry["before"]), words(entry["after"])
    changed = [name for name in (before or {}).keys() | (after or {}).keys() if _of(before, name) != _of(after, name)]
    return {
        **entry,
        "kind": kind,
        "key": known.link(principal),
        "sent": sent,
        "before": before,
        "after": after,
        "blocks": sorted(changed),
    }


def _of(body: Json | None, name: str) -> Any:
    return (body or {}).get(name)


def _instantiated(entry: Json, known: Index) -> Json:
    made = entry["after"]
    name = entry["sent"]["displayName"]
    meant = known.named.get((entry["tenant"], name), name)
    key = known.link(made["appId"]) if made else meant
    after = {"displayName": made["displayName"], "marker": None} if made else None
    return {**entry, "kind": "configuration", "key": key, "after": after, "blocks": ["displayName"]}


def _application(entry: Json, path: str, known: Index) -> Iterator[Json]:
    if entry["method"] == "DELETE":
        if entry["kind"] in ("application", ""):
            key = re.sub(r"^.*appId='([^']+)'.*$|^.*/applications/(.+)$", r"\1\2", path)
            yield _part({**entry, "method": "DELETE"}, "configuration", key, known, None, _named)
        return
    yield _part(entry, "configuration", entry["after"]["appId"] if entry["after"] else "", known, entry["sent"], _named)


def _configuration(entry: Json, principal: str, known: Index) -> Json:
    sent = dict(entry["sent"] or {})
    if "notes" in sent:
        found = MARK.search(sent.pop("notes") or "")
        sent["marker"] = found[1] if found else None
    return _part(entry, "configuration", principal, known, sent, _named)


def _assignment(entry: Json, principal: str, known: Index) -> Json:
    who = (entry["sent"] or entry["before"] or {}).get("principalId", "?")
    kind = known.types.get(who)
    sent = {"principalType": kind} if entry["method"] == "POST" else None
    told = _part(entry, "assignment", principal, known, sent, _assigned)
    return {**told, "key": f"{known.link(principal)}/{who}"}


# ---------------------------------------------------------------------------------------------- words


def _named(body: Json | None) -> Json | None:
    if body is None:
        return None
    found = MARK.search(body.get("notes") or "")
    others = MARK.sub("", body.get("notes") or "").strip()
    return {"displayName": body.get("displayName"), "marker": found[1] if found else None, "notes": others or None}


def _job(body: Json | None) -> Json | None:
    return None if body is None else {"enabled": body["schedule"]["state"] == "Active"}


def _assigned(body: Json | None) -> Json | None:
    return None if body is None else {"principalType": body["principalType"]}


def _secrets(body: Json | None) -> Json | None:
    if body is None:
        return None
    said = {one["key"]: one["value"] for one in body["value"]}
    if not said:
        return {}
    mail = json.loads(said.get("SyncNotificationSettings") or "{}")
    return {
        "targetTenantId": said.get("CompanyId"),
        "scope": {"true": "all", "false": "assigned"}.get(said.get("SyncAll", "")),
        "accidentalDeletion": {"enabled": mail["DeleteThresholdEnabled"], "threshold": mail["DeleteThresholdValue"]},
        "notifications": {
            "enabled": mail["Enabled"],
            "recipients": [one for one in mail.get("Recipients", "").split(",") if one],
        },
    }


def _schema(body: Json | None) -> Json | None:
    if body is None:
        return None
    pairs = [one for rule in body["synchronizationRules"] for one in rule["objectMappings"]]
    users = next(one for one in pairs if one["sourceObjectName"] == one["targetObjectName"] == "User")
    return {"mappings": {one["targetAttributeName"]: _mapping(one) for one in users["attributeMappings"]}}


def _mapping(one: Json) -> Json:
    said = {"apply": APPLIES.get(one["flowType"], one["flowType"]), "default": one.get("defaultValue")}
    matching = {"matching": one["matchingPriority"]} if one.get("matchingPriority") else {}
    return {
        "expression": one["source"]["expression"],
        **{name: value for name, value in said.items() if value is not None},
        **matching,
    }


WORDS: Mapping[str, Callable[[Json], Json | None]] = {
    "configuration": _named,
    "job": _job,
    "settings": _secrets,
    "mappings": _schema,
    "assignment": _assigned,
}
