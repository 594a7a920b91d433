"""Mappings and scoping filters of a job: the parts of its schema that people may change, in the portal's words.

The schema is written as a whole, with all that is the service's own sent back as it was read. Names of directories and
mappings differ by the age of a configuration, so that parts are found by what they do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

from pydantic import Field

from reconciler.kinds.blocks import Strict
from reconciler.kinds.synchronization.extending import defined
from reconciler.kinds.synchronization.job import BASE
from reconciler.model import Body, Change, Ids, Json, Kind, Part, Permissions, Request, Resource
from reconciler.provisioning.errors import ExpressionError
from reconciler.provisioning.mapping import DEFAULT_MAPPINGS, AttributeMapping
from reconciler.provisioning.parsing import parse
from reconciler.provisioning.rendering import render
from reconciler.provisioning.sources import source_of
from reconciler.provisioning.trees import Text

_APPLY = {"Always": "always", "ObjectAddOnly": "onCreate"}
_FLOW = {word: flow for flow, word in _APPLY.items()}
_USUAL: Body = {"apply": "always", "default": None, "matching": 0}


class Clause(Strict):
    """One question about one attribute."""

    attribute: str = Field(description="An attribute of the user, by the engine's name.")
    operator: str = Field(description="How it is compared.")
    value: str | None = Field(None, description="What it is compared with.")


class FilterGroup(Strict):
    """Clauses that all have to be true."""

    name: str = Field("", description="A title for people.")
    clauses: tuple[Clause, ...] = Field(description="All of them have to be true.")


class OneMapping(Strict):
    """Where the value of one target attribute comes from."""

    expression: str = Field("", description="In canonical form; nothing: only the default counts.")
    default: str | None = Field(None, description="The value for a new user when there is no other.")
    apply: Literal["always", "onCreate"] = Field("always", description="When it flows.")
    matching: int = Field(0, description="Its place among the attributes by which users are matched.")


class Mappings(Strict):
    """What of a schema is ours to say."""

    mappings: Mapping[str, OneMapping] = Field(default_factory=dict, description="By target attribute.")
    filters: tuple[FilterGroup, ...] = Field((), description="A user is in scope when one of them is true.")
    groupSync: bool = Field(False, description="Whether groups are made in the target as well.")


# ---------------------------------------------------------------------------------------------- reading


def translate(_: str, schema: Body) -> Body:
    """Return a schema in our words, with the schema itself beside them.

    Raises:
        ValueError: when it has no mapping of users, or shows one in a form that nobody has described to us.
    """
    users = _of(_rule(schema), "User")
    if users is None or not isinstance(flows := users.get("attributeMappings"), list):
        raise ValueError("the schema has no mapping of users")
    groups = _of(_rule(schema), "Group")
    return {
        "mappings": dict(sorted((item["targetAttributeName"], _mapping(item)) for item in flows)),
        "filters": _filters((users.get("scope") or {}).get("groups") or ()),
        "groupSync": bool(groups and groups.get("enabled")),
        "version": schema.get("version"),
        "schema": schema,
    }


def users_of(schema: Body) -> Body:
    """Return the mapping of users as the service shows it.

    Raises:
        ValueError: when the schema has none.
    """
    found = _of(_rule(schema), "User")
    if found is None or not isinstance(found.get("attributeMappings"), list):
        raise ValueError("the schema has no mapping of users")
    return found


def _rule(schema: Body) -> Body:
    """Return the rule with the mapping of users: the one that may be edited."""
    rules = [rule for rule in schema.get("synchronizationRules") or () if _of(rule, "User") is not None]
    editable = [rule for rule in rules if rule.get("editable")]
    if not rules:
        raise ValueError("the schema has no rule with a mapping of users")
    found: Body = (editable or rules)[0]
    return found


def _of(rule: Body, kind: str) -> Body | None:
    """Return the mapping of users or groups to objects of the same kind."""
    pairs = rule.get("objectMappings") or ()
    return next((one for one in pairs if one.get("sourceObjectName") == one.get("targetObjectName") == kind), None)


def _mapping(item: Body) -> Body:
    """Return one mapping in our words: only what it says beside its expression."""
    flow = item.get("flowType") or "Always"
    said = {
        "apply": _APPLY.get(flow, flow),
        "default": item.get("defaultValue"),
        "matching": item.get("matchingPriority") or 0,
    }
    return {"expression": _canonical((item.get("source") or {}).get("expression") or ""), **_unusual(said)}


def _unusual(said: Body) -> Body:
    """Return what of a mapping is not as it is when nobody says anything."""
    return {name: value for name, value in said.items() if value != _USUAL[name]}


# The same few dozen expressions stand in every configuration.
@lru_cache(maxsize=4096)
def _canonical(text: str) -> str:
    """Return an expression in its one form; one that we cannot read stays as it is, and is compared as text."""
    try:
        return render(parse(text)) if text else ""
    except ExpressionError:
        return text


def _filters(groups: Json) -> list[Body]:
    found = [
        {"name": group.get("name") or "", "clauses": sorted((_clause(one) for one in group["clauses"]), key=_order)}
        for group in groups
    ]
    return sorted(found, key=lambda group: (group["name"], [_order(one) for one in group["clauses"]]))


def _clause(clause: Body) -> Body:
    values = (clause.get("targetOperand") or {}).get("values") or [None]
    return {
        "attribute": clause.get("sourceOperandName"),
        "operator": clause.get("operatorName"),
        # Files know one value; of several, none may be passed over.
        "value": values[0] if len(values) == 1 else values,
    }


def _order(clause: Body) -> tuple[str, str, str]:
    return str(clause["attribute"]), str(clause["operator"]), str(clause["value"])


# ---------------------------------------------------------------------------------------------- what nobody can say


def peculiar(schema: Body, template: Body) -> Iterator[str]:
    """Yield what of a schema is otherwise than in the service's own, and is no business of a file."""
    there, usual = _of(_rule(schema), "User") or {}, _of(_rule(template), "User") or {}
    if _flags(there) != _flags(usual):
        yield f"flowTypes of users is {', '.join(_flags(there)) or 'empty'}, not {', '.join(_flags(usual))}"
    for name in ("inputFilterGroups", "categoryFilterGroups"):
        if _filters((there.get("scope") or {}).get(name) or ()) != _filters((usual.get("scope") or {}).get(name) or ()):
            yield f"scope.{name} of users is not the service's own"
    if _metadata(there) != _metadata(usual):
        yield "the mapping of users has metadata of its own"
    if not there.get("enabled"):
        yield "the mapping of users is not enabled"
    if any(len(_values(clause)) > 1 for group in _scope_groups(there) for clause in group["clauses"]):
        yield "a clause of a filter has several values"
    if any(item.get("flowBehavior") not in (None, "FlowWhenChanged") for item in there.get("attributeMappings") or ()):
        yield "a mapping of users flows always, and not only when something changed"
    yield from _peculiar_groups(_of(_rule(schema), "Group") or {}, _of(_rule(template), "Group") or {})


