"""A snapshot in a file: written for nobody but its owner, and believed only when it is whole, ours and of this form."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from reconciler.errors import SetupError
from reconciler.model import Json, Unreadable, canonical_json
from reconciler.snapshotting.shapes import Kept, Snapshot, first_of

FORMAT: Final = "entra-reconciler/snapshot/v1"
LARGEST: Final = 512 * 1024 * 1024


def save(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot; a file that is there already is not touched.

    Raises:
        SetupError: the file is there, or cannot be written.
    """
    body = {
        "readAt": snapshot.read_at,
        "ids": dict(snapshot.ids),
        "tenants": dict(snapshot.tenants),
        "unread": {name: {"reason": one.reason, "exitCode": one.exit_code} for name, one in snapshot.unread.items()},
        "assumed": list(snapshot.assumed),
        "kept": None if snapshot.kept is None else list(snapshot.kept),
    }
    text = canonical_json({"format": FORMAT, "digest": _digest(body), "body": body})
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text)
    except FileExistsError as error:
        raise SetupError(f"{path}: it is there already; a snapshot replaces no file") from error
    except OSError as error:
        raise SetupError(f"{path}: the snapshot cannot be written ({error.strerror})") from error


def load(path: Path) -> Snapshot:
    """Return the snapshot in a file.

    Raises:
        SetupError: it cannot be read, is damaged, too large, or has another form.
    """
    said = _parsed(path)
    match said:
        case {"format": str(form), **others} if form == FORMAT and others.keys() == {"digest", "body"}:
            body, digest = others["body"], others["digest"]
        case {"format": str(form)} if form.startswith("entra-reconciler/snapshot/"):
            raise SetupError(f"{path}: a snapshot of another version ({form[:60]!r}, not {FORMAT!r}); take a new one")
        case _:
            raise SetupError(f"{path}: this is no snapshot; `reconciler rehearse --keep FILE` writes one")
    if _digest(body) != digest:
        raise SetupError(f"{path}: the snapshot was changed after it was written, or is damaged; take a new one")
    try:
        kept = Kept.model_validate(body)
    except ValidationError as error:
        raise SetupError(f"{path}: the snapshot cannot be used: {first_of(error)}") from error
    return Snapshot(
        kept.readAt,
        kept.ids,
        # As it was written: what was left out there stays out.
        kept.model_dump(include={"tenants"}, by_alias=True, exclude_unset=True)["tenants"],
        {name: Unreadable(name, one.reason, one.exitCode) for name, one in kept.unread.items()},
        tuple(kept.assumed),
        None if kept.kept is None else tuple(kept.kept),
    )


def _parsed(path: Path) -> Json:
    try:
        if path.stat().st_size > LARGEST:
            raise SetupError(f"{path}: larger than any snapshot ({LARGEST >> 20} MiB)")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise SetupError(f"{path}: the snapshot cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise SetupError(f"{path}: the snapshot is damaged: it is no JSON; take a new one") from error


def _digest(body: Json) -> str:
    try:
        return hashlib.sha256(canonical_json(body)).hexdigest()
    except (ValueError, RecursionError) as error:
        raise SetupError("the snapshot holds text that is no Unicode, or nests too deep; it is not used") from error
