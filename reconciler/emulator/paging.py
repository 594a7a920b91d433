"""Pages of a list, and the links from one to the next. What is in the list is the business of its route."""

from __future__ import annotations

import base64
import binascii
import json

from reconciler.emulator import routing
from reconciler.emulator.calls import Call
from reconciler.emulator.refusals import bad_request, shorten


def only(call: Call, known: set[str]) -> None:
    """Refuse query options that a route does not know.

    Raises:
        Refusal: 400.
    """
    for name in call.query:
        if name.startswith("$") and name not in known:
            raise bad_request(f"The query option '{shorten(name)}' is not supported.", code="BadRequest")


def number(call: Call, name: str, default: int, most: int) -> int:
    """Return a query option that is a number between 1 and `most`.

    Raises:
        Refusal: 400.
    """
    text = call.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 0 < int(text) <= most):
        raise bad_request(f"Invalid value for the query option '{name}': '{shorten(text)}'.", code="BadRequest")
    return int(text)


def place(call: Call) -> tuple[str, int]:
    """Return where a page begins: after which key, or, should that be gone, how many objects were shown before.

    Raises:
        Refusal: 400, for a token that is none of ours.
    """
    token = call.query.get("$skiptoken")
    if token is None:
        return "", number(call, "$skip", 0, 999_999)
    try:
        after, skip = json.loads(base64.urlsafe_b64decode(token.encode()))
        return str(after), min(abs(int(skip)), 999_999)
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise bad_request("The skip token is not valid.", code="BadRequest") from error


def next_link(call: Call, after: str, skip: int) -> str:
    """Return the link to the page after the object with the key `after`, the last of `skip` that were shown."""
    token = base64.urlsafe_b64encode(json.dumps([after, skip]).encode()).decode()
    kept = {name: value for name, value in call.query.items() if name not in {"$skip", "$skiptoken"}}
    return routing.link(call.base, call.path, {**kept, "$skiptoken": token})
