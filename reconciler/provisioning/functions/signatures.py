"""What a function of the language is: name, parameters, null rule, words for people, and how it is built.

The functions are data, so that documentation and schema descriptions are made from the same table as the behaviour.
Not for what they do: that is in the modules beside this one, a family each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from typing import Literal, TypeAlias, cast

from reconciler.provisioning.errors import EvaluationError, ExpressionError, PatternError, Position
from reconciler.provisioning.options import Options
from reconciler.provisioning.trees import Call, Node, Number, Omitted, Text, Word
from reconciler.provisioning.values import Misfit, Run, User, Value, is_true, list_of, text_of, whole_of

Gives = Literal["text", "integer", "boolean", "date", "list", "any"]
TextRun: TypeAlias = Callable[[User], str | None]
WholeRun: TypeAlias = Callable[[User], int | None]
ListRun: TypeAlias = Callable[[User], Sequence[Value] | None]
TruthRun: TypeAlias = Callable[[User], bool]

# Functions of these results never give anything but text or null.
_TEXTUAL = {"text", "boolean", "date"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an expression may depend on beside the user; without them such an expression is unknowable."""

    now: Callable[[], datetime] | None = None
    below: Callable[[int], int] | None = None  # a random whole number from 0 up to, and without, its argument


OFFLINE = Surroundings()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: optional ones may be an empty slot, repeating ones come in rounds at the end."""

    name: str
    optional: bool = False
    repeats: bool = False

    def __str__(self) -> str:
        return self.name + "?" * self.optional


@dataclass(frozen=True, slots=True)
class Example:
    """A call that documentation shows and a test runs."""

    expression: str
    user: Mapping[str, Value]
    result: Value


@dataclass(frozen=True, slots=True)
class Slot:
    """One compiled argument of one call."""

    parameter: str
    function: str
    node: Node
    run: Run
    gives: Gives
    holds: TruthRun | None = None  # of a comparison

    @property
    def given(self) -> bool:
        """Whether there is something between the commas."""
        return not isinstance(self.node, Omitted)

    @property
    def literal(self) -> str | int | float | None:
        """The value of a text or number that stands in the expression itself."""
        return self.node.value if isinstance(self.node, (Text, Number)) else None

    def text(self) -> TextRun:
        """Return how to get this argument as text."""
        run = self.run
        if isinstance(self.node, (Text, Number)):
            fixed = text_of(self.run({}))
            return lambda user: fixed
        if self.gives in _TEXTUAL:
            return cast("TextRun", run)

        def read(user: User) -> str | None:
            value = run(user)
            if type(value) is str:
                return value
            try:
                return text_of(value)
            except Misfit as misfit:
                raise self.misfit(misfit) from None

        return read

    def whole(self) -> WholeRun:
        """Return how to get this argument as a whole number."""
        run = self.run
        if isinstance(self.node, (Text, Number)):
            try:
                fixed = whole_of(self.run({}))
            except Misfit as misfit:
                raise ExpressionError(self._says(misfit), self.node.at) from None
            return lambda user: fixed

        def read(user: User) -> int | None:
            try:
                return whole_of(run(user))
            except Misfit as misfit:
                raise self.misfit(misfit) from None

        return read

    def several(self) -> ListRun:
        """Return how to get this argument as a list."""
        run = self.run
        if isinstance(self.node, (Text, Number)):
            raise ExpressionError(
                f"{self.parameter} of {self.function} is a literal", self.node.at, "name an attribute"
            )

        def read(user: User) -> Sequence[Value] | None:
            try:
                return list_of(run(user))
            except Misfit as misfit:
                raise self.misfit(misfit) from None

        return read

    def condition(self) -> TruthRun:
        """Return how to find out whether this argument holds: a comparison, or a boolean."""
        if self.holds is not None:
            return self.holds
        run = self.run
        return lambda user: is_true(run(user))

    def misfit(self, misfit: Misfit) -> EvaluationError:
        """Return the error for an argument that is of the wrong kind for this user."""
        return EvaluationError(self._says(misfit), self.node.at)

    def _says(self, misfit: Misfit) -> str:
        return f"{self.parameter} of {self.function} is {misfit}"


@dataclass(frozen=True, slots=True)
class Site:
    """A call that is being compiled: its arguments in order, and what it may use."""

    call: Call
    slots: tuple[Slot, ...]
    options: Options
    surroundings: Surroundings

    @property
    def at(self) -> Position:
        """Where the call stands."""
        return self.call.at

    def slot(self, index: int) -> Slot | None:
        """Return an argument, or nothing when it is omitted."""
        if index < len(self.slots) and self.slots[index].given:
            return self.slots[index]
        return None

    def word(self, index: int, known: Sequence[str], default: str) -> str:
        """Return an enumeration's word, which stands bare in the expression."""
        slot = self.slot(index)
        if slot is None:
            return default
        if isinstance(slot.node, Word) and slot.node.name in known:
            return slot.node.name
        raise ExpressionError(
            f"{slot.parameter} of {slot.function} is not one of {', '.join(known)}", slot.node.at, "write it bare"
        )

    def failure(self, message: str, hint: str = "") -> EvaluationError:
        """Return the error for a call that fails for this user."""
        return EvaluationError(f"{self.call.name}: {message}", self.at, hint)

    def refusal(self, message: str, hint: str = "") -> ExpressionError:
        """Return the error for a call that can never work."""
        return ExpressionError(f"{self.call.name}: {message}", self.at, hint)

    def refused_pattern(self, error: PatternError, node: Node) -> ExpressionError:
        """Return the error for a regular expression of this call."""
        return ExpressionError(
            f"{self.call.name}: the pattern is refused at its character {error.offset + 1}: {error.message}",
            node.at,
            error.hint,
        )


