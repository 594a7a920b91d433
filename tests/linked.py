"""Two tenants with running sync configurations in an emulated world, and their import.

Import it by its name from any folder under tests/.
"""

from __future__ import annotations

from pathlib import Path

import arriving
from ruamel.yaml import YAML

from reconciler.emulator.world import World
from reconciler.kinds import ALL
from reconciler.model import Json, Plan

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
TAILSPIN = "7a110000-0000-4000-8000-000000000003"
LINK = "shared/links/contoso-to-fabrikam.yaml"
ALONE = "contoso/sync/contoso-to-tailspin-toys.yaml"


def consent(word: str) -> Json:
    return {"automaticUserConsentSettings": {"inboundAllowed": word == "in", "outboundAllowed": word == "out"}}


def configuration(target: str = FABRIKAM, **said: Json) -> Json:
    """Return a configuration as a seed describes it; `said` is what it is beside its target and who is assigned."""
    top = {name: said.pop(name) for name in ("displayName", "notes") if name in said}
    assigned = said.pop("assigned", ["sync"])
    return {
        "displayName": "Contoso to Fabrikam",
        **top,
        "assigned": assigned,
        "synchronization": {"target": target, **said},
    }


def world(accepts: bool = True, **configurations: Json) -> World:
    """Return contoso with these configurations, fabrikam that lets its people in or not, and a stranger."""
    permission = {CONTOSO: {"userSyncInbound": {"isSyncAllowed": True}}}
    partner = {"tenantId": CONTOSO, **consent("in")}
    return World.from_seed(
        {
            "organizations": {
                "tailspin": {"tenantId": TAILSPIN, "displayName": "Tailspin Toys", "domain": "tailspin.example"}
            },
            "tenants": {
                "contoso": {
                    "tenantId": CONTOSO,
                    "displayName": "Contoso",
                    "domain": "contoso.example",
                    "partners": [{"tenantId": FABRIKAM, **consent("out")}, {"tenantId": TAILSPIN, **consent("out")}],
                    "users": {"megan": {"displayName": "Megan Bowen"}, "adele": {"displayName": "Adele Vance"}},
                    "groups": {"sync": {"displayName": "Sync to Fabrikam", "members": ["megan"]}},
                    "servicePrincipals": configurations,
                },
                "fabrikam": {
                    "tenantId": FABRIKAM,
                    "displayName": "Fabrikam",
                    "domain": "fabrikam.example",
                    "partners": [partner] if accepts else [],
                    "objects": {"identitySynchronization": permission} if accepts else {},
                },
            },
        }
    )


def imported(there: World, folder: Path, *names: str) -> tuple[str, ...]:
    """Import tenants, and return the remarks."""
    found = [arriving.adopt(there, folder, name, ALL) for name in names or ("fabrikam", "contoso")]
    return tuple(remark for one in found for remark in one.remarks)


def said(folder: Path, file: str) -> Json:
    return YAML(typ="safe").load((folder / file).read_text(encoding="utf-8"))


def plan(there: World, folder: Path) -> Plan:
    return arriving.plan(there, folder, ALL)
