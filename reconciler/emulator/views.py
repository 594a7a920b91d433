"""What a read sees: the truth, or less than that where reads lag behind writes and deletes linger.

Writes are never judged by a view: the service decides by what is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Literal

from reconciler.emulator.calls import Body, Call, Json, Lag
from reconciler.emulator.committing import stamp
from reconciler.emulator.resources import Resource

if TYPE_CHECKING:
    from reconciler.emulator.world import World


def item(world: World, call: Call, resource: Resource, key: str) -> Body | None:
    """Return an object as the caller sees it, or None."""
    seen = _otherwise(world, call, resource, "item", key)
    if key in seen:
        return seen[key]
    return world.store.get(call.tenant, resource.kind, key)


def page(
    world: World, call: Call, resource: Resource, limit: int, after: str, skip: int
) -> list[tuple[str, dict[str, Json]]]:
    """Return up to `limit` objects with their keys: those that follow the key `after`, or else the first `skip`."""
    return list(islice(following(world, call, resource, after=after, skip=skip), limit))


def following(
    world: World, call: Call, resource: Resource, *, below: str = "", named: str = "", after: str = "", skip: int = 0
) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield objects with their keys, all or those below `below`, as `Store.scan` does; the world is not copied.

    With `named`, only those that have this second name are wanted: others may come with them.
    """
    seen = _otherwise(world, call, resource, "list", None)
    if named and not seen:
        yield from world.store.named(call.tenant, resource.kind, named).items()
        return
    if not seen and (below or world.switches.list_order == "creation"):
        yield from world.store.scan(call.tenant, resource.kind, below=below, after=after, skip=skip)
        return
    there = (
        dict(world.store.scan(call.tenant, resource.kind, below=below))
        if below
        else world.store.all(call.tenant, resource.kind)
    )
    here = {key: body for key, body in seen.items() if key.startswith(f"{below}/") or not below}
    everything = _ordered(world, {**there, **here})
    keys = [key for key, _ in everything]
    yield from everything[keys.index(after) + 1 if after in keys else skip :]


def count(world: World, call: Call, resource: Resource) -> int:
    """Return how many objects the caller sees."""
    seen = _otherwise(world, call, resource, "list", None)
    if not seen:
        return world.store.count(call.tenant, resource.kind)
    return len(_ordered(world, {**world.store.all(call.tenant, resource.kind), **seen}))


def lingers(world: World, tenant: str, kind: str, key: str) -> bool:
    """Tell whether an object was deleted so short a time ago that creating it again is refused."""
    return key in _lingering(world, tenant, kind)


def is_newborn(world: World, tenant: str, resource: Resource, key: str) -> bool:
    """Tell whether an object is so new that other parts of the service do not know it yet."""
    return key in _unborn(world, tenant, resource)


def _ordered(world: World, objects: dict[str, Body | None]) -> list[tuple[str, dict[str, Json]]]:
    there = [(key, dict(body)) for key, body in objects.items() if body is not None]
    if world.switches.list_order == "creation":
        return there
    # Any stable order does; a real shuffle would change from page to page.
    return sorted(there, key=lambda pair: pair[0][::-1])


def _otherwise(
    world: World, call: Call, resource: Resource, view: Literal["item", "list"], key: str | None
) -> dict[str, Body | None]:
    """Return the objects that the caller sees differently from what is there; None is an object not seen."""
    horizons = list(_horizons(world, call, resource, view, key))
    seen: dict[str, Body | None] = {}
    if horizons:
        for entry in world.store.history(call.tenant, resource.kind, since=min(horizons)):
            seen[entry.key] = entry.before
    return {**_lingering(world, call.tenant, resource.kind), **_unborn(world, call.tenant, resource), **seen}


def _horizons(
    world: World, call: Call, resource: Resource, view: Literal["item", "list"], key: str | None
) -> Iterator[int]:
    """Yield the last journal entries that the lags of this read know of."""
    seconds = max(world.switches.read_lag_seconds, getattr(world.switches, resource.lag) if resource.lag else 0)
    if seconds:
        yield _sequence_before(world, seconds)
    for lag in call.lags:
        if lag.view in (view, "both"):
            horizon = _horizon(world, call, resource, lag, key)
            if horizon is not None:
                yield horizon


def _horizon(world: World, call: Call, resource: Resource, lag: Lag, key: str | None) -> int | None:
    what = (call.tenant, resource.kind) if key is None else (call.tenant, resource.kind, key)
    last_write = world.store.last_write(call.tenant, resource.kind, key)
    return world.faults.horizon(lag, what, last_write, _sequence_before(world, lag.seconds))


def _sequence_before(world: World, seconds: float) -> int:
    return world.store.sequence_at(stamp(world.clock.now() - timedelta(seconds=seconds)))


def _lingering(world: World, tenant: str, kind: str) -> dict[str, Body | None]:
    seconds = world.switches.delete_lingers_seconds
    if not seconds:
        return {}
    deleted: dict[str, Body | None] = {}
    settled: set[str] = set()
    for entry in world.store.history(tenant, kind, since=_sequence_before(world, seconds)):
        if entry.key not in settled and entry.after is None:
            deleted[entry.key] = entry.before
        settled.add(entry.key)
    return deleted


def _unborn(world: World, tenant: str, resource: Resource) -> dict[str, Body | None]:
    seconds = world.switches.new_object_lag_seconds
    if not seconds or not resource.replicates:
        return {}
    written = world.store.history(tenant, resource.kind, since=_sequence_before(world, seconds))
    return {entry.key: None for entry in written if entry.before is None}
