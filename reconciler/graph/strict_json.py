"""JSON from the network, read strictly: whatever two readers could understand differently is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence

from reconciler.model import Json

# Graph's deepest documented bodies (synchronization schemas in a batch) stay below 20.
MAX_DEPTH = 64
MAX_DIGITS = 100

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(content: bytes) -> Json:
    """Return the one value that `content` stands for.

    Raises:
        ValueError: not UTF-8, not JSON, a key twice, NaN or infinite, an endless number, too deep, a lone surrogate.
    """
    text = content.decode("utf-8")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    _check_depth(value)
    if _ESCAPED_SURROGATE.search(text):
        _check_text(value)
    return value


def _unique(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _short(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number is too long")
    return int(digits)


def _check_depth(value: Json) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        # Only what has an inside is looked into: nearly all values are texts.
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return
    raise ValueError("nested too deeply")


def _check_text(value: Json) -> None:
    """Refuse text that has no form in UTF-8: nothing could print, compare or store it."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("a lone surrogate is not text") from error
