"""The values inside an expression, part by part: for people who ask why it gives what it gives.

Slow on purpose: each part is compiled and evaluated on its own, branches that were not taken included.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.provisioning.compiling import compile_expression
from reconciler.provisioning.errors import EvaluationError
from reconciler.provisioning.functions.signatures import OFFLINE, Surroundings
from reconciler.provisioning.options import ASSUMED, Options
from reconciler.provisioning.rendering import render
from reconciler.provisioning.trees import Call, Comparison, Node, Omitted, Word, children
from reconciler.provisioning.values import User, Value


@dataclass(frozen=True, slots=True)
class Trace:
    """One part of an expression: its text, its value or its error, and its own parts."""

    text: str
    value: Value
    error: str = ""
    parts: tuple[Trace, ...] = ()


def trace(tree: Node, user: User, options: Options = ASSUMED, surroundings: Surroundings = OFFLINE) -> Trace:
    """Return the values of a tree and of everything below it, for one user in the engine's names.

    Raises:
        ExpressionError: for a tree that cannot be compiled.
    """
    below = (part for part in children(tree) if not isinstance(part, (Omitted, Word)))
    parts = tuple(trace(part, user, options, surroundings) for part in below)
    try:
        value = compile_expression(_alone(tree), options, surroundings).evaluate(user)
    except EvaluationError as error:
        return Trace(render(tree), None, str(error), parts)
    return Trace(render(tree), value, "", parts)


def _alone(tree: Node) -> Node:
    """Return a comparison as an expression of its own: it may not stand alone."""
    return Call("CBool", (tree,), tree.at) if isinstance(tree, Comparison) else tree
