"""Attribute mappings as the service takes them: a target attribute, where its value comes from, and when it flows.

What a mapping gives for somebody is computed by `reconciler.provisioning`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization.forms import (
    FLOW_BEHAVIORS,
    FLOW_TYPES,
    SOURCE_TYPES,
    flag,
    items,
    members,
    text,
    unreadable,
    word,
)
from reconciler.emulator.synchronization.refusing import invalid_schema
from reconciler.provisioning import (
    AttributeMapping,
    MappingError,
    Node,
    ProvisioningError,
    attributes_of,
    compile_expression,
    compile_mappings,
)
from reconciler.provisioning.sources import source_of
from reconciler.provisioning.trees import Attribute, Text

_FRESH: Final[dict[str, Json]] = {
    "defaultValue": None,
    "exportMissingReferences": False,
    "flowBehavior": "FlowWhenChanged",
    "flowType": "Always",
    "matchingPriority": 0,
    "targetAttributeName": None,
    "source": None,
}
_SOURCE_MEMBERS: Final = ("expression", "name", "parameters", "type")


def checked(
    said: Json, before: Iterable[Body], sources: Collection[str], targets: Collection[str], switches: Switches
) -> list[Json]:
    """Return the attribute mappings of one object mapping in full, with the service's own text of expressions.

    `before` are those that stand, `sources` and `targets` the attributes that there are.

    Raises:
        Refusal: for a mapping that has no meaning, or that touches what the service matches objects by.
    """
    mappings = [_mapping(one, sources, targets, switches) for one in items(said, "attributeMappings")]
    often = [name for name, count in Counter(one["targetAttributeName"] for one in mappings).items() if count > 1]
    if often:
        raise invalid_schema(f"There is more than one mapping of '{often[0]}'.", switches)
    if _matching(mappings) != _matching(before):
        raise invalid_schema("The matching attribute cannot be changed, and no other can be added.", switches)
    try:
        compile_mappings(engine_mappings(mappings))
    except MappingError as error:
        raise invalid_schema(f"A mapping is not valid: {error}", switches) from error
    return mappings


def _mapping(said: Json, sources: Collection[str], targets: Collection[str], switches: Switches) -> dict[str, Json]:
    mapping = {**_FRESH, **members(said, _FRESH, "attributeMapping")}
    target = text(mapping["targetAttributeName"], "targetAttributeName")
    if target not in targets:
        raise invalid_schema(f"The target object has no attribute '{target}'.", switches)
    priority = mapping["matchingPriority"]
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise unreadable("matchingPriority")
    return {
        "defaultValue": text(mapping["defaultValue"], "defaultValue"),
        "exportMissingReferences": flag(mapping["exportMissingReferences"], "exportMissingReferences"),
        "flowBehavior": word(mapping["flowBehavior"], FLOW_BEHAVIORS, "flowBehavior"),
        "flowType": word(mapping["flowType"], FLOW_TYPES, "flowType"),
        "matchingPriority": priority,
        "targetAttributeName": target,
        "source": _source(mapping["source"], sources, switches),
    }


def _matching(mappings: Iterable[Body]) -> list[Body]:
    return [one for one in mappings if one["matchingPriority"]]


# ------------------------------------------------------------------------------------------ where values come from


def _source(said: Json, sources: Collection[str], switches: Switches) -> dict[str, Json] | None:
    if said is None:
        return None
    given = members(said, _SOURCE_MEMBERS, "attributeMappingSource")
    tree = _tree(given, switches)
    for name in attributes_of(tree):
        if name not in sources:
            raise invalid_schema(f"The source object has no attribute '{name}'.", switches)
    made = source_of(tree)
    if switches.source_trees_compared and made != {**given, "parameters": given.get("parameters") or []}:
        raise invalid_schema(f"The parts of the source do not agree with '{given.get('expression')}'.", switches)
    return made


def _tree(given: Mapping[str, Json], switches: Switches) -> Node:
    """Return what the source says: by its expression, or, where there is none, by its type and name."""
    kind = word(given.get("type", "Function"), SOURCE_TYPES, "type")
    name, expression = (text(given.get(one), one) for one in ("name", "expression"))
    if expression is None and name is not None and kind != "Function":
        return Attribute(name) if kind == "Attribute" else Text(name)
    try:
        return compile_expression(expression or "").tree
    except ProvisioningError as error:
        raise invalid_schema(f"The expression '{expression or ''}' is not valid: {error}", switches) from error


# ------------------------------------------------------------------------------------------ for the engine


def engine_mappings(mappings: Iterable[Body], exact: Collection[str] = ()) -> tuple[AttributeMapping, ...]:
    """Return mappings that were checked for the engine; `exact` are the targets whose case counts."""
    return tuple(
        AttributeMapping(
            one["targetAttributeName"],
            None if one["source"] is None else _parsed(one["source"]["expression"]),
            default=one["defaultValue"],
            flow_type=one["flowType"],
            flow_behavior=one["flowBehavior"],
            matching=one["matchingPriority"],
            case_exact=one["targetAttributeName"] in exact,
        )
        for one in mappings
    )


# The same few dozen expressions are read with every cycle.
@lru_cache(maxsize=1024)
def _parsed(expression: str) -> Node:
    return compile_expression(expression).tree
