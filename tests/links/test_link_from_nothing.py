"""A link from two empty tenants, with everything real but the network: files, plan, apply, and a second plan."""

from __future__ import annotations

from pathlib import Path

from driving import Documents, Rehearsal, agreed, estate

from reconciler.emulator.world import World
from reconciler.kinds import ALL

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "fab00000-0000-4000-8000-000000000002"
SEED = {
    "tenants": {
        "contoso": {
            "tenantId": CONTOSO,
            "displayName": "Contoso",
            "domain": "contoso.example",
            "users": {"megan": {"displayName": "Megan Bowen"}},
            "groups": {"sync": {"displayName": "Sync to Fabrikam", "members": ["megan"]}},
        },
        "fabrikam": {"tenantId": FABRIKAM, "displayName": "Fabrikam", "domain": "fabrikam.example"},
    }
}
DOCUMENTS: Documents = {
    "contoso/tenant.yaml": {
        "kind": "Tenant",
        "tenantId": CONTOSO,
        "displayName": "Contoso",
        "domain": "contoso.example",
        "management": "here",
        "owner": "identity",
    },
    "fabrikam/tenant.yaml": {
        "kind": "Tenant",
        "tenantId": FABRIKAM,
        "displayName": "Fabrikam",
        "domain": "fabrikam.example",
        "management": "here",
        "owner": "identity",
    },
    "shared/links/contoso-to-fabrikam.yaml": {
        "kind": "SyncLink",
        "name": "contoso-to-fabrikam",
        "source": "contoso",
        "target": "fabrikam",
        "owner": "identity",
        "spec": {
            "scope": {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}},
            "mappings": {"displayName": {"expression": 'Append([displayName], " (Contoso)")'}},
        },
    },
}


def test_link_is_made_and_settles(tmp_path: Path) -> None:
    """All that it needs is made in a safe order, and then nothing is left to do."""
    world = World.from_seed(SEED)
    rehearsal = Rehearsal(world, estate(tmp_path, DOCUMENTS, ALL), ALL)
    rehearsal, plan, _ = agreed(rehearsal, tmp_path, DOCUMENTS)
    for tenant in plan.tenants:
        print(tenant.tenant, tenant.standing, tenant.reason)
        for finding in tenant.findings:
            print("   ", finding.severity, finding.rule, finding.message, finding.details)
        for step in tenant.steps:
            print(
                "   ",
                step.id[:4],
                step.change.action,
                step.change.address,
                step.change.before,
                step.change.after,
                [n[:4] for n in step.needs],
            )
    report = rehearsal.apply(plan)
    for outcome in report.outcomes:
        print(outcome.address, outcome.action, outcome.verdict, outcome.attempts, outcome.detail)
    assert report.exit_code == 0
    again = rehearsal.plan()
    for tenant in again.tenants:
        for step in tenant.steps:
            print("again", step.change)
    assert not again.steps
