"""Points in time as .NET's DateTime has them: exact to 100 nanoseconds, with or without an offset.

Calendar arithmetic lives here; `dateformats` reads and writes. Not the present time: that is brought in.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from reconciler.provisioning.errors import DateError

Kind = Literal["utc", "unspecified"]

TICKS_PER_SECOND = 10_000_000
_TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND
_START = datetime(1, 1, 1, tzinfo=UTC)
_LAST = 3_155_378_975_999_999_999
_FILE_TIME_START = 504_911_232_000_000_000

INTERVALS = ("yyyy", "m", "d", "ww", "h", "n", "s")
_SECONDS = {"d": 86_400, "ww": 604_800, "h": 3_600, "n": 60, "s": 1}


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """So many ticks of 100 ns since the year 1; `utc` once the offset is known."""

    ticks: int
    kind: Kind = "unspecified"

    def __post_init__(self) -> None:
        if not 0 <= self.ticks <= _LAST:
            raise DateError("the date is not between the years 1 and 9999")

    @property
    def calendar(self) -> datetime:
        """The date and time to the microsecond; the zone says nothing while the kind is unspecified."""
        return _START + timedelta(microseconds=self.ticks // 10)

    @property
    def fraction(self) -> int:
        """The ticks since the last full second."""
        return self.ticks % TICKS_PER_SECOND

    @property
    def file_time(self) -> int:
        """Ticks since 1601, as Active Directory counts."""
        if self.ticks < _FILE_TIME_START:
            raise DateError("a file time cannot be before the year 1601")
        return self.ticks - _FILE_TIME_START

    @classmethod
    def of(cls, calendar: datetime, fraction: int = 0, kind: Kind = "unspecified") -> Moment:
        """Return the moment that a calendar shows; `fraction` is ticks within the second."""
        since = calendar.replace(microsecond=0, tzinfo=UTC) - _START
        return cls((since.days * 86_400 + since.seconds) * TICKS_PER_SECOND + fraction, kind)

    @classmethod
    def from_file_time(cls, ticks: int) -> Moment:
        """Return the moment of an Active Directory file time."""
        if ticks < 0:
            raise DateError(f"{ticks} is no file time")
        return cls(ticks + _FILE_TIME_START, "utc")

    def at_offset(self, minutes: int) -> Moment:
        """Return the moment in UTC that this clock reading means at an offset."""
        return Moment(self.ticks - minutes * 60 * TICKS_PER_SECOND, "utc")

    def plus(self, interval: str, count: int, *, clamps: bool = True) -> Moment:
        """Return the moment so many intervals later (or earlier).

        Raises:
            DateError: for an unknown interval, or a date out of range.
        """
        if interval in _SECONDS:
            return Moment(self.ticks + count * _SECONDS[interval] * TICKS_PER_SECOND, self.kind)
        if interval not in INTERVALS:
            raise unknown_interval(interval)
        return self._plus_months(count * (12 if interval == "yyyy" else 1), clamps)

    def _plus_months(self, count: int, clamps: bool) -> Moment:
        here = self.calendar
        months = here.year * 12 + here.month - 1 + count
        year, month = divmod(months, 12)
        if not 1 <= year <= 9999:
            raise DateError("the date is not between the years 1 and 9999")
        last = monthrange(year, month + 1)[1]
        moved = here.replace(year=year, month=month + 1, day=min(here.day, last))
        surplus = 0 if clamps else max(0, here.day - last)
        return Moment(Moment.of(moved, self.fraction).ticks + surplus * _TICKS_PER_DAY, self.kind)


def difference(interval: str, start: Moment, end: Moment) -> int:
    """Return how many boundaries of an interval lie between two moments, positive when `end` is later.

    Raises:
        DateError: for an unknown interval.
    """
    if interval not in INTERVALS:
        raise unknown_interval(interval)
    count = _COUNTS[interval]
    return count(end) - count(start)


def unknown_interval(interval: str) -> DateError:
    """Return the error for an interval that does not exist."""
    return DateError(f"there is no interval {interval!r}", f"take one of {', '.join(INTERVALS)}")


def _years(moment: Moment) -> int:
    return moment.calendar.year


def _months(moment: Moment) -> int:
    return moment.calendar.year * 12 + moment.calendar.month


def _every(seconds: int) -> Callable[[Moment], int]:
    return lambda moment: moment.ticks // (seconds * TICKS_PER_SECOND)


def _weeks(moment: Moment) -> int:
    """Count Sundays: the year 1 began on a Monday."""
    return (moment.ticks // _TICKS_PER_DAY + 1) // 7


_COUNTS: dict[str, Callable[[Moment], int]] = {
    "yyyy": _years,
    "m": _months,
    "ww": _weeks,
    **{interval: _every(_SECONDS[interval]) for interval in ("d", "h", "n", "s")},
}
