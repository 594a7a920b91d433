"""What was about to be done, and what came of it: one line on disk before each write and one after.

The journal is evidence for people, never state: nothing is decided by it, and a run that was killed is continued by
planning again. Lines are JSON; `intent` holds the full object as it was, so that it can be put back by hand.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from reconciler.errors import SetupError
from reconciler.model import Json


class Journal(Protocol):
    """Where intents and outcomes go."""

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        """Return when the line is on disk; raises SetupError when it is not."""
        ...


class JournalFile:
    """A file that only grows. Each line is on disk before `record` returns."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, and make it when it is not there.

        Raises:
            SetupError: when the folder does not allow it; then nothing has been written to any tenant.
        """
        self.path = path
        self._torn = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Without O_NONBLOCK a pipe in the place of the file would hold us up for ever.
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
            self._handle = os.open(path, flags, 0o600)
        except OSError as error:
            raise SetupError(f"{path}: the journal cannot be opened ({error.strerror}); nothing was written") from error
        try:
            self._begin()
        except (OSError, SetupError) as error:
            self.close()
            reason = error.strerror if isinstance(error, OSError) else error
            raise SetupError(f"{path}: the journal cannot be used ({reason}); nothing was written") from error

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        # ASCII alone: text from a tenant can neither fail here nor act on the terminal of whoever reads the file.
        line = json.dumps({"event": event, **facts}, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            self._append(line)
        except OSError as error:
            raise SetupError(f"{self.path}: the journal cannot be written ({error.strerror})") from error

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)

    def _append(self, line: bytes) -> None:
        """Put a line on disk, or nothing; where half of it cannot be taken back, the next one begins a line anew."""
        whole = os.fstat(self._handle).st_size
        torn, self._torn = self._torn, True
        try:
            self._write(b"\n" + line if torn else line)
        except OSError:
            os.ftruncate(self._handle, whole)
            self._torn = torn
            raise
        self._torn = False

    def _write(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._handle, line) :]
        os.fsync(self._handle)

    def _begin(self) -> None:
        """See to it that our first line starts a line, and that the file itself outlives a loss of power."""
        about = os.fstat(self._handle)
        if not stat.S_ISREG(about.st_mode):
            raise SetupError("it is not a regular file")
        # A run that was killed while writing leaves half a line; it must not swallow ours.
        self._torn = about.st_size > 0 and os.pread(self._handle, 1, about.st_size - 1) != b"\n"
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def unanswered(path: Path) -> list[Mapping[str, Any]]:
    """Return the intents in the journal at `path` that no outcome follows: an earlier run was cut off there.

    Raises:
        SetupError: when the file is there and cannot be read.
    """
    try:
        lines = _content(path).splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SetupError(f"{path}: the journal cannot be read ({error.strerror})") from error
    pending: dict[tuple[str, str], Mapping[str, Any]] = {}
    for entry in _entries(lines):
        place = (str(entry.get("run")), str(entry.get("step")))
        match entry.get("event"):
            case "intent":
                pending[place] = entry
            case "outcome":
                pending.pop(place, None)
            case "settled":
                pending.clear()
    return list(pending.values())


def _content(path: Path) -> bytes:
    """Return what is in a regular file; from a pipe in its place we would wait for ever, and a link leads elsewhere."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(handle)


def _entries(lines: list[bytes]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            # The half line of a run that was killed while writing it: its write had not been sent yet.
            continue
        if isinstance(entry, dict):
            yield entry
