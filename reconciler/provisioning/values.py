"""The values of the engine and how they turn into each other: text, whole numbers, truth, lists.

Everything is text unless a function says otherwise; a boolean reads as `True` or `False`. Not for dates: they travel
as text, and `moments` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value] | None"
User: TypeAlias = Mapping[str, Value]
Run: TypeAlias = Callable[[User], Value]

# Ours: calls inside each other can multiply a text without end, and nothing in a directory is nearly as long.
LONGEST = 1_000_000

_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,40}\s*")


class Misfit(ValueError):
    """A value that is not of the needed kind; the text completes the sentence "… is …"."""


def truth(claim: bool) -> str:
    """Return the engine's text for a boolean."""
    return "True" if claim else "False"


def text_of(value: Value) -> str | None:
    """Return a single value as text; null stays null.

    Raises:
        Misfit: for several values.
    """
    match value:
        case str() | None:
            return value
        case bool():
            return truth(value)
        case int() | float():
            return str(value)
        case Mapping():
            return text_of(value.get("id"))
        case _:
            raise Misfit("multi-valued, and one text is needed: take Item or Join")


def whole_of(value: Value) -> int | None:
    """Return a value as a whole number; null stays null.

    Raises:
        Misfit: when it is none.
    """
    match value:
        case None:
            return None
        case bool():
            raise Misfit(f"{truth(value)}, and a whole number is needed")
        case int():
            return value
        case str() if _WHOLE.fullmatch(value):
            return int(value)
        case _:
            raise Misfit(f"{shown(value)}, and a whole number is needed")


def list_of(value: Value) -> Sequence[Value] | None:
    """Return several values as they are; null stays null.

    Raises:
        Misfit: for a single value.
    """
    if value is None or isinstance(value, (list, tuple)):
        return value
    raise Misfit(f"{shown(value)}, and a multi-valued attribute is needed")


def is_empty(value: Value) -> bool:
    """Tell whether there is nothing to see: null, the empty text, no values."""
    return value is None or value == "" or value == [] or value == ()


def is_true(value: Value) -> bool:
    """Tell whether a value is the boolean true, as JSON's literal or as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_false(value: Value) -> bool:
    """Tell whether a value is the boolean false, as JSON's literal or as text."""
    return value is False or (isinstance(value, str) and value.lower() == "false")


def shown(value: Value) -> str:
    """Return a value for a message, short."""
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


def bounded(length: int) -> None:
    """Refuse a text before it is made.

    Raises:
        Misfit: when it may become longer than anything that an attribute takes.
    """
    if length > LONGEST:
        raise Misfit(f"longer than {LONGEST:,} characters")


def well_formed(text: str) -> str:
    """Return a text with each half of a broken surrogate pair replaced, as .NET does when it encodes."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
