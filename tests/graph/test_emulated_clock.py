import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from graph_service import StillClock

from reconciler.errors import SetupError
from reconciler.graph.emulated_clock import EmulatedClock

URL = "https://127.0.0.1:8443"
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class Emulator:
    """The clock of an emulator, behind a transport; `dead` answers nobody."""

    def __init__(self, *, virtual: bool = True) -> None:
        self.clock = StillClock()
        self.virtual = virtual
        self.dead = False
        self.answer: bytes | None = None
        self.requests: list[httpx.Request] = []

    def shown(self) -> httpx.Response:
        """Return what the clock shows."""
        passed = self.clock.monotonic()
        body = {"now": (START + timedelta(seconds=passed)).isoformat(), "monotonic": passed, "virtual": self.virtual}
        return httpx.Response(200, content=self.answer or json.dumps(body).encode())

    def first(self, request: httpx.Request) -> httpx.Response:
        """Answer the question what time it is."""
        self._hear(request)
        return self.shown()

    async def later(self, request: httpx.Request) -> httpx.Response:
        """Let time pass as asked."""
        self._hear(request)
        await self.clock.sleep(json.loads(request.content)["seconds"])
        return self.shown()

    def _hear(self, request: httpx.Request) -> None:
        self.requests.append(request)
        if self.dead:
            raise httpx.ConnectError("refused")


def clock(emulator: Emulator, local: StillClock | None = None) -> EmulatedClock:
    """Return our clock for a run against `emulator`."""
    return EmulatedClock(
        URL,
        {},
        local=local or StillClock(),
        first=httpx.MockTransport(emulator.first),
        transport=httpx.MockTransport(emulator.later),
    )


def test_clock_shows_the_emulators_time() -> None:
    assert clock(Emulator()).now() == START


def test_sleeping_passes_the_emulators_time() -> None:
    ours = clock(Emulator())

    asyncio.run(ours.sleep(90))

    assert ours.now() == START + timedelta(seconds=90)
    assert ours.monotonic() == 90


def test_control_plane_is_asked_as_it_wants() -> None:
    emulator = Emulator()

    asyncio.run(clock(emulator).sleep(1))

    assert [(request.method, request.url.path) for request in emulator.requests] == [
        ("GET", "/emulator/clock"),
        ("POST", "/emulator/clock/sleep"),
    ]
    assert {request.headers["x-emulator"] for request in emulator.requests} == {"control"}


def test_sleepers_at_the_same_time_share_it() -> None:
    ours = clock(Emulator())

    async def run() -> None:
        await asyncio.gather(*(ours.sleep(seconds) for seconds in (5, 5, 3, 10)))

    asyncio.run(run())

    assert ours.monotonic() == 10


def test_time_that_others_let_pass_is_seen_with_the_next_sleep() -> None:
    emulator = Emulator()
    ours = clock(emulator)
    emulator.clock.pass_by(3600)

    asyncio.run(ours.sleep(1))

    assert ours.monotonic() == 3601


def test_sleep_without_an_emulator_passes_at_once() -> None:
    emulator = Emulator()
    ours = clock(emulator)
    emulator.dead = True

    async def run() -> None:
        await asyncio.gather(ours.sleep(20), ours.sleep(30))
        await ours.sleep(5)

    asyncio.run(run())

    assert ours.monotonic() == 35
    assert ours.now() == START + timedelta(seconds=35)


def test_run_may_begin_without_an_emulator() -> None:
    emulator = Emulator()
    emulator.dead = True
    local = StillClock()
    ours = clock(emulator, local)

    asyncio.run(ours.sleep(7))

    assert ours.now() == local.now() + timedelta(seconds=7)


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"{}",
        b"[]",
        b'{"now": "never", "monotonic": 1, "virtual": true}',
        b'{"now": "2026-01-01T00:00:00Z", "monotonic": "1", "virtual": true}',
        b'{"now": "2026-01-01T00:00:00Z", "monotonic": 1, "virtual": "yes"}',
        b'{"now": "2026-01-01T00:00:00Z", "monotonic": -5, "virtual": true}',
    ],
)
def test_odd_answer_still_lets_the_sleep_pass(answer: bytes) -> None:
    emulator = Emulator()
    ours = clock(emulator)
    emulator.answer = answer

    asyncio.run(ours.sleep(12))

    assert ours.monotonic() == 12


def test_restarted_emulator_does_not_turn_our_time_back() -> None:
    emulator = Emulator()
    ours = clock(emulator)
    asyncio.run(ours.sleep(100))
    emulator.clock = StillClock()

    asyncio.run(ours.sleep(10))

    assert ours.monotonic() == 110


def test_real_time_goes_on_between_answers() -> None:
    local = StillClock()
    ours = clock(Emulator(virtual=False), local)

    local.pass_by(4)

    assert ours.monotonic() == 4
    assert ours.now() == START + timedelta(seconds=4)


def test_virtual_time_stands_between_answers() -> None:
    local = StillClock()
    ours = clock(Emulator(), local)

    local.pass_by(4)

    assert ours.monotonic() == 0


def test_emulator_elsewhere_is_refused() -> None:
    with pytest.raises(SetupError):
        EmulatedClock("https://elsewhere.example", {})
