"""From what people wrote to what the engine takes; what it refuses becomes problems with file, line and column.

Knows no user. Not for reading files from disk: callers bring the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from pydantic import BaseModel

from reconciler.errors import DocumentErrors, Problem
from reconciler.evaluating.shapes import DeltaShape, FilterFile, GroupShape, MappingsFile
from reconciler.loading.parsing import Parsed, parse
from reconciler.loading.validating import check
from reconciler.provisioning import (
    DEFAULT_MAPPINGS,
    AttributeMapping,
    Clause,
    Delta,
    FilterError,
    Flow,
    Group,
    MappingError,
    ScopingFilter,
    compile_filter,
    compile_mappings,
    lay,
)

Shape = TypeVar("Shape", bound=BaseModel)

_STEP = re.compile(r"(\w+)|\[(\d+)\]")


def filter_of(data: bytes, file: str) -> ScopingFilter:
    """Return the scoping filter that a file holds.

    Raises:
        DocumentErrors: when it is none.
    """
    shape, parsed = _shaped(data, file, FilterFile, "begin with `filters:`, as in the scope of a link")
    return _unless(parsed, scoping(shape.filters, parsed))


def mappings_of(data: bytes, file: str) -> tuple[AttributeMapping, ...]:
    """Return the service's mappings with the change laid over them that a file holds.

    Raises:
        DocumentErrors: when it is none.
    """
    shape, parsed = _shaped(data, file, MappingsFile, "begin with `mappings:`, as in a link")
    return _unless(parsed, laid(shape.mappings, parsed))


def scoping(groups: Iterable[GroupShape], parsed: Parsed) -> ScopingFilter | list[Problem]:
    """Return what `filters` of a document mean, or what is wrong with them."""
    try:
        return compile_filter(Group(group.name, _clauses(group)) for group in groups)
    except FilterError as error:
        place = parsed.place.inside(_steps(error.path))
        return [Problem(place.origin(parsed.file), error.message, error.hint)]


def laid(deltas: Mapping[str, DeltaShape], parsed: Parsed) -> tuple[AttributeMapping, ...] | list[Problem]:
    """Return what `mappings` of a document make of the service's own, or what is wrong with each of them."""
    changes = {target: Delta(**shape.model_dump()) for target, shape in deltas.items()}
    if problems := [*_refused(changes, parsed)]:
        return problems
    return lay(DEFAULT_MAPPINGS, changes)


def flow_of(mappings: Iterable[AttributeMapping]) -> Flow:
    """Return mappings that `laid` has made, ready to be applied."""
    return compile_mappings(mappings)


def _refused(changes: Mapping[str, Delta], parsed: Parsed) -> Iterator[Problem]:
    """Yield what is wrong with each change by itself, so that all is told at once."""
    for target, delta in changes.items():
        try:
            compile_mappings(lay(DEFAULT_MAPPINGS, {target: delta}))
        except MappingError as error:
            said = next((name for name in ("expression", "constant") if getattr(delta, name) is not None), "")
            place = parsed.place.inside(("mappings", target, *([said] if said else [])))
            origin = place.origin(parsed.file) if said else place.key_origin(parsed.file)
            yield Problem(origin, f"{target}: {error.message}", error.hint)


def _clauses(group: GroupShape) -> tuple[Clause, ...]:
    return tuple(Clause(clause.attribute, clause.operator, clause.value) for clause in group.clauses)


def _steps(path: str) -> Iterator[str | int]:
    for name, index in _STEP.findall(path):
        yield name or int(index)


def _shaped(data: bytes, file: str, shape: type[Shape], beginning: str) -> tuple[Shape, Parsed]:
    parsed = parse(data, file, beginning)
    if parsed.value is None or parsed.problems:
        raise DocumentErrors(parsed.problems)
    found, problems = check(shape, parsed.value, parsed.place, file, ())
    if found is None:
        raise DocumentErrors(problems)
    return found, parsed


Meaning = TypeVar("Meaning", ScopingFilter, tuple[AttributeMapping, ...])


def _unless(parsed: Parsed, found: Meaning | list[Problem]) -> Meaning:
    if isinstance(found, list):
        raise DocumentErrors(found)
    return found
