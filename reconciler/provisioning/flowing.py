"""Attribute flow: which values a user's mappings would write, on creating the target user and on updating it.

Null does not flow; defaults are for creating; an attribute whose expression fails is told apart from one that has no
value. Not for whether the user is written at all, nor for the form of the target's user principal name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from reconciler.provisioning.attributes import ATTRIBUTES, SECRET
from reconciler.provisioning.compiling import compile_expression
from reconciler.provisioning.errors import EvaluationError, ExpressionError, MappingError, Unknowable
from reconciler.provisioning.functions.casing import lower
from reconciler.provisioning.functions.signatures import OFFLINE, Surroundings
from reconciler.provisioning.mapping import AttributeMapping
from reconciler.provisioning.options import ASSUMED, Options
from reconciler.provisioning.trees import Attribute, Call, Text, attributes_of, walk
from reconciler.provisioning.values import Misfit, Run, User, Value, is_empty, is_false, is_true, text_of


@dataclass(frozen=True, slots=True)
class Flowed:
    """What would be written, and what cannot be told: failures by target attribute, and the service's own secrets."""

    values: dict[str, Value]
    failures: dict[str, str] = field(default_factory=dict)
    unknowable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    """A compiled mapping."""

    target: str
    run: Run
    default: Value
    mapping: AttributeMapping


@dataclass(frozen=True, slots=True)
class Flow:
    """A set of mappings that is ready to be applied to any number of users."""

    rules: tuple[_Rule, ...]
    creating: tuple[tuple[str, Run, Value], ...]
    secret: tuple[tuple[AttributeMapping, str], ...]  # the attribute is one that only the service can read

    @property
    def redacted(self) -> frozenset[str]:
        """Targets whose values must not be shown, because their expressions say Redact."""
        return frozenset(rule.target for rule in self.rules if _calls(rule.mapping, "Redact"))

    def created(self, user: User) -> Flowed:
        """Return what a new target user would get: every mapping, with defaults for what is null."""
        values: dict[str, Value] = {}
        errors: list[tuple[str, EvaluationError]] = []
        for target, run, default in self.creating:
            try:
                value = run(user)
            except (EvaluationError, Misfit) as error:
                errors.append((target, _told(error)))
                continue
            if value is not None:
                values[target] = value
            elif default is not None:
                values[target] = default
        return _flowed(values, errors, [mapping.target for mapping, name in self.secret if name not in user])

    def updated(self, user: User, target: User) -> Flowed:
        """Return what an existing target user would get: only what differs, and nothing that is for creating only."""
        values: dict[str, Value] = {}
        errors: list[tuple[str, EvaluationError]] = []
        for rule in self.rules:
            if rule.mapping.flow_type == "ObjectAddOnly":
                continue
            try:
                wanted = _wanted(rule, user, target.get(rule.target))
            except (EvaluationError, Misfit) as error:
                errors.append((rule.target, _told(error)))
                continue
            if wanted is not None:
                values[rule.target] = wanted
        # Whoever has been matched by a value has it.
        secret = (mapping.target for mapping, name in self.secret if name not in user and not mapping.matching)
        return _flowed(values, errors, list(secret))


def compile_mappings(
    mappings: Iterable[AttributeMapping], options: Options = ASSUMED, surroundings: Surroundings = OFFLINE
) -> Flow:
    """Return a set of mappings ready to be applied.

    Raises:
        MappingError: for an expression that cannot be compiled, two mappings of one target, or a reference that is not
            mapped directly.
    """
    rules: list[_Rule] = []
    for mapping in mappings:
        if any(rule.target == mapping.target for rule in rules):
            raise MappingError("there are two mappings of this target", mapping.target, "keep one of them")
        rules.append(_rule(mapping, options, surroundings))
    secret = tuple((rule.mapping, name) for rule in rules for name in _attributes(rule.mapping) if name in SECRET)
    return Flow(tuple(rules), tuple((rule.target, rule.run, rule.default) for rule in rules), secret)


