"""What came of the cases of tests: every expectation that was not met, beside what is instead. Pure.

Not for the form in which it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.evaluating.finding import Suite
from reconciler.evaluating.shapes import Case
from reconciler.model import Json, Origin
from reconciler.provisioning import EvaluationError, Flowed, User, Value, Verdict, from_graph

REDACTED = "[Redact]"


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that was not met: where it is written, what it is about, and why it is otherwise."""

    origin: Origin
    about: str
    expected: Json
    actual: Json
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case."""

    origin: Origin
    name: str
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.differences


def run(suites: Iterable[Suite]) -> tuple[Result, ...]:
    """Return what came of every case, in the order in which they are written."""
    return tuple(_case(suite, index, case) for suite in suites for index, case in enumerate(suite.cases))


def _case(suite: Suite, index: int, case: Case) -> Result:
    user = from_graph(case.user)
    differences = [*_scope(suite, index, case, user), *_flow(suite, index, case, user)]
    return Result(suite.origin("cases", index, "name"), case.name, tuple(differences))


def _scope(suite: Suite, index: int, case: Case, user: User) -> Iterator[Difference]:
    if case.inScope is None:
        return
    origin = suite.origin("cases", index, "inScope")
    try:
        verdict = suite.filter.explain(user)
    except EvaluationError as error:
        yield Difference(origin, "inScope", case.inScope, None, error.message)
        return
    if verdict.in_scope is not case.inScope:
        yield Difference(origin, "inScope", case.inScope, verdict.in_scope, deciding(verdict))


def deciding(verdict: Verdict) -> str:
    """Return in words what decides: the first group that is true, or the first clause of each that is not."""
    if not verdict.groups:
        return "there are no groups, so everybody is in scope"
    for number, (name, results) in enumerate(verdict.groups):
        if all(result.passed for result in results):
            return f"every clause of {_called(name, number)} is true"
    failing = (
        (number, name, next(result for result in results if not result.passed))
        for number, (name, results) in enumerate(verdict.groups)
    )
    return "; ".join(
        f"in {_called(name, number)} `{result.clause}` is false, the attribute is {_spelled(result.value)}"
        for number, name, result in failing
    )


def _called(name: str, number: int) -> str:
    return f"group {name!r}" if name else f"group {number + 1}"


def _spelled(value: Value) -> str:
    return "absent" if value is None else repr(value)


def _flow(suite: Suite, index: int, case: Case, user: User) -> Iterator[Difference]:
    flows: list[tuple[str, Mapping[str, Json], Flowed]] = []
    if case.created is not None:
        flows.append(("created", case.created, suite.flow.created(user)))
    if case.updated is not None:
        flows.append(("updated", case.updated, suite.flow.updated(user, from_graph(case.target or {}))))
    failures = {target: reason for _, _, flowed in flows for target, reason in flowed.failures.items()}
    for member, expected, flowed in flows:
        yield from _values(suite, (index, member), expected, flowed)
    yield from _failures(suite, index, case, failures)


def _values(suite: Suite, at: tuple[int, str], expected: Mapping[str, Json], flowed: Flowed) -> Iterator[Difference]:
    index, member = at
    for target, wanted in expected.items():
        actual = flowed.values.get(target)
        reason = flowed.failures.get(target, "")
        if target in flowed.unknowable:
            reason = "only the service knows this value"
        if reason or not _alike(wanted, actual):
            shown = actual if target not in suite.flow.redacted or actual is None else REDACTED
            origin = suite.origin("cases", index, member, target)
            yield Difference(origin, f"{member}.{target}", wanted, shown, reason)


def _failures(suite: Suite, index: int, case: Case, failures: Mapping[str, str]) -> Iterator[Difference]:
    for number, target in enumerate(case.fails):
        if target not in failures:
            origin = suite.origin("cases", index, "fails", number)
            yield Difference(origin, f"fails.{target}", "a failure", "a value, or nothing")
    told = {*case.fails, *(case.created or {}), *(case.updated or {})}
    for target, reason in failures.items():
        if target not in told:
            yield Difference(suite.origin("cases", index, "name"), target, "no failure", "a failure", reason)


def _alike(wanted: Json, actual: Json) -> bool:
    """Compare as JSON does: true is not 1, and a list is a list however it came about."""
    if isinstance(wanted, list | tuple) and isinstance(actual, list | tuple):
        return len(wanted) == len(actual) and all(map(_alike, wanted, actual))
    if isinstance(wanted, bool) or isinstance(actual, bool):
        return wanted is actual
    return bool(wanted == actual)
