"""What was about to be done, and what came of it: one line on disk before each write and one after.

The journal is evidence for people, never state: nothing is decided by it, and a run that was killed is continued by
planning again. Lines are JSON; `intent` holds the full object as it was, so that it can be put back by hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from reconciler.errors import SetupError
from reconciler.model import Json, canonical_json


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
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            self._finish_torn_line()
        except OSError as error:
            raise SetupError(f"{path}: the journal cannot be opened ({error.strerror}); nothing was written") from error

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        try:
            self._append(canonical_json({"event": event, **facts}) + b"\n")
        except OSError as error:
            raise SetupError(f"{self.path}: the journal cannot be written ({error.strerror})") from error

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)

    def _append(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._handle, line) :]
        os.fsync(self._handle)

    def _finish_torn_line(self) -> None:
        """A run that was killed while writing leaves half a line; it must not swallow ours."""
        data = self.path.read_bytes()
        if data and not data.endswith(b"\n"):
            self._append(b"\n")


def unanswered(path: Path) -> list[Mapping[str, Any]]:
    """Return the intents in the journal at `path` that no outcome follows: an earlier run was cut off there.

    Raises:
        SetupError: when the file is there and cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
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


def _entries(lines: list[bytes]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            # The half line of a run that was killed while writing it: its write had not been sent yet.
            continue
        if isinstance(entry, dict):
            yield entry
