"""People whom a link brought join a group of the target, stay in it, and leave it; nobody else is touched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from filling import (
    FILLS,
    PEOPLE,
    assign,
    filling,
    guest,
    later,
    members,
    membership,
    moves,
    put_in,
    said,
    saying,
    take_out,
    unassign,
    user,
)
from parting import KilledHere, Mortal
from spine import CONTOSO, FABRIKAM, LINK, Scene, meddled, outcome, told

from reconciler.emulator.seeds import seeded_id
from reconciler.model import Verdict
from reconciler.reporting.markdown import plan_markdown


@pytest.fixture
def there(tmp_path: Path) -> Scene:
    """A link that has brought ada and bob, neither of whom is in the group yet."""
    return filling(tmp_path)


@pytest.fixture
def settled(there: Scene) -> Scene:
    """The same, with both of them in the group."""
    assert there.apply().exit_code == 0
    return there


# ---------------------------------------------------------------------------------------------- joining


def test_people_who_appeared_join(there: Scene) -> None:
    plan = there.rehearsal.plan()
    report = there.apply(plan)

    assert sorted(moves(plan)) == sorted(f"create {membership(there, name)}" for name in ("ada", "bob"))
    assert {one.verdict for one in report.outcomes} == {Verdict.APPLIED}
    assert members(there) == ["Ada", "Bob", "Megan Bowen", "Vi"]
    assert not there.rehearsal.plan().steps


def test_service_hears_of_what_was_shown_and_of_nothing_else(there: Scene) -> None:
    before = there.world.store.last_sequence()
    plan = there.rehearsal.plan()
    there.apply(plan)

    written = [one for one in there.world.store.journal() if one.sequence > before]
    assert {one.kind for one in written} == {"member"}
    shown = ["/".join(step.change.address.key.split("/")[1:]) for step in plan.steps]
    assert sorted(one.key for one in written) == sorted(shown)


def test_who_has_not_appeared_joins_after_the_next_cycle(settled: Scene) -> None:
    assign(settled, "cyd")
    waiting = settled.rehearsal.plan()
    later(settled)

    assert not waiting.steps
    later_on = "1 more join when they have appeared: the next apply after that does it"
    told_now = f"note: link {LINK}: 0 join the group Contoso people, 0 leave it"
    assert said(waiting, "join the group") == [f"{told_now} | {later_on}"]
    assert moves(settled.rehearsal.plan()) == [f"create {membership(settled, 'cyd')}"]


def test_plan_shows_ids_and_no_names_of_people(there: Scene) -> None:
    shown = plan_markdown(there.rehearsal.plan())

    assert guest(there, "ada") in shown
    assert "Contoso people" in shown
    assert "Ada" not in shown


def test_crowd_is_told_by_its_number_where_its_ids_do_not_fit(there: Scene) -> None:
    plan = there.rehearsal.plan()
    one = next(tenant for tenant in plan.tenants if tenant.steps)
    many = replace(one, steps=tuple(replace(one.steps[0], id=f"{number}") for number in range(3000)))
    few, shown = plan_markdown(plan), plan_markdown(replace(plan, tenants=(many,)))

    assert few.count(guest(there, "ada")) == 2
    assert "3000 other changes" in shown
    assert "2 join" in shown


def test_who_was_taken_out_by_hand_joins_again(settled: Scene) -> None:
    take_out(settled, guest(settled, "ada"))

    assert moves(settled.rehearsal.plan()) == [f"create {membership(settled, 'ada')}"]


def test_who_was_put_in_by_hand_and_is_in_scope_is_agreed_with(there: Scene) -> None:
    put_in(there, guest(there, "ada"))

    assert moves(there.rehearsal.plan()) == [f"create {membership(there, 'bob')}"]


def test_who_is_blocked_at_home_stays(settled: Scene) -> None:
    settled.portal("PATCH", f"users/{user('ada')}", {"accountEnabled": False})
    later(settled)

    assert not settled.rehearsal.plan().steps


def test_same_mail_is_no_proof(tmp_path: Path) -> None:
    there = filling(tmp_path, cycle=False)
    twin = there.world.store.all(FABRIKAM, "user")[seeded_id(FABRIKAM, "user", "visitor")]
    there.world.store.put(FABRIKAM, "user", str(twin["id"]), {**twin, "mail": "ada@contoso.example"})

    plan = there.rehearsal.plan()

    assert not moves(plan)
    assert "nothing but the same mail" in said(plan, "join the group")[0]


def test_account_of_the_target_itself_does_not_join_by_the_log(there: Scene) -> None:
    """Whoever was made one of the target's own people could not be taken out again."""
    ada = guest(there, "ada")
    body = there.world.store.all(FABRIKAM, "user")[ada]
    there.world.store.put(FABRIKAM, "user", ada, {**body, "userPrincipalName": "admin@fabrikam.example"})

    assert moves(there.rehearsal.plan()) == [f"create {membership(there, 'bob')}"]


