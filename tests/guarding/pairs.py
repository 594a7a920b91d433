"""Two emulated tenants and the files of a link between them, for the tests of what links say and need."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from driving import Documents, Rehearsal, estate
from situations import marks

from reconciler.emulator.world import World
from reconciler.kinds import ALL
from reconciler.model import Body, Finding, Json, Plan

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
LINK = "contoso-to-fabrikam"
FILE = f"shared/links/{LINK}.yaml"
SEED: Body = {
    "tenants": {
        "contoso": {
            "tenantId": CONTOSO,
            "displayName": "Contoso",
            "domain": "contoso.example",
            "users": {"megan": {"displayName": "Megan Bowen"}},
            "groups": {"sync": {"displayName": "Sync to Fabrikam", "members": ["megan"]}},
        },
        "fabrikam": {
            "tenantId": FABRIKAM,
            "displayName": "Fabrikam",
            "domain": "fabrikam.example",
            "users": {"nestor": {"displayName": "Nestor Wilke"}},
        },
    }
}
SCOPE: Body = {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}}


def tenant(name: str, tenant_id: str, **more: Json) -> Body:
    """What the file of a tenant says."""
    own = {"kind": "Tenant", "tenantId": tenant_id, "displayName": name.title(), "domain": f"{name}.example"}
    return {**own, "management": "here", "owner": "identity", **more}


def link(**spec: Json) -> Body:
    """What the file of the link says: those whom one group has, unless something else is said."""
    ends = {"source": "contoso", "target": "fabrikam", "owner": "identity"}
    return {"kind": "SyncLink", "name": LINK, **ends, "spec": {"scope": SCOPE, **spec}}


def papers(*, contoso: Body | None = None, fabrikam: Body | None = None, **spec: Json) -> Documents:
    """Return the files of both tenants and of the link."""
    return {
        "contoso/tenant.yaml": tenant("contoso", CONTOSO, **(contoso or {})),
        "fabrikam/tenant.yaml": tenant("fabrikam", FABRIKAM, **(fabrikam or {})),
        FILE: link(**spec),
    }


def rehearsed(folder: Path, documents: Documents, world: World | None = None) -> Rehearsal:
    """Return the files together with the world that they are about: two empty tenants, unless another is given."""
    return Rehearsal(world or World.from_seed(SEED), estate(folder, documents, ALL), ALL)


def found(plan: Plan, rule: int) -> list[Finding]:
    """Return what a rule found, over all tenants."""
    return [one for tenant in plan.tenants for one in tenant.findings if one.rule == rule]


def open_marks(plan: Plan) -> Mapping[str, list[str]]:
    """Return what stands in the way, by tenant; see `marks`."""
    stopping = {tenant.tenant: marks(one for one in tenant.findings if one.stops) for tenant in plan.tenants}
    return {name: marked for name, marked in stopping.items() if marked}
