"""Who wrote something at GitHub. A name alone proves nothing: bots are told from people by their type."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model import Body

ACTIONS = "github-actions[bot]"
"""Who writes with the token of a job."""


def wrote(author: str, something: Body) -> bool:
    """Whether `author` wrote it: the very login, and a bot when its name says so."""
    user = something.get("user")
    if not isinstance(user, Mapping) or user.get("login") != author:
        return False
    return user.get("type") == "Bot" or not author.endswith("[bot]")
