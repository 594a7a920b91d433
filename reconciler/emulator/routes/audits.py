"""The directory audits: who changed what, newest first. Read only; records are written with the change itself."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from reconciler.emulator import routing
from reconciler.emulator.calls import Answer, Body, Call, Json, Route
from reconciler.emulator.committing import stamp
from reconciler.emulator.refusals import Refusal, bad_request, shorten

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_READ = ("AuditLog.Read.All", "Directory.Read.All")
_PAGE = 1000
_CONDITION = re.compile(r"\(*\s*([\w/]+)\s+(eq|ge|gt|le|lt)\s+('(?:[^']|'')*'|[^\s()]+)\s*\)*")
_STARTS = re.compile(r"startswith\(\s*([\w/]+)\s*,\s*'((?:[^']|'')*)'\s*\)", re.IGNORECASE)
_TARGET = re.compile(r"targetResources/any\(\s*(\w+)\s*:\s*\1/(id|displayName)\s+eq\s+'((?:[^']|'')*)'\s*\)")
_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": operator.eq,
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}
_FIELDS = frozenset(
    {
        "category",
        "activityDateTime",
        "activityDisplayName",
        "loggedByService",
        "result",
        "correlationId",
        "initiatedBy/app/appId",
        "initiatedBy/app/displayName",
        "initiatedBy/user/id",
        "initiatedBy/user/userPrincipalName",
        "initiatedBy/user/displayName",
    }
)


def _list(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    for name in call.query:
        if name not in {"$filter", "$top", "$orderby", "$skiptoken"}:
            raise bad_request(f"The query option '{shorten(name)}' is not supported.", code="BadRequest")
    shown = stamp(world.clock.now() - timedelta(seconds=world.switches.audit_lag_seconds))
    conditions = _conditions(call.query.get("$filter", ""))
    records = [
        record
        for record in world.store.audits(call.tenant)
        if record["activityDateTime"] <= shown and all(holds(record) for holds in conditions)
    ]
    if call.query.get("$orderby", "activityDateTime desc").strip() in {"activityDateTime", "activityDateTime asc"}:
        records.reverse()
    return _page(call, records)


def _page(call: Call, records: list[dict[str, Json]]) -> Answer:
    size, start = _number(call, "$top", _PAGE), _number(call, "$skiptoken", 0)
    answer: dict[str, Json] = {"@odata.context": f"{call.base}/{call.version}/$metadata#auditLogs/directoryAudits"}
    if len(records) > start + size:
        options = {**call.query, "$skiptoken": str(start + size)}
        answer["@odata.nextLink"] = routing.link(call.base, call.path, options)
    answer["value"] = records[start : start + size]
    return Answer(200, answer)


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 7) or (name == "$top" and not 0 < int(text) <= _PAGE):
        raise bad_request(f"Invalid value for the query option '{name}': '{shorten(text)}'.", code="BadRequest")
    return int(text)


def _conditions(text: str) -> list[Callable[[Body], bool]]:
    """Return the conditions of a filter: comparisons joined by `and`, which is what clients use."""
    if not text.strip():
        return []
    return [_condition(part) for part in re.split(r"\s+and\s+", text.strip())]


def _condition(text: str) -> Callable[[Body], bool]:
    starts, target = _STARTS.fullmatch(text), _TARGET.fullmatch(text)
    if starts is not None and starts[1] in _FIELDS:
        beginning, name = starts[2].replace("''", "'"), starts[1]
        return lambda record: _read(record, name).startswith(beginning)
    if target is not None:
        member, value = target[2], target[3].replace("''", "'")
        return lambda record: any(one.get(member) == value for one in record["targetResources"])
    found = _CONDITION.fullmatch(text)
    if found is None or found[1] not in _FIELDS:
        raise _invalid(text)
    field, compare, wanted = found[1], _COMPARISONS[found[2]], _value(found[1], found[3])
    return lambda record: compare(_read(record, field), wanted)


def _value(field: str, text: str) -> str:
    if field != "activityDateTime":
        return text.strip("'").replace("''", "'")
    try:
        moment = datetime.fromisoformat(text)
        return stamp(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise _invalid(text) from error


def _read(record: Body, field: str) -> str:
    value: Json = record
    for name in field.split("/"):
        value = (value or {}).get(name)
    return str(value or "")


def _invalid(text: str) -> Refusal:
    return bad_request(f"Invalid filter clause: '{shorten(text)}'.", code="BadRequest")


ROUTES = (Route("GET", "/auditLogs/directoryAudits", _list, _READ),)
