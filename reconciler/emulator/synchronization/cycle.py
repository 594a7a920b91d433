"""What a job knows of people between its cycles, and what a restart forgets of it.

A cycle is not here yet: who is created, changed and removed in the target. It will read and write this state, and be
called by whatever lets time pass. On-demand provisioning shares the links.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.synchronization.kinds import STATE

if TYPE_CHECKING:
    from reconciler.emulator.world import World


def state(world: World, tenant: str, key: str) -> dict[str, Json]:
    """Return what the job with this key knows.

    `watermark` is None before a first cycle has ended; `links` lead from ids of the source to ids of the target,
    `escrows` from ids of the source to what failed; `forcesDeletes` says that the next cycle carries out what the guard
    against deletions held back.
    """
    kept = world.store.get(tenant, STATE.kind, key) or {}
    return {**STATE.stock, "id": key.partition("/")[2], **kept}


def forgotten(known: Body, scopes: Collection[str]) -> dict[str, Json]:
    """Return what is left of a state when these scopes are reset."""
    parts = {"Watermark": "watermark", "ConnectorDataStore": "links", "Escrows": "escrows"}
    cleared = {part: STATE.stock[part] for scope, part in parts.items() if scope in scopes}
    return {**known, **cleared, "forcesDeletes": known["forcesDeletes"] or "ForceDeletes" in scopes}
