"""Scoping filters: which users of the source are in scope, by what their attributes say.

Clauses of a group are joined by AND, groups by OR; there is no NOT and no nesting. A filter without groups keeps
nobody out. Not for assignment, nor for the built-in filter of external users, though `input_filter` compiles one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import regex

from reconciler.provisioning.errors import FilterError, PatternError, PatternTimeout, did_you_mean
from reconciler.provisioning.options import ASSUMED, Options
from reconciler.provisioning.patterns import pattern
from reconciler.provisioning.values import Misfit, User, Value, is_empty, is_false, is_true, shown, text_of

OperatorName = Literal[
    "EQUALS", "NOT EQUALS", "IS NULL", "IS NOT NULL", "IS TRUE", "IS FALSE", "REGEX MATCH", "NOT REGEX MATCH",
    "Greater_Than", "Greater_Than_OR_EQUALS", "Includes", "ENDS_WITH", "&", "!&",
]  # fmt: skip
UNARY = frozenset({"IS NULL", "IS NOT NULL", "IS TRUE", "IS FALSE"})
PATTERNS = frozenset({"REGEX MATCH", "NOT REGEX MATCH"})
ORDERED = frozenset({"Greater_Than", "Greater_Than_OR_EQUALS"})

# Whether a value passes one clause.
Test: TypeAlias = Callable[[Value], bool]
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator for people: how it is spelled, how many sides it has, what it asks, what null gives."""

    name: OperatorName
    sides: int
    description: str
    nulls: str = "false"


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        operator.name: operator
        for operator in (
            Operator("EQUALS", 2, "The attribute is exactly the value."),
            Operator("NOT EQUALS", 2, "The attribute has another value.", "false: a user without the attribute is out"),
            Operator("IS NULL", 1, "The attribute is absent or empty.", "true"),
            Operator("IS NOT NULL", 1, "The attribute is neither absent nor empty."),
            Operator("IS TRUE", 1, "The attribute is the boolean true."),
            Operator("IS FALSE", 1, "The attribute is the boolean false."),
            Operator("REGEX MATCH", 2, "A .NET pattern is found in the attribute."),
            Operator("NOT REGEX MATCH", 2, "A .NET pattern is not found in the attribute."),
            Operator("Greater_Than", 2, "The attribute is a whole number above the value."),
            Operator("Greater_Than_OR_EQUALS", 2, "The attribute is a whole number, the value or above."),
            Operator("Includes", 2, "The value is a part of the attribute."),
            Operator("ENDS_WITH", 2, "The attribute ends with the value."),
            Operator("&", 2, "The attribute is one of the values between ; or , (experimental)."),
            Operator("!&", 2, "The attribute is none of the values between ; or , (experimental)."),
        )
    }
)
_SPELLED = {name.upper(): name for name in OPERATORS}


@dataclass(frozen=True, slots=True)
class Clause:
    """One question about one attribute; `value` is None for operators with one side."""

    attribute: str
    operator: str
    value: str | None = None

    def __str__(self) -> str:
        return f"{self.attribute} {self.operator}" + ("" if self.value is None else f" {self.value!r}")


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses that all have to be true."""

    name: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """What a clause said about a user."""

    clause: Clause
    value: Value
    passed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a user is in scope, and what every clause of every group said."""

    in_scope: bool
    groups: tuple[tuple[str, tuple[ClauseResult, ...]], ...]

    @property
    def failing(self) -> tuple[ClauseResult, ...]:
        """The clauses that keep the user out; empty when the user is in."""
        results = (result for _, group in self.groups for result in group if not result.passed)
        return () if self.in_scope else tuple(results)


@dataclass(frozen=True, slots=True)
class ScopingFilter:
    """A filter that is ready to be asked any number of times."""

    groups: tuple[Group, ...]
    passes: Callable[[User], bool]
    tests: tuple[tuple[Test, ...], ...]

    def explain(self, user: User) -> Verdict:
        """Return the verdict with all its reasons."""
        groups = tuple(
            (group.name, tuple(_result(user, clause, test) for clause, test in zip(group.clauses, tests, strict=True)))
            for group, tests in zip(self.groups, self.tests, strict=True)
        )
        return Verdict(self.passes(user), groups)


def compile_filter(groups: Iterable[Group], options: Options = ASSUMED, path: str = "filters") -> ScopingFilter:
    """Return a filter, with operators in their canonical spelling, ready to be asked.

    Raises:
        FilterError: for an unknown operator, a missing or superfluous value, or a pattern that cannot be used.
    """
    return _compiled(groups, options, path, none_as_text=False)


def input_filter(groups: Iterable[Group], options: Options = ASSUMED) -> ScopingFilter:
    """Return a filter of the service itself, for which an absent value reads as the text `None`."""
    return _compiled(groups, options, "inputFilter", none_as_text=options.input_filter_reads_none)


def _compiled(groups: Iterable[Group], options: Options, path: str, *, none_as_text: bool) -> ScopingFilter:
    spelled = tuple(_spelled(group, f"{path}[{index}]") for index, group in enumerate(groups))
    tests = tuple(
        tuple(
            _test(clause, options, f"{path}[{index}].clauses[{number}]", none_as_text)
            for number, clause in enumerate(group.clauses)
        )
        for index, group in enumerate(spelled)
    )
    return ScopingFilter(spelled, _passes(spelled, tests), tests)


