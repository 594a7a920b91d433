"""`reconciler github`: put a rendered text where people see it. Reads no tenant; the text is data, and taken whole.

For jobs of a workflow; the address, the repository and the token come from the environment.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from reconciler.cli.talking import say
from reconciler.clock import SystemClock
from reconciler.errors import SetupError
from reconciler.github.authors import ACTIONS

if TYPE_CHECKING:
    from reconciler.github.client import GitHub
    from reconciler.github.texts import Text

# Four bytes a letter are the most: nobody reads a file that cannot be posted anyway.
MOST_BYTES = 4 * 60_000 + 4

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_author = click.option(
    "--author", default=ACTIONS, show_default=True, metavar="LOGIN", help="Who posts with this token."
)
_note = click.option("--note", default="", metavar="TEXT", help="A line of Markdown below the text.")


@click.group(short_help="Post a plan as a comment, drift as an issue.")
def github() -> None:
    """Post what `--output markdown` made, with GITHUB_TOKEN, in GITHUB_REPOSITORY."""


@github.command(short_help="Post FILE as the one comment of its kind at a pull request.")
@_file
@click.option("--pull-request", "number", type=click.IntRange(1), required=True, help="The pull request's number.")
@_note
@_author
def comment(file: Path, number: int, note: str, author: str) -> int:
    """Post FILE as a comment, written over the one of before."""
    from reconciler.github import comments

    text = _text(file, note)
    done = _ask(lambda there: comments.put(there, number, text, author))
    say(f"The comment at pull request {number}: {done}.")
    return 0


@github.command(short_help="Keep one open issue that says what FILE says.")
@_file
@click.option("--title", default="Live tenants differ from Git", show_default=True)
@click.option("--label", default="entra-drift", show_default=True, help="The label by which it is found again.")
@click.option("--close", "over", is_flag=True, help="Close the open issue, with FILE as its last word.")
@_note
@_author
def issue(file: Path, title: str, label: str, over: bool, note: str, author: str) -> int:
    """Open an issue with FILE as its text, or write over the open one."""
    from reconciler.github import issues

    if not label.strip() or "," in label:
        raise SetupError(f"--label {label!r}: a label is one name without a comma")
    text = _text(file, note)
    if over:
        done = _ask(lambda there: issues.close(there, text, label, author))
    else:
        done = _ask(lambda there: issues.put(there, text, title, label, author))
    say(f"The issue labelled {label}: {done}.")
    return 0


def _text(file: Path, note: str) -> Text:
    from reconciler.github.texts import text_of

    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise SetupError(f"{file}: cannot be read ({error.strerror}); nothing was posted") from error
    if len(content) > MOST_BYTES:
        raise SetupError(f"{file}: more than a comment can hold; nothing was cut and nothing was posted")
    try:
        return text_of(content.decode(), note)
    except UnicodeDecodeError as error:
        raise SetupError(f"{file}: is not UTF-8 (byte {error.start}); nothing was posted") from error
    except SetupError as error:
        raise SetupError(f"{file}: {error}") from error


def _ask(request: Callable[[GitHub], Awaitable[str]]) -> str:
    return asyncio.run(_asked(request))


async def _asked(request: Callable[[GitHub], Awaitable[str]]) -> str:
    from reconciler.github.client import GitHub, network
    from reconciler.github.place import place_of
    from reconciler.graph.connecting import trust
    from reconciler.graph.proxies import proxy_for

    place = place_of(os.environ)
    transport = network(trust(os.environ), proxy_for(urlsplit(place.api).hostname or "", os.environ))
    there = GitHub(place, SystemClock(), transport)
    try:
        return await request(there)
    finally:
        await there.aclose()
