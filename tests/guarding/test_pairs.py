"""Rule 23: a link is looked at from both of its tenants, and waits where one of them is not ours to write."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from driving import Documents
from pairs import CONTOSO, FABRIKAM, FILE, LINK, SCOPE, SEED, found, link, open_marks, papers, rehearsed, tenant
from ruamel.yaml import YAML
from situations import CLOSED, block

from reconciler.emulator.world import World
from reconciler.model import Finding, Json, Plan, Severity

STRANGER = {"name": "tailspin", "tenantId": "7a115919-0000-4000-8000-000000000009", "domain": "tailspin.example"}


def planned(folder: Path, documents: Documents, **seeds: Json) -> Plan:
    """Plan in the world of the seed, in which tenants may be otherwise; None: there is no such tenant."""
    seed = deepcopy(dict(SEED))
    for name, more in seeds.items():
        if more is None:
            del seed["tenants"][name]
        else:
            seed["tenants"][name].update(more)
    return rehearsed(folder, documents, World.from_seed(seed)).plan()


def told(plan: Plan) -> Finding:
    """Return the one finding about the pair, beside those about licences."""
    [finding] = [one for one in found(plan, 23) if "Entra ID" not in one.message]
    return finding


def all_of(finding: Finding) -> str:
    return "\n".join([finding.message, *finding.details])


def with_sources(name: str, said: Json) -> Documents:
    return {**{key: paper for key, paper in papers().items() if key != FILE}, name: said}


# ---------------------------------------------------------------------------------------------- both are ours


def test_pair_that_works_is_not_mentioned(tmp_path: Path) -> None:
    assert found(planned(tmp_path, papers()), 23) == []


@pytest.mark.parametrize(
    ("who", "shut", "words"),
    [
        ("fabrikam", "b2bCollaborationInbound", "fabrikam lets nobody in"),
        ("contoso", "b2bCollaborationOutbound", "contoso lets nobody out"),
    ],
)
def test_people_who_cannot_use_what_they_get_are_told(tmp_path: Path, who: str, shut: str, words: str) -> None:
    finding = told(planned(tmp_path, papers(), **{who: {"default": {shut: CLOSED}}}))

    assert finding.severity is Severity.WARNING
    assert finding.message == f"{LINK} would not work between contoso and fabrikam"
    assert words in all_of(finding)
    assert f"({shut}); write {shut} with whom to let through" in all_of(finding)


def test_only_some_who_get_through_are_often_meant(tmp_path: Path) -> None:
    group = {"target": "7c0e0000-0000-4000-8000-000000000001", "targetType": "group"}
    some = {**block("allowed AllUsers", "allowed AllApplications")}
    some["usersAndGroups"] = {"accessType": "allowed", "targets": [group]}

    assert found(planned(tmp_path, papers(), fabrikam={"default": {"b2bCollaborationInbound": some}}), 23) == []


def test_finding_names_the_files_of_both(tmp_path: Path) -> None:
    """The target leaves consent to others, who do not give it."""
    partner = {"kind": "Partner", "name": "contoso", "owner": "ann", "spec": {}}
    leaving = {**partner, "lifecycle": {"ignore": ["automaticUserConsentSettings"]}}
    finding = told(planned(tmp_path, {**papers(), "fabrikam/partners/contoso.yaml": leaving}))

    assert finding.origin is not None
    assert finding.origin.file.endswith(FILE)
    assert "fabrikam/partners/contoso.yaml:" in all_of(finding)
    assert "fabrikam does not suppress the question" in all_of(finding)


def test_link_that_brings_nobody_is_told(tmp_path: Path) -> None:
    nobody = {"assigned": {"exclusive": False}}
    finding = told(planned(tmp_path, papers(scope=nobody)))

    assert (finding.severity, finding.message) == (
        Severity.WARNING,
        f"nobody is assigned to {LINK}, so that it brings nobody",
    )


# ---------------------------------------------------------------------------------------------- one was not read


def test_half_a_link_is_not_planned(tmp_path: Path) -> None:
    plan = planned(tmp_path, papers(), fabrikam=None)

    finding = told(plan)
    assert finding.severity is Severity.ERROR
    assert finding.message == f"fabrikam could not be read, so that {LINK} is not planned; plan again when it can be"


def test_target_waits_for_a_source_that_was_not_read(tmp_path: Path) -> None:
    plan = planned(tmp_path, papers(), contoso=None)

    finding = told(plan)
    assert (finding.tenant, finding.severity) == ("fabrikam", Severity.ERROR)
    assert "contoso could not be read" in finding.message


# ---------------------------------------------------------------------------------------------- waiting for others


def test_link_waits_for_a_target_that_is_only_observed(tmp_path: Path) -> None:
    plan = planned(tmp_path, papers(fabrikam={"management": "observe"}))

    finding = told(plan)
    assert finding.message == f"{LINK} waits for fabrikam ({FABRIKAM}): it is only observed here"
    assert "fabrikam lets nothing be created from there" in finding.details
    assert open_marks(plan).get("contoso") is None


def test_link_no_longer_waits_when_the_observed_target_is_ready(tmp_path: Path) -> None:
    ready = {
        "partners": [{"tenantId": CONTOSO, "automaticUserConsentSettings": {"inboundAllowed": True}}],
        "objects": {"identitySynchronization": {CONTOSO: {"userSyncInbound": {"isSyncAllowed": True}}}},
    }

    assert found(planned(tmp_path, papers(fabrikam={"management": "observe"}), fabrikam=ready), 23) == []


def test_link_waits_for_a_target_that_is_managed_elsewhere(tmp_path: Path) -> None:
    finding = told(planned(tmp_path, papers(fabrikam={"management": "elsewhere"})))

    assert finding.message == f"{LINK} waits for fabrikam ({FABRIKAM}): nobody here can look into it"
    calls = [line for line in finding.details if line.startswith("Microsoft Graph: ")]
    assert [line.split()[2] for line in calls] == ["POST", "PATCH", "PUT"]
    assert f"/partners/{CONTOSO}/identitySynchronization" in calls[-1]
    assert any("Cross-tenant access settings" in line for line in finding.details)


def test_link_waits_for_an_organization_that_is_not_ours(tmp_path: Path) -> None:
    half = {"kind": "SyncConfiguration", "name": LINK, "target": STRANGER, "spec": {"scope": SCOPE}}
    finding = told(planned(tmp_path, with_sources("contoso/sync/tailspin.yaml", half)))

    assert "waits for tailspin" in finding.message


def test_groups_need_another_call(tmp_path: Path) -> None:
    finding = told(planned(tmp_path, papers(fabrikam={"management": "elsewhere"}, groupSync=True)))

    assert any("PUT /beta" in line and "groupSyncInbound" in line for line in finding.details)
    assert "groupSync: true" in finding.suggestion


def test_link_waits_for_its_acceptance(tmp_path: Path) -> None:
    finding = told(planned(tmp_path, papers(fabrikam={"acceptance": "required"})))

    assert finding.severity is Severity.WARNING
    assert finding.message.startswith(f"{LINK} waits: fabrikam wants to be asked")


def test_acceptance_that_is_offered_is_what_the_link_waits_for(tmp_path: Path) -> None:
    documents = papers(fabrikam={"acceptance": "required"})
    offered = YAML(typ="safe").load(told(planned(tmp_path, documents)).suggestion)
    plan = planned(tmp_path, {**documents, "fabrikam/accepts/contoso.yaml": {**offered, "owner": "ann"}})

    assert found(plan, 23) == []
    assert open_marks(plan) == {}


def test_source_that_is_let_in_is_told_what_to_do(tmp_path: Path) -> None:
    accepted = {"kind": "SyncAcceptance", "source": STRANGER, "owner": "ann"}
    documents = {"fabrikam/tenant.yaml": tenant("fabrikam", FABRIKAM), "fabrikam/accepts/tailspin.yaml": accepted}
    finding = told(planned(tmp_path, documents))

    assert finding.severity is Severity.NOTE
    assert any("outboundAllowed" in line for line in finding.details)
    offered = YAML(typ="safe").load(finding.suggestion)
    assert (offered["kind"], offered["target"]["tenantId"]) == ("SyncConfiguration", FABRIKAM)


def test_absent_links_are_not_looked_at(tmp_path: Path) -> None:
    going = {**link(), "state": "absent", "people": "keep"}

    assert found(planned(tmp_path, {**papers(), FILE: going}, fabrikam=None), 23) == []
