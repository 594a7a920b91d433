"""Puts tenants side by side that were read one by one: whose account a guest is, which jobs can be followed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from reconciler.model import Body, Json, Link, Unreadable
from reconciler.snapshotting.shapes import Snapshot
from reconciler.snapshotting.taking import Taken

_EXTERNAL: Final = "#ext#"
# How the service writes a moment that never was.
_NEVER: Final = "0001-01-01"
ASSUMED: Final = (
    "security ids are not shown: a guest belongs to whom the log says, else to whom its sign-in name names",
    "who is linked is told by the log of 30 days; beside them, who is in scope and known to the target is linked",
    "a job that ran before has looked at everything up to now; who failed before is tried again when they change",
    "the service's own mappings and what it refuses are as the emulator has them (docs/assumptions.md)",
)


def join(
    taken: Mapping[str, Taken],
    ids: Mapping[str, str],
    unread: Mapping[str, Unreadable],
    links: Collection[Link],
    now: datetime,
    *,
    everything: bool = True,
) -> Snapshot:
    """Return the snapshot of tenants. `ids` are their ids by name, `links` those whose people matter.

    With `everything`, configurations that no link claims are followed as well, where both of their ends are known.
    """
    seeds = {name: dict(one.seed) for name, one in taken.items()}
    peopled = {link.source for link in links} | {link.target for link in links}
    open_ids = {ids[name] for name in seeds if name in peopled}
    pairs = {(link.source, link.target_id) for link in links}
    names = dict(_names(seeds.values()))
    known = dict(_linked(seeds.values()))
    for name, seed in seeds.items():
        for part in ("users", "deletedUsers"):
            seed[part] = {key: _at_home(one, names, known, ids[name]) for key, one in seed.get(part, {}).items()}
        there = open_ids if everything else {target for source, target in pairs if source == name}
        followed = open_ids & there if name in peopled else frozenset()
        seed["servicePrincipals"] = {
            key: _followed(one, followed) for key, one in seed.get("servicePrincipals", {}).items()
        }
    told = [f"{name}: {remark}" for name, one in sorted(taken.items()) for remark in one.remarks]
    return Snapshot(now.isoformat(), dict(ids), seeds, dict(unread), (*ASSUMED, *told))


def _names(seeds: Iterable[Body]) -> Iterator[tuple[str, str]]:
    """Yield what the names of guests begin with, and the ids of the accounts that they would belong to."""
    for seed in seeds:
        for key, one in seed.get("users", {}).items():
            name = str(one.get("userPrincipalName") or "").lower()
            if _EXTERNAL not in name:
                yield name.replace("@", "_"), key


def _linked(seeds: Iterable[Body]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield target tenant and id of users whom a log links, with the ids of the source."""
    for seed in seeds:
        for one in seed.get("servicePrincipals", {}).values():
            said = one.get("synchronization") or {}
            for source, target in said.get("links", {}).items():
                yield (_target(one), target), source


def _target(principal: Body) -> str:
    pairs = (principal.get("synchronization") or {}).get("secrets", ())
    return next((str(one["value"]).lower() for one in pairs if one["key"] == "CompanyId"), "")


def _at_home(
    one: Body, names: Mapping[str, str], known: Mapping[tuple[str, str], str], tenant_id: str
) -> dict[str, Json]:
    name = str(one.get("userPrincipalName") or "").lower()
    prefix, is_external, _ = name.partition(_EXTERNAL)
    home = known.get((tenant_id, str(one["id"]))) or (names.get(prefix) if is_external else None)
    if home is None or one.get("externalUserState") == "PendingAcceptance":
        return dict(one)
    return {**one, "home": home}


def _followed(one: Body, targets: Collection[str]) -> dict[str, Json]:
    """Return a configuration that runs where both of its ends are known, and stands still elsewhere."""
    said = one.get("synchronization")
    if not said:
        return dict(one)
    if _target(one) not in targets:
        return {**one, "synchronization": {**said, "held": True}}
    steady = str((said["job"].get("status") or {}).get("steadyStateFirstAchievedTime") or _NEVER)
    return {**one, "synchronization": {**said, "matched": not steady.startswith(_NEVER)}}
