"""Trees of expressions in the form in which Microsoft Graph keeps them: `attributeMappingSource`. Computes nothing.

The names of parameters are those of the function table, but where the service was seen to have its own. How a
comparison inside a condition is kept was never seen: it is written as a function with the operator as its name. The
service goes by `expression`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from reconciler.provisioning.functions import FUNCTIONS
from reconciler.provisioning.rendering import quoted, render
from reconciler.provisioning.trees import Attribute, Call, Comparison, Node, Number, Omitted, Text, Word

Source: TypeAlias = dict[str, Any]

NAMED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "IsPresent": {"Expression": "source"},
        "Replace": {"oldValue": "Find", "replacementValue": "Replacement"},
    }
)
"""The service's own names of parameters, where they were seen to differ from those of the documentation."""


def source_of(node: Node | None) -> Source | None:
    """Return an expression as an `attributeMappingSource`, its arguments as parameters; nothing for no expression."""
    match node:
        case None | Omitted():
            return None
        case Attribute(name):
            return _source("Attribute", name, render(node))
        case Comparison(operator, left, right):
            return _source("Function", operator, render(node), [_parameter("left", left), _parameter("right", right)])
        case Call(name, arguments):
            given = zip(_names(name, len(arguments)), arguments, strict=False)
            parameters = [_parameter(key, value) for key, value in given if not isinstance(value, Omitted)]
            return _source("Function", name, render(node), parameters)
        case _:
            return _source("Constant", _literal(node), quoted(_literal(node)))


def _literal(node: Text | Number | Word) -> str:
    match node:
        case Text(value):
            return value
        case Number(written):
            return written
        case Word(name):
            return name


def _source(kind: str, name: str, expression: str, parameters: list[Source] | None = None) -> Source:
    return {"type": kind, "name": name, "expression": expression, "parameters": parameters or []}


def _parameter(key: str, value: Node) -> Source:
    return {"key": key, "value": source_of(value)}


def _names(function: str, count: int) -> list[str]:
    """Return what the arguments are called; by their place where nobody has described the function to us."""
    try:
        others = NAMED.get(function, {})
        return [others.get(parameter.name, parameter.name) for parameter in FUNCTIONS[function].named(count)]
    except (KeyError, ValueError):
        return [str(place) for place in range(count)]
