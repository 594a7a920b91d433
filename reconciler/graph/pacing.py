"""When to ask, and when to ask again: throttling, back-off and deadlines, for a whole tenant at once. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from reconciler.clock import Clock
from reconciler.errors import Unavailable
from reconciler.graph.traffic import Meter

Name = TypeVar("Name")

# Seconds that one logical request may take with all its waiting. The longest window in which Graph counts requests is
# five minutes, so twice that outlasts any throttling that ends at all.
REQUEST_DEADLINE = 600.0
# Seconds of one run; after that nothing is waited for any more: each request is sent once.
RUN_DEADLINE = 1800.0
MAX_RETRIES = 5
BACKOFF_START, BACKOFF_CAP = 1.0, 60.0
# While a tenant is throttled: at most one request in this time.
SPACING = 0.1
# Real clocks may wake a sleeper this much too early.
_TOLERANCE = 0.02
# Graph says how full its bucket is only above 0.8; from there we slow down by ourselves.
NEARLY_FULL, FULL_SPACING = 0.8, 1.0


class Setback(Exception):
    """This time nothing can be concluded, but asking again may help. `error` is what is told when it does not.

    `wait` is what the service asks us to wait, in seconds; `throttled` says that it did not even look at the request.
    """

    def __init__(self, error: Unavailable, *, throttled: bool = False, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.throttled = throttled
        self.wait = wait


class Pace:
    """How fast one tenant may be asked; all its requests share it."""

    def __init__(self, clock: Clock, chance: Callable[[], float], meter: Meter, end: float) -> None:
        """`chance` draws from [0, 1); `end` is the moment of `clock.monotonic()` after which nobody waits."""
        self.clock = clock
        self.chance = chance
        self.meter = meter
        self.end = end
        self._next = 0.0
        self._spacing = 0.0

    async def turn(self, until: float, where: object) -> None:
        """Return when the tenant may be asked.

        Raises:
            Unavailable: that is after `until`; `where` was not sent.
        """
        while (wait := self._next - self.clock.monotonic()) > 0:
            if self._next > until:
                raise Unavailable(
                    f"{where} was not sent: the service asks this tenant to wait {wait:.0f} s more; try again later"
                )
            if not await self.wait(wait):
                raise Unavailable(f"{where} was not sent: the run is to end, and the service asks this tenant to wait")
        self._next = self.clock.monotonic() + self._spacing

    async def wait(self, seconds: float) -> bool:
        """Let `seconds` of the clock pass; False when we were woken before, because the run is to end."""
        end = self.clock.monotonic() + seconds - _TOLERANCE
        self.meter.add(waited=seconds)
        await self.clock.sleep(seconds)
        return self.clock.monotonic() >= end

    def slow(self, seconds: float) -> None:
        """Keep the whole tenant from asking for so long; what somebody else was told holds as well.

        An absurd time is kept as it is: nobody waits for it, so everything else of this tenant ends at once.
        """
        self._spacing = max(self._spacing, SPACING)
        self._next = max(self._next, self.clock.monotonic() + seconds)

    def hear(self, fullness: float) -> None:
        """Adapt to an answer that came through; `fullness` is how full the service's bucket is, 0 when unsaid."""
        over = min((fullness - NEARLY_FULL) / (1 - NEARLY_FULL), 1.0)
        self._spacing = SPACING + (FULL_SPACING - SPACING) * over if over >= 0 else 0.0


class Patience:
    """How long one logical request is tried."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._failures = 0
        self._throttled = 0
        self.until = min(pace.clock.monotonic() + REQUEST_DEADLINE, pace.end)

    async def bear(self, setbacks: Mapping[Name, Setback]) -> frozenset[Name]:
        """Wait as long as is right, and return the names of those that may be asked again; the others are over."""
        if not setbacks:
            return frozenset()
        self._failures += any(not setback.throttled for setback in setbacks.values())
        self._throttled += any(setback.throttled for setback in setbacks.values())
        again = {n: s for n, s in setbacks.items() if s.throttled or self._failures <= MAX_RETRIES}
        wait = max((self._pause(setback) for setback in again.values()), default=0.0)
        if not again or self._pace.clock.monotonic() + wait > self.until:
            self._slow(setbacks.values(), wait)
            return frozenset()
        self._slow(again.values(), wait)
        self._pace.meter.add(retries=len(again))
        return frozenset(again) if await self._pace.wait(wait) else frozenset()

    def _slow(self, setbacks: Iterable[Setback], wait: float) -> None:
        if any(setback.throttled or setback.wait for setback in setbacks):
            self._pace.slow(wait)

    def _pause(self, setback: Setback) -> float:
        if setback.wait:
            # Everyone was told the same moment: a little chance keeps them from coming back all at once.
            return setback.wait + self._pace.chance()
        tries = self._throttled if setback.throttled else self._failures
        longest = min(BACKOFF_CAP, BACKOFF_START * 2.0 ** min(tries - 1, 10))
        return max(SPACING, longest * self._pace.chance())


def retry_after(values: Iterable[str], now: datetime) -> float | None:
    """Return the seconds that the header asks for: the longest when it is there twice, None when it says nothing.

    A moment in the past and nonsense say nothing: then the back-off decides, which never asks at once.
    """
    return max((seconds for value in values if (seconds := _seconds(value.strip(), now)) > 0), default=None)


def _seconds(value: str, now: datetime) -> float:
    if value.isascii() and value.isdigit():
        return float(value[:12])
    moment = http_date(value)
    return (moment - now).total_seconds() if moment else 0.0


def http_date(value: str) -> datetime | None:
    """Return the moment that a header names, or None when it names none."""
    try:
        moment = parsedate_to_datetime(value)
        # A date may come without a zone that anybody knows; in HTTP it is always UTC.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
