"""`reconciler evaluate`: what the provisioning engine would make of one user. Reads files, and no tenant."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from reconciler.cli import options
from reconciler.cli.talking import say, show, tell
from reconciler.errors import SetupError

if TYPE_CHECKING:
    from reconciler.model import Json
    from reconciler.provisioning import AttributeMapping, EvaluationError, ExpressionError, ScopingFilter, User

# Of a user, a filter or mappings: far more than any of them has.
LARGEST = 1024 * 1024
STDIN = "-"

FILE = click.Path(path_type=Path, allow_dash=True)


@click.command(short_help="Evaluate an expression, a filter or mappings for one user.")
@click.argument("expression", required=False)
@click.option(
    "--user", "user_file", type=FILE, required=True, help="The source user, as JSON in Graph's or the engine's names."
)
@click.option("--trace", "traces", is_flag=True, help="Show the value of every part of the expression.")
@click.option("--filter", "filter_file", type=FILE, help="Is the user in scope? YAML with `filters:`, as in a link.")
@click.option("--all-mappings", "maps", is_flag=True, help="Show every attribute that a new target user gets.")
@click.option("--mappings", "mappings_file", type=FILE, help="Changes of the default mappings: YAML with `mappings:`.")
@click.option("--target", "target_file", type=FILE, help="A target user that is there: show what an update writes.")
@options.text_or_json
def evaluate(
    expression: str | None,
    user_file: Path,
    traces: bool,
    filter_file: Path | None,
    maps: bool,
    mappings_file: Path | None,
    target_file: Path | None,
    output: Literal["text", "json"],
) -> int:
    """Evaluate EXPRESSION for one user, as the provisioning engine of Microsoft Entra would.

    A file may be - for standard input. The user is what Microsoft Graph answers for one user, or the same in the
    engine's names.
    """
    _check(expression, traces, filter_file, maps, [mappings_file, target_file])
    _check_input([user_file, filter_file, mappings_file, target_file])
    from reconciler.evaluating import telling

    user = _user(user_file)
    told: dict[str, Json] = {}
    shown: list[str] = []
    code = 0
    if expression is not None:
        code = _expression(expression, user, traces, told, shown)
    if filter_file is not None:
        code = max(code, _filter(_filter_of(filter_file), user, told, shown))
    if maps:
        target = None if target_file is None else _user(target_file)
        _mappings(_mappings_of(mappings_file), user, target, told, shown)
    if shown:
        tell(telling.as_json(told) if output == "json" else telling.lines(shown))
    return code


def _check(
    expression: str | None, traces: bool, filter_file: Path | None, maps: bool, changes: Iterable[Path | None]
) -> None:
    if expression is None and filter_file is None and not maps:
        raise click.UsageError("There is nothing to evaluate: give an EXPRESSION, --filter or --all-mappings.")
    if traces and expression is None:
        raise click.UsageError("--trace is about an EXPRESSION.")
    if not maps and any(changes):
        raise click.UsageError("--mappings and --target are for --all-mappings.")


def _check_input(files: Iterable[Path | None]) -> None:
    if [str(file) for file in files if file is not None].count(STDIN) > 1:
        raise click.UsageError("Standard input can be read once.")


# ---------------------------------------------------------------------------------------------- what is asked


def _expression(text: str, user: User, traces: bool, told: dict[str, Json], shown: list[str]) -> int:
    """Evaluate, and return how it ended; an error is told with the place in the expression."""
    from reconciler.evaluating import telling
    from reconciler.provisioning import ExpressionError, compile_expression, lint_expression, trace

    try:
        ready = compile_expression(text)
    except ExpressionError as error:
        return _refused(text, error)
    _warn(str(lint) for lint in lint_expression(ready.tree))
    seen = trace(ready.tree, user)
    if not seen.failure:
        told |= {"value": seen.value, "type": telling.kind_of(seen.value)}
    if traces:
        told["trace"] = telling.trace_json(seen)
        shown += telling.traced(seen)
    elif not seen.failure:
        shown.append(telling.spelled(seen.value))
    return _refused(text, seen.failure) if seen.failure else 0


def _refused(text: str, error: ExpressionError | EvaluationError) -> int:
    from reconciler.evaluating import telling

    say(f"Error: {error}")
    show(telling.lines(telling.pointer(text, error.at.line, error.at.column)))
    return 1


def _filter(ready: ScopingFilter, user: User, told: dict[str, Json], shown: list[str]) -> int:
    from reconciler.evaluating import telling
    from reconciler.provisioning import EvaluationError, lint_filter

    _warn(str(lint) for lint in lint_filter(ready.groups))
    try:
        verdict = ready.explain(user)
    except EvaluationError as error:
        say(f"Error: {error.message}" + (f"; {error.hint}" if error.hint else ""))
        return 1
    told["filter"] = telling.verdict_json(verdict)
    shown += telling.judged(verdict)
    return 0


def _mappings(
    mappings: tuple[AttributeMapping, ...], user: User, target: User | None, told: dict[str, Json], shown: list[str]
) -> None:
    from reconciler.evaluating import telling
    from reconciler.provisioning import DEFAULT_MAPPINGS, compile_mappings, lint_mappings

    # What the service itself ships is nobody's to change.
    _warn(str(lint) for lint in lint_mappings(one for one in mappings if one not in DEFAULT_MAPPINGS))
    flow = compile_mappings(mappings)
    created = flow.created(user)
    told["created"] = telling.flowed_json(created, flow)
    shown += telling.flowing("a new target user gets", created, flow)
    if target is not None:
        updated = flow.updated(user, target)
        told["updated"] = telling.flowed_json(updated, flow)
        shown += telling.flowing("the target user is updated with", updated, flow)


def _warn(lints: Iterable[str]) -> None:
    for lint in lints:
        say(f"note: {lint}")


# ---------------------------------------------------------------------------------------------- what is read


def _filter_of(file: Path) -> ScopingFilter:
    from reconciler.evaluating.wording import filter_of

    return filter_of(_bytes(file), _name(file))


def _mappings_of(file: Path | None) -> tuple[AttributeMapping, ...]:
    from reconciler.evaluating.wording import mappings_of
    from reconciler.provisioning import DEFAULT_MAPPINGS

    return DEFAULT_MAPPINGS if file is None else mappings_of(_bytes(file), _name(file))


def _user(file: Path) -> User:
    """Return one user in the engine's names.

    Raises:
        SetupError: when the file cannot be read, or holds something else.
    """
    from reconciler.graph import strict_json
    from reconciler.provisioning import from_graph

    data = _bytes(file)
    if len(data) > LARGEST:
        raise SetupError(f"{_name(file)}: larger than 1 MiB, which no user is")
    try:
        said = strict_json.parse(data)
    except ValueError as error:
        raise SetupError(f"{_name(file)}: this is not JSON ({_reason(error)}); one user is needed") from error
    if not isinstance(said, dict):
        what = "a list" if isinstance(said, list) else "a single value"
        raise SetupError(f"{_name(file)}: {what}, and one user is needed: an object with attributes")
    if isinstance(said.get("value"), list):
        raise SetupError(f"{_name(file)}: a page of several users, and one is needed: take one out of its `value`")
    if said and not any(_is_attribute(name) for name in said):
        some = ", ".join(repr(name) for name in list(said)[:3])
        raise SetupError(f"{_name(file)}: this is no user: nothing that it has ({some}) is an attribute of users")
    return from_graph(said)


def _is_attribute(name: str) -> bool:
    from reconciler.provisioning import ATTRIBUTES, engine_name

    known = name in ATTRIBUTES or engine_name(name) or name == "onPremisesExtensionAttributes"
    return bool(known) or name.startswith("extension_")


def _reason(error: ValueError) -> str:
    import json

    match error:
        case json.JSONDecodeError():
            return f"line {error.lineno}, column {error.colno}: {error.msg}"
        case UnicodeDecodeError():
            return "it is not UTF-8"
        case _:
            return str(error)


def _bytes(file: Path) -> bytes:
    """Return what is in a file or comes in, or just enough of it to see that it is too large."""
    try:
        if str(file) == STDIN:
            return sys.stdin.buffer.read(LARGEST + 1)
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise SetupError(f"{_name(file)}: cannot be read ({error.strerror})") from error


def _name(file: Path) -> str:
    return "standard input" if str(file) == STDIN else str(file)
