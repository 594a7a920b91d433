"""What people and groups are looked up by besides their names: security ids and addresses. Words only, no store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.emulator.calls import Body

KINDS: Final = frozenset({"user", "group"})
"""The kinds that are looked up by words."""


def words(body: Body) -> Iterator[str]:
    """Yield what an object is found by, addresses in lower case."""
    for mark in body.get("alternativeSecurityIds") or ():
        yield marked(str(mark))
    if body.get("mail"):
        yield mailed(str(body["mail"]))
    for one in body.get("proxyAddresses") or ():
        yield addressed(str(one).partition(":")[2])


def marked(mark: str) -> str:
    """Return the word for a security id."""
    return f"id {mark}"


def mailed(address: str) -> str:
    """Return the word for a mail address."""
    return f"mail {address.lower()}"


def addressed(address: str) -> str:
    """Return the word for any address that mail can be sent to."""
    return f"address {address.lower()}"
