"""Upper and lower case as .NET has it: one character becomes one character, whatever the language but Turkish.

Python's own methods may lengthen a text (`ß` to `SS`) and look at its neighbours (a final sigma); .NET does neither.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

CULTURE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

# Two letters of Turkish that the invariant culture leaves alone.
_DOTS = "İı"
_TURKISH_LOWER = {"I": "ı", "İ": "i"}
_TURKISH_UPPER = {"i": "İ", "ı": "I"}


def lower(text: str) -> str:
    """Return a text in lower case, in the invariant culture."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def upper(text: str) -> str:
    """Return a text in upper case, in the invariant culture."""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def in_culture(culture: str, *, raised: bool) -> Callable[[str], str]:
    """Return upper or lower case of a culture; only Turkish and Azeri differ from the invariant one."""
    plain = upper if raised else lower
    if culture[:2].lower() not in ("tr", "az") or culture[2:3] not in ("", "-"):
        return plain
    own, each = (_TURKISH_UPPER, _upper) if raised else (_TURKISH_LOWER, _lower)
    return lambda text: "".join(own.get(character) or each(character) for character in text)


def proper(text: str, separators: str | None) -> str:
    """Return a text with each word's first letter in upper and the others in lower case."""
    started = False
    characters: list[str] = []
    for character in lower(text):
        if _separates(character, separators):
            started = False
            characters.append(character)
        else:
            characters.append(character if started else _upper(character))
            started = True
    return "".join(characters)


def _separates(character: str, separators: str | None) -> bool:
    if separators is not None:
        return character in separators
    category = unicodedata.category(character)
    return category[0] in "PSZ" or category in ("Cc", "Cf")


def _lower(character: str) -> str:
    changed = character if character in _DOTS else character.lower()
    return changed if len(changed) == 1 else character


def _upper(character: str) -> str:
    changed = character if character in _DOTS else character.upper()
    return changed if len(changed) == 1 else character
