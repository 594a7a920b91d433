from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.provisioning.dateformats import ENGINE, STANDARD, any_of, exact, written
from reconciler.provisioning.errors import DateError
from reconciler.provisioning.moments import INTERVALS, Moment, difference

AFTERNOON = Moment.of(datetime(2009, 6, 5, 13, 4, 9, tzinfo=UTC), 1_234_500, "utc")
WRITTEN = {
    "d": "06/05/2009",
    "D": "Friday, 05 June 2009",
    "G": "06/05/2009 13:04:09",
    "M": "June 05",
    "o": "2009-06-05T13:04:09.1234500Z",
    "R": "Fri, 05 Jun 2009 13:04:09 GMT",
    "s": "2009-06-05T13:04:09",
    "u": "2009-06-05 13:04:09Z",
    "Y": "2009 June",
    "%d": "5",
    "%h": "1",
    "h:m:s t": "1:4:9 P",
    "hh.mm.ss tt": "01.04.09 PM",
    "ddd dddd MMM MMMM": "Fri Friday Jun June",
    "y yy yyy yyyyy": "9 09 2009 02009",
    "f ff fffffff": "1 12 1234500",
    "ss.FFFFFFF": "09.12345",
    "K z zz zzz": "Z +0 +00 +00:00",
    "'at' HH \"o\\clock\" \\y": "at 13 o\\clock y",
    "g": "06/05/2009 13:04",
    "yyyy gg": "2009 A.D.",
}


@pytest.mark.parametrize("pattern", WRITTEN)
def test_format_writes(pattern: str) -> None:
    assert written(AFTERNOON, pattern) == WRITTEN[pattern]


def test_an_empty_fraction_takes_its_point_along() -> None:
    assert written(Moment.of(datetime(2009, 6, 5, tzinfo=UTC)), "ss.FFF") == "00"


def test_midnight_is_twelve() -> None:
    assert written(Moment.of(datetime(2009, 6, 5, tzinfo=UTC)), ENGINE) == "6/5/2009 12:00:00 AM"
    assert exact("6/5/2009 12:00:00 PM", ENGINE).calendar.hour == 12


READ = {
    "2020-03-16-07:00": "2020-03-16T07:00:00",
    "2021-06-30+08:00": "2021-06-29T16:00:00",
    "2020-03-16T10:11:12Z": "2020-03-16T10:11:12",
    "2020-03-16T10:11:12.5+01:30": "2020-03-16T08:41:12",
    "2020-03-16 10:11": "2020-03-16T10:11:00",
    "3/6/2020": "2020-03-06T00:00:00",
    "3/6/2020 7:05:00 PM": "2020-03-06T19:05:00",
    " 16 March 2020 ": "2020-03-16T00:00:00",
    "Mar 16, 2020": "2020-03-16T00:00:00",
    "Mon, 16 Mar 2020 10:11:12 GMT": "2020-03-16T10:11:12",
    "Monday, 16 March 2020": "2020-03-16T00:00:00",
}


@pytest.mark.parametrize("text", READ)
def test_date_is_read(text: str) -> None:
    assert written(any_of(text), "s") == READ[text]


UNREAD = {
    "yesterday": "is no date that .NET reads",
    "2020-02-30": "is no date",
    "2020-13-01": "is no date",
    "0000-01-01": "is no date",
    "2020-01-01+25:00": "there is no offset",
    "0001-01-01+10:00": "between the years 1 and 9999",
    "1/2/2020 13:00:00 PM": "there is no hour 13",
    "Tue, 16 Mar 2020 10:11:12 GMT": "was no Tue",
}


@pytest.mark.parametrize("text", UNREAD)
def test_what_is_no_date_is_told(text: str) -> None:
    with pytest.raises(DateError) as error:
        any_of(text)

    assert UNREAD[text] in str(error.value)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("2020 20", "yyyy yy"), ("2020 1 01 Jan January", "yyyy d dd MMM MMMM"), ("1.5 50", "s.f ff"), ("Z +00", "K zz")],
)
def test_parts_told_twice_may_be_spelled_differently(text: str, pattern: str) -> None:
    assert exact(text, pattern).calendar.day == 1


@pytest.mark.parametrize("pattern", ["d''" * 60, "FFFFFFF''" * 22, " d" * 60, "z'.'FF'.'FFF" * 10])
@pytest.mark.parametrize("inner_white", [True, False])
def test_no_format_tries_for_ever(pattern: str, inner_white: bool) -> None:
    for text in ("1" * 90 + "x", " " * 90 + "x", "1 " * 60 + "x"):
        with pytest.raises(DateError, match="is not in the format"):
            exact(text, pattern, inner_white=inner_white)