def _passes(groups: tuple[Group, ...], tests: tuple[tuple[Test, ...], ...]) -> Callable[[User], bool]:
    """Join clauses by AND and groups by OR."""
    joined = tuple(
        tuple((clause.attribute, test) for clause, test in zip(group.clauses, each, strict=True))
        for group, each in zip(groups, tests, strict=True)
    )
    if not joined:
        return lambda user: True

    def passes(user: User) -> bool:
        for group in joined:
            for attribute, test in group:
                if not test(user.get(attribute)):
                    break
            else:
                return True
        return False

    return passes


def _result(user: User, clause: Clause, test: Test) -> ClauseResult:
    value = user.get(clause.attribute)
    return ClauseResult(clause, value, test(value))


def _spelled(group: Group, path: str) -> Group:
    if not group.clauses:
        raise FilterError("the group has no clause", path, "remove it, or say what it asks")
    clauses = tuple(_checked(clause, f"{path}.clauses[{index}]") for index, clause in enumerate(group.clauses))
    return Group(group.name, clauses)


def _checked(clause: Clause, path: str) -> Clause:
    """Return a clause in canonical spelling; refuse what has no meaning."""
    if not clause.attribute:
        raise FilterError("the clause names no attribute", path)
    name = _SPELLED.get(" ".join(clause.operator.upper().split()))
    if name is None:
        hint = "the service does not support it" if clause.operator.upper() == "ISMEMBEROF" else ""
        known = did_you_mean(clause.operator, OPERATORS) or f"there are {', '.join(OPERATORS)}"
        raise FilterError(f"there is no operator {shown(clause.operator)}", f"{path}.operator", hint or known)
    if name in UNARY and clause.value is not None:
        raise FilterError(f"{name} takes no value", f"{path}.value", "remove it")
    if name not in UNARY and not clause.value:
        raise FilterError(f"{name} needs a value", f"{path}.value", "IS NULL asks for what is absent or empty")
    return Clause(clause.attribute, name, clause.value)


def _test(clause: Clause, options: Options, path: str, none_as_text: bool) -> Test:
    """Return the question of a clause, with what it says about null around it."""
    if clause.operator in UNARY:
        return _UNARY[clause.operator]
    asks = _binary(clause, options, path)
    on_null = {"NOT EQUALS": options.not_equals_on_null, "!&": options.not_ampersand_on_null}.get(
        clause.operator, False
    )

    def test(value: Value) -> bool:
        if type(value) is not str:
            try:
                value = text_of(value)
            except Misfit:
                return False
            if value is None and none_as_text:
                value = "None"
        return asks(value) if value else on_null

    return test


_UNARY: dict[str, Test] = {
    "IS NULL": is_empty,
    "IS NOT NULL": lambda value: not is_empty(value),
    "IS TRUE": is_true,
    "IS FALSE": is_false,
}


def _binary(clause: Clause, options: Options, path: str) -> Callable[[str], bool]:
    """Return the question about a text that is not empty."""
    wanted = clause.value or ""
    match clause.operator:
        case "EQUALS" | "NOT EQUALS" | "Includes":
            return _SIMPLE[clause.operator](wanted)
        case "ENDS_WITH":
            return _ends(wanted, ignores_case=options.ends_with_ignores_case)
        case "&" | "!&":
            return _among(wanted, wants=clause.operator == "&", splits_value=options.ampersand_splits_value)
        case "Greater_Than" | "Greater_Than_OR_EQUALS":
            return _above(wanted, or_equal=clause.operator != "Greater_Than")
        case _:
            return _matches(clause, options, path)


_SIMPLE: dict[str, Callable[[str], Callable[[str], bool]]] = {
    "EQUALS": lambda wanted: lambda text: text == wanted,
    "NOT EQUALS": lambda wanted: lambda text: text != wanted,
    "Includes": lambda wanted: lambda text: wanted in text,
}


def _ends(wanted: str, *, ignores_case: bool) -> Callable[[str], bool]:
    if ignores_case:
        lower = wanted.lower()
        return lambda text: text.lower().endswith(lower)
    return lambda text: text.endswith(wanted)


def _among(wanted: str, *, wants: bool, splits_value: bool) -> Callable[[str], bool]:
    if splits_value:
        values = _parts(wanted)
        return lambda text: (text in values) is wants
    return lambda text: (wanted in _parts(text)) is wants


def _parts(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in re.split("[;,]", text))


def _above(wanted: str, *, or_equal: bool) -> Callable[[str], bool]:
    """Compare whole numbers; what is none makes the clause false on either side."""
    if not _WHOLE.fullmatch(wanted):
        return lambda text: False
    bound = int(wanted) - or_equal
    return lambda text: _WHOLE.fullmatch(text) is not None and int(text) > bound


def _matches(clause: Clause, options: Options, path: str) -> Callable[[str], bool]:
    try:
        compiled = pattern(clause.value or "").compiled
    except PatternError as error:
        told = f"the pattern is refused at its character {error.offset + 1}: {error.message}"
        raise FilterError(told, f"{path}.value", error.hint) from error
    wants = clause.operator == "REGEX MATCH"
    search: Callable[..., regex.Match[str] | None] = (
        compiled.search if options.filter_pattern_searches else compiled.fullmatch
    )

    def matches(text: str) -> bool:
        try:
            return (search(text, timeout=options.pattern_seconds) is not None) is wants
        except TimeoutError:
            told = f"{clause}: the pattern was stopped after {options.pattern_seconds:g} s"
            raise PatternTimeout(told, hint="avoid a repetition inside a repetition") from None

    return matches
