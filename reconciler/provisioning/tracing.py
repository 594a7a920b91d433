"""The values inside an expression, part by part: for people who ask why it gives what it gives.

What is told was seen while the expression was evaluated once; a part that was not needed has no value.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from reconciler.provisioning.compiling import compile_expression
from reconciler.provisioning.errors import EvaluationError
from reconciler.provisioning.functions.signatures import OFFLINE, Surroundings
from reconciler.provisioning.options import ASSUMED, Options
from reconciler.provisioning.rendering import render
from reconciler.provisioning.trees import Node, Number, Omitted, Text, Word, children
from reconciler.provisioning.values import Misfit, Run, User, Value


@dataclass(frozen=True, slots=True)
class Trace:
    """One part of an expression: its text, its value or why it failed, and its own parts."""

    text: str
    value: Value
    failure: EvaluationError | None = None
    needed: bool = True
    parts: tuple[Trace, ...] = ()


@dataclass(frozen=True, slots=True)
class _Watcher:
    """Remembers by node what came of it."""

    seen: dict[int, Value | EvaluationError]

    def __call__(self, node: Node, run: Run) -> Run:
        def watched(user: User) -> Value:
            try:
                value = run(user)
            except EvaluationError as error:
                self.seen[id(node)] = error
                raise
            except Misfit as misfit:
                failure = self.seen[id(node)] = EvaluationError(f"a value inside is {misfit}", node.at)
                raise failure from None
            self.seen[id(node)] = value
            return value

        return watched


def trace(tree: Node, user: User, options: Options = ASSUMED, surroundings: Surroundings = OFFLINE) -> Trace:
    """Return the values of a tree and of everything below it, for one user in the engine's names.

    Raises:
        ExpressionError: for a tree that cannot be compiled.
    """
    watcher = _Watcher({})
    ready = compile_expression(tree, options, surroundings, watcher)
    # An error is remembered where it happens, and with all that it happens in.
    with suppress(EvaluationError):
        ready.evaluate(user)
    return _traced(tree, watcher.seen)


def _traced(node: Node, seen: dict[int, Value | EvaluationError]) -> Trace:
    parts = tuple(_traced(part, seen) for part in children(node) if not isinstance(part, (Omitted, Word)))
    if isinstance(node, (Text, Number)):
        return Trace(render(node), node.value)
    match seen.get(id(node)):
        case EvaluationError() as failure:
            return Trace(render(node), None, failure, parts=parts)
        case value:
            return Trace(render(node), value, needed=id(node) in seen, parts=parts)
