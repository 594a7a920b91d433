"""What hangs below partners is read along with them, and never taken for missing because it was not shown."""

from __future__ import annotations

from pathlib import Path

import driving
import pytest

from reconciler.emulator.seed_language import generated_id
from reconciler.emulator.world import World
from reconciler.model import Json, Standing, TenantPlan

CONTOSO = "c0000000-0000-4000-8000-000000000001"
ALLOWED = {"userSyncInbound": {"isSyncAllowed": True}}
ABOUT = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}
BELOW = "/v1.0/policies/crossTenantAccessPolicy/partners/*/identitySynchronization"


def world(partners: int = 250, faults: list[Json] | None = None, **switches: Json) -> World:
    """Return a tenant in which every second partner may create people."""
    keys = [generated_id(CONTOSO, number) for number in range(1, partners + 1)]
    below = {"identitySynchronization": dict.fromkeys(keys[::2], ALLOWED)}
    contoso = {**ABOUT, "partners": [{"generate": partners}], "objects": below}
    return World.from_seed({"switches": switches, "faults": faults or [], "tenants": {"contoso": contoso}})


def plan(there: World, folder: Path) -> TenantPlan:
    """Return the plan of a tenant of which no file says anything."""
    estate = driving.estate(folder, {"contoso/tenant.yaml": {"kind": "Tenant", **ABOUT}})
    [planned] = driving.Rehearsal(there, estate).plan().tenants
    return planned


def test_all_are_read_with_the_list(tmp_path: Path) -> None:
    there = world()

    assert plan(there, tmp_path).objects["identity-synchronization"] == 125
    assert there.requests.counts[CONTOSO] == {"http": 3, "batches": 1, "inner": 7, "tokens": 1, "pages": 2}


def test_what_is_not_shown_is_asked_for(tmp_path: Path) -> None:
    there = world(40, expanded_nothing="absent")

    assert plan(there, tmp_path).objects["identity-synchronization"] == 20
    # One more batch, for the twenty of which nothing was shown.
    assert there.requests.counts[CONTOSO]["inner"] == 7 + 20


def test_list_that_is_not_expanded_is_read_plain(tmp_path: Path) -> None:
    there = world(40, expand_on_list=False)

    assert plan(there, tmp_path).objects["identity-synchronization"] == 20
    assert there.requests.counts[CONTOSO]["inner"] == 7 + 40


@pytest.mark.parametrize("status", [403, 404, 500])
def test_one_that_cannot_be_read_makes_the_tenant_unreadable(status: int, tmp_path: Path) -> None:
    """A 404 counts as "none" only in the words of the service."""
    fault = {"match": {"method": "GET", "path": BELOW}, "every": 1, "action": {"status": status, "body": {}}}
    there = world(3, [fault], expand_on_list=False)

    assert plan(there, tmp_path).standing is Standing.UNREADABLE
