import asyncio
import time
from datetime import timedelta

from reconciler.emulator.clock import MORNING, RealClock, VirtualClock


def test_sleeping_costs_nothing() -> None:
    clock = VirtualClock()
    began = time.monotonic()
    asyncio.run(clock.sleep(86_400))

    assert clock.now() == MORNING + timedelta(days=1)
    assert time.monotonic() - began < 1


def test_sleepers_share_their_time() -> None:
    clock = VirtualClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    async def all_at_once() -> None:
        await asyncio.gather(sleeper("long", 9), sleeper("short", 3), sleeper("middle", 5))

    asyncio.run(all_at_once())
    assert woken == [("short", 3), ("middle", 5), ("long", 9)]


def test_time_does_not_go_back() -> None:
    clock = VirtualClock()
    clock.wait(5)
    clock.wait(-3)
    asyncio.run(clock.sleep(-1))

    assert clock.monotonic() == 5


def test_sleeper_who_gives_up_holds_nobody() -> None:
    clock = VirtualClock()

    async def give_up() -> float:
        sleeping = asyncio.ensure_future(clock.sleep(3))
        sleeping.cancel()
        await asyncio.gather(sleeping, return_exceptions=True)
        await clock.sleep(10)
        return clock.monotonic()

    assert asyncio.run(give_up()) == 10


def test_real_clock_is_real() -> None:
    clock = RealClock()
    asyncio.run(clock.advance(0))
    clock.wait(0)

    assert abs(clock.monotonic() - time.monotonic()) < 1
    assert clock.now().tzinfo is not None
