"""The reference page of the command line, made from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from reconciler.cli import cli

HEAD = """\
# Commands

Generated from the commands; `reconciler COMMAND --help` says the same. Standard output carries the result, standard
error the talk. How a command ends is told by its [exit code](exit-codes.md); what it takes from the environment by
the [environment variables](environment.md).
"""


def page() -> str:
    """Return the page."""
    context = click.Context(cli, info_name="reconciler")
    return "\n".join([HEAD, *(part for name in cli.list_commands(context) for part in _command(context, name))])


def _command(parent: click.Context, name: str) -> Iterator[str]:
    command = parent.command.get_command(parent, name) if isinstance(parent.command, click.Group) else None
    if command is None:
        raise KeyError(name)
    context = click.Context(command, parent=parent, info_name=name)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            yield from _command(context, inner)
        return
    usage = command.get_usage(context).removeprefix("Usage: ")
    words = context.command_path.removeprefix("reconciler ")
    yield f"## {words}\n\n{inspect.cleandoc(command.help or '')}\n\n```text\n{usage}\n```\n"
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    if options:
        yield "| option | |\n| --- | --- |"
        yield from (_option(context, option) for option in options)
        yield ""


def _option(context: click.Context, option: click.Option) -> str:
    record = option.get_help_record(context)
    if record is None:
        raise ValueError(f"{option.name} has no help")
    words, meaning = (text.replace("|", "\\|").replace("\n", " ") for text in record)
    return f"| `{words}` | {' '.join(meaning.split())} |"
