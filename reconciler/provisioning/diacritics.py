"""Letters without their accents, as the published table of NormalizeDiacritics has it.

Not transliteration: letters that are not in the table, such as đ or þ, stay as they are.
"""

from __future__ import annotations

import unicodedata

import regex

# What canonical decomposition does not take apart.
_LETTERS = str.maketrans(
    {
        "æ": "ae", "ǣ": "ae", "ǽ": "ae", "Æ": "AE", "Ǣ": "AE", "Ǽ": "AE",
        "œ": "oe", "Œ": "OE", "ø": "oe", "ǿ": "oe", "Ø": "OE", "Ǿ": "OE",
        "ß": "ss", "ı": "i", "ł": "l", "Ł": "L",
    }
)  # fmt: skip


_MARKS = regex.compile(r"\p{Mn}+")
_MARKS_OF_LATIN = regex.compile(r"(?<=[A-Za-z])\p{Mn}+")


def normalized(text: str, *, latin_only: bool = True) -> str:
    """Return a text with accents removed."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text).translate(_LETTERS)
    marks = _MARKS_OF_LATIN if latin_only else _MARKS
    return unicodedata.normalize("NFC", marks.sub("", unicodedata.normalize("NFD", composed)))
