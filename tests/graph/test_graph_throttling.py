import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest
from graph_service import CONTOSO, Reply, Service, StillClock, error, network, reading, writing
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import GraphError, Unavailable
from reconciler.graph.pacing import MAX_RETRIES, REQUEST_DEADLINE, RUN_DEADLINE, retry_after

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
THING = "/thing"


def gaps(service: Service) -> list[float]:
    """Return the seconds between the requests to Graph."""
    times = [seen.at for seen in service.asked]
    return [later - earlier for earlier, later in pairwise(times)]


def test_first_read_waits_as_asked() -> None:
    service = Service()
    service.on(THING, error(429, retry_after="2"), Reply(body={"a": 1}))

    assert reading(service, lambda graph: graph.get(THING)) == {"a": 1}
    assert len(service.asked) == 2
    assert 2 <= gaps(service)[0] <= 3


def test_date_is_judged_by_the_clock_of_the_server() -> None:
    service = Service()
    theirs = NOW + timedelta(hours=24)
    headers = {"date": format_datetime(theirs, usegmt=True)}
    wanted = format_datetime(theirs + timedelta(seconds=20), usegmt=True)
    service.on(THING, error(429, retry_after=wanted, **headers), Reply(body={}))

    reading(service, lambda graph: graph.get(THING))

    assert 20 <= gaps(service)[0] <= 21


def test_date_without_a_server_date_is_judged_by_ours() -> None:
    service = Service()
    wanted = format_datetime(service.clock.now() + timedelta(seconds=20), usegmt=True)
    service.on(THING, error(429, retry_after=wanted), Reply(body={}))

    reading(service, lambda graph: graph.get(THING))

    assert 20 <= gaps(service)[0] <= 21


def test_without_a_header_waits_grow_up_to_a_minute() -> None:
    service = Service()
    service.on(THING, *[error(429)] * 9, Reply(body={}))

    reading(service, lambda graph: graph.get(THING))

    # Chance is one half in these tests.
    assert gaps(service) == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30, 30])


def test_back_off_uses_all_of_its_range() -> None:
    service = Service()
    service.on(THING, *[error(429)] * 3, Reply(body={}))

    reading(service, lambda graph: graph.get(THING), chance=lambda: 0.999)

    assert gaps(service) == pytest.approx([0.999, 1.998, 3.996])


@pytest.mark.parametrize("value", ["-5", "abc", "0", "", "1e3", "Thu, 01 Jan 1970 00:00:00 GMT", "٣", "NaN", "inf"])
def test_absurd_values_never_make_a_tight_loop(value: str) -> None:
    service = Service()
    headers = {} if not value.isascii() else {"retry_after": value}
    service.on(THING, error(429, **headers))

    with pytest.raises(Unavailable):
        reading(service, lambda graph: graph.get(THING))

    assert min(gaps(service)) >= 0.1
    assert service.clock.monotonic() <= REQUEST_DEADLINE


def test_bad_luck_never_makes_a_tight_loop() -> None:
    service = Service()
    service.on(THING, *[error(429)] * 20, Reply(body={}))

    reading(service, lambda graph: graph.get(THING), chance=lambda: 0.0)

    assert min(gaps(service)) >= 0.1 - 1e-9


def test_huge_value_ends_at_once_and_says_so() -> None:
    service = Service()
    service.on(THING, error(429, retry_after="99999999"))

    with pytest.raises(Unavailable, match="asks to wait 99999999 s"):
        reading(service, lambda graph: graph.get(THING))
    assert len(service.asked) == 1
    assert service.clock.monotonic() < 1


def test_after_a_huge_value_the_tenant_is_left_alone() -> None:
    service = Service()
    service.on(THING, error(429, retry_after="99999999"))

    async def work(graph: Any) -> None:
        with pytest.raises(Unavailable):
            await graph.get(THING)
        with pytest.raises(Unavailable, match="was not sent"):
            await graph.get("/other")

    reading(service, work)

    assert len(service.asked) == 1


def test_longest_of_two_headers_counts() -> None:
    assert retry_after(["5", "7"], NOW) == 7
    assert retry_after(["nonsense", "7"], NOW) == 7


@given(st.lists(st.text(max_size=60), max_size=3))
def test_any_header_gives_a_time_or_nothing(values: list[str]) -> None:
    found = retry_after(values, NOW)

    assert found is None or found > 0


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 31 Dec 99999999999999999999 23:59:59 GMT",
        "Fri, 31 Dec 2026 23:59:59 +99999999999999999999",
        "Fri, 31 Dec 0001 23:59:59 +2359",
        "1 Jan 9999 23:59:59 -2359",
        "0 0 0",
    ],
)
def test_dates_beyond_all_calendars_say_nothing(value: str) -> None:
    found = retry_after([value], NOW)

    assert found is None or found > 0


