"""The emulator's own time: virtual, so that nobody waits, or real when asked for."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

MORNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
"""Where a virtual clock starts unless told otherwise."""


class Clock(Protocol):
    """What tells the emulator the time."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` of this clock have passed."""
        ...

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass: at once where time is virtual, by waiting where it is real."""
        ...

    def wait(self, seconds: float) -> None:
        """Do what `advance` does, for callers that cannot await."""
        ...


class RealClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    async def advance(self, seconds: float) -> None:
        await self.sleep(seconds)

    def wait(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


class VirtualClock:
    """Time that passes only when somebody sleeps or advances it. Safe to share between threads.

    Sleepers that overlap share their time: ten who sleep five seconds at once take five seconds together. The one
    who is due first moves the clock, after everyone else had a turn.
    """

    def __init__(self, now: datetime = MORNING) -> None:
        self._start = now
        self._passed = 0.0
        self._deadlines: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def advance(self, seconds: float) -> None:
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        with self._lock:
            self._passed += max(0.0, seconds)

    def reach(self, moment: float) -> None:
        """Let time pass until `monotonic` is at least `moment`."""
        with self._lock:
            self._passed = max(self._passed, moment)

    def set(self, now: datetime) -> None:
        """Let it be `now`, be that earlier or later; `monotonic` goes on as if nothing had happened."""
        with self._lock:
            self._start = now - timedelta(seconds=self._passed)

    async def sleep(self, seconds: float) -> None:
        deadline = self._passed + max(0.0, seconds)
        with self._lock:
            self._deadlines.append(deadline)
        try:
            await asyncio.sleep(0)
            while self._passed < deadline:
                if deadline <= min(self._deadlines):
                    self.reach(deadline)
                await asyncio.sleep(0)
        finally:
            with self._lock:
                self._deadlines.remove(deadline)
