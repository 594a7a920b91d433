"""Which groups can be filled and which cannot, several links into one group, and what is asked before people move."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from filling import FILLS, GROUP, PEOPLE, filled, filling, guest, later, members, moves, said, unassign
from spine import CONTOSO, LINK, Scene, configuration, documents, link, scene, seed, tenant, told

from reconciler.emulator.seeds import LINKED_READING, LINKED_WRITING, READING, WRITING
from reconciler.model import Json, Verdict
from reconciler.reporting.markdown import report_markdown

NAMED: Json = [{"group": {"name": "Contoso people"}}]


# ---------------------------------------------------------------------------------------------- groups


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ({"isAssignableToRole": True}, "roles can be assigned to it"),
        ({"membershipRule": 'user.department -eq "Sales"', "members": []}, "a rule says who is in it"),
        ({"onPremisesSyncEnabled": True}, "it is kept on premises"),
        ({"groupTypes": ["Unified"], "visibility": "HiddenMembership"}, "it hides who is in it"),
        ({"mailEnabled": True, "mail": "p@fabrikam.example"}, "it is a mail-enabled security group"),
    ],
)
def test_group_that_cannot_be_filled_is_an_error(tmp_path: Path, group: Json, reason: str) -> None:
    there = filling(tmp_path, filled(**group))
    plan = there.rehearsal.plan()

    assert not moves(plan)
    assert told(plan)[0].startswith(f"the group 'Contoso people' cannot be filled: {reason}")


def test_microsoft_365_group_can_be_filled(tmp_path: Path) -> None:
    start = filled(groupTypes=["Unified"], mailEnabled=True, mail="people@fabrikam.example")
    there = filling(tmp_path, start)

    assert there.apply().exit_code == 0
    assert members(there) == ["Ada", "Bob", "Megan Bowen", "Vi"]


def test_group_is_found_by_its_name(tmp_path: Path) -> None:
    there = filling(tmp_path, targetGroups=NAMED)

    assert len(moves(there.rehearsal.plan())) == 2


def test_two_groups_of_one_name_are_an_error(tmp_path: Path) -> None:
    start = filled()
    start["tenants"]["fabrikam"]["groups"]["again"] = {"displayName": "Contoso people"}
    plan = filling(tmp_path, start, targetGroups=NAMED).rehearsal.plan()

    assert not moves(plan)
    assert told(plan)[0].startswith(
        "several groups are called 'Contoso people'; write the id of the one that is meant:"
    )


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({"name": "Nobody"}, "the group 'Nobody' is not there; correct the name, or write its id"),
        ({"id": CONTOSO}, f"the group '{CONTOSO}' is not there; correct the id"),
    ],
)
def test_group_that_is_not_there_is_an_error(tmp_path: Path, group: Json, expected: str) -> None:
    plan = filling(tmp_path, targetGroups=[{"group": group}]).rehearsal.plan()

    assert (moves(plan), told(plan)) == ([], [expected])


def test_id_decides_where_the_name_differs(tmp_path: Path) -> None:
    plan = filling(tmp_path, targetGroups=[{"group": {**GROUP, "name": "Other"}}]).rehearsal.plan()

    assert len(moves(plan)) == 2
    assert said(plan, "the id decides")[0].startswith("warning: ")


# ---------------------------------------------------------------------------------------------- permissions


def without(permission: str, purpose: str) -> Json:
    """Return the seed in which one application of the target lacks a permission."""
    start = filled()
    roles = {"plan": (*READING, *LINKED_READING), "apply": (*WRITING, *LINKED_WRITING)}
    start["tenants"]["fabrikam"]["applications"] = [
        {"name": name, "roles": [one for one in of if name != purpose or one != permission]}
        for name, of in roles.items()
    ]
    return start


def test_members_without_names_are_not_understood(tmp_path: Path) -> None:
    plan = filling(tmp_path, without("User.Read.All", "plan")).rehearsal.plan()

    assert not moves(plan)
    assert any("User.Read.All" in one for one in told(plan))


def test_plan_says_which_permission_shows_groups(tmp_path: Path) -> None:
    plan = filling(tmp_path, without("GroupMember.Read.All", "plan")).rehearsal.plan()

    assert not moves(plan)
    assert "could not be looked up" in told(plan)[0]


def test_apply_says_which_permission_writes_members(tmp_path: Path) -> None:
    there = filling(tmp_path, without("GroupMember.ReadWrite.All", "apply"))
    report = there.apply(there.rehearsal.plan())

    assert {one.verdict for one in report.outcomes} == {Verdict.FAILED, Verdict.NOT_STARTED}
    assert "GroupMember.ReadWrite.All" in report.outcomes[0].detail
    assert report.exit_code == 8


def test_many_to_whom_the_same_happened_are_one_row(tmp_path: Path) -> None:
    """Without the permission, one is tried, and all the rest are not begun."""
    there = filling(tmp_path, without("GroupMember.ReadWrite.All", "apply"))
    report = there.apply(there.rehearsal.plan())
    failed, idle = report.outcomes
    shown = report_markdown(replace(report, outcomes=(failed, *[idle] * 3000)))

    assert f"{PEOPLE}: 3000 people" in shown
    assert shown.count("not-started") < 5


# ---------------------------------------------------------------------------------------------- several links


def shared(folder: Path) -> Scene:
    """Return the scene of two links, from contoso and from tailspin, that fill one group of fabrikam."""
    start = seed({"link": configuration()}, "contoso", "fabrikam", "tailspin")
    start["tenants"]["contoso"]["users"] = {name: {} for name in ("ada", "bob")}
    start["tenants"]["contoso"]["groups"] = {"sync": {"displayName": "Sync to Fabrikam", "members": ["ada", "bob"]}}
    other = {**configuration(), "displayName": "Tailspin to Fabrikam", "notes": "Managed by entra-reconciler as link t"}
    start["tenants"]["tailspin"]["servicePrincipals"] = {"link": {**other, "assigned": ["sync"]}}
    start["tenants"]["fabrikam"]["groups"]["people"] = {"displayName": "Contoso people"}
    files = documents(link(spec=FILLS), link("tailspin", name="t", spec=FILLS), tailspin=tenant("tailspin"))
    there = scene(folder, start, files)
    there.world.catch_up()
    later(there)
    return there


def test_each_link_of_a_group_looks_after_its_own_people(tmp_path: Path) -> None:
    there = shared(tmp_path)
    report = there.apply()
    unassign(there, "ada")
    plan = there.rehearsal.plan()

    assert report.exit_code == 0
    assert members(there) == ["Ada", "Bob", "Megan Bowen"]
    assert moves(plan) == [f"delete fabrikam/membership/{LINK}/{PEOPLE}/{guest(there, 'ada')}"]


def test_nobody_leaves_while_one_link_of_the_group_is_not_understood(tmp_path: Path) -> None:
    there = shared(tmp_path)
    there.apply()
    unassign(there, "ada")
    there.world.add_fault({"match": {"path": "/v1.0/organization", "tenant": "tailspin"}, "action": {"status": 403}})
    plan = there.rehearsal.plan()

    assert not moves(plan)
    assert [one for one in told(plan) if one.startswith("who of link t belongs to the group Contoso people")]


# ---------------------------------------------------------------------------------------------- what is asked


def crowd(folder: Path, number: int, **said: Json) -> Scene:
    """Return the scene of a link that has brought many people, all of whom are in the group."""
    start = filled()
    names = [f"p{index}" for index in range(number)]
    start["tenants"]["contoso"]["users"] = {name: {} for name in names}
    start["tenants"]["contoso"]["groups"]["sync"]["members"] = names
    there = filling(folder, start)
    assert there.apply().exit_code == 0
    return there


@pytest.mark.parametrize(("leaving", "asked"), [(3, False), (4, True)])
def test_many_who_leave_are_asked_about(tmp_path: Path, leaving: int, asked: bool) -> None:
    there = crowd(tmp_path, 6)
    for index in range(leaving):
        unassign(there, f"p{index}")
    plan = there.rehearsal.plan()
    asking = [one for tenant in plan.tenants for one in tenant.findings if one.rule == 25]

    assert (len(moves(plan)), [one.stops for one in asking]) == (leaving, [True] if asked else [])
    assert not asked or asking[0].details[0] == "4 of 6 leave; without a question: 3 or 5 %"
    # Answered in tenant.yaml by their number, they leave.
    assert there.apply().exit_code == 0
    assert len(members(there)) == 2 + 6 - leaving


def test_link_between_organizations_is_no_yes(tmp_path: Path) -> None:
    there = filling(tmp_path)
    there.said = documents(
        link(spec=FILLS),
        contoso=tenant("contoso", relationship="external"),
    )
    asking = [one for found in there.rehearsal.plan().tenants for one in found.findings if one.rule == 24]

    assert [(one.stops, one.details[0]) for one in asking] == [(True, "2 join")]


def test_link_of_one_organization_is_the_yes(tmp_path: Path) -> None:
    there = filling(tmp_path)
    asking = [one for found in there.rehearsal.plan().tenants for one in found.findings if one.rule == 24]

    assert [one.declared.link for one in asking if one.declared] == [LINK]


def test_target_that_was_not_asked_gets_nobody(tmp_path: Path) -> None:
    there = filling(tmp_path)
    there.said = documents(link(spec=FILLS), fabrikam=tenant("fabrikam", acceptance="required"))

    assert not moves(there.rehearsal.plan())


def test_target_that_is_only_observed_is_told_and_not_written_to(tmp_path: Path) -> None:
    there = filling(tmp_path)
    there.said = documents(link(spec=FILLS), fabrikam=tenant("fabrikam", management="observe"))
    report = there.apply(there.rehearsal.plan())

    assert len(moves(there.rehearsal.plan())) == 2
    assert not report.outcomes
    assert members(there) == ["Megan Bowen", "Vi"]
