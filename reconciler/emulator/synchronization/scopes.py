"""Scoping filters as the service takes them: clauses in groups, over attributes of the source.

What a filter says about somebody is computed by `reconciler.provisioning`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization.forms import items, members, text, unreadable
from reconciler.emulator.synchronization.refusing import invalid_schema
from reconciler.provisioning import Clause, FilterError, Group, compile_filter

_PARTS: Final = ("categoryFilterGroups", "groups", "inputFilterGroups")


def checked(scope: Json, attributes: Collection[str], switches: Switches) -> dict[str, Json] | None:
    """Return a scope in full, operators in their own spelling; `attributes` are those of the source.

    Raises:
        Refusal: for a filter that has no meaning.
    """
    if scope is None:
        return None
    said = members(scope, _PARTS, "scope")
    return {part: [_group(one, attributes, switches) for one in items(said.get(part), part)] for part in _PARTS}


def _group(said: Json, attributes: Collection[str], switches: Switches) -> dict[str, Json]:
    group = members(said, ("name", "clauses"), "filterGroup")
    clauses = [_clause(one) for one in items(group.get("clauses"), "clauses")]
    for clause in clauses:
        if clause.attribute not in attributes:
            raise invalid_schema(f"The source object has no attribute '{clause.attribute}'.", switches)
    try:
        (compiled,) = compile_filter([Group(text(group.get("name"), "name") or "", tuple(clauses))]).groups
    except FilterError as error:
        raise invalid_schema(f"A scoping filter is not valid: {error.message}.", switches) from error
    return {"name": group.get("name"), "clauses": [_spelled(one) for one in compiled.clauses]}


def _clause(said: Json) -> Clause:
    clause = members(said, ("sourceOperandName", "operatorName", "targetOperand"), "filterClause")
    operand = members(clause.get("targetOperand") or {}, ("values",), "targetOperand")
    values = items(operand.get("values"), "values")
    if not all(isinstance(value, str) for value in values) or len(values) > 1:
        raise unreadable("values")
    attribute, operator = (text(clause.get(name), name) or "" for name in ("sourceOperandName", "operatorName"))
    return Clause(attribute, operator, values[0] if values else None)


def _spelled(clause: Clause) -> dict[str, Json]:
    values = [] if clause.value is None else [clause.value]
    return {
        "operatorName": clause.operator,
        "sourceOperandName": clause.attribute,
        "targetOperand": {"values": values},
    }


def groups(scope: Body | None, part: str) -> tuple[Group, ...]:
    """Return the groups of one part of a scope for the engine."""
    return tuple(
        Group(one["name"] or "", tuple(_clause(clause) for clause in one["clauses"])) for one in _said(scope, part)
    )


def _said(scope: Body | None, part: str) -> Iterable[Mapping[str, Json]]:
    return () if scope is None else scope[part]
