"""One apply at a time on a desk: a lock on a file, which the system lets go of when its holder dies.

In a workflow, `concurrency` does this; correctness rests on neither, but on the blocks read before each write.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import LockHeld


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock at `path` while the block runs.

    Raises:
        LockHeld: another process holds it, or it cannot be had.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LockHeld(f"{path}: the lock cannot be had ({error.strerror}); nothing was written") from error
    try:
        _take(handle, path)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError as error:
        raise LockHeld(
            f"{path}: another apply is running here (process {_holder(handle)}); wait for it, nothing was written"
        ) from error
    except OSError as error:
        raise LockHeld(f"{path}: the lock cannot be had ({error.strerror}); nothing was written") from error


def _holder(handle: int) -> str:
    """Return the process id that the holder wrote down; whatever else stands there is no business of a terminal."""
    text = os.pread(handle, 32, 0).strip()
    return text.decode() if text.isdigit() else "unknown"
