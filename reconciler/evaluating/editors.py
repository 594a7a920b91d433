"""The JSON Schema of a test, for editors: functions, operators and attributes stand in its descriptions.

It helps while typing, and knows no expression: what it accepts may still be refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.evaluating.shapes import MappingTest
from reconciler.loading.offering import described, mapped, offer
from reconciler.loading.schemas import DIALECT, ENDING, plain
from reconciler.loading.shapes import API_VERSION, MAPPING_TEST
from reconciler.provisioning import ATTRIBUTES

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
    offer(definitions)
    schema["properties"]["mappings"]["properties"] = mapped()
    case = definitions["Case"]["properties"]
    for name in ("user", "target", "created", "updated"):
        _attributes(case[name])


def _attributes(schema: dict[str, Any]) -> None:
    """Offer the attributes of users where an object of them may stand; other names stay allowed."""
    for inner in schema.get("anyOf", [schema]):
        if inner.get("type") == "object":
            inner["properties"] = {name: {"description": described(one)} for name, one in ATTRIBUTES.items()}
