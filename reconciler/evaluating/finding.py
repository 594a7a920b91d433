"""Which files hold tests of mappings, read whole. Runs nothing.

A test is a document of kind MappingTest, whatever its file is called; `link.test.yaml` beside `link.yaml` is the habit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import DocumentErrors, Problem, SetupError
from reconciler.evaluating.shapes import Case, MappingTest
from reconciler.evaluating.wording import flow_of, laid, scoping
from reconciler.loading import is_mapping_test
from reconciler.loading.parsing import Parsed, parse
from reconciler.loading.shapes import API_VERSION, MAPPING_TEST
from reconciler.loading.validating import check, meant
from reconciler.loading.walking import ENDING, File, read, walk
from reconciler.model import Origin
from reconciler.provisioning import (
    DEFAULT_MAPPINGS,
    AttributeMapping,
    Flow,
    Lint,
    ScopingFilter,
    lint_filter,
    lint_mappings,
)

_HEADER = ("apiVersion", "kind")


@dataclass(frozen=True, slots=True)
class Suite:
    """One test, ready to be run."""

    parsed: Parsed
    filter: ScopingFilter
    flow: Flow
    cases: tuple[Case, ...]

    @property
    def lints(self) -> tuple[Lint, ...]:
        """What works in filter and mappings, and may still surprise."""
        # What the service itself ships is nobody's to change.
        ours = (rule.mapping for rule in self.flow.rules if rule.mapping not in DEFAULT_MAPPINGS)
        return (*lint_filter(self.filter.groups), *lint_mappings(ours))

    def origin(self, *path: str | int) -> Origin:
        """Return where the key of something in it stands."""
        return self.parsed.place.inside(path).key_origin(self.parsed.file)


def suites(paths: Iterable[Path]) -> tuple[Suite, ...]:
    """Return the tests in these files and below these folders, in the order of their names.

    Raises:
        DocumentErrors: with everything that is wrong in the tests.
        SetupError: when a path is not there or cannot be read, or when there is no test at all.
    """
    named = list(paths)
    found: list[Suite] = []
    problems: list[Problem] = []
    for one in _read(named):
        match one:
            case Suite():
                found.append(one)
            case Problem():
                problems.append(one)
    if problems:
        raise DocumentErrors(problems)
    if not found:
        where = ", ".join(str(path) for path in named)
        raise SetupError(f"{where}: no document of kind {MAPPING_TEST} is here, so nothing was tested")
    return tuple(found)


def _read(paths: Iterable[Path]) -> Iterator[Suite | Problem]:
    seen: set[str] = set()
    for found in (one for path in paths for one in _files(path)):
        if isinstance(found, Problem):
            yield found
            continue
        file, is_asked = found
        identity = str(Path(file.path).resolve())
        if identity not in seen:
            seen.add(identity)
            yield from _suite(file, is_asked=is_asked)


def _files(path: Path) -> Iterator[tuple[File, bool] | Problem]:
    """Yield the documents below a folder, or the one file, and whether somebody named it."""
    if path.is_dir():
        below = walk(path)
        yield from below.problems
        yield from ((file, False) for file in below.files)
    else:
        yield File(str(path), (), str(path)), True


def _suite(file: File, *, is_asked: bool) -> Iterator[Suite | Problem]:
    parsed = parse(read(file), file.name)
    if parsed.value is None:
        # It may have been meant as a test: what cannot be read is no reason to be green.
        yield from parsed.problems
        return
    if not is_mapping_test(parsed, file):
        if is_asked or file.name.endswith(f".test{ENDING}"):
            place = parsed.place.inside(["kind"])
            yield Problem(place.origin(file.name), "this is no test of mappings", f"write `kind: {MAPPING_TEST}`")
        return
    yield from parsed.problems or _checked(parsed)


def _checked(parsed: Parsed) -> Iterator[Suite | Problem]:
    """Yield the test, or all that is wrong with it."""
    value = parsed.value or {}
    if value.get("apiVersion") != API_VERSION:
        place = parsed.place.inside(["apiVersion"])
        hint = f"write `apiVersion: {API_VERSION}`"
        yield Problem(place.origin(parsed.file), "apiVersion is missing, or another one", hint)
        return
    said = {name: member for name, member in value.items() if name not in _HEADER}
    shape, problems = check(MappingTest, said, parsed.place, parsed.file, ())
    if shape is None:
        yield from problems
        return
    scope, mappings = scoping(shape.filters, parsed), laid(shape.mappings, parsed)
    if isinstance(scope, list) or isinstance(mappings, list):
        yield from scope if isinstance(scope, list) else ()
        yield from mappings if isinstance(mappings, list) else ()
        return
    if wrong := list(_untargeted(shape, mappings, parsed)):
        yield from wrong
        return
    yield Suite(parsed, scope, flow_of(mappings), shape.cases)


def _untargeted(shape: MappingTest, mappings: Iterable[AttributeMapping], parsed: Parsed) -> Iterator[Problem]:
    """Yield what is expected of attributes that no mapping writes: such a case could never fail, or never pass."""
    targets = {mapping.target for mapping in mappings}
    targets |= {target for target, delta in shape.mappings.items() if delta.drop}
    for index, case in enumerate(shape.cases):
        for path, name in _expected(case):
            if name not in targets:
                place = parsed.place.inside(("cases", index, *path))
                yield Problem(place.key_origin(parsed.file), f"no mapping writes {name!r}", meant(name, targets))


def _expected(case: Case) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for member in ("created", "updated"):
        said: Mapping[str, object] = getattr(case, member) or {}
        yield from (((member, name), name) for name in said)
    yield from ((("fails", index), name) for index, name in enumerate(case.fails))
