"""The tree of an expression: frozen nodes that know their place in the text.

Two trees are equal when they say the same; where the parts stood in the text does not count. Meaning is given by
`compiling`, text by `rendering`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from reconciler.provisioning.errors import START, Position

Operator = Literal["=", "<>", ">", ">=", "<", "<="]
OPERATORS: tuple[Operator, ...] = ("=", "<>", ">", ">=", "<", "<=")


@dataclass(frozen=True, slots=True)
class Attribute:
    """`[name]`: an attribute of the source user, by the engine's name."""

    name: str
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """`"value"`: a literal, without its quotes and escapes."""

    value: str
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number:
    """`10`, `-10`, `1.5` or `&HF7`, as it is written."""

    written: str
    at: Position = field(default=START, compare=False, repr=False)

    @property
    def value(self) -> int | float:
        """The number itself."""
        if self.written[:1] == "&":
            return int("0x" + self.written[2:], 0)
        return float(self.written) if "." in self.written else int(self.written)


@dataclass(frozen=True, slots=True)
class Word:
    """A bare name such as `vbTextCompare`."""

    name: str
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Omitted:
    """An empty slot between commas: the argument is not given, which is not the same as null."""

    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left = right`, inside a condition."""

    operator: Operator
    left: Node
    right: Node
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`Name(argument, …)`; a lone empty slot is no argument at all."""

    name: str
    arguments: tuple[Node, ...] = ()
    at: Position = field(default=START, compare=False, repr=False)


Node: TypeAlias = Attribute | Text | Number | Word | Omitted | Comparison | Call


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts right below a node, in the order of the text."""
    match node:
        case Call():
            return node.arguments
        case Comparison():
            return (node.left, node.right)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)


def attributes_of(node: Node) -> tuple[str, ...]:
    """Return the names of the source attributes that an expression reads, sorted."""
    return tuple(sorted({part.name for part in walk(node) if isinstance(part, Attribute)}))