def _peculiar_groups(there: Body, usual: Body) -> Iterator[str]:
    mine, stock = (
        {item["targetAttributeName"]: _mapping(item) for item in one.get("attributeMappings") or ()}
        for one in (there, usual)
    )
    if (
        mine != stock
        or _flags(there) != _flags(usual)
        or _filters(_scope_groups(there)) != _filters(_scope_groups(usual))
    ):
        yield "the mapping of groups is not the service's own"


def _flags(pair: Body) -> list[str]:
    return sorted(flag.strip() for flag in str(pair.get("flowTypes") or "").split(",") if flag.strip())


def _metadata(pair: Body) -> list[tuple[str, str]]:
    return sorted((str(one.get("key")), str(one.get("value"))) for one in pair.get("metadata") or ())


def _scope_groups(pair: Body) -> Json:
    return (pair.get("scope") or {}).get("groups") or ()


def _values(clause: Body) -> Json:
    return (clause.get("targetOperand") or {}).get("values") or []


# ---------------------------------------------------------------------------------------------- what is wanted


def canonical(body: Body) -> Body:
    """Return the body with filters in their one order."""
    said = dict(body)
    if said.get("filters") is not None:
        groups = [
            {
                "name": group.get("name") or "",
                "clauses": sorted(({"value": None, **clause} for clause in group["clauses"]), key=_order),
            }
            for group in said["filters"]
        ]
        said["filters"] = sorted(groups, key=lambda group: (group["name"], [_order(one) for one in group["clauses"]]))
    return said


