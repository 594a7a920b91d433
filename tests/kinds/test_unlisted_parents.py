"""A list lags: a partner that it does not show, and that shall go, is read with all that hangs below it."""

from pathlib import Path

import driving

from reconciler.emulator.world import World
from reconciler.model import Json

CONTOSO, FABRIKAM = "c0000000-0000-4000-8000-000000000001", "fab00000-0000-4000-8000-000000000002"
ABOUT = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}
NAMED = {"name": "fabrikam", "tenantId": FABRIKAM, "domain": "fabrikam.example", "state": "absent"}
EMPTY: Json = {
    "match": {"method": "GET", "path": "/v1.0/policies/crossTenantAccessPolicy/partners"},
    "action": {"status": 200, "body": {"value": []}},
}


def world() -> World:
    contoso = {
        **ABOUT,
        "partners": [{"tenantId": FABRIKAM}],
        "objects": {"identitySynchronization": {FABRIKAM: {"userSyncInbound": {"isSyncAllowed": True}}}},
    }
    return World.from_seed({"tenants": {"contoso": contoso}, "faults": [EMPTY]})


def planned(folder: Path, *kinds: str) -> tuple[list[str], list[str]]:
    """Return the steps and the errors of a plan in which documents of these kinds want Fabrikam gone."""
    papers = {f"contoso/{kind}.yaml": {"kind": kind, **NAMED} for kind in kinds}
    documents = {"contoso/tenant.yaml": {"kind": "Tenant", **ABOUT, "management": "here"}, **papers}
    [plan] = driving.Rehearsal(world(), driving.estate(folder, documents)).plan().tenants
    steps = [f"{step.change.action} {step.change.address.kind}" for step in plan.steps]
    return steps, [found.message for found in plan.findings if found.severity == "error"]


def test_synchronization_in_the_way_of_an_unlisted_partner_is_seen(tmp_path: Path) -> None:
    steps, errors = planned(tmp_path, "Partner")

    assert steps == ["delete partner"]
    assert "there is no synchronization without an entry of the partner" in errors[0]


def test_synchronization_goes_before_its_unlisted_partner(tmp_path: Path) -> None:
    assert planned(tmp_path, "Partner", "IdentitySynchronization") == (
        ["delete identity-synchronization", "delete partner"],
        [],
    )
