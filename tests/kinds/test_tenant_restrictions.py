"""What stands in tenant restrictions beside users and applications is the service's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from specimen import Specimen, Subject

from reconciler.kinds import REGISTRY
from reconciler.kinds.blocks import everyone
from reconciler.model import Kind

DEVICES = {"mode": "allowed", "rule": "device.isCompliant -eq true"}


@pytest.mark.parametrize("kind", [REGISTRY["default"], REGISTRY["partner"]], ids=lambda kind: kind.name)
def test_devices_are_kept_and_never_written(kind: Kind, tmp_path: Path) -> None:
    specimen = Specimen(Subject(kind, REGISTRY), tmp_path)
    specimen.apply(specimen.document({}))
    specimen.keep(tenantRestrictions={**everyone("blocked"), "devices": DEVICES})
    before = specimen.writes()
    specimen.apply(specimen.document({"tenantRestrictions": everyone("allowed")}))
    [entry] = specimen.world.store.journal()[before:]

    assert (specimen.stored() or {})["tenantRestrictions"]["devices"] == DEVICES
    assert "devices" not in entry.sent["tenantRestrictions"]


def test_devices_are_no_news(tmp_path: Path) -> None:
    specimen = Specimen(Subject(REGISTRY["default"], REGISTRY), tmp_path)
    specimen.keep(tenantRestrictions={**everyone("blocked"), "devices": DEVICES})
    plan = specimen.plan(specimen.document({}))

    assert not [finding for finding in plan.findings if "does not know" in finding.message]
