"""Letters without their accents, as the published table of NormalizeDiacritics has it.

Not transliteration: letters that are not in the table, such as đ or þ, stay as they are.
"""

from __future__ import annotations

import unicodedata

# What canonical decomposition does not take apart.
_LETTERS = str.maketrans(
    {
        "æ": "ae", "ǣ": "ae", "ǽ": "ae", "Æ": "AE", "Ǣ": "AE", "Ǽ": "AE",
        "œ": "oe", "Œ": "OE", "ø": "oe", "ǿ": "oe", "Ø": "OE", "Ǿ": "OE",
        "ß": "ss", "ı": "i", "ł": "l", "Ł": "L",
    }
)  # fmt: skip


def normalized(text: str) -> str:
    """Return a text with accents removed."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text).translate(_LETTERS)
    decomposed = unicodedata.normalize("NFD", composed)
    bare = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return unicodedata.normalize("NFC", bare)
