"""What the service tells of its own languages: functions, filter operators, and what an expression gives.

The tables and the engine are `reconciler.provisioning`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.emulator.calls import Json
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization.forms import items, members, text
from reconciler.provisioning import (
    FUNCTIONS,
    OPERATORS,
    EvaluationError,
    Expression,
    ProvisioningError,
    Surroundings,
    compile_expression,
)
from reconciler.provisioning.functions.signatures import Parameter
from reconciler.provisioning.sources import NAMED, source_of
from reconciler.provisioning.values import Misfit, text_of

_BOOLEAN: Final = frozenset({"IS TRUE", "IS FALSE"})
_INTEGER: Final = frozenset({"Greater_Than", "Greater_Than_OR_EQUALS"})
_EITHER: Final = frozenset({"EQUALS", "NOT EQUALS"})


def functions(switches: Switches) -> list[Json]:
    """Return every function with its parameters."""
    return [
        {
            switches.schema_names_as: one.name,
            "parameters": [_parameter(one.name, each) for each in one.parameters],
        }
        for one in FUNCTIONS.values()
    ]


def _parameter(function: str, one: Parameter) -> dict[str, Json]:
    return {
        "allowMultipleOccurrences": one.repeats,
        "name": NAMED.get(function, {}).get(one.name, one.name),
        "required": not one.optional,
        "type": "String",
    }


def operators(switches: Switches) -> list[Json]:
    """Return every operator of scoping filters."""
    return [
        {
            switches.schema_names_as: one.name,
            "arity": "Unary" if one.sides == 1 else "Binary",
            "multivaluedComparisonType": "All",
            "supportedAttributeTypes": _types(one.name),
        }
        for one in OPERATORS.values()
    ]


def _types(operator: str) -> list[str]:
    if operator in _BOOLEAN:
        return ["Boolean"]
    if operator in _INTEGER:
        return ["Integer"]
    return ["String", "Integer"] if operator in _EITHER else ["String"]


# ------------------------------------------------------------------------------------------ parseExpression


def parsed(sent: Mapping[str, Json], surroundings: Surroundings) -> dict[str, Json]:
    """Return the answer of parseExpression: what is wrong with an expression is told in it, not by a refusal.

    Raises:
        Refusal: 400, for a body that is not what the action takes.
    """
    said = members(sent, ("expression", "targetAttributeDefinition", "testInputObject"), "parseExpression")
    expression = text(said.get("expression"), "expression") or ""
    user = _user(said.get("testInputObject"))
    try:
        compiled = compile_expression(expression, surroundings=surroundings)
    except ProvisioningError as error:
        return _answer(error=_error("ParseFailed", error))
    tree = source_of(compiled.tree)
    try:
        value = _values(compiled, user)
    except ProvisioningError as error:
        return _answer(tree=tree, error=_error("EvaluationFailed", error))
    return _answer(tree=tree, value=value)


def _values(compiled: Expression, user: Mapping[str, Json]) -> list[str]:
    found = compiled.evaluate(user)
    several = found if isinstance(found, (list, tuple)) else [found]
    try:
        return [spelled for one in several if (spelled := text_of(one)) is not None]
    except Misfit as misfit:
        raise EvaluationError(f"the value is {misfit}") from misfit


def _user(said: Json) -> dict[str, Json]:
    if said is None:
        return {}
    given = members(said, ("definition", "properties"), "expressionInputObject")
    user: dict[str, Json] = {}
    for one in items(given.get("properties"), "properties"):
        pair = members(one, ("key", "value"), "stringKeyObjectValuePair")
        user[text(pair.get("key"), "key") or ""] = pair.get("value")
    return user


def _answer(
    *, tree: Mapping[str, Json] | None = None, value: list[str] | None = None, error: Mapping[str, Json] | None = None
) -> dict[str, Json]:
    return {
        "error": error,
        "evaluationResult": value or [],
        "evaluationSucceeded": value is not None,
        "parsedExpression": tree,
        "parsingSucceeded": tree is not None,
    }


def _error(code: str, error: ProvisioningError) -> dict[str, Json]:
    return {"code": code, "message": str(error), "target": None, "details": [], "innerError": None}
