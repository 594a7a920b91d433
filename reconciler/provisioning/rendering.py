"""Trees back to text, in the one canonical form: equal trees give equal text, and the text parses to an equal tree.

A single space after each comma and around each operator, nothing else between tokens. Not for reports: the text is
not escaped for any sink.
"""

from __future__ import annotations

from reconciler.provisioning.trees import Attribute, Call, Comparison, Node, Number, Omitted, Text, Word


def render(node: Node) -> str:
    """Return the canonical text of an expression."""
    match node:
        case Comparison():
            return f"{render(node.left)} {node.operator} {render(node.right)}"
        case Call():
            return f"{node.name}({', '.join(map(render, node.arguments))})"
        case _:
            return _leaf(node)


def _leaf(node: Attribute | Text | Number | Word | Omitted) -> str:
    match node:
        case Attribute():
            return f"[{node.name}]"
        case Text():
            return quoted(node.value)
        case Number():
            return node.written
        case Word():
            return node.name
        case _:
            return ""


def quoted(value: str) -> str:
    """Return a text as a literal of the language."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