def lay(template: Body, said: Body) -> Body:
    """Return what is wanted: the service's own mappings and filters with what is said laid over them."""
    mappings = dict(template["mappings"])
    for target, delta in (said.get("mappings") or {}).items():
        name = next((one for one in mappings if one.lower() == target.lower()), target)
        if delta.get("drop"):
            mappings.pop(name, None)
        else:
            mappings[name] = _changed(mappings.get(name) or _mapping({}), delta)
    return {
        "mappings": dict(sorted(mappings.items())),
        "filters": said.get("filters", template["filters"]),
        "groupSync": said.get("groupSync", template["groupSync"]),
    }


def _changed(mapping: Body, delta: Body) -> Body:
    source = {}
    if delta.get("expression") is not None:
        source = {"expression": _canonical(delta["expression"])}
    if delta.get("constant") is not None:
        source = {"expression": render(Text(delta["constant"]))}
    rest = {name: delta[name] for name in ("apply", "default") if delta.get(name) is not None}
    whole = {**_USUAL, **mapping, **source, **rest}
    return {"expression": whole["expression"], **_unusual({name: whole[name] for name in _USUAL})}


def _default(mapping: AttributeMapping) -> Body:
    said = {"apply": _APPLY[mapping.flow_type], "default": mapping.default, "matching": mapping.matching}
    return {"expression": mapping.expression, **_unusual(said)}


STOCK: Body = {
    "mappings": dict(sorted((mapping.target, _default(mapping)) for mapping in DEFAULT_MAPPINGS)),
    "filters": [],
    "groupSync": False,
}
"""What the service gives a new job, as far as it is known; a template that was read goes before it."""


# ---------------------------------------------------------------------------------------------- writing


def wanted_schema(schema: Body | None, body: Body) -> Body:
    """Return a schema with what is wanted in it; without one, what a new job would have of it beside that."""
    whole = schema if schema is not None else {"synchronizationRules": [{"editable": True, "objectMappings": [_FRESH]}]}
    rule = _rule(whole)
    rules = [_with_rule(one, body) if one is rule else one for one in whole["synchronizationRules"]]
    directories = {"directories": defined(whole["directories"], rule, body)} if "directories" in whole else {}
    return {**whole, **directories, "synchronizationRules": rules}


def request(change: Change, ids: Ids, there: Resource | None) -> Request:
    """Return the whole schema with the change in it; all that is not ours goes back as it was read."""
    wanted = {**(there.body if there else {}), **(change.after or {})}
    path = f"{BASE.format_map(ids)}/jobs/{ids['job']}/schema"
    return Request("PUT", path, wanted_schema(there.facts["schema"] if there else {}, wanted))


def _with_rule(rule: Body, wanted: Body) -> Body:
    return {**rule, "objectMappings": [_with_pair(one, wanted) for one in rule["objectMappings"]]}


def _with_pair(pair: Body, wanted: Body) -> Body:
    match pair.get("sourceObjectName"), pair.get("targetObjectName"):
        case "User", "User":
            return _with_users(pair, wanted)
        case "Group", "Group" if bool(pair.get("enabled")) != wanted["groupSync"]:
            return {**pair, "enabled": wanted["groupSync"]}
        case _:
            return pair


