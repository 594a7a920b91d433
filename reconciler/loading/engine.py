"""Filters and mappings that people wrote, as the provisioning engine takes them, or what it has against them.

Every problem stands at its place, inside an expression at the very character. Knows no user and no document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from reconciler.errors import Problem
from reconciler.loading.mapping_shapes import DeltaShape, GroupShape
from reconciler.loading.scalars import Page
from reconciler.loading.secrecy import looks_secret
from reconciler.loading.validating import Path, unsaid_secrets
from reconciler.model import Origin
from reconciler.provisioning import (
    DEFAULT_MAPPINGS,
    AttributeMapping,
    Clause,
    Delta,
    ExpressionError,
    FilterError,
    Group,
    Lint,
    MappingError,
    ScopingFilter,
    compile_filter,
    compile_mappings,
    lay,
    lint_expression,
    lint_filter,
    lint_mappings,
    parse,
)
from reconciler.provisioning.trees import Attribute, walk

# What the service does not know or refuses. The other lints are about what works and surprises.
REFUSED = frozenset({"unknown-attribute", "unsupported-filter", "unsupported-source", "unsupported-target"})
_STEP = re.compile(r"(\w+)|\[(\d+)\]")


def groups_of(shapes: Iterable[GroupShape]) -> tuple[Group, ...]:
    """Return a filter as people write it in the engine's words."""
    return tuple(
        Group(shape.name, tuple(Clause(one.attribute, one.operator, one.value) for one in shape.clauses))
        for shape in shapes
    )


def deltas_of(shapes: Mapping[str, DeltaShape]) -> Mapping[str, Delta]:
    """Return a change of mappings as people write it in the engine's words."""
    return {target: Delta(**shape.model_dump()) for target, shape in shapes.items()}


def scoping(shapes: Iterable[GroupShape], page: Page, at: Path = ()) -> ScopingFilter | list[Problem]:
    """Return what `filters`, which stand in `at` of the page, mean, or what is wrong with them."""
    try:
        return compile_filter(groups_of(shapes))
    except FilterError as error:
        return [_problem(page.origin(*at, *steps(error.path)), error.message, error.hint)]


def laid(shapes: Mapping[str, DeltaShape], page: Page, at: Path = ()) -> tuple[AttributeMapping, ...] | list[Problem]:
    """Return what `mappings` in `at` of the page make of the service's own, or what is wrong with each of them."""
    deltas = deltas_of(shapes)
    problems = [one for target, delta in deltas.items() for one in _refused(target, delta, page, at)]
    return problems or lay(DEFAULT_MAPPINGS, deltas)


def objections(filters: Iterable[GroupShape], mappings: Mapping[str, DeltaShape], page: Page) -> Iterator[Problem]:
    """Yield what the service does not know or refuses in a link; filters stand in `scope.filters` of the page."""
    groups, scope = tuple(filters), ("scope",)
    for index, group in enumerate(groups):
        yield from _group_problems(group, page, ("scope", "filters", index))
    found = scoping(groups, page, scope) if groups else []
    yield from found if isinstance(found, list) else ()
    for target, delta in deltas_of(mappings).items():
        yield from _mapping_problems(target, delta, page)


def _problem(origin: Origin, message: str, hint: str) -> Problem:
    """Return what the engine says, which may repeat what a person wrote."""
    return Problem(origin, unsaid_secrets(message), hint if not looks_secret(hint) else "")


# ---------------------------------------------------------------------------------------------- filters


def _group_problems(shape: GroupShape, page: Page, at: Path) -> Iterator[Problem]:
    for number, clause in enumerate(shape.clauses):
        for lint in _clause_lints(clause.attribute):
            yield _problem(page.origin(*at, "clauses", number, "attribute"), lint.message, lint.hint)


@lru_cache(maxsize=4096)
def _clause_lints(attribute: str) -> tuple[Lint, ...]:
    """Return what is wrong with filtering on an attribute at all."""
    lints = lint_filter([Group("", (Clause(attribute, "IS NOT NULL"),))])
    return tuple(lint for lint in lints if lint.rule in REFUSED)


def steps(path: str) -> Iterator[str | int]:
    """Yield the names and indices in what the engine calls a place of a filter."""
    for name, index in _STEP.findall(path):
        yield name or int(index)


# ---------------------------------------------------------------------------------------------- mappings


def _mapping_problems(target: str, delta: Delta, page: Page) -> Iterator[Problem]:
    at = ("mappings", target)
    unknown = [lint for lint in lint_mappings([AttributeMapping(target, None)]) if lint.rule in REFUSED]
    for lint in unknown:
        yield _problem(page.key_origin(*at), lint.message, lint.hint)
    if unknown:
        return
    refused = [*_refused(target, delta, page, ())]
    yield from refused
    if delta.expression is not None and not refused:
        yield from _source_problems(delta.expression, page, (*at, "expression"))


def _refused(target: str, delta: Delta, page: Page, at: Path) -> Iterator[Problem]:
    """Yield what is wrong with a change by itself, so that all is told at once."""
    error = _error(target, delta)
    if error is None:
        return
    said = next((name for name in ("expression", "constant") if getattr(delta, name) is not None), "")
    path = (*at, "mappings", target, *([said] if said else []))
    cause = error.__cause__
    if isinstance(cause, ExpressionError) and delta.expression is not None:
        origin = page.character(path, delta.expression, cause.at.offset)
        yield _problem(origin, f"{target}: {cause.message}", cause.hint)
    else:
        origin = page.origin(*path) if said else page.key_origin(*path)
        yield _problem(origin, f"{target}: {error.message}", error.hint)


# Hundreds of links of one topology say the same.
@lru_cache(maxsize=4096)
def _error(target: str, delta: Delta) -> MappingError | None:
    try:
        compile_mappings(lay(DEFAULT_MAPPINGS, {target: delta}))
    except MappingError as error:
        return error
    return None


def _source_problems(expression: str, page: Page, path: Path) -> Iterator[Problem]:
    for offset, lint in _source_lints(expression):
        yield _problem(page.character(path, expression, offset), lint.message, lint.hint)


@lru_cache(maxsize=4096)
def _source_lints(expression: str) -> tuple[tuple[int, Lint], ...]:
    """Return what is wrong with the attributes that an expression reads, and where in it they stand."""
    attributes = [node for node in walk(parse(expression)) if isinstance(node, Attribute)]
    return tuple((one.at.offset, lint) for one in attributes for lint in lint_expression(one) if lint.rule in REFUSED)