@given(st.text("dfFghHKmMstyzZ'\"\\%:/.- T", max_size=12), st.text("0123456789.:-+ZT PM", max_size=12), st.booleans())
def test_any_text_is_a_format_or_is_refused(pattern: str, text: str, inner_white: bool) -> None:
    with suppress(DateError):
        written(exact(text, pattern, inner_white=inner_white), pattern)
    with suppress(DateError):
        any_of(text)
    with suppress(DateError):
        written(AFTERNOON, pattern)


def test_parts_told_twice_have_to_agree() -> None:
    with pytest.raises(DateError, match="tells its year twice"):
        exact("2020 2021", "yyyy yyyy")


EXACT = {
    ("2020-03-16T10:11:12", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"): "2020-03-16T10:11:12.0000000",
    ("2020-03-16T10:11:12.25Z", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"): "2020-03-16T10:11:12.2500000Z",
    ("2020-03-16T10:11:12.+0200", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"): "2020-03-16T08:11:12.0000000Z",
    ("20200316101112.5Z", "yyyyMMddHHmmss.fZ"): "2020-03-16T10:11:12.5000000Z",
    ("20200316 GMT", "yyyyMMdd Z"): "2020-03-16T00:00:00.0000000Z",
    ("20200316Z", "yyyyMMdd'Z'"): "2020-03-16T00:00:00.0000000",
    ("16 mar 2020 1pm", "dd MMM yyyy htt"): "2020-03-16T13:00:00.0000000",
}


@pytest.mark.parametrize("case", EXACT)
def test_format_reads(case: tuple[str, str]) -> None:
    assert written(exact(*case), "o") == EXACT[case]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("2020-03-16t10", "yyyy-MM-ddTHH"), ("2020-03-16 Z", "yyyy-MM-dd zzz"), ("2020-3-16", "yyyy-MM-dd")],
)
def test_text_in_another_format_is_refused(text: str, pattern: str) -> None:
    with pytest.raises(DateError, match="is not in the format"):
        exact(text, pattern)


@pytest.mark.parametrize("pattern", ["", "q", "'open", "\\", "ffffffff", "d" * 201, "%"])
def test_format_that_dotnet_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(DateError):
        written(AFTERNOON, pattern)


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda calendar: calendar.year >= 1601))
def test_round_trip_format_loses_nothing(calendar: datetime) -> None:
    moment = Moment.of(calendar, calendar.microsecond * 10 + 7)

    assert exact(written(moment, "o"), STANDARD["o"]) == moment
    assert Moment.from_file_time(moment.file_time).ticks == moment.ticks


MOVED = {
    ("yyyy", 1, "2024-02-29"): "2025-02-28",
    ("yyyy", -4, "2024-02-29"): "2020-02-29",
    ("m", 1, "2024-01-31"): "2024-02-29",
    ("m", -13, "2024-03-31"): "2023-02-28",
    ("d", -1, "2024-03-01"): "2024-02-29",
    ("ww", 2, "2024-01-01"): "2024-01-15",
    ("h", 36, "2024-01-01"): "2024-01-02",
    ("n", 1440, "2024-01-01"): "2024-01-02",
    ("s", -1, "2024-01-01"): "2023-12-31",
}


@pytest.mark.parametrize("step", MOVED)
def test_date_moves_by_intervals(step: tuple[str, int, str]) -> None:
    interval, count, start = step

    assert written(any_of(start).plus(interval, count), "yyyy-MM-dd") == MOVED[step]


BOUNDARIES = {
    ("yyyy", "2023-12-31T23:59:59", "2024-01-01"): 1,
    ("m", "2024-01-31", "2024-02-01"): 1,
    ("d", "2024-01-01T23:59:59", "2024-01-02"): 1,
    ("ww", "2024-01-06", "2024-01-07"): 1,
    ("ww", "2024-01-07", "2024-01-13"): 0,
    ("h", "2024-01-01T00:59:59", "2024-01-01T01:00:00"): 1,
    ("n", "2024-01-01", "2023-12-31"): -1440,
    ("s", "2024-01-01", "2024-01-01T00:00:09"): 9,
}


@pytest.mark.parametrize("span", BOUNDARIES)
def test_difference_counts_boundaries(span: tuple[str, str, str]) -> None:
    interval, start, end = span

    assert difference(interval, any_of(start), any_of(end)) == BOUNDARIES[span]


@pytest.mark.parametrize("interval", INTERVALS)
def test_difference_turns_around(interval: str) -> None:
    start, end = any_of("1999-12-31T23:00:00"), any_of("2024-02-29")

    assert difference(interval, start, end) == -difference(interval, end, start)


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda calendar: calendar.year < 9998), st.integers(0, 400))
def test_sundays_are_counted_one_by_one(calendar: datetime, days: int) -> None:
    start = calendar.replace(hour=0, minute=0, second=0, microsecond=0)
    sundays = sum((start + timedelta(days=day)).isoweekday() == 7 for day in range(1, days + 1))

    assert difference("ww", Moment.of(start), Moment.of(start + timedelta(days=days))) == sundays
