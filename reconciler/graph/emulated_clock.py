"""The clock of a run against an emulator: the emulator's own, so that waiting costs no real time where its is virtual.

Nobody is there to wait for when the emulator cannot be reached: then a sleep passes at once, on our own account.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from reconciler.clock import Clock, SystemClock
from reconciler.graph.clouds import checked_endpoint
from reconciler.graph.connecting import trust
from reconciler.graph.strict_json import parse
from reconciler.model import Json

if TYPE_CHECKING:
    import httpx

# Without it the control plane answers nobody: no web page can send such a header unasked.
CONTROL = {"X-Emulator": "control"}
PATH = "/emulator/clock"
# Real seconds to wait for an answer beyond the time that the emulator itself lets pass.
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the emulator's clock showed, of which world, and our own time when it did."""

    now: datetime
    monotonic: float
    virtual: bool
    seen: float
    world: str = ""


class EmulatedClock:
    """A Clock that shows what the emulator's clock shows. Safe for tasks that sleep at the same time."""

    def __init__(
        self,
        endpoint: str,
        environment: Mapping[str, str],
        *,
        local: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        first: httpx.BaseTransport | None = None,
    ) -> None:
        """Ask the emulator at `endpoint` what time it is; `first` and `transport` replace the network for tests.

        Raises:
            SetupError: the endpoint is not on this machine.
        """
        import httpx

        self._url = f"{checked_endpoint(endpoint)}{PATH}"
        self._local = local or SystemClock()
        self._trust = trust(environment)
        self._transport = transport
        self._own = 0.0
        self._last = Reading(self._local.now(), 0.0, virtual=True, seen=self._local.monotonic())
        try:
            with httpx.Client(transport=first, verify=self._trust, trust_env=False, timeout=PATIENCE) as client:
                self._note(client.get(self._url, headers=CONTROL))
        except httpx.HTTPError:
            # It is not there. The first request to Graph says so; until then our own time will do.
            return

    @property
    def world(self) -> str:
        """What tells the emulated world from any other; "" where nobody has said it."""
        return self._last.world

    def now(self) -> datetime:
        return self._last.now + timedelta(seconds=self._since())

    def monotonic(self) -> float:
        return self._last.monotonic + self._since()

    async def sleep(self, seconds: float) -> None:
        end = self.monotonic() + max(0.0, seconds)
        # Whoever begins to sleep now as well shares this time, even when nobody answers.
        await asyncio.sleep(0)
        self._note(await self._slept(seconds))
        # Whatever became of the emulator, its answer or its clock: a sleep that is over has passed.
        self._own += max(0.0, end - self.monotonic())

    async def _slept(self, seconds: float) -> httpx.Response | None:
        """Let the emulator's clock pass; None when it is not there."""
        import httpx

        timeout = PATIENCE if self._last.virtual else PATIENCE + seconds
        try:
            async with httpx.AsyncClient(
                transport=self._transport, verify=self._trust, trust_env=False, timeout=timeout
            ) as client:
                return await client.post(f"{self._url}/sleep", json={"seconds": seconds}, headers=CONTROL)
        except httpx.HTTPError:
            return None

    def _since(self) -> float:
        passed = 0.0 if self._last.virtual else self._local.monotonic() - self._last.seen
        return passed + self._own

    def _note(self, response: httpx.Response | None) -> None:
        """Take over what the emulator shows; our time never goes back, whatever it says."""
        reading = _reading(response.content, self._local.monotonic()) if response is not None else None
        if reading is not None and reading.monotonic >= self._last.monotonic:
            self._last = reading


def _reading(content: bytes, seen: float) -> Reading | None:
    try:
        body: Json = parse(content)
        now = datetime.fromisoformat(body["now"])
        monotonic, virtual, world = body["monotonic"], body["virtual"], body.get("world", "")
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(monotonic, int | float) or not isinstance(virtual, bool) or not isinstance(world, str):
        return None
    return Reading(now if now.tzinfo else now.replace(tzinfo=UTC), float(monotonic), virtual, seen, world)
