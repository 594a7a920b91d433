"""What a finding offers takes its thing into Git: pasted as it is, the finding is gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from arriving import BLOCKED, MFA, NOTHING, adopt, key, plan, world
from ruamel.yaml import YAML

from reconciler.emulator.world import World
from reconciler.guarding.reminding import SUGGESTED
from reconciler.model import Finding, Json


def offered(there: World, folder: Path) -> list[Finding]:
    """Return the findings of the plan that offer something."""
    [tenant] = plan(there, folder).tenants
    return [finding for finding in tenant.findings if finding.suggestion]


def paste(folder: Path, suggestion: str) -> None:
    """Put each suggested document into the file that is named above it."""
    for part in suggestion.split("\n\n"):
        place, _, text = part.partition("\n")
        path = folder / place.removeprefix("# ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    adopt(world(), tmp_path / "tenants")
    return tmp_path / "tenants"


@pytest.mark.parametrize(
    "live",
    [
        {"partners": [{"tenantId": key(1), "inboundTrust": MFA, "b2bDirectConnectInbound": BLOCKED}]},
        {"partners": [{"tenantId": key(1)}, {"tenantId": key(2), "isInMultiTenantOrganization": True}]},
        {"default": {"inboundTrust": MFA}},
    ],
)
def test_pasted_document_answers_the_finding(live: dict[str, Json], folder: Path) -> None:
    there = world(*live.pop("partners", ()), **live)
    [finding] = offered(there, folder)
    paste(folder, finding.suggestion)

    assert not offered(there, folder)
    assert not plan(there, folder).steps


def test_property_that_a_document_lacks_is_offered_for_its_spec(folder: Path) -> None:
    about = {"apiVersion": "crosstenant/v1", "kind": "Partner", "name": "other", "tenantId": key(1)}
    path = folder / "contoso/other.yaml"
    path.write_text(json.dumps({**about, "domain": "other.example", "spec": {"inboundTrust": {"isMfaAccepted": True}}}))
    half = {**NOTHING, "isMfaAccepted": True, "isCompliantDeviceAccepted": True}
    [finding] = offered(world({"tenantId": key(1), "inboundTrust": half}), folder)

    assert finding.suggestion.startswith("# add to tenants/contoso/other.yaml:1:")
    assert YAML(typ="safe").load(finding.suggestion)["spec"] == {
        "inboundTrust": {"isCompliantDeviceAccepted": True, "isHybridAzureADJoinedDeviceAccepted": False}
    }


def test_many_are_left_to_import(folder: Path) -> None:
    there = world(*({"tenantId": key(number)} for number in range(1, SUGGESTED + 4)))
    [finding] = offered(there, folder)

    assert finding.suggestion.count("kind: Partner") == SUGGESTED
    assert finding.suggestion.endswith(
        "# and 3 more: `reconciler import contoso` writes files for objects without one\n"
    )


def test_service_provider_is_offered_nothing(folder: Path) -> None:
    assert not offered(world({"tenantId": key(1), "isServiceProvider": True}), folder)