Build: TypeAlias = Callable[[Site], Run]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: all that documentation, editors and the compiler need to know."""

    name: str
    parameters: tuple[Parameter, ...]
    gives: Gives
    nulls: str
    description: str
    build: Build
    example: Example | None = None
    documented: bool = True
    offline: bool = True  # false: only the service knows the value
    refused: str = ""  # why it cannot be used in cross-tenant synchronization

    @property
    def signature(self) -> str:
        """The call as documentation shows it: `?` marks what may be left out, `…` what repeats."""
        repeats = any(parameter.repeats for parameter in self.parameters)
        return f"{self.name}({', '.join([*map(str, self.parameters), *(['…'] if repeats else [])])})"

    def named(self, count: int) -> list[Parameter]:
        """Return the parameters of `count` arguments, in order.

        Raises:
            ValueError: when that many arguments make no sense; the text says how many do.
        """
        fixed = [parameter for parameter in self.parameters if not parameter.repeats]
        rounds = [parameter for parameter in self.parameters if parameter.repeats]
        needed = len(fixed) if rounds else max((n for n, one in enumerate(fixed, 1) if not one.optional), default=0)
        least = needed + len(rounds)
        rest = count - len(fixed)
        if count < least:
            raise ValueError(_takes(least, None if rounds or len(fixed) > least else least))
        if rounds and rest % len(rounds):
            raise ValueError(f"an {'even' if len(fixed) % 2 == 0 else 'odd'} number of arguments")
        if not rounds and rest > 0:
            raise ValueError(_takes(least, len(fixed), most=True))
        return [*fixed[:count], *islice(cycle(rounds), max(0, rest))] if rounds else fixed[:count]


def _takes(least: int, exact: int | None, *, most: bool = False) -> str:
    if most and exact is not None and exact != least:
        return f"at most {exact} arguments"
    if exact is not None:
        return {0: "no argument", 1: "1 argument"}.get(exact, f"{exact} arguments")
    return f"at least {least} argument{'s' * (least != 1)}"


def need(*names: str) -> tuple[Parameter, ...]:
    """Return required parameters."""
    return tuple(Parameter(name) for name in names)


def may(*names: str) -> tuple[Parameter, ...]:
    """Return optional parameters."""
    return tuple(Parameter(name, optional=True) for name in names)


def many(*names: str) -> tuple[Parameter, ...]:
    """Return parameters that repeat in rounds."""
    return tuple(Parameter(name, repeats=True) for name in names)


def texts(function: Callable[[str], Value]) -> Build:
    """Build a function of one text; null in, null out."""

    def build(site: Site) -> Run:
        first = site.slots[0].text()

        def run(user: User) -> Value:
            value = first(user)
            return None if value is None else function(value)

        return run

    return build
