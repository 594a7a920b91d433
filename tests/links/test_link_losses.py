"""A tenant that cannot be read any more when a plan is carried out: who is linked with it waits, and nobody else."""

from __future__ import annotations

from pathlib import Path

from spine import configuration, documents, link, outcome, scene, seed, silent, tenant

from reconciler.model import Verdict

NOTHING = dict.fromkeys(("isMfaAccepted", "isCompliantDeviceAccepted", "isHybridAzureADJoinedDeviceAccepted"), False)


def test_only_who_is_linked_with_a_lost_tenant_stops(tmp_path: Path) -> None:
    said = documents(link())
    said |= {
        "tailspin/tenant.yaml": tenant("tailspin"),
        "tailspin/default.yaml": {"kind": "DefaultConfiguration", "spec": {"inboundTrust": {"isMfaAccepted": False}}},
    }
    start = seed(None, "contoso", "fabrikam", "tailspin")
    start["tenants"]["tailspin"]["default"] = {"inboundTrust": {**NOTHING, "isMfaAccepted": True}}
    one = scene(tmp_path, start, said)
    plan = one.plan()
    one.world.add_fault({"match": {"tenant": "fabrikam", "path": "*"}, "action": {"status": 503}})

    report = one.apply(plan)

    assert outcome(report, "tailspin/default").verdict is Verdict.APPLIED
    made = outcome(report, "contoso/configuration/contoso-to-fabrikam", 0)
    assert (made.verdict, made.attempts) == (Verdict.NOT_STARTED, 0)
    assert made.detail.startswith("fabrikam, with which contoso is linked, could not be read before the first write")
    assert [remark.partition(":")[0] for remark in report.remarks] == [
        "fabrikam, with which contoso is linked, could not be read, and both were left alone",
        "fabrikam could not be read, and was left alone",
    ]
    assert report.exit_code == 6


def test_nothing_is_concluded_for_a_link_of_which_one_side_is_lost(tmp_path: Path) -> None:
    start = silent(seed({"link": configuration(synchronization={"state": "paused"})}))
    one = scene(tmp_path, start)
    plan = one.plan()
    one.world.add_fault({"match": {"tenant": "fabrikam", "path": "*"}, "action": {"status": 503}})

    report = one.apply(plan)

    assert {done.verdict for done in report.outcomes} == {Verdict.NOT_STARTED}
    assert report.exit_code == 9
