"""Functions of dates. Dates travel as text, `M/d/yyyy h:mm:ss tt` in UTC; file times as numbers."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.provisioning.dateformats import ANY_DAY, ENGINE, any_of, exact, has_date, has_year, tokens, written
from reconciler.provisioning.errors import DateError, ExpressionError, Unknowable
from reconciler.provisioning.functions.signatures import Example, Function, Site, Slot, may, need
from reconciler.provisioning.functions.texts import NULL
from reconciler.provisioning.moments import INTERVALS, Moment, difference, unknown_interval
from reconciler.provisioning.values import Run, User, Value

_STYLES = {
    "None", "AllowLeadingWhite", "AllowTrailingWhite", "AllowInnerWhite", "AllowWhiteSpaces", "NoCurrentDateDefault",
    "AdjustToUniversal", "AssumeLocal", "AssumeUniversal", "RoundtripKind",
}  # fmt: skip
_DEFAULT_STYLES = frozenset({"RoundtripKind", "AllowLeadingWhite", "AllowTrailingWhite"})
_TO_UTC = {"AdjustToUniversal", "AssumeUniversal"}


def _cdate(site: Site) -> Run:
    source = site.slots[0].text()
    _check_literal(site, site.slots[0])

    def run(user: User) -> Value:
        text = source(user)
        if text is None:
            return None
        try:
            return written(any_of(text), ENGINE)
        except DateError as error:
            raise site.failure(error.message, error.hint) from error

    return run


def _check_literal(site: Site, slot: Slot) -> None:
    if isinstance(slot.literal, str):
        try:
            any_of(slot.literal)
        except DateError as error:
            raise ExpressionError(f"{site.call.name}: {error.message}", slot.node.at, error.hint) from error


def _check_interval(slot: Slot) -> None:
    if slot.literal is not None and slot.literal not in INTERVALS:
        error = unknown_interval(str(slot.literal))
        raise ExpressionError(error.message, slot.node.at, error.hint)


def _date_add(site: Site) -> Run:
    interval, count, source = site.slots[0].text(), site.slots[1].whole(), site.slots[2].text()
    clamps = site.options.date_add_clamps
    _check_interval(site.slots[0])

    def run(user: User) -> Value:
        step, number, text = interval(user), count(user), source(user)
        if step is None or number is None or text is None:
            return None
        try:
            return written(any_of(text).plus(step, number, clamps=clamps), ENGINE)
        except DateError as error:
            raise site.failure(error.message, error.hint) from error

    return run


def _date_diff(site: Site) -> Run:
    interval, first, second = (slot.text() for slot in site.slots)
    _check_interval(site.slots[0])

    def run(user: User) -> Value:
        step, start, end = interval(user), first(user), second(user)
        if step is None or start is None or end is None:
            return None
        try:
            return difference(step, any_of(start), any_of(end))
        except DateError as error:
            raise site.failure(error.message, error.hint) from error

    return run


def _date_from_num(site: Site) -> Run:
    source = site.slots[0].whole()

    def run(user: User) -> Value:
        number = source(user)
        if number is None:
            return None
        try:
            return written(Moment.from_file_time(number), ENGINE)
        except DateError as error:
            raise site.failure(error.message, error.hint) from error

    return run


def _num_from_date(site: Site) -> Run:
    source = site.slots[0].text()

    def run(user: User) -> Value:
        text = source(user)
        if text is None:
            return None
        try:
            return any_of(text).file_time
        except DateError as error:
            raise site.failure(error.message, error.hint) from error

    return run


def _format(site: Site) -> Run:
    source, before, after = site.slots[0].text(), site.slots[2].text(), site.slots[3].text()
    styles = _styles(site)
    inner_white = bool(styles & {"AllowInnerWhite", "AllowWhiteSpaces"})
    for slot in site.slots[2:]:
        _check_format(slot)

    def run(user: User) -> Value:
        text, read, write = source(user), before(user), after(user)
        if text is None or read is None or write is None:
            return None
        try:
            today = _today(site, styles, read, write)
            moment = exact(_trimmed(text, styles), read, today, inner_white=inner_white)
            return written(_kinded(moment, styles), write)
        except DateError as error:
            raise site.failure(error.message, error.hint) from error

    return run


def _check_format(slot: Slot) -> None:
    if isinstance(slot.literal, str):
        try:
            tokens(slot.literal)
        except DateError as error:
            raise ExpressionError(
                f"{slot.parameter} of {slot.function}: {error.message}", slot.node.at, error.hint
            ) from error


def _styles(site: Site) -> frozenset[str]:
    slot = site.slot(1)
    if slot is None:
        return _DEFAULT_STYLES
    if not isinstance(slot.literal, str):
        raise ExpressionError("dateTimeStyles of FormatDateTime is no literal text", slot.node.at)
    styles = frozenset(style.strip() for style in slot.literal.split(","))
    if unknown := sorted(styles - _STYLES):
        known = ", ".join(sorted(_STYLES))
        raise ExpressionError(f"there is no date style {unknown[0]!r}", slot.node.at, f"take of {known}")
    return styles


def _trimmed(text: str, styles: frozenset[str]) -> str:
    everywhere = "AllowWhiteSpaces" in styles
    if everywhere or "AllowLeadingWhite" in styles:
        text = text.lstrip()
    if everywhere or "AllowTrailingWhite" in styles:
        text = text.rstrip()
    return text


def _today(site: Site, styles: frozenset[str], read: str, write: str) -> datetime:
    """Return what fills in the date that an input does not have: the present one, where it can be seen."""
    if has_year(read) or not has_date(write):
        return ANY_DAY
    if "NoCurrentDateDefault" in styles and not has_date(read):
        return datetime(1, 1, 1, tzinfo=UTC)
    if site.surroundings.now is None:
        told = "FormatDateTime: the input has no year, so the service takes the present date"
        raise Unknowable(told, site.at, "read a format with yyyy, or write one without a date")
    return site.surroundings.now().astimezone(UTC)


def _kinded(moment: Moment, styles: frozenset[str]) -> Moment:
    return Moment(moment.ticks, "utc") if styles & _TO_UTC else moment


def _now(site: Site) -> Run:
    def run(user: User) -> Value:
        if site.surroundings.now is None:
            raise Unknowable("Now: it depends on when the service runs, so it cannot be known before", site.at)
        return written(Moment.of(site.surroundings.now().astimezone(UTC)), ENGINE)

    return run


FUNCTIONS = (
    Function(
        "CDate", need("expression"), "date", NULL,
        "A date in UTC, as M/d/yyyy h:mm:ss tt.", _cdate,
        Example('CDate("2020-03-16-07:00")', {}, "3/16/2020 7:00:00 AM"),
    ),
    Function(
        "DateAdd", need("interval", "value", "dateTime"), "date", NULL,
        "A date so many intervals later; the value may be negative. Intervals are yyyy, m, d, ww (weeks), h, n "
        "(minutes) and s.", _date_add,
        Example('DateAdd("d", 7, CDate([employeeHireDate]))', {"employeeHireDate": "2012-03-16-07:00"},
                "3/23/2012 7:00:00 AM"),
    ),
    Function(
        "DateDiff", need("interval", "date1", "date2"), "integer", NULL,
        "How many boundaries of the interval lie between two dates (midnights for d, Sundays for ww); positive when "
        "date2 is later.", _date_diff,
        Example('DateDiff("h", CDate("2021-08-24"), CDate("2021-08-25"))', {}, 24),
    ),
    Function(
        "DateFromNum", need("value"), "date", NULL,
        "The date of an Active Directory file time (100 ns since 1601).", _date_from_num,
        Example("DateFromNum(129699324000000000)", {}, "1/1/2012 11:00:00 PM"),
    ),
    Function(
        "FormatDateTime", (*need("source"), *may("dateTimeStyles"), *need("inputFormat", "outputFormat")), "text", NULL,
        "A date from one .NET format to another, in the invariant culture. An offset moves it to UTC.", _format,
        Example('FormatDateTime([employeeHireDate], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")',
                {"employeeHireDate": "20150123105347.1Z"}, "2015-01-23"),
    ),
    Function(
        "Now", (), "date", "never null",
        "The present time in UTC.", _now, offline=False,
    ),
    Function(
        "NumFromDate", need("value"), "integer", NULL,
        "The Active Directory file time of a date.", _num_from_date,
        Example('NumFromDate("2012-01-01T23:00:00Z")', {}, 129699324000000000),
    ),
)  # fmt: skip