# ---------------------------------------------------------------------------------------------- leaving


def test_who_left_the_scope_leaves(settled: Scene) -> None:
    unassign(settled, "ada")
    plan = settled.rehearsal.plan()
    gone = membership(settled, "ada")
    report = settled.apply(plan)

    assert moves(plan) == [f"delete {gone}"]
    assert outcome(report, gone).verdict is Verdict.APPLIED
    assert members(settled) == ["Bob", "Megan Bowen", "Vi"]


def test_who_was_deleted_by_the_service_needs_nothing(settled: Scene) -> None:
    unassign(settled, "ada")
    later(settled)

    assert not settled.rehearsal.plan().steps


def test_nobody_else_is_touched_when_all_leave(settled: Scene) -> None:
    for name in ("ada", "bob"):
        unassign(settled, name)
    assert settled.apply().exit_code == 0

    assert members(settled) == ["Megan Bowen", "Vi"]


def test_who_came_from_there_by_another_way_stays(tmp_path: Path) -> None:
    there = filling(tmp_path)
    start = there.world.store
    visitor = start.all(FABRIKAM, "user")[seeded_id(FABRIKAM, "user", "visitor")]
    name = "dan_contoso.example#EXT#@fabrikam.example"
    start.put(FABRIKAM, "user", str(visitor["id"]), {**visitor, "userPrincipalName": name})

    plan = there.rehearsal.plan()

    assert not [one for one in moves(plan) if str(visitor["id"]) in one]


def test_members_none_takes_out_those_of_the_link(settled: Scene) -> None:
    saying(settled, spec={"targetGroups": [{**FILLS["targetGroups"][0], "members": "none"}]})
    assert settled.apply().exit_code == 0

    assert members(settled) == ["Megan Bowen", "Vi"]


def test_entry_that_is_taken_out_leaves_everybody_where_they_are(settled: Scene) -> None:
    saying(settled)

    assert not settled.rehearsal.plan().steps


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ("keep", "warning: link contoso-to-fabrikam is removed, and its people stay in the group Contoso people"),
        ("deprovision", "note: link contoso-to-fabrikam is removed: its people leave the group Contoso people"),
    ],
)
def test_link_that_goes_says_what_becomes_of_its_people(settled: Scene, people: str, expected: str) -> None:
    saying(settled, state="absent", people=people, spec=FILLS)
    plan = settled.rehearsal.plan()

    assert not moves(plan)
    assert said(plan, "is removed")[-1].startswith(expected)


# ---------------------------------------------------------------------------------------------- between plan and apply


def test_what_is_not_right_any_more_is_left_alone(there: Scene) -> None:
    plan = there.rehearsal.plan()
    unassign(there, "ada")
    report = there.apply(plan)

    ada, bob = (outcome(report, membership(there, name)) for name in ("ada", "bob"))
    assert (ada.verdict, ada.attempts, bob.verdict) == (Verdict.BLOCKED, 0, Verdict.APPLIED)
    assert report.exit_code == 6
    assert members(there) == ["Bob", "Megan Bowen", "Vi"]


def test_what_was_not_shown_is_not_written(settled: Scene) -> None:
    take_out(settled, guest(settled, "ada"))
    plan = settled.rehearsal.plan()
    take_out(settled, guest(settled, "bob"))
    report = settled.apply(plan)

    assert members(settled) == ["Ada", "Megan Bowen", "Vi"]
    assert report.remarks == ("fabrikam: people moved since the plan was made; not shown then, and not written: 1",)