def test_throttled_for_ever_ends_at_the_deadline() -> None:
    service = Service()
    service.on(THING, error(429, retry_after="10"))

    with pytest.raises(Unavailable, match="429") as caught:
        reading(service, lambda graph: graph.get(THING))

    assert caught.value.exit_code == 9
    assert REQUEST_DEADLINE - 11 <= service.clock.monotonic() <= REQUEST_DEADLINE


def test_throttled_writes_end_at_the_deadline_as_not_done() -> None:
    service = Service()
    service.on(THING, error(429))

    with pytest.raises(Unavailable):
        writing(service, lambda graph: graph.write("PATCH", THING, {}))

    assert service.clock.monotonic() <= REQUEST_DEADLINE


def test_throttled_write_is_sent_again() -> None:
    service = Service()
    service.on(THING, error(429), error(429, retry_after="4"), Reply(204))

    written = writing(service, lambda graph: graph.write("PATCH", THING, {"a": 1}))

    assert written.status == 204
    assert gaps(service)[1] >= 4


def test_whole_tenant_waits() -> None:
    service = Service()
    service.on("/a", error(429, retry_after="30"), Reply(body={}))

    async def work(graph: Any) -> None:
        async def later() -> None:
            await service.clock.sleep(5)
            await graph.get("/b")

        await asyncio.gather(graph.get("/a"), later())

    reading(service, work)

    at = {seen.path: seen.at for seen in service.asked}
    assert at["/v1.0/b"] >= 30


def test_reader_and_writer_of_a_tenant_wait_together() -> None:
    service = Service()
    service.on("/a", error(429, retry_after="99999999"))
    net = network(service)

    async def work() -> None:
        reader, writer = net.reader(CONTOSO), net.writer(CONTOSO)
        with pytest.raises(GraphError):
            await reader.get("/a")
        with pytest.raises(GraphError):
            await writer.write("PATCH", "/b", {})
        await reader.aclose()
        await writer.aclose()

    asyncio.run(work())

    assert [seen.path for seen in service.asked] == ["/v1.0/a"]


def test_throttled_requests_come_back_one_after_the_other() -> None:
    service = Service()
    names = [f"/{number}" for number in range(6)]
    for name in names:
        service.on(name, error(429, retry_after="10"), error(429, retry_after="10"), Reply(body={}))

    async def work(graph: Any) -> None:
        await asyncio.gather(*(graph.get(name) for name in names))

    reading(service, work)

    later = sorted(seen.at for seen in service.asked if seen.at > 1)
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(later) if b < later[0] + 5)


def test_failures_are_retried_five_times_with_growing_waits() -> None:
    service = Service()
    service.on(THING, error(500))

    with pytest.raises(Unavailable):
        reading(service, lambda graph: graph.get(THING))

    assert gaps(service) == pytest.approx([0.5, 1, 2, 4, 8])
    assert len(service.asked) == 1 + MAX_RETRIES


def test_service_unavailable_may_say_how_long() -> None:
    service = Service()
    service.on(THING, error(503, retry_after="7"), Reply(body={}))

    reading(service, lambda graph: graph.get(THING))

    assert 7 <= gaps(service)[0] <= 8


def test_nearly_full_bucket_slows_us_down() -> None:
    service = Service()
    names = [f"/{number}" for number in range(10)]
    for name in names:
        service.on(name, Reply(body={}, headers={"x-ms-throttle-limit-percentage": "1.0"}))

    async def work(graph: Any) -> None:
        for name in names:
            await graph.get(name)

    reading(service, work)

    assert gaps(service)[1:] == pytest.approx([1.0] * 8)


@pytest.mark.parametrize("value", ["0.5", "0.79", "", "abc", "nan", "inf", "-1"])
def test_bucket_with_room_does_not(value: str) -> None:
    service = Service()
    service.on(THING, Reply(body={}, headers={"x-ms-throttle-limit-percentage": value}))

    async def work(graph: Any) -> None:
        for _ in range(5):
            await graph.get(THING)

    reading(service, work)

    assert service.clock.monotonic() == 0


def test_after_the_time_for_the_run_nobody_waits() -> None:
    service = Service()
    service.on(THING, error(500))

    async def work(graph: Any) -> None:
        await graph.get("/first")
        service.clock.pass_by(RUN_DEADLINE + 1)
        with pytest.raises(Unavailable):
            await graph.get(THING)

    reading(service, work)

    assert [seen.path for seen in service.asked] == ["/v1.0/first", "/v1.0/thing"]


class Woken(StillClock):
    """A clock whose sleepers wake at once: the run is to end."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("reply", [error(429, retry_after="20"), error(500)], ids=["throttled", "failing"])
def test_run_that_is_to_end_waits_for_nothing(reply: Reply) -> None:
    service = Service(Woken())
    service.on(THING, reply)

    async def work(graph: Any) -> None:
        for _ in range(2):
            with pytest.raises(Unavailable):
                await graph.get(THING)

    reading(service, work)

    assert len(service.asked) <= 2
