"""Documents are laid on the disk: all of them or none. Decides nothing about what stands in them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from reconciler.errors import SetupError


def lay(files: Mapping[Path, bytes]) -> None:
    """Write every file, each whole; when one cannot be written, all are left as they were.

    Raises:
        SetupError: one of them cannot be written.
    """
    before: dict[Path, bytes | None] = {}
    folders: list[Path] = []
    try:
        drafts = {path: _draft(path, content, folders) for path, content in sorted(files.items())}
        for path, ready in drafts.items():
            before[path] = path.read_bytes() if path.exists() else None
            ready.replace(path)
    except OSError as error:
        _restore(before, files, folders)
        raise SetupError(f"{error.filename}: cannot be written ({error.strerror}); nothing was written") from error


def _draft(path: Path, content: bytes, folders: list[Path]) -> Path:
    """Write the content beside its place, under a name that no document has; note the folders that had to be made."""
    for folder in reversed([path.parent, *path.parent.parents]):
        if not folder.exists():
            folder.mkdir()
            folders.append(folder)
    ready = _ready(path)
    with ready.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return ready


def _ready(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _restore(before: Mapping[Path, bytes | None], files: Mapping[Path, bytes], folders: list[Path]) -> None:
    """Undo what was done, as far as the disk lets us; the error that is told names what is wrong with it."""
    for path in files:
        with contextlib.suppress(OSError):
            _ready(path).unlink(missing_ok=True)
    for path, content in before.items():
        with contextlib.suppress(OSError):
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            folder.rmdir()
