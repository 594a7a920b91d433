"""One open issue that says what is wrong now: opened, written over, and closed when nothing is wrong any more.

Found by its label, its marker and its author. A closed one stays as it was closed; the next time opens a new one.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.errors import GitHubError, GitHubUnanswered
from reconciler.github.authors import wrote
from reconciler.github.client import GitHub
from reconciler.github.comments import LOOKS
from reconciler.github.texts import Text, begins_with, is_same
from reconciler.model import Body


async def put(github: GitHub, text: Text, title: str, label: str, author: str) -> str:
    """Let there be one open issue with this text, and tell what was done: opened, updated or unchanged.

    Raises:
        GitHubError: it could not be written.
    """
    for _ in range(LOOKS):
        there = await _ours(github, text.marker, label, author)
        try:
            return await _written(github, text, title, label, there)
        except GitHubUnanswered as error:
            # Sending it again would be a second issue, if the first arrived: look.
            unanswered = error
    raise unanswered


async def close(github: GitHub, text: Text, label: str, author: str) -> str:
    """Close what is open, with `text` as its last word, and tell what was done: closed or none open.

    Raises:
        GitHubError: it could not be closed.
    """
    there = await _ours(github, text.marker, label, author)
    if there is None:
        return "none open"
    last = {"body": text.body, "state": "closed", "state_reason": "completed"}
    await github.write("PATCH", f"/issues/{there['number']}", last)
    return "closed"


async def _written(github: GitHub, text: Text, title: str, label: str, there: Body | None) -> str:
    if there is None:
        made = await github.write("POST", "/issues", {"title": title, "body": text.body, "labels": [label]})
        _must_carry(label, made)
        return "opened"
    if is_same(there.get("body"), text) and there.get("title") == title:
        return "unchanged"
    await github.write("PATCH", f"/issues/{there['number']}", {"title": title, "body": text.body})
    return "updated"


def _must_carry(label: str, made: Body) -> None:
    """Insist on the label, which GitHub drops without a word when the token may not set it."""
    labels = made.get("labels")
    names = [one.get("name") for one in labels if isinstance(one, dict)] if isinstance(labels, Sequence) else []
    if label.casefold() not in [str(name).casefold() for name in names]:
        raise GitHubError(
            f"GitHub: issue {made.get('number')} was opened without the label {label!r}, and would not be found "
            "again; add the label by hand, and give the token the right to set it"
        )


async def _ours(github: GitHub, marker: str, label: str, author: str) -> Body | None:
    """Return the oldest of our open issues. Pull requests come in the same list."""
    query = {"state": "open", "labels": label, "sort": "created", "direction": "asc"}
    issues = [one for one in await github.list("/issues", query) if "pull_request" not in one]
    return next((one for one in issues if wrote(author, one) and begins_with(marker, one.get("body"))), None)