def test_plan_without_people_holds_when_people_come(tmp_path: Path) -> None:
    there = filling(tmp_path, cycle=False, notifications={"recipients": ["ann@contoso.example"]})
    plan = there.plan()
    later(there)
    report = there.apply(plan)

    assert (moves(plan), report.exit_code) == ([], 0)
    assert [str(one.address) for one in report.outcomes] == [f"contoso/settings/{LINK}"]
    assert report.remarks == ("fabrikam: people moved since the plan was made; not shown then, and not written: 2",)
    assert members(there) == ["Megan Bowen", "Vi"]


def test_who_was_put_in_meanwhile_is_done_already(there: Scene) -> None:
    plan = there.rehearsal.plan()
    first, second = (step.change.address for step in plan.steps)
    hand = meddled(there, str(first), lambda: put_in(there, second.key.rpartition("/")[2]))
    report = hand.apply(plan)

    assert sorted(one.verdict for one in report.outcomes) == [Verdict.APPLIED, Verdict.SUPERSEDED]
    assert report.exit_code == 0


@pytest.mark.parametrize("line", [1, 2, 3])
def test_run_that_is_killed_is_gone_on_with(there: Scene, line: int) -> None:
    """Between two lines of the journal: a write was meant, sent, or answered."""
    with pytest.raises(KilledHere):
        replace(there.rehearsal, notes=Mortal(last=line)).apply(there.rehearsal.plan())
    report = there.apply(there.rehearsal.plan())

    assert report.exit_code == 0
    assert members(there) == ["Ada", "Bob", "Megan Bowen", "Vi"]


@pytest.mark.parametrize("phase", ["before-commit", "after-commit"])
@pytest.mark.parametrize("leaving", [False, True])
def test_lost_answer_is_settled_by_looking(settled: Scene, phase: str, leaving: bool) -> None:
    expected = ["Bob", "Megan Bowen", "Vi"] if leaving else ["Ada", "Bob", "Megan Bowen", "Vi"]
    unassign(settled, "ada") if leaving else take_out(settled, guest(settled, "ada"))
    plan = settled.rehearsal.plan()
    matched = {"path": "*/members/*$ref", "method": "DELETE" if leaving else "POST"}
    settled.world.add_fault({"match": matched, "nth": 1, "phase": phase, "action": {"drop": True}})
    report = settled.apply(plan)

    assert ([one.verdict for one in report.outcomes], report.exit_code) == ([Verdict.APPLIED], 0)
    assert members(settled) == expected
    assert not settled.rehearsal.plan().steps


def test_late_replicas_do_not_fool_anybody(tmp_path: Path) -> None:
    there = filling(tmp_path)
    there.world.add_fault({"match": {"path": "*/memberOf"}, "action": {"stale": {"seconds": 30.0, "alternate": True}}})
    report = there.apply()

    assert {one.verdict for one in report.outcomes} <= {Verdict.APPLIED, Verdict.SUPERSEDED}
    assert members(there) == ["Ada", "Bob", "Megan Bowen", "Vi"]


# ---------------------------------------------------------------------------------------------- what is not known


def test_source_that_cannot_be_read_moves_nobody(settled: Scene) -> None:
    take_out(settled, guest(settled, "ada"))
    settled.world.add_fault({"match": {"path": "/v1.0/organization", "tenant": "contoso"}, "action": {"status": 403}})
    plan = settled.rehearsal.plan()

    assert not moves(plan)
    assert told(plan)[0].startswith(
        f"who of link {LINK} belongs to the group Contoso people cannot be told: contoso could not"
    )


def test_members_that_cannot_be_read_to_their_end_move_nobody(settled: Scene) -> None:
    unassign(settled, "ada")
    settled.world.add_fault({"match": {"path": f"*/groups/{PEOPLE}/members"}, "action": {"status": 500}})
    plan = settled.rehearsal.plan()

    assert not moves(plan)
    assert told(plan)[0].startswith("who is in the group 'Contoso people' could not be read")


def test_people_who_cannot_be_read_to_their_end_move_nobody(settled: Scene) -> None:
    unassign(settled, "ada")
    scope = {"path": f"*/groups/{seeded_id(CONTOSO, 'group', 'sync')}/members*"}
    settled.world.add_fault({"match": scope, "action": {"status": 500}})
    plan = settled.rehearsal.plan()

    assert not moves(plan)
    assert "cannot be told: of " in told(plan)[0]
