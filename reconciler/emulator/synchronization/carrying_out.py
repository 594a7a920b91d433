"""Writes what was decided about one object to the target, and the link that comes of it. It decides nothing."""

from __future__ import annotations

from reconciler.emulator.calls import Body
from reconciler.emulator.committing import commit_all
from reconciler.emulator.synchronization import cycle
from reconciler.emulator.synchronization.ground import Ground
from reconciler.emulator.synchronization.kinds import STATE
from reconciler.emulator.synchronization.treating import Treated


def carry_out(ground: Ground, treated: Treated) -> tuple[tuple[int, ...], int]:
    """Write to the target; return the numbers of the journal rows, and by how much more is linked now than before."""
    committed = commit_all(ground.world, ground.there, treated.written, 200)
    return committed, _keep(ground, treated.link)


def _keep(ground: Ground, link: Body | None) -> int:
    if link is None:
        return 0
    before = ground.link_to(str(link["id"]))
    if link != before:
        cycle.keep_link(ground.world, ground.tenant, ground.key, link)
    return _counts(link) - _counts(before)


def _counts(link: Body | None) -> int:
    return 0 if link is None or link["removed"] else 1


def note_synchronized(ground: Ground, kind: str, more: int) -> None:
    """Add to the number of the objects of a kind that are linked."""
    known = cycle.state(ground.world, ground.tenant, ground.key)
    count = known["synchronized"].get(kind, 0) + more
    after = {**known, "synchronized": {**known["synchronized"], kind: count}}
    ground.world.store.put(ground.tenant, STATE.kind, ground.key, after)


def note_done(ground: Ground, source_id: str) -> None:
    """Forget that somebody could not be written."""
    known = cycle.state(ground.world, ground.tenant, ground.key)
    if source_id in known["escrows"]:
        left = {key: one for key, one in known["escrows"].items() if key != source_id}
        ground.world.store.put(ground.tenant, STATE.kind, ground.key, {**known, "escrows": left})
