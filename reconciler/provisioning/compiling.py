"""Trees to closures: what can be decided once is decided here, so that a user costs only the calls that are needed.

Compiling tells unknown functions and wrong arguments; evaluating raises only what depends on the user. Pure: the
present time and chance come in as `Surroundings`, or the expression is unknowable.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from reconciler.provisioning.errors import EvaluationError, ExpressionError, did_you_mean
from reconciler.provisioning.functions import FUNCTIONS
from reconciler.provisioning.functions.signatures import (
    OFFLINE,
    Function,
    Gives,
    Parameter,
    Site,
    Slot,
    Surroundings,
    TruthRun,
)
from reconciler.provisioning.options import ASSUMED, Options
from reconciler.provisioning.parsing import MAX_DEPTH, parse
from reconciler.provisioning.rendering import render
from reconciler.provisioning.trees import (
    Attribute,
    Call,
    Comparison,
    Node,
    Number,
    Omitted,
    Operator,
    Text,
    Word,
    children,
)
from reconciler.provisioning.values import Misfit, Run, User, Value, shown

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

Watch: TypeAlias = Callable[[Node, Run], Run]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that is ready to be evaluated any number of times."""

    tree: Node
    gives: Gives
    run: Run

    @property
    def text(self) -> str:
        """The canonical text."""
        return render(self.tree)

    def evaluate(self, user: User) -> Value:
        """Return the value for a user in the engine's names.

        Raises:
            EvaluationError: when the expression fails for this user.
        """
        try:
            return self.run(user)
        except Misfit as misfit:
            raise EvaluationError(f"a value inside is {misfit}", self.tree.at) from None


def compile_expression(
    source: str | Node, options: Options = ASSUMED, surroundings: Surroundings = OFFLINE, watch: Watch | None = None
) -> Expression:
    """Return an expression, from its text or its tree, ready to be evaluated.

    `watch` may put something of its own around how each part that is no literal is evaluated.

    Raises:
        ExpressionError: for what is no expression, an unknown function, or arguments that it does not take.
    """
    tree = parse(source) if isinstance(source, str) else source
    _check_depth(tree)
    slot = _Compiler(options, surroundings, watch).slot(tree, Parameter("the expression"), "")
    return Expression(tree, slot.gives, slot.run)


def arguments_of(call: Call) -> tuple[Function, tuple[Parameter, ...]]:
    """Return the function that is called and the parameters that its arguments stand for.

    Raises:
        ExpressionError: for an unknown function, too few or too many arguments, or an empty slot that must be filled.
    """
    function = FUNCTIONS.get(call.name)
    if function is None:
        hint = did_you_mean(call.name, FUNCTIONS) or "the reference of functions lists them all"
        raise ExpressionError(f"there is no function {shown(call.name)}", call.at, hint)
    if function.refused:
        raise ExpressionError(f"{call.name} cannot be used here: {function.refused}", call.at)
    try:
        parameters = tuple(function.named(len(call.arguments)))
    except ValueError as error:
        told = f"{call.name} takes {error}, not {len(call.arguments)}"
        raise ExpressionError(told, call.at, f"it is {function.signature}") from None
    for parameter, argument in zip(parameters, call.arguments, strict=True):
        if isinstance(argument, Omitted) and not parameter.optional:
            told = f"{parameter.name} of {call.name} is left out"
            raise ExpressionError(told, call.at, f"it is {function.signature}; ? marks what may be left out")
    return function, parameters


def _check_depth(tree: Node) -> None:
    level: tuple[Node, ...] = (tree,)
    for _ in range(MAX_DEPTH + 2):
        level = tuple(child for node in level for child in children(node))
        if not level:
            return
    raise ExpressionError(f"calls are nested more than {MAX_DEPTH} deep")


