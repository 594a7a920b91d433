"""Where a value comes from, as the service writes it: the text of an expression beside its parsed tree.

Only the form: `reconciler.provisioning` owns the grammar and the functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.emulator.calls import Json
from reconciler.provisioning import FUNCTIONS, Node, render
from reconciler.provisioning.trees import Attribute, Call, Comparison, Number, Omitted, Text, Word

# The service's own names of parameters, where they were seen to differ from those of the documentation.
NAMED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "IsPresent": {"Expression": "source"},
        "Replace": {"oldValue": "Find", "replacementValue": "Replacement"},
    }
)


def source(node: Node | None) -> dict[str, Json] | None:
    """Return an `attributeMappingSource`; arguments that are left out have no entry."""
    match node:
        case None | Omitted():
            return None
        case Attribute():
            return _spelled("Attribute", node.name, render(node))
        case Text():
            return _spelled("Constant", node.value, render(node))
        case Number() | Word():
            written = render(node)
            return _spelled("Constant", written, f'"{written}"')
        case Comparison():
            sides = [("left", node.left), ("right", node.right)]
            return _spelled("Function", node.operator, render(node), sides)
        case Call():
            return _spelled("Function", node.name, render(node), _arguments(node))


def _spelled(kind: str, name: str, expression: str, arguments: list[tuple[str, Node]] | None = None) -> dict[str, Json]:
    given = [{"key": key, "value": source(node)} for key, node in arguments or []]
    return {"expression": expression, "name": name, "type": kind, "parameters": given}


def _arguments(call: Call) -> list[tuple[str, Node]]:
    others = NAMED.get(call.name, {})
    names = [others.get(one.name, one.name) for one in FUNCTIONS[call.name].named(len(call.arguments))]
    pairs = zip(names, call.arguments, strict=True)
    return [(name, argument) for name, argument in pairs if not isinstance(argument, Omitted)]
