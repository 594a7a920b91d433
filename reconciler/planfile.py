"""The plan as bytes: one canonical form, digested, so that what is applied is what was shown.

File: `{"body": …, "checksum": …, "envelope": {created, commit, tool, digest, rehearsal}}`. `digest` is the SHA-256 of
the body alone, `checksum` that of the envelope: no byte of the file can change unnoticed. Nothing here reads Graph or
decides.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reconciler import __version__
from reconciler.errors import PlanDamaged, PlanStale, SetupError
from reconciler.model import Envelope, Plan, canonical_json

MAX_BYTES = 64 * 1024 * 1024
VALIDITY = timedelta(days=7)
# Runners and desks disagree about the time; more than this is not a disagreement.
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan and what stands beside it."""

    plan: Plan
    envelope: Envelope


def seal(plan: Plan, *, created: datetime, commit: str, rehearsal: bool = False) -> PlanFile:
    """Return the plan in its envelope. `commit` is "" outside Git; a `rehearsal` is made against an emulator."""
    moment = created.astimezone(UTC).isoformat(timespec="seconds")
    return PlanFile(plan, Envelope(moment, commit, __version__, seal_digest(plan), rehearsal))


def encode(sealed: PlanFile) -> bytes:
    """Return the one form of the file."""
    return _written(_body(sealed.plan), sealed.envelope)


def _written(body: Any, envelope: Envelope) -> bytes:
    beside = asdict(envelope)
    return canonical_json({"body": body, "checksum": _digest(beside), "envelope": beside}) + b"\n"


def decode(data: bytes) -> PlanFile:
    """Return the plan that `data` holds.

    Raises:
        PlanDamaged: unless the bytes are exactly what `encode` writes.
    """
    if len(data) > MAX_BYTES:
        raise PlanDamaged(f"the plan file is larger than {MAX_BYTES} bytes; make a new plan")
    try:
        raw = json.loads(data)
        sealed = PlanFile(_plans().validate_python(raw["body"]), _envelopes().validate_python(raw["envelope"]))
        body = _body(sealed.plan)
        same = _written(body, sealed.envelope) == data and _digest(body) == sealed.envelope.digest
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
        raise PlanDamaged("this is not a plan file, or it has been changed; make a new plan") from error
    if not same:
        raise PlanDamaged("the plan file is not as it was written; make a new plan and have it reviewed")
    return sealed


def seal_digest(plan: Plan) -> str:
    """Return the digest of a plan's body, in hexadecimal."""
    return _digest(_body(plan))


def check_envelope(envelope: Envelope, now: datetime, *, rehearsal: bool = False) -> None:
    """Refuse a plan of another version of this program, of another time, or of a rehearsal where this is none.

    Raises:
        PlanDamaged: another version made it, it comes from the future, or from another world than this one.
        PlanStale: it is older than its validity of seven days.
    """
    if envelope.tool != __version__:
        raise PlanDamaged(f"the plan was made by version {envelope.tool}, this is {__version__}; make a new plan")
    if envelope.rehearsal != rehearsal:
        made, now_is = ("an emulator", "real tenants") if envelope.rehearsal else ("real tenants", "an emulator")
        raise PlanDamaged(f"the plan was made for {made}, and this run is for {now_is}; make a new plan")
    created = _moment(envelope.created)
    if created > now + CLOCK_SKEW:
        raise PlanDamaged(f"the plan says it was made at {envelope.created}, which has not come yet; make a new plan")
    if now > created + VALIDITY:
        raise PlanStale(
            f"the plan was made at {envelope.created} and is valid for {VALIDITY.days} days; make a new plan"
        )


def write(path: Path, sealed: PlanFile) -> None:
    """Write the file whole or not at all, readable by the owner alone.

    Raises:
        SetupError: when the disk or the folder does not allow it, or something else than a file lies there; nothing
            half is left behind, and an older plan stays as it was.
    """
    data = encode(sealed)
    try:
        _check_place(path)
        _put(path, data)
    except OSError as error:
        raise SetupError(f"{path}: the plan could not be written ({error.strerror}); it is not saved") from error


def _check_place(path: Path) -> None:
    """Refuse to put a file where something else lies: a link, a folder, or a device such as /dev/stdout."""
    if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        raise SetupError(f"{path}: something that is no regular file lies there; name another place for the plan")


def _put(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".plan.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        # Also when a signal ends the process here; after the renaming there is nothing left to remove.
        Path(temporary).unlink(missing_ok=True)


def read(path: Path) -> PlanFile:
    """Return the plan in the file at `path`.

    Raises:
        SetupError: when the file cannot be read.
        PlanDamaged: when it is not a plan, whole and unchanged.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SetupError(f"{path}: the plan cannot be read ({error.strerror})") from error
    try:
        return decode(data)
    except PlanDamaged as error:
        raise PlanDamaged(f"{path}: {error}") from error


@cache
def _plans() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


@cache
def _envelopes() -> TypeAdapter[Envelope]:
    return TypeAdapter(Envelope)


def _body(plan: Plan) -> Any:
    return _plans().dump_python(plan, mode="json")


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise PlanDamaged("the plan file does not say when it was made; make a new plan") from error
    if moment.tzinfo is None:
        raise PlanDamaged("the plan file does not say when it was made; make a new plan")
    return moment
