"""From what people wrote to what the engine takes; what it refuses becomes problems with file, line and column.

Knows no user. Not for reading files from disk: callers bring the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel

from reconciler.errors import DocumentErrors, Problem
from reconciler.evaluating.shapes import FilterFile, MappingsFile
from reconciler.loading import engine
from reconciler.loading.mapping_shapes import DeltaShape, GroupShape
from reconciler.loading.parsing import Parsed, parse
from reconciler.loading.scalars import Page
from reconciler.loading.validating import check
from reconciler.provisioning import AttributeMapping, Flow, ScopingFilter, compile_mappings

Shape = TypeVar("Shape", bound=BaseModel)


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
    return engine.scoping(groups, _page(parsed))


def laid(deltas: Mapping[str, DeltaShape], parsed: Parsed) -> tuple[AttributeMapping, ...] | list[Problem]:
    """Return what `mappings` of a document make of the service's own, or what is wrong with each of them."""
    return engine.laid(deltas, _page(parsed))


def _page(parsed: Parsed) -> Page:
    return Page(parsed.file, parsed.text, parsed.place)


def flow_of(mappings: Iterable[AttributeMapping]) -> Flow:
    """Return mappings that `laid` has made, ready to be applied."""
    return compile_mappings(mappings)


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
