"""The Git side: which tree the documents are, which commit, and what was last applied. Never reads a document.

The record of the last apply is advisory. It lies at `refs/reconciler/applied/<tenantId>`; a rehearsal on an emulator
has its own, at `refs/reconciler/rehearsed/<tenantId>`. A missing record means "unknown", and never blocks.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from reconciler.errors import SetupError

APPLIED, REHEARSED = "refs/reconciler/applied", "refs/reconciler/rehearsed"
# Variables that make git look at another repository than the one around the folder, as hooks of git have them.
_ELSEWHERE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)
# What a repository may not make git do: run hooks or watchers, fetch what is missing, be one by its contents alone.
_HARMLESS = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "protocol.allow=never", "safe.bareRepository=explicit")
_TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}")
# Of the documents of an earlier tree: as many as may lie in a folder that is read.
_MOST_FILES, _MOST_BYTES = 50_000, 128 * 1024 * 1024
# Seconds; git on a healthy disk answers in a few hundredths.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Record:
    """What was last applied to a tenant: its name, the tree of the documents, the plan's digest, and how it ended.

    `exit_code` is 0 when all was done that was planned for this tenant. `managed` counts the objects that Git spoke of.
    `world` tells the emulated world from any other; it is "" for real tenants.
    """

    tenant: str
    tree: str
    digest: str
    exit_code: int
    managed: int
    world: str = ""


def tree_id(folder: Path) -> str:
    """Return the Git tree id (SHA-1, hexadecimal) of the files in `folder` as they lie there.

    For a clean checkout this is what `git rev-parse HEAD:tenants` prints, and no Git is needed to compute it. All that
    lies there counts, whether Git tracks it, ignores it or knows nothing of it; only `.git` and folders without a file
    do not. Filters that Git would apply (line endings, large files kept elsewhere) are not.

    Raises:
        SetupError: when a file cannot be read, or is something that Git cannot keep.
    """
    try:
        return (_tree(os.fsencode(folder)) or _hash("tree", b"")).hex()
    except OSError as error:
        raise SetupError(f"{os.fsdecode(error.filename)}: cannot be read ({error.strerror})") from error
    except RecursionError as error:
        raise SetupError(f"{folder}: its folders are nested too deeply") from error


def commit_id(folder: Path) -> str:
    """Return the commit that is checked out around `folder`, or "" outside Git."""
    return (_git(folder, "rev-parse", "--verify", "--quiet", "HEAD") or "").strip()


def records(folder: Path, namespace: str, world: str = "") -> Mapping[str, Record]:
    """Return what was last applied, by tenant id; a record that cannot be read counts as missing.

    So does one of another emulated world: what was applied there says nothing of this one. A reference whose name is
    no tenant id is none of ours.
    """
    listing = _git(folder, "for-each-ref", "--format=%(refname:lstrip=3)", namespace)
    names = [name for name in (listing or "").split() if _TENANT_ID.fullmatch(name)]
    found = {name: _record(_git(folder, "cat-file", "blob", f"{namespace}/{name}")) for name in names}
    return {name: record for name, record in found.items() if record is not None and record.world == world}


def documents(folder: Path, tree: str) -> Mapping[str, bytes] | None:
    """Return the documents (`*.yaml`) in a tree that Git may still have, by path below it; None when it cannot be told.

    A tree that holds anything but plain files, or names that lead out of a folder, was never one of documents.
    """
    if not _OBJECT_ID.fullmatch(tree):
        return None
    listing = _ask(folder, "ls-tree", "-r", "-l", "-z", "--full-tree", tree)
    rows = [_listed(row) for row in (listing or b"").split(b"\0")[:-1]]
    if listing is None or None in rows:
        return None
    found = [row for row in rows if row and row.path.endswith(".yaml")]
    if len(found) > _MOST_FILES or sum(row.size for row in found) > _MOST_BYTES:
        return None
    printed = _ask(folder, "cat-file", "--batch", stdin="".join(f"{row.blob}\n" for row in found).encode())
    return None if printed is None else _contents(found, printed)


def remember(folder: Path, namespace: str, entries: Mapping[str, Record]) -> list[str]:
    """Store what was applied, by tenant id, and return a remark for each tenant where Git refused."""
    return [
        remark
        for tenant_id, record in sorted(entries.items())
        for remark in _store(folder, namespace, tenant_id, record)
    ]


def _store(folder: Path, namespace: str, tenant_id: str, record: Record) -> Iterable[str]:
    text = json.dumps(asdict(record), sort_keys=True)
    blob = _git(folder, "hash-object", "-w", "--stdin", stdin=text)
    if blob is None or _git(folder, "update-ref", f"{namespace}/{tenant_id}", blob.strip()) is None:
        yield f"{record.tenant}: what was applied could not be recorded in Git; the next report cannot tell when it was"


def inside_git(folder: Path) -> bool:
    """Whether `folder` lies in a Git repository and `git` is there."""
    return _git(folder, "rev-parse", "--git-dir") is not None


def _record(text: str | None) -> Record | None:
    try:
        record = Record(**json.loads(text or "null"))
    except (ValueError, TypeError, RecursionError):
        return None
    words, numbers = (record.tenant, record.tree, record.digest, record.world), (record.exit_code, record.managed)
    sound = all(isinstance(word, str) for word in words) and all(type(number) is int for number in numbers)
    return record if sound else None


@dataclass(frozen=True, slots=True)
class _Row:
    path: str
    blob: str
    size: int


def _listed(row: bytes) -> _Row | None:
    """Read `mode type id size\\tpath`; None for what is no plain file, or has no plain name."""
    about, _, name = row.partition(b"\t")
    mode, _, blob, size = about.decode("ascii", errors="replace").split()
    path = name.decode(errors="replace")
    plain = mode in ("100644", "100755") and size.isdecimal() and "\ufffd" not in path
    return _Row(path, blob, int(size)) if plain and {"", ".", "..", ".git"}.isdisjoint(path.split("/")) else None


def _contents(rows: Iterable[_Row], printed: bytes) -> Mapping[str, bytes] | None:
    """Cut what `cat-file --batch` prints, `id type size\\n` and the contents of each, into files."""
    found, at = {}, 0
    for row in rows:
        head = f"{row.blob} blob {row.size}\n".encode()
        begins, at = at + len(head), at + len(head) + row.size + 1
        if not printed.startswith(head, begins - len(head)) or len(printed) < at:
            return None
        found[row.path] = printed[begins : at - 1]
    return found


def _git(folder: Path, *arguments: str, stdin: str = "") -> str | None:
    """Return what git prints, as text, or None when it does not answer."""
    printed = _ask(folder, *arguments, stdin=stdin.encode())
    return None if printed is None else printed.decode(errors="replace")


def _ask(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """Return what git prints, or None when it refuses, is missing or hangs. Never asks, never runs hooks."""
    quiet = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    quiet |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
    quiet["GIT_NO_REPLACE_OBJECTS"] = "1"
    command = ["git", *(word for setting in _HARMLESS for word in ("-c", setting)), *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, env=quiet, input=stdin, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _tree(folder: bytes) -> bytes | None:
    """Return the id of a folder, or None when there is no file in it, since Git keeps no empty folders."""
    with os.scandir(folder) as listing:
        entries = sorted((entry for entry in listing if entry.name != b".git"), key=_place)
    body = b"".join(_row(entry) for entry in entries)
    return _hash("tree", body) if body else None


def _place(entry: os.DirEntry[bytes]) -> bytes:
    """Git sorts folders as if their names ended in a slash."""
    return entry.name + b"/" if entry.is_dir(follow_symlinks=False) else entry.name


def _row(entry: os.DirEntry[bytes]) -> bytes:
    mode, digest = _leaf(entry)
    return mode + b" " + entry.name + b"\0" + digest if digest else b""


def _leaf(entry: os.DirEntry[bytes]) -> tuple[bytes, bytes | None]:
    if entry.is_symlink():
        return b"120000", _hash("blob", os.readlink(entry.path))
    if entry.is_dir(follow_symlinks=False):
        return b"40000", _tree(entry.path)
    if not entry.is_file(follow_symlinks=False):
        raise SetupError(
            f"{os.fsdecode(entry.path)}: neither a file, a folder nor a link; take it out of the documents"
        )
    mode = b"100755" if entry.stat(follow_symlinks=False).st_mode & 0o100 else b"100644"
    with open(entry.path, "rb") as stream:
        return mode, _hash("blob", stream.read())


def _hash(kind: str, body: bytes) -> bytes:
    return hashlib.sha1(f"{kind} {len(body)}".encode() + b"\0" + body, usedforsecurity=False).digest()
