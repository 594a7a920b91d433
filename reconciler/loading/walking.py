"""Which files are documents. Finds and reads them; knows nothing of what they say.

Only `*.yaml` are documents. Names that begin with a dot are left alone, like any other file, but for endings that look
meant: a document that is silently not read would be a partner that is silently not managed.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import Problem, SetupError
from reconciler.loading.parsing import LARGEST, acts
from reconciler.loading.secrecy import show
from reconciler.model import Origin

ENDING = ".yaml"
MOST_FILES = 50_000
MOST_BYTES = 128 * 1024 * 1024
DEEPEST = 16


@dataclass(frozen=True, slots=True)
class File:
    """A document as it lies there: `name` as people type it, `folders` below the root."""

    name: str
    folders: tuple[str, ...]
    path: str

    @property
    def stem(self) -> str:
        """The name of the file itself, without its ending."""
        return self.name.rpartition("/")[2].removesuffix(ENDING)


@dataclass(frozen=True, slots=True)
class Walk:
    """The documents under a folder in the order of their names, and what is wrong with names and links."""

    root: str
    files: tuple[File, ...]
    problems: tuple[Problem, ...]


def walk(folder: Path, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES) -> Walk:
    """Return the documents under `folder`.

    Raises:
        SetupError: when there is no such folder, it cannot be read, or more is in it than can be read at once.
    """
    _check_root(folder)
    root = os.path.basename(os.path.abspath(folder))
    files: list[File] = []
    problems: list[Problem] = []
    size = 0
    for found in _found(str(folder), root, ()):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        file, bytes_there = found
        files.append(file)
        size += bytes_there
        if len(files) > most_files or size > most_bytes:
            limit = f"{most_files} documents and {most_bytes} bytes are the limit"
            raise SetupError(f"{root}: there is more here than can be read at once: {limit}; split the estate")
    return Walk(root, tuple(files), tuple(problems))


def _check_root(folder: Path) -> None:
    wrong = ""
    if folder.is_symlink():
        wrong = "this is a link, and links are not followed"
    elif not folder.exists():
        wrong = "there is no such folder"
    elif not folder.is_dir():
        wrong = "this is no folder"
    if wrong:
        raise SetupError(f"{folder}: {wrong}; name the folder in which the folders of the tenants lie")


def read(file: File) -> bytes:
    """Return what is in a file, or just enough of it to see that it is too large.

    Raises:
        SetupError: when it cannot be read.
    """
    try:
        with open(file.path, "rb", buffering=0) as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise SetupError(f"{file.name}: cannot be read ({error.strerror})") from error


def _found(path: str, name: str, folders: tuple[str, ...]) -> Iterator[tuple[File, int] | Problem]:
    try:
        with os.scandir(path) as listing:
            entries = sorted((entry for entry in listing if not entry.name.startswith(".")), key=lambda one: one.name)
    except OSError as error:
        raise SetupError(f"{name}: cannot be read ({error.strerror})") from error
    yield from _collisions(name, [entry.name for entry in entries])
    for entry in entries:
        here = f"{name}/{entry.name}"
        if acts(entry.name):
            yield Problem(
                Origin(name, 1, 1), f"the name {show(entry.name)} has a character that cannot be seen", "rename it"
            )
        elif entry.is_symlink():
            yield Problem(Origin(here, 1, 1), "links are not followed", "put the file itself here")
        elif entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, here, (*folders, entry.name))
        elif entry.name.endswith(ENDING):
            yield _document(entry, here, folders)
        elif entry.name.lower().endswith((ENDING, ".yml")):
            right = entry.name[: entry.name.rindex(".")] + ENDING
            yield Problem(
                Origin(here, 1, 1), f"documents end in {ENDING}, so this one would not be read", f"rename it to {right}"
            )


def _below(path: str, name: str, folders: tuple[str, ...]) -> Iterator[tuple[File, int] | Problem]:
    if len(folders) > DEEPEST:
        yield Problem(Origin(name, 1, 1), f"folders are nested deeper than {DEEPEST} levels", "no document needs that")
    else:
        yield from _found(path, name, folders)


def _document(entry: os.DirEntry[str], name: str, folders: tuple[str, ...]) -> tuple[File, int] | Problem:
    if not entry.is_file(follow_symlinks=False):
        return Problem(Origin(name, 1, 1), "this is not a regular file", "put a file here, or take it away")
    return File(name, folders, entry.path), entry.stat(follow_symlinks=False).st_size


def _collisions(folder: str, names: list[str]) -> Iterator[Problem]:
    """Yield a problem for each name that some file system takes for an earlier one."""
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if first != name:
            message = f"{show(first)} and {show(name)} are one name on some machines"
            yield Problem(Origin(folder, 1, 1), message, "rename one of them")
