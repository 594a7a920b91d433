"""Dates and times in .NET's custom and standard format strings, in the invariant culture: read and written.

`exact` reads by one format, `any_of` as DateTime.Parse does for what directories hold. An offset moves a date to UTC,
because that is the zone of the service's machines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product

from reconciler.provisioning.errors import DateError
from reconciler.provisioning.moments import Moment
from reconciler.provisioning.values import shown

ENGINE = "M/d/yyyy h:mm:ss tt"

STANDARD = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "m": "MMMM dd",
    "M": "MMMM dd",
    "o": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
    "O": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
    "r": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
    "s": "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "u": "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
    "U": "dddd, dd MMMM yyyy HH:mm:ss",
    "y": "yyyy MMMM",
    "Y": "yyyy MMMM",
}

MAX_FORMAT = 200
_TOKENS = re.compile(
    r"(?P<run>d+|f+|F+|g+|h+|H+|K|m+|M+|s+|t+|y+|z+|Z)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|\\(?P<escaped>.)"
    r"|%(?P<percent>[dfFghHKmMstyz])|(?P<literal>[^'\"\\%])",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A specifier with its length, or a literal (length 0)."""

    sign: str
    length: int


@lru_cache(maxsize=256)
def tokens(text: str) -> tuple[Token, ...]:
    """Return the parts of a format.

    Raises:
        DateError: for a format that .NET refuses.
    """
    if not text or len(text) > MAX_FORMAT:
        raise DateError(f"a date format has 1 to {MAX_FORMAT} characters, not {len(text)}")
    if len(text) == 1 and text not in STANDARD:
        raise DateError(f"{text!r} is no standard date format", f"write %{text} for the specifier alone")
    pattern = STANDARD.get(text, text)
    parts: list[Token] = []
    end = 0
    for found in _TOKENS.finditer(pattern):
        if found.start() != end:
            break
        end = found.end()
        parts.append(_token(found))
    if end != len(pattern):
        raise DateError(f"the date format {shown(text)} is not complete at its character {end + 1}")
    return tuple(parts)


def _token(found: re.Match[str]) -> Token:
    run = found["run"] or found["percent"]
    if run:
        if run[0] in "fF" and len(run) > 7:
            raise DateError("a date has at most 7 digits of a second's fraction")
        return Token(run[0], len(run))
    literal = next(text for name in ("single", "double", "escaped", "literal") if (text := found[name]) is not None)
    return Token(literal, 0)


def written(moment: Moment, text: str) -> str:
    """Return a moment in a format."""
    here = moment.calendar
    parts: list[str] = []
    for token in tokens(text):
        if token.length == 0:
            parts.append(token.sign)
        elif token.sign == "F" and not moment.fraction // 10 ** (7 - token.length) and parts and parts[-1] == ".":
            parts.pop()
        else:
            parts.append(_WRITERS[token.sign](here, moment, token.length))
    return "".join(parts)


def _digits(get: Callable[[datetime], int], most: int = 2) -> Callable[[datetime, Moment, int], str]:
    return lambda here, moment, length: f"{get(here):0{min(length, most)}d}"


def _named(
    get: Callable[[datetime], int], number: Callable[[datetime], int], short: list[str], long: list[str]
) -> Callable[[datetime, Moment, int], str]:
    def write(here: datetime, moment: Moment, length: int) -> str:
        if length > 2:
            return (short if length == 3 else long)[get(here)]
        return f"{number(here):0{length}d}"

    return write


def _fraction(here: datetime, moment: Moment, length: int) -> str:
    return f"{moment.fraction:07d}"[:length]


def _year(here: datetime, moment: Moment, length: int) -> str:
    return f"{here.year % 100 if length <= 2 else here.year:0{length}d}"


def _offset(here: datetime, moment: Moment, length: int) -> str:
    return ("+0", "+00", "+00:00")[min(length, 3) - 1]


_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
_SHORT_DAYS, _SHORT_MONTHS = [name[:3] for name in _DAYS], [name[:3] for name in _MONTHS]

