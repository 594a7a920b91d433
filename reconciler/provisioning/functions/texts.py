"""Functions that make text of text.

Positions count characters. The service counts UTF-16 units; that differs only beyond the basic plane (emoji), where
it would cut characters in half.
"""

from __future__ import annotations

import base64
import re

from reconciler.provisioning.diacritics import normalized
from reconciler.provisioning.errors import ExpressionError
from reconciler.provisioning.functions.casing import CULTURE, in_culture, lower, proper
from reconciler.provisioning.functions.signatures import Build, Example, Function, Site, may, need, texts
from reconciler.provisioning.values import Run, User, Value, bounded, well_formed

NULL = "null when an argument is null"


def _append(site: Site) -> Run:
    first, second = site.slots[0].text(), site.slots[1].text()
    suffix = site.slots[1].literal

    def fixed(user: User) -> Value:
        value = first(user)
        return None if value is None else f"{value}{suffix}"

    def run(user: User) -> Value:
        value, added = first(user), second(user)
        return None if value is None or added is None else value + added

    return run if suffix is None else fixed


def _base64(text: str) -> str:
    bounded(4 * len(text))
    return base64.b64encode(text.encode("utf-16-le", "surrogatepass")).decode()


def _hexadecimal(text: str) -> str:
    bounded(8 * len(text))
    return well_formed(text).encode().hex().upper()


def _in_str(site: Site) -> Run:
    where, what = site.slots[0].text(), site.slots[1].text()
    start = slot.whole() if (slot := site.slot(2)) else None
    ignores_case = site.word(3, ("vbBinaryCompare", "vbTextCompare"), "vbBinaryCompare") == "vbTextCompare"
    finds_empty = site.options.in_str_finds_empty

    def run(user: User) -> Value:
        text, part, first = where(user), what(user), start(user) if start else 1
        if text is None or part is None or first is None:
            return None
        if first < 1:
            raise site.failure(f"start is {first}, and positions count from 1")
        if not part and not finds_empty:
            return 0
        if ignores_case:
            text, part = lower(text), lower(part)
        return text.find(part, first - 1) + 1

    return run


def _left(site: Site) -> Run:
    text, count = site.slots[0].text(), site.slots[1].whole()

    def run(user: User) -> Value:
        value, characters = text(user), count(user)
        if value is None or characters is None:
            return ""
        return value if characters < 0 else value[:characters]

    return run


def _mid(site: Site) -> Run:
    text, start, length = site.slots[0].text(), site.slots[1].whole(), site.slots[2].whole()

    def run(user: User) -> Value:
        value, first, count = text(user), start(user), length(user)
        if value is None or first is None or count is None:
            return None
        if first < 1:
            raise site.failure(f"start is {first}, and positions count from 1")
        if count < 0:
            raise site.failure(f"length is {count}, and it cannot be negative")
        return value[first - 1 : first - 1 + count]

    return run


def _proper_case(site: Site) -> Run:
    text = site.slots[0].text()
    separators = slot.text() if (slot := site.slot(1)) else None

    def run(user: User) -> Value:
        value = text(user)
        return None if value is None else proper(value, separators(user) if separators else None)

    return run


def _cased(*, raised: bool) -> Build:
    def build(site: Site) -> Run:
        slot = site.slot(1)
        if slot is None:
            return texts(in_culture("", raised=raised))(site)
        if isinstance(slot.literal, str) and not CULTURE.fullmatch(slot.literal):
            raise ExpressionError(f"culture {slot.literal!r} is no culture", slot.node.at, 'write it like "en-US"')
        text, culture = site.slots[0].text(), slot.text()

        def run(user: User) -> Value:
            value = text(user)
            return None if value is None else in_culture(culture(user) or "", raised=raised)(value)

        return run

    return build


def _word(site: Site) -> Run:
    text, number, delimiters = site.slots[0].text(), site.slots[1].whole(), site.slots[2].text()
    skips_empty = site.options.word_skips_empty

    def run(user: User) -> Value:
        value, wanted, separators = text(user), number(user), delimiters(user)
        if value is None or wanted is None or separators is None or wanted < 1:
            return ""
        words = re.split(f"[{re.escape(separators)}]", value) if separators else [value]
        if skips_empty:
            words = [word for word in words if word]
        return words[wanted - 1] if wanted <= len(words) else ""

    return run


