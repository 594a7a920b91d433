"""What failed, and when it is tried again: ever later. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.committing import stamp
from reconciler.emulator.synchronization.events import Happening

_LONGEST: Final = timedelta(days=1)


def escrowed(before: Body | None, what: Happening, now: datetime, first: timedelta) -> dict[str, Json]:
    """Return what is kept of a failure: its kind, its code, how often, and when it is tried again.

    `first` is the first gap; the others are twice as long each.
    """
    count = 1 + (before or {"count": 0})["count"]
    wait = min(first * 2 ** min(count - 1, 10), _LONGEST)
    code = what.trouble.code if what.trouble else ""
    return {"kind": what.source.kind, "code": code, "count": count, "again": stamp(now + wait)}


def due(escrows: Mapping[str, Body], now: datetime) -> list[str]:
    """Return the ids of what is tried again now."""
    return [source_id for source_id, one in escrows.items() if one["again"] <= stamp(now)]


def is_reference(key: str) -> bool:
    """Tell whether a failure is that of a manager or a member, which leads from one object to another."""
    return "/" in key
