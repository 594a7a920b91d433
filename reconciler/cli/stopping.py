"""What a signal does to a run that writes: the request in flight is finished first; a second signal ends at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reconciler.cli.talking import say

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Stop:
    """Who asked the run to end. The first signal lets the request in flight finish, the second ends the process."""

    signal: int = 0
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, number: int) -> None:
        if self.signal:
            say("Ended at once. The journal names what was in flight; plan again to see what is there.")
            os._exit(128 + number)
        self.signal = number
        self.heard.set()
        say("Finishing the request in flight, then ending; once more ends at once.")


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Let signals be heard while the block runs, inside a running loop; after it none makes another ending of it."""
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.hear, number)
    try:
        yield stop
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
