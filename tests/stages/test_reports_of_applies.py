"""What the report of an apply says beside the outcomes: why the run did not end well although every step did."""

from pathlib import Path

import driving

from reconciler.emulator import seeds
from reconciler.emulator.world import World
from reconciler.repository import Record

CONTOSO, ADATUM = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01", "62ca64ed-f619-46cd-bbb4-53f9a2635478"
TENANT = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}
DOCUMENTS: driving.Documents = {
    "contoso/tenant.yaml": {"kind": "Tenant", **TENANT, "management": "here", "owner": "it"},
    "contoso/partners/trey.yaml": {
        "kind": "Partner",
        "name": "trey",
        "tenantId": "4097fab2-2dad-4c4a-af54-1bcd6b214988",
        "domain": "trey.example",
        "owner": "it",
        "spec": {"automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": False}},
    },
}


def test_tenant_that_vanished_from_the_files_is_told_beside_what_was_applied(tmp_path: Path) -> None:
    trey = {"tenantId": "4097fab2-2dad-4c4a-af54-1bcd6b214988", "domain": "trey.example"}
    world = World.from_seed(seeds.parse({"organizations": {"trey": trey}, "tenants": {"contoso": TENANT}}))
    gone = {ADATUM: Record("adatum", "t", "d", 0, 3)}
    report = driving.Rehearsal(world, driving.estate(tmp_path, DOCUMENTS), records=gone).apply()

    assert [outcome.verdict for outcome in report.outcomes] == ["applied"]
    assert report.exit_code == 6
    assert [remark.partition(",")[0] for remark in report.remarks] == [
        "adatum is blocked: its tenant.yaml is gone: 3 objects would stay as it is"
    ]
