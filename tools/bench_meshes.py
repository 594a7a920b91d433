"""Meshes of tenants for the benchmark: a topology as people write it, and a seed in which all its links provision.

Not part of the package. One job in each tenant is paused there, so a right plan starts that one and does nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.emulator.seed_language import application_id

STEPS = 1
"""Steps in each tenant of a mesh whose links are all there."""
_HEAD = "apiVersion: crosstenant/v1\nkind: "
_MARK = "Managed by entra-reconciler as link "
_SETTINGS = {
    "SyncNotificationSettings": json.dumps(
        {"Enabled": False, "Recipients": "", "DeleteThresholdEnabled": True, "DeleteThresholdValue": 100}
    )
}


@dataclass(frozen=True, slots=True)
class Member:
    """A tenant of a mesh. It has the names that a bench asks for."""

    name: str
    tenant_id: str
    steps: int = STEPS


def members(count: int, *, group: int = 1) -> tuple[Member, ...]:
    """Return so many tenants; those of another group are others."""
    return tuple(
        Member(f"tenant-{group}-{number:02}", f"0d6e6a63-7b0e-4a7e-9c84-{group:04}{number:08}")
        for number in range(1, count + 1)
    )


def write(folder: Path, mesh: Sequence[Member], *, name: str = "group") -> Path:
    """Write the documents of all tenants and of the topology between them; return the folder."""
    for member in mesh:
        _put(folder / member.name / "tenant.yaml", _tenant(member))
    topology = (
        f"{_HEAD}Topology\nname: {name}\nshape: mesh\nmembers: [{', '.join(one.name for one in mesh)}]\n"
        "owner: identity-team\nlink:\n"
        '  scope: {assigned: {groups: [{name: "XTS {source.name} to {target.name}"}]}}\n'
    )
    _put(folder / "shared" / "topologies" / f"{name}.yaml", topology)
    return folder


def _tenant(member: Member) -> str:
    plan, apply = (application_id(member.tenant_id, name) for name in ("plan", "apply"))
    return (
        f"{_HEAD}Tenant\ntenantId: {member.tenant_id}\ndisplayName: {member.name.title()}\n"
        f"domain: {member.name}.example\nmanagement: here\nowner: identity-team\n"
        f"auth:\n  plan: {{clientId: {plan}}}\n  apply: {{clientId: {apply}}}\n"
    )


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def seed(path: Path, *several: Sequence[Member], linked: bool = True, clock: str = "real") -> Path:
    """Write what the tenants of meshes hold: with `linked` all links, else nothing but the groups."""
    tenants = {one.name: _held(one, mesh, linked=linked) for mesh in several for one in mesh}
    _put(path, json.dumps({"clock": clock, "tenants": tenants}))
    return path


def _held(member: Member, mesh: Sequence[Member], *, linked: bool) -> Mapping[str, Any]:
    others = [one for one in mesh if one is not member]
    held: dict[str, Any] = {
        "tenantId": member.tenant_id,
        "groups": {f"group-{one.name}": {"displayName": f"XTS {member.name} to {one.name}"} for one in others},
    }
    if linked:
        consent = {"automaticUserConsentSettings": {"inboundAllowed": True, "outboundAllowed": True}}
        allowed = {"userSyncInbound": {"isSyncAllowed": True}}
        held["partners"] = [{"tenantId": one.tenant_id, **consent} for one in others]
        held["objects"] = {"identitySynchronization": {one.tenant_id: allowed for one in others}}
        held["servicePrincipals"] = dict(_configurations(member, others))
    return held


def _configurations(member: Member, others: Sequence[Member]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, other in enumerate(others):
        yield (
            f"to-{other.name}",
            {
                "displayName": f"{member.name.title()} to {other.name.title()}",
                "notes": f"{_MARK}group-{member.name}-{other.name}",
                "assigned": [f"group-{other.name}"],
                "synchronization": {
                    "target": other.name,
                    "settings": _SETTINGS,
                    "state": "started" if number else "paused",
                },
            },
        )
