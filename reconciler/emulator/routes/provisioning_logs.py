"""The provisioning log: what became of whom, newest first. Read only; records are written with what happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from reconciler.emulator import paging
from reconciler.emulator.calls import Answer, Call, Json, Route
from reconciler.emulator.committing import stamp
from reconciler.emulator.refusals import bad_request, shorten
from reconciler.emulator.synchronization import log_filters
from reconciler.emulator.synchronization.kinds import EVENT

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_PAGE: Final = 1000
_DAYS, _DAYS_WITHOUT_LICENCE = 30, 7
_ORDERS: Final = {"": True, "activityDateTime desc": True, "activityDateTime": False, "activityDateTime asc": False}


def _list(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    paging.only(call, {"$filter", "$top", "$orderby", "$skiptoken"})
    order = call.query.get("$orderby", "").strip()
    if order not in _ORDERS:
        raise bad_request(f"The order '{shorten(order)}' is not supported.", code="BadRequest")
    holds = log_filters.parsed(call.query.get("$filter", ""))
    records = [event for event in _kept(world, call.tenant) if holds(event)]
    records.sort(key=lambda event: str(event["activityDateTime"]), reverse=_ORDERS[order])
    return _page(call, records)


def _kept(world: World, tenant: str) -> list[dict[str, Json]]:
    """Return what the log has kept, the newest first of what happened at one moment."""
    days = _DAYS if world.directory.tenants[tenant].licences else _DAYS_WITHOUT_LICENCE
    first = stamp(world.clock.now() - timedelta(days=days))
    shown = stamp(world.clock.now() - timedelta(seconds=world.switches.audit_lag_seconds))
    events = reversed(world.store.all(tenant, EVENT.kind).values())
    return [event for event in events if first <= event["activityDateTime"] <= shown]


def _page(call: Call, records: list[dict[str, Json]]) -> Answer:
    size = paging.number(call, "$top", _PAGE, _PAGE)
    _, start = paging.place(call)
    answer: dict[str, Json] = {"@odata.context": f"{call.base}/{call.version}/$metadata#auditLogs/provisioning"}
    if len(records) > start + size:
        answer["@odata.nextLink"] = paging.next_link(call, "", start + size)
    answer["value"] = records[start : start + size]
    return Answer(200, answer)


ROUTES = (Route("GET", EVENT.path, _list, EVENT.read),)