_WRITERS: dict[str, Callable[[datetime, Moment, int], str]] = {
    "d": _named(datetime.weekday, lambda here: here.day, _SHORT_DAYS, _DAYS),
    "f": _fraction,
    "F": lambda here, moment, length: _fraction(here, moment, length).rstrip("0"),
    "g": lambda here, moment, length: "A.D.",
    "h": _digits(lambda here: here.hour % 12 or 12),
    "H": _digits(lambda here: here.hour),
    "K": lambda here, moment, length: "Z" if moment.kind == "utc" else "",
    "m": _digits(lambda here: here.minute),
    "M": _named(lambda here: here.month, lambda here: here.month, _SHORT_MONTHS, _MONTHS),
    "s": _digits(lambda here: here.second),
    "t": lambda here, moment, length: ("AM" if here.hour < 12 else "PM")[: min(length, 2)],
    "y": _year,
    "z": _offset,
    "Z": lambda here, moment, length: "Z",
}


# What a format without a date gets when only the time of the result is shown.
ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def exact(text: str, pattern: str, today: datetime = ANY_DAY, *, inner_white: bool = False) -> Moment:
    """Return the moment that a text means in exactly this format.

    What the format says nothing about, of the date, is taken from `today`, as .NET does.

    Raises:
        DateError: when the text is not in the format.
    """
    found = _reader(pattern, inner_white).fullmatch(text)
    if found is None:
        raise DateError(f"{shown(text)} is not in the format {shown(pattern)}")
    return _moment(found.groupdict(), text, today)


def has_year(pattern: str) -> bool:
    """Tell whether a format says which year is meant."""
    return any(token.sign == "y" and token.length for token in tokens(pattern))


def has_date(pattern: str) -> bool:
    """Tell whether a format says anything about the date."""
    return any(token.sign in "dMyg" and token.length for token in tokens(pattern))


@lru_cache(maxsize=1024)
def _reader(pattern: str, inner_white: bool = False) -> re.Pattern[str]:
    """Return what reads a format: each part takes what it can, once, and gives nothing back."""
    parts: list[str] = []
    for count, token in enumerate(tokens(pattern)):
        if token.length == 0:
            parts.append(re.escape("".join(token.sign.split()) if inner_white else token.sign))
            continue
        name, expression = _expression(token)
        group = f"(?P<{name}{count}>(?>{expression}))"
        if token.sign == "F" and parts and parts[-1] == r"\.":
            group = f"(?>{parts.pop()}{group})?+"
        parts.append(group)
    return re.compile((r"\s*+" if inner_white else "").join(parts))


def _either(names: Iterable[str]) -> str:
    return f"(?i:{'|'.join(sorted((re.escape(name) for name in names if name), key=len, reverse=True))})"


def _expression(token: Token) -> tuple[str, str]:
    """Return what a specifier tells, and how that looks."""
    length = token.length
    digits = "[0-9]{1,2}" if length == 1 else "[0-9]{2}"
    match token.sign:
        case "d" if length > 2:
            return "weekday", _either(_DAYS if length > 3 else _SHORT_DAYS)
        case "M" if length > 2:
            return "monthname", _either(_MONTHS if length > 3 else _SHORT_MONTHS)
        case "y":
            return ("year", "[0-9]{4}") if length > 2 else ("shortyear", digits)
        case "f" | "F":
            return "fraction", f"[0-9]{{{length if token.sign == 'f' else 0},{length}}}"
        case "z" | "K" | "Z":
            return "offset", _OFFSETS[token.sign, min(length, 3)]
        case sign:
            name, special = _NAMES[sign]
            return name, special or digits


_NAMES = {
    "d": ("day", ""),
    "M": ("month", ""),
    "h": ("clock", ""),
    "H": ("hour", ""),
    "m": ("minute", ""),
    "s": ("second", ""),
    "t": ("half", "(?i:AM?|PM?)"),
    "g": ("era", r"(?i:A\.D\.|AD)"),
}
_OFFSETS = {
    ("z", 1): "[+-][0-9]{1,2}",
    ("z", 2): "[+-][0-9]{2}",
    ("z", 3): "[+-][0-9]{2}:?[0-9]{2}",
    ("K", 1): "Z|[+-][0-9]{2}:?[0-9]{2}|",
    ("Z", 1): "(?i:Z|GMT)",
}