def _normalize(site: Site) -> Run:
    latin_only = site.options.diacritics_of_latin_only
    return texts(lambda text: normalized(text, latin_only=latin_only))(site)


def _redact(site: Site) -> Run:
    return site.slots[0].run


FUNCTIONS = (
    Function(
        "Append", need("source", "suffix"), "text", NULL,
        "The source followed by the suffix.", _append,
        Example('Append([userPrincipalName], ".test")', {"userPrincipalName": "megan@contoso.example"},
                "megan@contoso.example.test"),
    ),
    Function(
        "ConvertToBase64", need("source"), "text", NULL,
        "The UTF-16 bytes of a text (low byte first) in base64.", texts(_base64),
        Example('ConvertToBase64("Hello world!")', {}, "SABlAGwAbABvACAAdwBvAHIAbABkACEA"),
    ),
    Function(
        "ConvertToUTF8Hex", need("source"), "text", NULL,
        "The UTF-8 bytes of a text in hexadecimal digits, in capitals.", texts(_hexadecimal),
        Example('ConvertToUTF8Hex("Hello world!")', {}, "48656C6C6F20776F726C6421"),
    ),
    Function(
        "InStr", (*need("value1", "value2"), *may("start", "compareType")), "integer", NULL,
        "Where value2 first stands in value1, counted from 1; 0 when it does not. compareType is vbBinaryCompare "
        "(tells upper from lower case, the default) or vbTextCompare.", _in_str,
        Example('InStr("The quick brown fox", "quick")', {}, 5),
    ),
    Function(
        "Left", need("String", "NumChars"), "text", "empty when an argument is null",
        "The first characters of a text: none for 0, all for a negative number or one that is too large.", _left,
        Example('Left([displayName], 3)', {"displayName": "John Doe"}, "Joh"),
    ),
    Function(
        "Mid", need("source", "start", "length"), "text", NULL,
        "A part of a text, from a position that counts from 1; clipped where the text ends.", _mid,
        Example('Mid([userPrincipalName], 1, 5)', {"userPrincipalName": "megan@contoso.example"}, "megan"),
    ),
    Function(
        "NormalizeDiacritics", need("source"), "text", NULL,
        "A text with accents removed: é to e, ø to oe, ß to ss.", _normalize,
        Example("NormalizeDiacritics([givenName])", {"givenName": "Zoë"}, "Zoe"),
    ),
    Function(
        "PCase", (*need("source"), *may("wordSeparators")), "text", NULL,
        "Each word with its first letter in upper and the others in lower case. Words are parted by the characters of "
        "wordSeparators, or by punctuation, spaces and symbols.", _proper_case,
        Example("PCase([displayName])", {"displayName": "PABLO GONSALVES (SECOND)"}, "Pablo Gonsalves (Second)"),
    ),
    Function(
        "Redact", need("value"), "any", "null when the value is null",
        "The value itself; the provisioning log shows [Redact] in its place.", _redact,
        Example("Redact([employeeId])", {"employeeId": "4711"}, "4711"),
    ),
    Function(
        "StripSpaces", need("source"), "text", NULL,
        "A text without any space (U+0020).", texts(lambda text: text.replace(" ", "")),
        Example("StripSpaces([postalCode])", {"postalCode": "SW1A 1AA"}, "SW1A1AA"),
    ),
    Function(
        "ToLower", (*need("source"), *may("culture")), "text", NULL,
        "A text in lower case, by the rules of a culture such as tr-TR, or of none.", _cased(raised=False),
        Example("ToLower([mail])", {"mail": "Megan.Bowen@Contoso.example"}, "megan.bowen@contoso.example"),
    ),
    Function(
        "ToUpper", (*need("source"), *may("culture")), "text", NULL,
        "A text in upper case, by the rules of a culture such as tr-TR, or of none.", _cased(raised=True),
        Example("ToUpper([country])", {"country": "de"}, "DE"),
    ),
    Function(
        "Word", need("String", "WordNumber", "Delimiters"), "text", "empty when an argument is null",
        "The word with that number, counted from 1; any character of Delimiters parts words. Empty when there are too "
        "few.", _word,
        Example('Word("The quick brown fox", 3, " ")', {}, "brown"),
    ),
)  # fmt: skip