def _with_users(users: Body, wanted: Body) -> Body:
    scope = users.get("scope") or {"inputFilterGroups": [], "categoryFilterGroups": []}
    flows = list(_flows(users.get("attributeMappings") or (), wanted["mappings"]))
    if _filters(scope.get("groups") or ()) == wanted["filters"]:
        return {**users, "attributeMappings": flows}
    groups = [_group(one) for one in wanted["filters"]]
    return {**users, "attributeMappings": flows, "scope": {**scope, "groups": groups}}


def _flows(items: Json, wanted: Mapping[str, Body]) -> Iterator[Body]:
    """Yield the mappings as they are wanted: those that stay in their places, new ones at the end."""
    known = {item["targetAttributeName"] for item in items}
    for item in items:
        name = item["targetAttributeName"]
        if name in wanted:
            yield _altered(item, wanted[name])
    for name in sorted(wanted.keys() - known):
        yield {
            "targetAttributeName": name,
            "flowBehavior": "FlowWhenChanged",
            "exportMissingReferences": False,
            **_flow(wanted[name]),
        }


def _altered(item: Body, wanted: Body) -> Body:
    """Return a mapping as it is wanted; a source that stays goes back as the service wrote it."""
    there = _mapping(item)
    if there == wanted:
        return item
    if there["expression"] == wanted["expression"]:
        return {**item, **_flow({**wanted, "expression": ""}), "source": item.get("source")}
    return {**item, **_flow(wanted)}


def _flow(mapping: Body) -> Body:
    whole = {**_USUAL, **mapping}
    text = whole["expression"]
    return {
        "source": _source(text) if text else None,
        "defaultValue": whole["default"],
        "flowType": _FLOW.get(whole["apply"], whole["apply"]),
        "matchingPriority": whole["matching"],
    }


def _source(text: str) -> Body | None:
    """Return the source of a mapping; of an expression that only the service can read, what it goes by itself."""
    try:
        return source_of(parse(text))
    except ExpressionError:
        return {"type": "Function", "name": text.partition("(")[0].strip(), "expression": text, "parameters": []}


def _group(group: Body) -> Body:
    clauses = [
        {
            "sourceOperandName": clause["attribute"],
            "operatorName": clause["operator"],
            "targetOperand": {"values": [] if clause["value"] is None else [clause["value"]]},
        }
        for clause in group["clauses"]
    ]
    return {"name": group["name"], "clauses": clauses}


_EXTERNAL: Body = {
    "name": "",
    "clauses": [
        {"attribute": "alternativeSecurityIds", "operator": "EQUALS", "value": "None"},
        {"attribute": "userState", "operator": "NOT EQUALS", "value": "PendingAcceptance"},
    ],
}
_FRESH: Body = {
    "sourceObjectName": "User",
    "targetObjectName": "User",
    "flowTypes": "Add, Update, Delete",
    "attributeMappings": [],
    "scope": {"inputFilterGroups": [_group(_EXTERNAL)], "categoryFilterGroups": [], "groups": []},
}
"""What is known of the mapping of users in a new job, beside what files can say."""


KIND = Kind(
    name="mappings",
    document="",
    model=Mappings,
    endpoint=Part(
        path=f"{BASE}/jobs/{{job}}/schema",
        request=request,
        translate=translate,
        arises=True,
        pauses=True,
        lay=lay,
    ),
    permissions=Permissions(read="Synchronization.Read.All", write="Synchronization.ReadWrite.All"),
    canonical=canonical,
    needs=("job",),
    summary="Which attributes flow, and which users are in scope.",
    stock=STOCK,
    read_only=("version",),
    examples=(
        {"mappings": {"displayName": {"expression": 'Append([displayName], " (Contoso)")'}}},
        {
            "filters": [
                {"name": "sales", "clauses": [{"attribute": "department", "operator": "EQUALS", "value": "Sales"}]}
            ]
        },
    ),
)
