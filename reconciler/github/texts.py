"""A Markdown file of ours as something to post: marked in its first line, small enough, and taken whole or not at all.

Pure, and no judge of what the text says: that was escaped where it was rendered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.errors import SetupError

# What a rendered text may have. GitHub's own limit is 65,536; the rest is for a note of whoever posts it.
MOST = 60_000
MOST_NOTE = 2_000

_MARKER = re.compile(r"<!-- entra-reconciler:[a-z]+ -->")


@dataclass(frozen=True, slots=True)
class Text:
    """What is posted. The marker is its first line, and what it is found again by."""

    marker: str
    body: str


def text_of(content: str, note: str = "") -> Text:
    """Return what is to be posted; `note` goes below it.

    Raises:
        SetupError: it is not of our making, or too long; nothing is cut.
    """
    body = _lines(content)
    first = body.partition("\n")[0]
    if not _MARKER.fullmatch(first):
        raise SetupError(
            "the file does not begin with our hidden line, by which it would be found again; "
            "make it with `--output markdown` of plan, drift or apply"
        )
    if len(body) > MOST:
        raise SetupError(
            f"the text has {len(body)} characters, and {MOST} is the most that is posted; nothing was cut and nothing "
            "was posted: make the change smaller, or hand over the HTML report"
        )
    if len(note) > MOST_NOTE:
        raise SetupError(f"the note has {len(note)} characters; {MOST_NOTE} is the most")
    return Text(first, f"{body}\n\n{note}" if note else body)


def begins_with(marker: str, body: object) -> bool:
    """Whether a text at GitHub is one of ours: the marker is all of its first line."""
    return isinstance(body, str) and _lines(body).partition("\n")[0] == marker


def is_same(body: object, text: Text) -> bool:
    """Whether GitHub has this very text already. It may keep line ends in its own way."""
    return isinstance(body, str) and _lines(body) == _lines(text.body)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()
