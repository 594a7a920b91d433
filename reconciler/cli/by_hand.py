"""What commands share that write to one link by hand: asking first, the lock, the journal, and signals."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reconciler.cli.site import Site
from reconciler.cli.talking import say
from reconciler.clock import Clock
from reconciler.errors import SetupError
from reconciler.locking import lock

if TYPE_CHECKING:
    from reconciler.operating import Hand


def agree(question: str, word: str, *, yes: bool, switch: str) -> None:
    """Ask, and return when the person wrote the word; with `yes` they said so before.

    Raises:
        SetupError: they did not, or nobody is there.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise SetupError(f"nobody is there to agree; say {switch}; nothing was written")
    say(question)
    if sys.stdin.readline().strip() != word:
        raise SetupError("it was not agreed to; nothing was written")


@contextmanager
def hand(site: Site, clock: Clock) -> Iterator[Hand]:
    """Keep the lock and the journal while the block runs."""
    from reconciler.applying.journal import JournalFile
    from reconciler.operating import Hand

    with lock(site.keep() / "apply.lock"):
        journal = JournalFile(site.journal)
        try:
            yield Hand(uuid.uuid4().hex[:12], journal.record, clock)
        finally:
            journal.close()
