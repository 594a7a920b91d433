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
    r"(?P<run>d+|f+|F+|g+|h+|H+|K|m+|M+|s+|t+|y+|z+)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|\\(?P<escaped>.)"
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
        raise DateError(f"the date format {text!r} is not complete at its character {end + 1}")
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
}


def exact(text: str, pattern: str) -> Moment:
    """Return the moment that a text means in exactly this format.

    Raises:
        DateError: when the text is not in the format.
    """
    found = _reader(pattern).fullmatch(text)
    if found is None:
        raise DateError(f"{text!r} is not in the format {pattern!r}")
    return _moment(found.groupdict(), text)


@lru_cache(maxsize=1024)
def _reader(pattern: str) -> re.Pattern[str]:
    seen: dict[str, int] = {}
    parts: list[str] = []
    for token in tokens(pattern):
        if token.length == 0:
            parts.append(re.escape(token.sign))
            continue
        name, expression = _expression(token)
        parts.append(f"(?P<{name}{seen.setdefault(name, 0)}>{expression})")
        seen[name] += 1
    return re.compile("".join(parts), re.IGNORECASE)


def _either(names: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(name) for name in names if name), key=len, reverse=True))


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
        case "z" | "K":
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
    "t": ("half", "AM?|PM?"),
    "g": ("era", r"A\.D\.|AD"),
}
_OFFSETS = {
    ("z", 1): "[+-][0-9]{1,2}",
    ("z", 2): "[+-][0-9]{2}",
    ("z", 3): "[+-][0-9]{2}:?[0-9]{2}|Z",
    ("K", 1): "Z|[+-][0-9]{2}:[0-9]{2}|",
}


def _moment(groups: dict[str, str | None], text: str) -> Moment:
    """Put the parts that were read together; a part that is told twice has to agree."""
    told: dict[str, str] = {}
    for name, value in groups.items():
        kind = name.rstrip("0123456789")
        if told.setdefault(kind, value or "").lower() != (value or "").lower():
            raise DateError(f"{text!r} tells its {kind} twice, and differently")
    try:
        day, hour, minute, second = int(told.get("day", 1)), _hour_of(told), *_rest_of(told)
        calendar = datetime(_year_of(told), _month_of(told), day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise DateError(f"{text!r} is no date: {error}") from None
    if "weekday" in told and _SHORT_DAYS[calendar.weekday()].lower() != told["weekday"][:3].lower():
        raise DateError(f"{text!r} was no {told['weekday']}")
    moment = Moment.of(calendar, int((told.get("fraction", "") + "0000000")[:7]))
    offset = told.get("offset", "")
    return moment.at_offset(_minutes(offset)) if offset else moment


def _year_of(told: dict[str, str]) -> int:
    if "shortyear" in told:
        short = int(told["shortyear"])
        return 2000 + short if short < 50 else 1900 + short
    # The service would take the present year; one that is always the same keeps this pure.
    return int(told.get("year", 1))


def _month_of(told: dict[str, str]) -> int:
    if "monthname" in told:
        return next(
            number for number, name in enumerate(_SHORT_MONTHS) if name.lower() == told["monthname"][:3].lower()
        )
    return int(told.get("month", 1))


def _hour_of(told: dict[str, str]) -> int:
    if "clock" not in told:
        return int(told.get("hour", 0))
    hour = int(told["clock"])
    if not 1 <= hour <= 12:
        raise ValueError(f"there is no hour {hour} on a clock of 12")
    return hour % 12 + 12 * (told.get("half", "")[:1].upper() == "P")


def _rest_of(told: dict[str, str]) -> tuple[int, int]:
    return int(told.get("minute", 0)), int(told.get("second", 0))


def _minutes(offset: str) -> int:
    if offset in ("Z", "z"):
        return 0
    digits = offset[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 14 or minutes > 59:
        raise DateError(f"there is no offset {offset!r}")
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)


_DATES = ("yyyy-M-d", "yyyy/M/d", "M/d/yyyy", "d MMM yyyy", "d MMMM yyyy", "MMM d, yyyy", "MMMM d, yyyy")
_TIMES = (
    "",
    " h:mm:ss tt",
    " h:mm tt",
    " H:mm:ss.FFFFFFF",
    " H:mm:ss",
    " H:mm",
    "THH:mm:ss.FFFFFFF",
    "THH:mm:ss",
    "THH:mm",
)
_ZONES = ("", "zzz", " zzz")
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
            return _moment(found.groupdict(), text)
    raise DateError(
        f"{text!r} is no date that .NET reads", 'FormatDateTime([a], , "yyyyMMdd", "yyyy-MM-dd") reads others'
    )
