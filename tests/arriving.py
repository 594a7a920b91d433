"""Tenants that are imported from an emulated world, in the test's own process: read, drafted and laid on the disk.

Import it by its name from any folder under tests/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import emulated

from reconciler import adopting, reconciling
from reconciler.adopting import Adoption
from reconciler.emulator.world import World
from reconciler.kinds import REGISTRY
from reconciler.loading import load
from reconciler.model import Json, Kind, Management, Plan, Tenant

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
MFA = {"isMfaAccepted": True, "isCompliantDeviceAccepted": False, "isHybridAzureADJoinedDeviceAccepted": False}
NOTHING = dict.fromkeys(MFA, False)
EVERYONE = {"targets": [{"target": "AllUsers", "targetType": "user"}]}
EVERYTHING = {"targets": [{"target": "AllApplications", "targetType": "application"}]}
BLOCKED = {
    "usersAndGroups": {"accessType": "blocked", **EVERYONE},
    "applications": {"accessType": "blocked", **EVERYTHING},
}


def key(number: int) -> str:
    """Return the tenant id of the organization with that number."""
    return f"{number:08x}-0000-4000-8000-00000000000a"


def world(*partners: Mapping[str, Json], **said: Json) -> World:
    """Return a world with one tenant, contoso, that has these partners. Organizations are known as `others`."""
    others: Json = said.pop("others", {})
    tenant = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example", **said}
    return World.from_seed({"organizations": others, "tenants": {"contoso": {**tenant, "partners": list(partners)}}})


def organizations(*names: str) -> dict[str, Json]:
    """Return organizations that the directory knows, numbered from 1."""
    return {
        f"other-{number}": {"tenantId": key(number), "displayName": name, "domain": f"other{number}.example"}
        for number, name in enumerate(names, 1)
    }


def newcomer(world: World, name: str = "contoso") -> Tenant:
    """Return a tenant as the options of the command describe it."""
    return replace(emulated.tenant_of(world, name), display_name=name, management=Management.OBSERVE)


def adopt(world: World, folder: Path, name: str = "contoso", kinds: Mapping[str, Kind] = REGISTRY) -> Adoption:
    """Import a tenant into `folder`, and return what was written."""
    ground = adopting.ground(folder, kinds)
    tenant = known(world, ground.estate.tenants[name]) if name in ground.estate.tenants else newcomer(world, name)
    reader = emulated.network(world).reader
    found = asyncio.run(adopting.survey(ground, tenant, reader, kinds))
    adoption = adopting.adopt(ground, tenant, found, kinds, world.clock.now().date())
    for path, text in adoption.files.items():
        assert not (folder / path).exists()
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return adoption


def known(world: World, tenant: Tenant) -> Tenant:
    """Return a tenant of the files with the applications of the world."""
    return replace(tenant, auth=emulated.tenant_of(world, tenant.name).auth)


def plan(world: World, folder: Path, kinds: Mapping[str, Kind] = REGISTRY) -> Plan:
    """Return the plan of what the files say now."""
    estate = load(folder, kinds)
    there = {name: known(world, tenant) for name, tenant in estate.tenants.items()}
    desired = reconciling.Desired(replace(estate, tenants=there), kinds, "", world.clock.now().date())
    return asyncio.run(reconciling.plan(desired, emulated.network(world).reader))


def texts(folder: Path) -> dict[str, str]:
    """Return every file below `folder`."""
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))}
