"""How settings are spoken of: names, lists and blocks in words. Decides nothing; unescaped, each sink escapes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from reconciler.access import APPLICATIONS, USERS, VISITORS
from reconciler.model import Json
from reconciler.model.people import Changed

_HALVES = {USERS: "users", VISITORS: "users", APPLICATIONS: "applications"}

SHOWN = 10


def some(names: Sequence[str], limit: int = SHOWN) -> str:
    """Return the first names, and how many there are besides."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")


def named(identifiers: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return identifiers with the labels people gave them."""
    return [f"{names[one]} ({one})" if one in names else one for one in identifiers]


def block(value: Json, names: Mapping[str, str]) -> str:
    """Return an effective block in words."""
    if not isinstance(value, Mapping):
        return "nothing" if value is None else str(value)
    halves = [f"{word} {_half(value[half], names)}" for half, word in _HALVES.items() if half in value]
    if halves:
        return "; ".join(halves)
    return ", ".join(f"{flag} {_flag(said)}" for flag, said in sorted(value.items()))


def _half(value: Json, names: Mapping[str, str]) -> str:
    if value is None:
        return "unknown"
    return f"{value['accessType']}: {some(named((target['target'] for target in value['targets']), names))}"


def _flag(value: Json) -> str:
    return "unknown" if value is None else json.dumps(value)


def flow(change: Changed) -> str:
    """Return what the next cycle writes into an attribute of a user who is there."""
    after = _plain(change.after) if change.known else "what only the service can tell"
    return f"{change.attribute}: {_plain(change.before)} → {after}"


def _plain(value: Json) -> str:
    return "(nothing)" if value is None else str(value)
