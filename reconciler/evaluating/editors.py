"""The JSON Schema of a test, for editors: functions, operators and attributes stand in its descriptions.

It helps while typing, and knows no expression: what it accepts may still be refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.evaluating.shapes import MappingTest
from reconciler.loading.schemas import DIALECT, ENDING, plain
from reconciler.loading.shapes import API_VERSION, MAPPING_TEST
from reconciler.provisioning import ATTRIBUTES, DEFAULT_MAPPINGS, FUNCTIONS, OPERATORS, UserAttribute

NAME = f"mapping-test{ENDING}"
_SUMMARY = "A filter, a change of the mappings, and the cases that both have to pass."


def schemas() -> Mapping[str, str]:
    """Return the schema as file name → text."""
    return {NAME: json.dumps(_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"}


def _schema() -> Mapping[str, Any]:
    schema = MappingTest.model_json_schema()
    definitions = schema["$defs"]
    plain(schema)
    plain(definitions, properties=True)
    _help(schema, definitions)
    schema["properties"] |= {
        "apiVersion": {"const": API_VERSION, "description": "The version of the language."},
        "kind": {"const": MAPPING_TEST, "description": _SUMMARY},
    }
    schema["required"] = ["apiVersion", "kind", *schema["required"]]
    return {**schema, "$schema": DIALECT, "title": MAPPING_TEST, "description": _SUMMARY}


def _help(schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Put names and signatures where an editor offers or shows them."""
    clause, delta, case = (definitions[name]["properties"] for name in ("ClauseShape", "DeltaShape", "Case"))
    clause["attribute"] |= _offered(name for name, one in ATTRIBUTES.items() if not (one.not_filter or one.not_source))
    clause["operator"] |= _offered(OPERATORS)
    clause["operator"]["description"] += "".join(
        f"\n{one.name}: {one.description} On null: {one.nulls}." for one in OPERATORS.values()
    )
    delta["expression"]["description"] += " The functions:" + "".join(
        f"\n{one.signature}: {one.description}" for one in FUNCTIONS.values() if not one.refused
    )
    targets = {one.target for one in DEFAULT_MAPPINGS if not one.matching}
    mapped = [name for name, one in ATTRIBUTES.items() if not one.not_target or name in targets]
    schema["properties"]["mappings"]["properties"] = {
        name: {"$ref": "#/$defs/DeltaShape", "description": described(ATTRIBUTES[name])} for name in mapped
    }
    for name in ("user", "target", "created", "updated"):
        _attributes(case[name])


def _attributes(schema: dict[str, Any]) -> None:
    """Offer the attributes of users where an object of them may stand; other names stay allowed."""
    for inner in schema.get("anyOf", [schema]):
        if inner.get("type") == "object":
            inner["properties"] = {name: {"description": described(one)} for name, one in ATTRIBUTES.items()}


def _offered(names: Any) -> dict[str, Any]:
    """Return a text of which an editor offers some: the service knows more, or spells them in other ways."""
    return {"anyOf": [{"enum": list(names)}, {"type": "string"}]}


def described(attribute: UserAttribute) -> str:
    """Return an attribute in words: its type, its name in Microsoft Graph, and what it cannot be used for."""
    kind = f"{'several of ' if attribute.several else ''}{attribute.type}"
    graph = f", in Microsoft Graph {attribute.graph}" if attribute.graph not in ("", attribute.name) else ""
    uses = {"a source": attribute.not_source, "a target": attribute.not_target, "a filter": attribute.not_filter}
    limits = "".join(f" Not for {use}: {reason}." for use, reason in uses.items() if reason)
    return f"{kind}{graph}.{limits}"
