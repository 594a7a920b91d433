"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from reconciler.cli.talking import say

Command = TypeVar("Command", bound=Callable[..., Any])

OUTPUTS = ("text", "markdown", "html", "json")


def tenants(command: Command) -> Command:
    """Add `--tenants`: the folder of the documents."""
    return click.option(
        "--tenants",
        "folder",
        type=click.Path(path_type=Path),
        default=Path("tenants"),
        show_default=True,
        help="The folder of the documents.",
    )(command)


def _say_rehearsal(context: click.Context, option: click.Parameter, value: str) -> str:
    """Say before all else that no tenant is meant. The address may hold what nobody else should read."""
    if value:
        say("Rehearsal: an emulator stands in for Microsoft Graph; no tenant is read or written.")
    return value


def endpoint(command: Command) -> Command:
    """Add `--endpoint`: an emulator instead of Microsoft Graph."""
    return click.option(
        "--endpoint",
        envvar="RECONCILER_ENDPOINT",
        default="",
        metavar="URL",
        callback=_say_rehearsal,
        help="An emulator on this machine that stands in for Microsoft Graph and sign-in.",
    )(command)


def output(command: Command) -> Command:
    """Add `--output`: the form of the result."""
    return click.option(
        "--output",
        type=click.Choice(OUTPUTS),
        default="text",
        show_default=True,
        help="The form of the result on standard output.",
    )(command)


def text_or_json(command: Command) -> Command:
    """Add `--output` to a command whose result is for people or for programs."""
    return text_or_json_with("")(command)


def text_or_json_with(words: str) -> Callable[[Command], Command]:
    """Add the same; the words say what else there is to know of the form."""
    return click.option(
        "--output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help=f"The form of the result on standard output{f'; {words}' if words else ''}.",
    )


def detailed_exitcode(command: Command) -> Command:
    """Add `--detailed-exitcode`."""
    return click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are differences.")(command)