def _rule(mapping: AttributeMapping, options: Options, surroundings: Surroundings) -> _Rule:
    known = ATTRIBUTES.get(mapping.target)
    boolean = known is not None and known.type == "Boolean"
    if known and known.type == "Reference" and not isinstance(mapping.source, Attribute):
        raise MappingError("a reference can only be mapped directly", mapping.target, f"write [{mapping.target}]")
    default: Value = mapping.default or None
    drops = isinstance(mapping.source, Call) and mapping.source.name == "IgnoreFlowIfNullOrEmpty"
    if boolean and default is not None:
        default = _boolean(default)
    return _Rule(mapping.target, _run(mapping, options, surroundings, boolean), None if drops else default, mapping)


def _run(mapping: AttributeMapping, options: Options, surroundings: Surroundings, boolean: bool) -> Run:
    if mapping.source is None:
        return lambda user: None
    if isinstance(mapping.source, Text):
        fixed: Value = mapping.source.value
        fixed = _boolean(fixed) if boolean else fixed
        return lambda user: fixed
    try:
        run = compile_expression(mapping.source, options, surroundings).run
    except ExpressionError as error:
        raise MappingError(f"{error.at}: {error.message}", mapping.target, error.hint) from error
    if boolean and not isinstance(mapping.source, Attribute):
        return lambda user: _boolean(run(user))
    return run


def _boolean(value: Value) -> Value:
    """Return a text as the boolean that a boolean target needs; anything else is left for the target to refuse."""
    if is_true(value):
        return True
    return False if is_false(value) else value


def _calls(mapping: AttributeMapping, function: str) -> bool:
    parts = () if mapping.source is None else walk(mapping.source)
    return any(isinstance(part, Call) and part.name == function for part in parts)


def _attributes(mapping: AttributeMapping) -> tuple[str, ...]:
    return () if mapping.source is None else attributes_of(mapping.source)


def _wanted(rule: _Rule, user: User, present: Value) -> Value:
    """Return what an update would write, or null when it would leave the attribute alone."""
    mapping = rule.mapping
    if mapping.source is None:
        return rule.default if is_empty(present) else None
    if mapping.flow_type == "AttributeAddOnly" and not is_empty(present):
        return None
    value = rule.run(user)
    if mapping.flow_type in ("MultiValueAddOnly", "ValueAddOnly"):
        value = _united(present, value)
    if mapping.flow_behavior == "FlowWhenChanged" and _same(value, present, case_exact=mapping.case_exact):
        return None
    return value


def _united(present: Value, added: Value) -> Value:
    """Return the values that are there and the new ones; a single value is taken as it comes."""
    if isinstance(added, (list, tuple)) and isinstance(present, (list, tuple)):
        return [*present, *(value for value in added if value not in present)]
    return added


def _same(value: Value, present: Value, *, case_exact: bool) -> bool:
    """Tell whether the target has the value already, whatever JSON type it gave it."""
    if isinstance(value, (list, tuple)) and isinstance(present, (list, tuple)):
        return len(value) == len(present) and all(
            _same(one, other, case_exact=case_exact) for one, other in zip(value, present, strict=True)
        )
    if value is None or present is None or isinstance(value, (list, tuple)) or isinstance(present, (list, tuple)):
        return value == present
    one, other = text_of(value), text_of(present)
    if one is None or other is None:
        return value == present
    return one == other if case_exact else lower(one) == lower(other)


def _told(error: EvaluationError | Misfit) -> EvaluationError:
    return error if isinstance(error, EvaluationError) else EvaluationError(f"a value inside is {error}")


def _flowed(values: dict[str, Value], errors: list[tuple[str, EvaluationError]], secret: list[str]) -> Flowed:
    """Return what is known; what comes of an attribute that was not read is not known, rather than null."""
    for target in secret:
        values.pop(target, None)
    if not errors:
        return Flowed(values, unknowable=tuple(secret))
    told = [(target, error) for target, error in errors if target not in secret]
    failures = {target: str(error) for target, error in told if not isinstance(error, Unknowable)}
    return Flowed(values, failures, (*secret, *(target for target, _ in told if target not in failures)))
