"""What an editor offers and shows while somebody writes filters and mappings: the engine's own tables, as JSON Schema.

Offered is not required: the service knows more attributes, and spells operators in other ways as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reconciler.provisioning import ATTRIBUTES, DEFAULT_MAPPINGS, FUNCTIONS, OPERATORS, UserAttribute


def offer(definitions: dict[str, Any]) -> None:
    """Put names and signatures into the definitions of a clause and of a change of a mapping."""
    clause, delta = (definitions[name]["properties"] for name in ("ClauseShape", "DeltaShape"))
    clause["attribute"] |= _offered(name for name, one in ATTRIBUTES.items() if not (one.not_filter or one.not_source))
    clause["operator"] |= _offered(OPERATORS)
    clause["operator"]["description"] += "".join(
        f"\n{one.name}: {one.description} On null: {one.nulls}." for one in OPERATORS.values()
    )
    delta["expression"]["description"] += " The functions:" + "".join(
        f"\n{one.signature}: {one.description}" for one in FUNCTIONS.values() if not one.refused
    )


def mapped() -> dict[str, Any]:
    """Return the attributes that a mapping can write, each with what is said about it."""
    targets = {one.target for one in DEFAULT_MAPPINGS if not one.matching}
    names = [name for name, one in ATTRIBUTES.items() if not one.not_target or name in targets]
    return {name: {"$ref": "#/$defs/DeltaShape", "description": described(ATTRIBUTES[name])} for name in names}


def described(attribute: UserAttribute) -> str:
    """Return an attribute in words: its type, its name in Microsoft Graph, and what it cannot be used for."""
    kind = f"{'several of ' if attribute.several else ''}{attribute.type}"
    graph = f", in Microsoft Graph {attribute.graph}" if attribute.graph not in ("", attribute.name) else ""
    uses = {"a source": attribute.not_source, "a target": attribute.not_target, "a filter": attribute.not_filter}
    limits = "".join(f" Not for {use}: {reason}." for use, reason in uses.items() if reason)
    return f"{kind}{graph}.{limits}"


def _offered(names: Iterable[str]) -> dict[str, Any]:
    return {"anyOf": [{"enum": list(names)}, {"type": "string"}]}
