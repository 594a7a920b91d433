"""What a job knows between its cycles: where it stands, whom it has linked; and what a restart forgets of it.

How a cycle runs is the business of `running`. On-demand provisioning shares the links. What hangs below a job is the
service's own: it is neither journaled nor shown to anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.synchronization.kinds import LINK, STATE

if TYPE_CHECKING:
    from reconciler.emulator.world import World


def state(world: World, tenant: str, key: str) -> dict[str, Json]:
    """Return what the job with this key knows.

    `watermark` is the last number of the journal that a cycle has looked at, or None before a first one has ended;
    `due` the moment of the next cycle; `escrows` lead from ids of the source to what failed and when it is tried
    again; `staged` are ids whose deletion the guard held back; `synchronized` counts what is linked; `syncsAll` says
    whether the cycles since the last initial one look at everybody; `forcesDeletes` that the next cycle carries out
    what was held back.
    """
    kept = world.store.get(tenant, STATE.kind, key) or {}
    return {**STATE.stock, "id": key.partition("/")[2], **kept}


def forgotten(known: Body, scopes: Collection[str]) -> dict[str, Json]:
    """Return what is left of a state when these scopes are reset."""
    parts = {"Watermark": ("watermark",), "ConnectorDataStore": ("synchronized",), "Escrows": ("escrows",)}
    cleared = {part: STATE.stock[part] for scope in scopes for part in parts.get(scope, ())}
    return {**known, **cleared, "forcesDeletes": known["forcesDeletes"] or "ForceDeletes" in scopes}


def forget(world: World, tenant: str, key: str) -> None:
    """Forget everything: the job is gone."""
    world.store.delete(tenant, STATE.kind, key)
    drop_links(world, tenant, key)


# ------------------------------------------------------------------------------------------ links


def link_to(world: World, tenant: str, key: str, source_id: str) -> dict[str, Json] | None:
    """Return the link of an object of the source, or None where it never had one."""
    return world.store.get(tenant, LINK.kind, f"{key}/{source_id}")


def links(world: World, tenant: str, key: str) -> Iterator[dict[str, Json]]:
    """Yield all links of a job."""
    yield from (body for _, body in world.store.scan(tenant, LINK.kind, below=key))


def linked(source_id: str, target_id: str, *, kind: str = "User", removed: bool = False) -> dict[str, Json]:
    """Return a link."""
    return {"id": source_id, "kind": kind, "target": target_id, "removed": removed}


def keep_link(world: World, tenant: str, key: str, link: Body) -> None:
    """Remember a link."""
    world.store.put(tenant, LINK.kind, f"{key}/{link['id']}", link)


def drop_link(world: World, tenant: str, key: str, source_id: str) -> None:
    """Forget a link."""
    world.store.delete(tenant, LINK.kind, f"{key}/{source_id}")


def drop_links(world: World, tenant: str, key: str) -> None:
    """Forget all links of a job: with the next cycle everybody is matched anew."""
    world.store.delete_below(tenant, LINK.kind, key)
