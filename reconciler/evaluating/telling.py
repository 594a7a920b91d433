"""Values, traces, verdicts and results as text and as JSON, escaped for a terminal or a log.

Decides nothing about them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from reconciler.evaluating.running import REDACTED, Difference, Result, deciding
from reconciler.model import Json
from reconciler.provisioning import Flow, Flowed, Trace, Verdict
from reconciler.reporting.escaping import defuse, quoted, visible
from reconciler.reporting.wording import counted

# Of a line of an expression, on each side of the place that is pointed at.
_AROUND = 60


def kind_of(value: Json) -> str:
    """Return what a value is, in one word."""
    if value is None:
        return "null"
    # In this order: a boolean is an integer for Python.
    return next((word for kind, word in _KINDS.items() if isinstance(value, kind)), "list")


_KINDS: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "text", Mapping: "object"}


def spelled(value: Json) -> str:
    """Return a value for people, on one line: text in quotes, so that blanks can be seen."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return quoted(value)
        case Mapping():
            return "{" + ", ".join(f"{quoted(str(name))}: {spelled(member)}" for name, member in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(spelled, value)) + "]"


def as_json(document: Json) -> str:
    """Return a document as JSON in ASCII, which no terminal and no log takes for anything else."""
    return json.dumps(document, indent=2, default=dict) + "\n"


def lines(every: Iterable[str]) -> str:
    """Return lines whose parts are escaped already as a text of which no CI runner takes any for a command."""
    return "".join(f"{defuse(line)}\n" for line in every)


# ---------------------------------------------------------------------------------------------- expressions


def pointer(text: str, line: int, column: int) -> Iterator[str]:
    """Yield the line of an expression that is meant, cut when it is long, and a caret below the place."""
    every = text.split("\n")
    said = every[line - 1] if line <= len(every) else ""
    begin = max(0, column - 1 - _AROUND)
    before, after = said[begin : column - 1], said[column - 1 : column - 1 + _AROUND]
    start, end = "…" * (begin > 0), "…" * (len(said) > column - 1 + _AROUND)
    shown = f"    {start}{visible(before)}"
    yield f"{shown}{visible(after)}{end}"
    yield f"{' ' * len(shown)}^"


def traced(tree: Trace, indent: str = "", last: bool | None = None) -> Iterator[str]:
    """Yield a tree of values, one part a line, what is inside below what it is inside of."""
    branch = {None: "", True: "└─ ", False: "├─ "}[last]
    yield f"{indent}{branch}{visible(tree.text)} {_came(tree)}"
    inner = indent + {None: "", True: "   ", False: "│  "}[last]
    # A literal says its value itself.
    parts = [part for part in tree.parts if part.text != spelled(part.value)]
    for index, part in enumerate(parts):
        yield from traced(part, inner, index == len(parts) - 1)


def _came(tree: Trace) -> str:
    if tree.failure:
        return f"fails: {visible(str(tree.failure))}"
    return f"= {spelled(tree.value)}" if tree.needed else "was not needed"


def trace_json(tree: Trace) -> Json:
    """Return a tree of values for a machine."""
    said = {"text": tree.text, "value": tree.value, "type": kind_of(tree.value), "needed": tree.needed}
    failed = {"error": str(tree.failure)} if tree.failure else {}
    return {**said, **failed, "parts": [trace_json(part) for part in tree.parts]}


# ---------------------------------------------------------------------------------------------- filters


def judged(verdict: Verdict) -> Iterator[str]:
    """Yield whether a user is in scope, why, and what every clause says."""
    yield f"{'in scope' if verdict.in_scope else 'out of scope'}: {visible(deciding(verdict))}"
    for number, (name, results) in enumerate(verdict.groups):
        yield f"  group {visible(name) or number + 1}"
        for result in results:
            truth = "true " if result.passed else "false"
            yield f"    {truth}  {visible(str(result.clause))}  ({spelled(result.value)})"


def verdict_json(verdict: Verdict) -> Json:
    """Return a verdict for a machine."""
    groups = [
        {
            "name": name,
            "clauses": [
                {
                    "attribute": result.clause.attribute,
                    "operator": result.clause.operator,
                    **({} if result.clause.value is None else {"value": result.clause.value}),
                    "actual": result.value,
                    "passed": result.passed,
                }
                for result in results
            ],
        }
        for name, results in verdict.groups
    ]
    return {"inScope": verdict.in_scope, "reason": deciding(verdict), "groups": groups}


# ---------------------------------------------------------------------------------------------- mappings


def flowing(title: str, flowed: Flowed, flow: Flow) -> Iterator[str]:
    """Yield what is written to a target user, an attribute a line."""
    yield title
    shown = {**{name: spelled(value) for name, value in _public(flowed, flow).items()}}
    shown |= {name: f"fails: {visible(reason)}" for name, reason in flowed.failures.items()}
    shown |= dict.fromkeys(flowed.unknowable, "(only the service knows)")
    width = max(map(len, shown), default=0)
    order = [rule.target for rule in flow.rules if rule.target in shown]
    yield from (f"  {visible(name):{width}}  {shown[name]}" for name in order)
    if not shown:
        yield "  nothing"


def flowed_json(flowed: Flowed, flow: Flow) -> Json:
    """Return what is written to a target user for a machine."""
    return {
        "values": dict(_public(flowed, flow)),
        "failures": dict(flowed.failures),
        "unknowable": list(flowed.unknowable),
    }


def _public(flowed: Flowed, flow: Flow) -> Mapping[str, Json]:
    """Return the values without those that the service's log would not show either."""
    hidden = flow.redacted
    return {name: REDACTED if name in hidden else value for name, value in flowed.values.items()}


# ---------------------------------------------------------------------------------------------- tests


def results_text(results: Iterable[Result]) -> str:
    """Return what failed, with what was expected and what is."""
    return lines(line for result in results if not result.passed for line in _failed(result))


def summary(results: Iterable[Result]) -> str:
    """Return how many cases were run, and how many failed."""
    every = list(results)
    failed = sum(not result.passed for result in every)
    return f"{counted(len(every), 'case')}; {failed or 'none'} failed."


def _failed(result: Result) -> Iterator[str]:
    yield f"{visible(str(result.origin))}: failed: {visible(result.name)}"
    for difference in result.differences:
        yield f"  {visible(str(difference.origin))}: {visible(difference.about)}"
        yield f"    expected {spelled(difference.expected)}"
        reason = f"  ({visible(difference.reason)})" if difference.reason else ""
        yield f"    actual   {spelled(difference.actual)}{reason}"


def results_json(results: Iterable[Result]) -> Json:
    """Return what came of every case for a machine."""
    every = list(results)
    return {
        "cases": len(every),
        "failed": sum(not result.passed for result in every),
        "results": [
            {
                "file": result.origin.file,
                "line": result.origin.line,
                "column": result.origin.column,
                "name": result.name,
                "passed": result.passed,
                "differences": [_difference_json(difference) for difference in result.differences],
            }
            for result in every
        ],
    }


def _difference_json(difference: Difference) -> Json:
    return {
        "line": difference.origin.line,
        "column": difference.origin.column,
        "about": difference.about,
        "expected": difference.expected,
        "actual": difference.actual,
        "reason": difference.reason,
    }
