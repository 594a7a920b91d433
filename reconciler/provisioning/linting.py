"""What works and may still surprise: findings about expressions, filters and mappings, for people to think about.

A lint never forbids; what cannot work is an error, raised where it is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from reconciler.provisioning.attributes import ATTRIBUTES, SECRET, engine_name
from reconciler.provisioning.backtracking import dangerous
from reconciler.provisioning.errors import did_you_mean
from reconciler.provisioning.mapping import AttributeMapping
from reconciler.provisioning.scoping import ORDERED, PATTERNS, Clause, Group
from reconciler.provisioning.trees import Attribute, Call, Comparison, Node, Omitted, Text, walk
from reconciler.provisioning.values import shown

Rule = Literal[
    "catastrophic-pattern", "iif-and-null", "not-a-number", "null-fails-filter", "switch-blanks", "switch-on-question",
    "text-for-boolean", "unanchored-pattern", "unknown-attribute", "unreadable-source", "unsupported-filter",
    "unsupported-source", "unsupported-target",
]  # fmt: skip

_QUESTIONS = {"IsPresent", "IsNull", "IsNullOrEmpty"}
_ANCHORED = re.compile(r"(?:\(\?[imsx-]+\))?(?:\^|\\A)(?P<body>.*?)(?<!\\)(?:\\\\)*(?:\$|\\[zZ])", re.DOTALL)
_HIDDEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_EXTENSION = re.compile(r"extension_[0-9a-fA-F]{32}_\w+")


@dataclass(frozen=True, slots=True, order=True)
class Lint:
    """One finding: where, which rule, what is surprising, and what to do."""

    where: str
    rule: Rule
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f"; {self.hint}" if self.hint else "")


def lint_expression(tree: Node, where: str = "") -> tuple[Lint, ...]:
    """Return the findings about an expression, in the order of its text."""
    return tuple(_expression(tree, where))


def lint_filter(groups: Iterable[Group], path: str = "filters") -> tuple[Lint, ...]:
    """Return the findings about a scoping filter, in its order."""
    every = tuple(groups)
    return tuple(
        lint
        for index, group in enumerate(every)
        for number, clause in enumerate(group.clauses)
        for lint in _clause(clause, group, every, f"{path}[{index}].clauses[{number}]")
    )


def lint_mappings(mappings: Iterable[AttributeMapping]) -> tuple[Lint, ...]:
    """Return the findings about mappings, in their order."""
    return tuple(lint for mapping in mappings for lint in _mapping(mapping))


def _mapping(mapping: AttributeMapping) -> Iterator[Lint]:
    known = ATTRIBUTES.get(mapping.target)
    if known and known.not_target:
        yield Lint(mapping.target, "unsupported-target", f"{mapping.target} cannot be a target: {known.not_target}")
    elif known is None:
        yield from _unknown(mapping.target, mapping.target)
    # What users are matched by is the service's own.
    if mapping.source is not None and not mapping.matching:
        yield from _expression(mapping.source, mapping.target)


def _expression(tree: Node, where: str) -> Iterator[Lint]:
    for node in walk(tree):
        place = f"{where}: {node.at}" if where else str(node.at)
        match node:
            case Attribute():
                yield from _source(node.name, place)
            case Call(name="Switch"):
                yield from _switch(node, place)
            case Call(name="IIF"):
                yield from _iif(node, place)
            case Call(name="Replace"):
                yield from _replace(node, place)
            case _:
                pass


def _source(name: str, where: str) -> Iterator[Lint]:
    known = ATTRIBUTES.get(name)
    if known is None:
        yield from _unknown(name, where)
    elif known.not_source:
        yield Lint(where, "unsupported-source", f"{name} cannot be a source: {known.not_source}")
    elif name in SECRET:
        yield Lint(where, "unreadable-source", f"only the service can read {name}; here it is null unless it is given")


def _unknown(name: str, where: str) -> Iterator[Lint]:
    if _EXTENSION.fullmatch(name):
        return
    engine = engine_name(name)
    hint = f"the engine calls it {engine!r}" if engine else did_you_mean(name, ATTRIBUTES)
    told = f"{name!r} is no attribute of the engine that is known here"
    yield Lint(where, "unknown-attribute", told, hint or "an absent attribute is null for every user")


def _switch(call: Call, where: str) -> Iterator[Lint]:
    if call.arguments and isinstance(asked := call.arguments[0], Call) and asked.name in _QUESTIONS:
        told = f"Switch on {asked.name} is documented as unsupported"
        yield Lint(where, "switch-on-question", told, 'Switch([a], [a], "", "Other") tells null from a value')
    told = "when another attribute changes, Switch may evaluate to null in the service and blank the target"
    yield Lint(where, "switch-blanks", told, "nested IIF does not")


def _iif(call: Call, where: str) -> Iterator[Lint]:
    condition = call.arguments[0] if call.arguments else Omitted()
    if isinstance(condition, Call) and condition.name in _QUESTIONS:
        told = f"{condition.name} as the condition of IIF is documented as unsupported"
        yield Lint(where, "iif-and-null", told, 'Switch([a], [a], "", "Other") tells null from a value')
    if isinstance(condition, Comparison) and Text("") in (condition.left, condition.right):
        told = "a comparison with the empty text always fails"
        yield Lint(where, "iif-and-null", told, 'Switch([a], [a], "", "Other") tells null from a value')


def _replace(call: Call, where: str) -> Iterator[Lint]:
    pattern = call.arguments[2] if len(call.arguments) > 2 else Omitted()
    if isinstance(pattern, Text):
        yield from _slow(pattern.value, where)


def _slow(pattern: str, where: str) -> Iterator[Lint]:
    if part := dangerous(pattern):
        told = f"the pattern may run for ever: {shown(part)} can divide the same text into rounds in many ways"
        yield Lint(where, "catastrophic-pattern", told, "avoid a repetition inside a repetition")


def _clause(clause: Clause, group: Group, every: tuple[Group, ...], where: str) -> Iterator[Lint]:
    name = clause.operator.upper()
    yield from _filtered(clause.attribute, where)
    yield from _null_fails(clause, group, every, where)
    if name in PATTERNS:
        yield from _slow(clause.value or "", where)
        yield from _unanchored(clause.value or "", where)
    if name in map(str.upper, ORDERED) and not re.fullmatch(r"[+-]?[0-9]{1,18}", clause.value or ""):
        yield Lint(where, "not-a-number", f"{clause.value!r} is no whole number, so the clause is always false")
    known = ATTRIBUTES.get(clause.attribute)
    if known and known.type == "Boolean" and name in ("EQUALS", "NOT EQUALS"):
        told = f"{clause.attribute} is a boolean, and {name} compares texts"
        yield Lint(where, "text-for-boolean", told, "take IS TRUE or IS FALSE")


def _filtered(name: str, where: str) -> Iterator[Lint]:
    known = ATTRIBUTES.get(name)
    if known and (reason := known.not_filter or known.not_source):
        yield Lint(where, "unsupported-filter", f"{name} cannot be filtered on: {reason}")
    elif known is None:
        yield from _unknown(name, where)


def _null_fails(clause: Clause, group: Group, every: tuple[Group, ...], where: str) -> Iterator[Lint]:
    """Tell that a negation is false on null, unless the filter shows that this is known."""
    if clause.operator.upper() not in ("NOT EQUALS", "NOT REGEX MATCH", "!&"):
        return
    asked = {(other.attribute, other.operator.upper()) for other in group.clauses}
    elsewhere = {(other.attribute, other.operator.upper()) for each in every for other in each.clauses}
    if (clause.attribute, "IS NOT NULL") in asked or (clause.attribute, "IS NULL") in elsewhere:
        return
    told = f"users without {clause.attribute} are out of scope: {clause.operator} is false on null"
    yield Lint(where, "null-fails-filter", told, f"add a group with {clause.attribute} IS NULL to keep them in")


def _unanchored(pattern: str, where: str) -> Iterator[Lint]:
    found = _ANCHORED.fullmatch(pattern)
    if found is None or _has_bare_bar(found["body"]):
        told = f"the pattern {pattern!r} is not anchored, so a part of the value is enough"
        yield Lint(where, "unanchored-pattern", told, f"write ^(?:{pattern})$ to mean the whole value")


def _has_bare_bar(body: str) -> bool:
    """Tell whether alternatives stand outside every bracket, where an anchor belongs to one of them only."""
    depth = 0
    for character in _HIDDEN.sub("", body):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            return True
    return False
