"""What every object of a schema has in common: members of a known kind, enumerations, lists.

Whether the values make sense together is decided in `schemas`, `scopes` and `attribute_mappings`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from reconciler.emulator.calls import Json
from reconciler.emulator.refusals import Refusal, bad_request, shorten

FLOW_TYPES: Final = frozenset({"Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"})
FLOW_BEHAVIORS: Final = frozenset({"FlowWhenChanged", "FlowAlways"})
SOURCE_TYPES: Final = frozenset({"Attribute", "Constant", "Function"})
ATTRIBUTE_TYPES: Final = frozenset({"String", "Integer", "Reference", "Binary", "Boolean", "DateTime"})
MUTABILITIES: Final = frozenset({"ReadWrite", "ReadOnly", "Immutable", "WriteOnly"})
_ACTIONS: Final = ("Add", "Update", "Delete")


def unreadable(what: str) -> Refusal:
    """Return the refusal of a body that is not of the declared types; Graph says this, before the back end."""
    return bad_request(f"Cannot convert the value of '{shorten(what)}' to the expected type.", code="BadRequest")


def members(value: Json, known: Collection[str], where: str) -> Mapping[str, Json]:
    """Return an object that has no member but the known ones."""
    if not isinstance(value, Mapping):
        raise unreadable(where)
    for name in value:
        if name not in known:
            raise bad_request(f"The property '{shorten(name)}' does not exist on type of '{where}'.", code="BadRequest")
    return value


def items(value: Json, where: str) -> list[Json]:
    """Return a list; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise unreadable(where)
    return value


def text(value: Json, where: str) -> str | None:
    """Return a text or nothing."""
    if value is not None and not isinstance(value, str):
        raise unreadable(where)
    return value


def flag(value: Json, where: str) -> bool:
    """Return a boolean."""
    if not isinstance(value, bool):
        raise unreadable(where)
    return value


def word(value: Json, known: Collection[str], where: str) -> str:
    """Return a member of an enumeration."""
    if not isinstance(value, str) or value not in known:
        raise unreadable(where)
    return value


def actions(value: Json, where: str) -> str:
    """Return the flags of `flowTypes` in the service's own order and spelling."""
    if not isinstance(value, str):
        raise unreadable(where)
    said = {part.strip() for part in value.split(",")}
    if not said <= {*_ACTIONS, "None"}:
        raise unreadable(where)
    return ", ".join(action for action in _ACTIONS if action in said) or "None"