@dataclass(frozen=True, slots=True)
class _Compiler:
    options: Options
    surroundings: Surroundings
    watch: Watch | None = None

    def slot(self, node: Node, parameter: Parameter, function: str) -> Slot:
        """Compile one node as an argument, or as the whole when `function` is empty."""
        made = self._slot(node, parameter, function)
        if self.watch is None or not isinstance(node, (Attribute, Call, Comparison)):
            return made
        run = self.watch(node, made.run)
        return replace(made, run=run, holds=made.holds and (lambda user: run(user) == "True"))

    def _slot(self, node: Node, parameter: Parameter, function: str) -> Slot:
        match node:
            case Attribute():
                return Slot(parameter.name, function, node, _read(node.name), "any")
            case Text():
                return Slot(parameter.name, function, node, _constant(node.value), "text")
            case Number():
                return Slot(parameter.name, function, node, _constant(node.value), "integer")
            case Comparison():
                return self._comparison(node, parameter, function)
            case Call():
                return self._call(node, parameter, function)
            case Word() | Omitted():
                return Slot(parameter.name, function, node, self._word(node, function), "any")

    def _word(self, node: Word | Omitted, function: str) -> Run:
        if isinstance(node, Word) and not function:
            raise _bare(node)
        return _constant(None)

    def _call(self, call: Call, parameter: Parameter, outer: str) -> Slot:
        function, parameters = arguments_of(call)
        slots = tuple(
            self.slot(argument, each, call.name) for each, argument in zip(parameters, call.arguments, strict=True)
        )
        site = Site(call, slots, self.options, self.surroundings)
        _check_words(site)
        return Slot(parameter.name, outer, call, function.build(site), function.gives)

    def _comparison(self, node: Comparison, parameter: Parameter, function: str) -> Slot:
        if parameter.name not in ("condition", "Expression") or function not in ("IIF", "CBool"):
            raise ExpressionError(
                f"a comparison cannot be the {parameter.name} of {function}", node.at, "compare inside IIF or CBool"
            )
        left = self.slot(node.left, Parameter("the left side"), "the comparison")
        right = self.slot(node.right, Parameter("the right side"), "the comparison")
        _check_words(Site(Call("the comparison", (), node.at), (left, right), self.options, self.surroundings))
        holds = _compares(node.operator, left, right, self.options.comparison_ignores_case)
        return Slot(parameter.name, function, node, lambda user: "True" if holds(user) else "False", "boolean", holds)


def _check_words(site: Site) -> None:
    """Refuse a bare word where no enumeration is wanted."""
    for slot in site.slots:
        if isinstance(slot.node, Word) and slot.parameter != "compareType":
            name = slot.node.name
            raise ExpressionError(
                f"{name!r} is neither text nor attribute", slot.node.at, f'write "{name}" or [{name}]'
            )


def _bare(word: Word) -> ExpressionError:
    told = f"{word.name!r} is neither text nor attribute"
    return ExpressionError(told, word.at, f'write "{word.name}" or [{word.name}]')


def _read(name: str) -> Run:
    return lambda user: user.get(name)


def _constant(value: Value) -> Run:
    return lambda user: value


def _compares(sign: Operator, left: Slot, right: Slot, ignores_case: bool) -> TruthRun:
    """Return a comparison that fails when a side is null or empty, as is documented for IIF."""
    first, second, compare = left.text(), right.text(), _COMPARE[sign]
    ordered = sign not in ("=", "<>")

    def holds(user: User) -> bool:
        one, two = first(user), second(user)
        if not one or not two:
            return False
        if ignores_case:
            one, two = one.lower(), two.lower()
        if ordered and (numbers := _numbers(one, two)):
            return compare(*numbers)
        return compare(one, two)

    return holds


def _numbers(one: str, two: str) -> tuple[float, float] | None:
    """Return both sides as numbers when both are; otherwise they are compared as text."""
    if not _NUMBER.fullmatch(one) or not _NUMBER.fullmatch(two):
        return None
    return (float(one), float(two)) if "." in one + two else (int(one), int(two))
