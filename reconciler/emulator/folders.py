"""The folder of a running emulator below the system's temporary one, and those that killed ones left behind there.

The name tells whose it is. Nobody else's folder is ever looked into, and no link is followed.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "reconciler-emulator-"
_OURS = re.compile(rf"{_PREFIX}([0-9]{{1,10}})-[a-z0-9_]+")


@contextmanager
def lodged() -> Iterator[Path]:
    """Make a folder of this process while the block runs, after taking away those of processes that are gone."""
    sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
        yield Path(folder)


def sweep(below: Path) -> None:
    """Take away the folders of emulators that are gone; what cannot be taken away stays."""
    with suppress(OSError), os.scandir(below) as listing:
        left = [Path(entry.path) for entry in listing if _is_left(entry)]
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)


def _is_left(entry: os.DirEntry[str]) -> bool:
    found = _OURS.fullmatch(entry.name)
    if found is None:
        return False
    with suppress(OSError):
        there = entry.stat(follow_symlinks=False)
        return stat.S_ISDIR(there.st_mode) and there.st_uid == os.getuid() and not _lives(int(found[1]))
    return False


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
