"""One comment at a pull request, found again by its marker and its author, and written over.

What other people wrote is never touched, whatever it begins with.
"""

from __future__ import annotations

from reconciler.errors import GitHubUnanswered
from reconciler.github.authors import wrote
from reconciler.github.client import GitHub
from reconciler.github.texts import Text, begins_with, is_same
from reconciler.model import Body

# How often a comment is looked for whose creation nobody confirmed.
LOOKS = 3


async def put(github: GitHub, number: int, text: Text, author: str) -> str:
    """Let the pull request have this comment once, and tell what was done: created, updated or unchanged.

    Raises:
        GitHubError: it could not be posted.
    """
    for _ in range(LOOKS):
        there = await _ours(github, number, text.marker, author)
        try:
            return await _written(github, number, text, there)
        except GitHubUnanswered as error:
            # Sending it again would be a second comment, if the first arrived: look.
            unanswered = error
    raise unanswered


async def _written(github: GitHub, number: int, text: Text, there: Body | None) -> str:
    if there is None:
        await github.write("POST", f"/issues/{number}/comments", {"body": text.body})
        return "created"
    if is_same(there.get("body"), text):
        return "unchanged"
    await github.write("PATCH", f"/issues/comments/{there['id']}", {"body": text.body})
    return "updated"


async def _ours(github: GitHub, number: int, marker: str, author: str) -> Body | None:
    """Return the oldest of our comments, which stands where people have seen it before."""
    comments = await github.list(f"/issues/{number}/comments")
    return next((one for one in comments if wrote(author, one) and begins_with(marker, one.get("body"))), None)
