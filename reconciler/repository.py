"""The Git side: which tree the documents are, which commit, and what was last applied. Never reads a document.

The record of the last apply is advisory. It lies at `refs/reconciler/applied/<tenantId>`; a rehearsal on an emulator
has its own, at `refs/reconciler/rehearsed/<tenantId>`. A missing record means "unknown", and never blocks.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from reconciler.errors import SetupError

APPLIED, REHEARSED = "refs/reconciler/applied", "refs/reconciler/rehearsed"
# Seconds; git on a healthy disk answers in a few hundredths.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Record:
    """What was last applied to a tenant: its name, the tree of the documents, the plan's digest, and how it ended.

    `managed` counts the objects that Git spoke of.
    """

    tenant: str
    tree: str
    digest: str
    exit_code: int
    managed: int


def tree_id(folder: Path) -> str:
    """Return the Git tree id (SHA-1, hexadecimal) of the files in `folder` as they lie there.

    For a clean checkout this is what `git rev-parse HEAD:tenants` prints, and no Git is needed to compute it.

    Raises:
        SetupError: when a file cannot be read.
    """
    try:
        return _tree(folder).hex()
    except OSError as error:
        raise SetupError(f"{error.filename}: cannot be read ({error.strerror})") from error


def commit_id(folder: Path) -> str:
    """Return the commit that is checked out around `folder`, or "" outside Git."""
    return (_git(folder, "rev-parse", "--verify", "--quiet", "HEAD") or "").strip()


def records(folder: Path, namespace: str) -> Mapping[str, Record]:
    """Return what was last applied, by tenant id; a record that cannot be read counts as missing."""
    listing = _git(folder, "for-each-ref", "--format=%(refname:lstrip=3)", namespace)
    found = {name: _record(_git(folder, "cat-file", "blob", f"{namespace}/{name}")) for name in (listing or "").split()}
    return {name: record for name, record in found.items() if record is not None}


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
        return Record(**json.loads(text or "null"))
    except (ValueError, TypeError):
        return None


def _git(folder: Path, *arguments: str, stdin: str = "") -> str | None:
    """Return what git prints, or None when it refuses, is missing or hangs. Never asks, never runs hooks."""
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, env=quiet, input=stdin, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _tree(folder: Path) -> bytes:
    entries = [entry for entry in os.scandir(folder) if entry.name != ".git"]
    # Git sorts folders as if their names ended in a slash.
    rows = sorted((f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name, entry) for entry in entries)
    body = b"".join(_row(entry) for _, entry in rows)
    return _hash("tree", body)


def _row(entry: os.DirEntry[str]) -> bytes:
    mode, digest = _leaf(entry)
    return f"{mode} {entry.name}".encode() + b"\0" + digest


def _leaf(entry: os.DirEntry[str]) -> tuple[str, bytes]:
    if entry.is_symlink():
        return "120000", _hash("blob", os.readlink(entry.path).encode())
    if entry.is_dir(follow_symlinks=False):
        return "40000", _tree(Path(entry.path))
    mode = "100755" if entry.stat().st_mode & 0o100 else "100644"
    return mode, _hash("blob", Path(entry.path).read_bytes())


def _hash(kind: str, body: bytes) -> bytes:
    return hashlib.sha1(f"{kind} {len(body)}".encode() + b"\0" + body, usedforsecurity=False).digest()