def _moment(groups: dict[str, str | None], text: str, today: datetime) -> Moment:
    """Put the parts that were read together; a part that is told twice has to agree."""
    told = _told(groups, text)
    try:
        calendar = datetime(*_day_of(told, today), _hour_of(told), *_rest_of(told), tzinfo=UTC)
    except ValueError as error:
        raise DateError(f"{shown(text)} is no date: {error}") from None
    if told.get("weekday", calendar.weekday()) != calendar.weekday():
        raise DateError(f"{shown(text)} was no {_DAYS[told['weekday']]}")
    moment = Moment.of(calendar, told.get("fraction", 0))
    return moment.at_offset(told["offset"]) if "offset" in told else moment


def _told(groups: dict[str, str | None], text: str) -> dict[str, int]:
    """Return each part as a number."""
    told: dict[str, int] = {}
    for name, value in groups.items():
        if not value:
            continue
        kind, number = _NUMBERS[name.rstrip("0123456789")]
        if told.setdefault(kind, number(value)) != number(value):
            raise DateError(f"{shown(text)} tells its {kind} twice, and differently")
    return told


def _numbered(names: list[str]) -> Callable[[str], int]:
    return lambda name: [each.lower() for each in names].index(name[:3].lower())


def _century(short: str) -> int:
    return int(short) + (2000 if int(short) < 50 else 1900)


def _minutes(offset: str) -> int:
    if not offset[1:2].isdecimal():
        return 0
    digits = offset[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 14 or minutes > 59:
        raise DateError(f"there is no offset {offset!r}")
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)


_NUMBERS: dict[str, tuple[str, Callable[[str], int]]] = {
    **{name: (name, int) for name in ("year", "month", "day", "hour", "clock", "minute", "second")},
    "shortyear": ("year", _century),
    "monthname": ("month", _numbered(_SHORT_MONTHS)),
    "weekday": ("weekday", _numbered(_SHORT_DAYS)),
    "half": ("half", lambda sign: int(sign[0] in "Pp")),
    "era": ("era", lambda sign: 0),
    "fraction": ("fraction", lambda digits: int(f"{digits:0<7}")),
    "offset": ("offset", _minutes),
}


def _day_of(told: dict[str, int], today: datetime) -> tuple[int, int, int]:
    if not told.keys() & {"year", "month", "day"}:
        return today.year, today.month, today.day
    return told.get("year", today.year), told.get("month", 1), told.get("day", 1)


def _hour_of(told: dict[str, int]) -> int:
    if "clock" not in told:
        return told.get("hour", 0)
    hour = told["clock"]
    if not 1 <= hour <= 12:
        raise ValueError(f"there is no hour {hour} on a clock of 12")
    return hour % 12 + 12 * told.get("half", 0)


def _rest_of(told: dict[str, int]) -> tuple[int, int]:
    return told.get("minute", 0), told.get("second", 0)


_DATES = ("yyyy-M-d", "yyyy/M/d", "M/d/yyyy", "d MMM yyyy", "d MMMM yyyy", "MMM d, yyyy", "MMMM d, yyyy")
_TIMES = ("", " h:mm:ss tt", " h:mm tt", " H:mm:ss.FFFFFFF", " H:mm", "THH:mm:ss.FFFFFFF", "THH:mm")
_ZONES = ("K", " K")
_PARSED = (
    *("".join(parts) for parts in product(_DATES, _TIMES, _ZONES)),
    "r",
    "dddd, d MMMM yyyy",
    "dddd, d MMMM yyyy H:mm:ss",
)


def any_of(text: str) -> Moment:
    """Return the moment that a text means, in the formats that .NET reads by itself in the invariant culture.

    Raises:
        DateError: when it is in none of them.
    """
    stripped = " ".join(text.split())
    for pattern in _PARSED:
        if found := _reader(pattern).fullmatch(stripped):
            return _moment(found.groupdict(), text, ANY_DAY)
    raise DateError(
        f"{shown(text)} is no date that .NET reads", 'FormatDateTime([a], , "yyyyMMdd", "yyyy-MM-dd") reads others'
    )
