"""What else decides whether a link works: groups inside groups, licences and seats, who may invite into the target."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import Documents, estate
from spine import CONTOSO, configuration, documents, link, scene, seed, tenant

from reconciler.kinds import ALL
from reconciler.model import Finding, Found, Json, Plan, Severity, Synchronizations
from reconciler.resolving import settle

ROLES = ("Policy.Read.All", "CrossTenantInformation.ReadBasic.All", "Application.Read.All", "Synchronization.Read.All")


def world(**said: Json) -> Json:
    """Return both tenants with a link that is there, and what is said of either of them beside it."""
    start = seed({"link": configuration()})
    for name, more in said.items():
        start["tenants"][name] |= more
    return start


def findings(plan: Plan, words: str, of: str = "contoso") -> list[Finding]:
    return [one for each in plan.tenants if each.tenant == of for one in each.findings if words in one.message]


def planned(folder: Path, start: Json, said: Documents | None = None) -> Plan:
    return scene(folder, start, said).plan()


# ---------------------------------------------------------------------------------------------- groups inside groups


NEW: Json = {"servicePrincipals": {}}
NESTED: Json = {
    "groups": {
        "sync": {"displayName": "Sync to Fabrikam", "members": ["megan", "inner"]},
        "inner": {"displayName": "Inner circle", "members": ["adele"]},
        "other": {"displayName": "Sync to Tailspin", "members": ["adele"]},
    }
}


def test_groups_inside_an_assigned_group_are_named(tmp_path: Path) -> None:
    [finding] = findings(planned(tmp_path, world(contoso=NESTED | NEW)), "contains groups")

    assert finding.severity is Severity.WARNING
    assert finding.message == (
        "the group 'Sync to Fabrikam' contains groups: Inner circle; only direct members are synchronized, and the "
        "groups inside contribute nothing"
    )
    assert finding.origin is not None
    assert finding.origin.line > 1


def test_group_that_is_assigned_is_not_looked_into_again(tmp_path: Path) -> None:
    assert not findings(planned(tmp_path, world(contoso=NESTED)), "contains groups")


def test_nothing_is_said_of_a_group_of_people(tmp_path: Path) -> None:
    plan = planned(tmp_path, world(contoso=NEW))

    assert not findings(plan, "group")
    assert plan.steps


def lent(*roles: str) -> Json:
    """Return applications that may do just this."""
    return {"applications": [{"name": name, "roles": [*roles]} for name in ("plan", "apply")]}


def test_groups_that_may_not_be_looked_into_are_told_once(tmp_path: Path) -> None:
    groups = [{"name": name} for name in ("Sync to Fabrikam", "Sync to Tailspin")]
    said = estate(tmp_path, documents(link(spec={"scope": {"assigned": {"groups": groups}}})), ALL)
    named = [one.principal for one in said.documents.values() if one.principal]
    found = {one: Found(({"id": one.name, "displayName": one.name},), unseen="403") for one in named}

    _, [finding] = settle(said.by_tenant["contoso"], Synchronizations(found=found))

    assert finding.severity is Severity.NOTE
    assert finding.message == (
        "whether groups are inside the assigned groups Sync to Fabrikam, Sync to Tailspin was not checked: 403"
    )


# ---------------------------------------------------------------------------------------------- licences and seats


@pytest.mark.parametrize(
    ("licences", "message"),
    [
        ([], "contoso has no subscription with Entra ID P1, which synchronization needs for each person"),
        (["Governance"], "contoso has no subscription with Entra ID P1, which synchronization needs for each person"),
        (
            [{"licence": "P1", "seats": 2, "used": 3}],
            "contoso has given away 3 seats of Entra ID P1, and has bought only 2",
        ),
        ([{"licence": "P2", "seats": 2, "used": 2}], ""),
        ([{"licence": "P1", "seats": 1}, {"licence": "P2", "seats": 1}], ""),
    ],
)
def test_licences_are_held_against_what_links_need(licences: Json, message: str, tmp_path: Path) -> None:
    found = findings(planned(tmp_path, world(contoso={"licences": licences})), "Entra ID P1")

    assert [one.message for one in found] == ([message] if message else [])
    assert all((one.severity, one.rule) == (Severity.WARNING, 23) for one in found)


def test_fewer_seats_than_people_are_told(tmp_path: Path) -> None:
    people = [{"name": f"{name}@contoso.example"} for name in ("megan", "adele")]
    said = documents(link(spec={"scope": {"assigned": {"users": people}}}))
    start = world(contoso={"licences": [{"licence": "P1", "seats": 1}]})

    [finding] = findings(planned(tmp_path, start, said), "Entra ID P1")

    assert finding.message == "contoso has 1 seat of Entra ID P1, and contoso-to-fabrikam means 2 people or more"


@pytest.mark.parametrize(("licences", "told"), [(["P1"], 1), (["P1", "Governance"], 0)])
def test_synchronized_groups_need_another_licence(licences: list[str], told: int, tmp_path: Path) -> None:
    start = world(contoso={"licences": licences})

    found = findings(planned(tmp_path, start, documents(link(spec={"groupSync": True}))), "Entra ID Governance")

    assert len(found) == told


def test_licences_that_may_not_be_read_are_no_missing_ones(tmp_path: Path) -> None:
    start = world(contoso=lent(*ROLES, "User.Read.All", "GroupMember.Read.All"))
    plan = planned(tmp_path, start)

    [finding] = findings(plan, "licences of links are not looked at")

    assert finding.severity is Severity.NOTE
    assert "403" in finding.details[0]
    assert not findings(plan, "no subscription")


# ---------------------------------------------------------------------------------------------- who may invite


CLOSED: Json = {"authorizationPolicy": {"allowInvitesFrom": "none"}}


def test_target_that_invites_nobody_is_told_with_the_way_out(tmp_path: Path) -> None:
    [finding] = findings(planned(tmp_path, world(fabrikam=CLOSED)), "lets nobody invite")

    assert (finding.severity, finding.rule) == (Severity.WARNING, 23)
    assert finding.message == (
        "contoso-to-fabrikam would bring nobody: fabrikam lets nobody invite guests (allowInvitesFrom: none)"
    )
    assert finding.origin is not None
    assert finding.origin.file.endswith("contoso-to-fabrikam.yaml")
    assert any("AzureActiveDirectoryForbidden" in detail for detail in finding.details)
    assert any("fabrikam/tenant.yaml" in detail for detail in finding.details)


def test_target_in_which_administrators_invite_is_fine(tmp_path: Path) -> None:
    start = world(fabrikam={"authorizationPolicy": {"allowInvitesFrom": "adminsAndGuestInviters"}})

    assert not findings(planned(tmp_path, start), "invite")


def test_target_alone_is_told_of_its_own_policy(tmp_path: Path) -> None:
    source = {"name": "contoso", "tenantId": CONTOSO, "domain": "contoso.example"}
    said = {
        "fabrikam/tenant.yaml": tenant("fabrikam"),
        "fabrikam/accepts/contoso.yaml": {"kind": "SyncAcceptance", "source": source, "owner": "it"},
    }

    [finding] = findings(planned(tmp_path, world(fabrikam=CLOSED), said), "lets nobody invite", "fabrikam")

    assert finding.address is None


def test_policy_that_may_not_be_read_is_told_once(tmp_path: Path) -> None:
    roles = ("Policy.ReadWrite.CrossTenantAccess", "Organization.Read.All")
    plan = planned(tmp_path, world(fabrikam=lent(*roles)))

    [finding] = findings(plan, "who may invite", "fabrikam")

    assert finding.severity is Severity.NOTE
