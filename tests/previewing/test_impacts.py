"""What a plan does to the people of a link: counted, asked about where many are soft-deleted, and judged anew."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import click
import emulated
import httpx
import jsonschema
import pytest
from driving import Rehearsal, estate
from foreseen import CONTOSO, EVENT, FABRIKAM, LINK, READING, Foreseen, documents, foreseen, seed, user_id

from reconciler import planfile
from reconciler.cli import cli
from reconciler.emulator.world import World
from reconciler.errors import PlanStale
from reconciler.graph.connecting import Network
from reconciler.kinds import ALL
from reconciler.model import Finding, Impact, Json, Plan, Report
from reconciler.model.people import Fate
from reconciler.reconciling import Inquiry, plan_with_people
from reconciler.reconciling.surveying import NOTHING
from reconciler.reporting import Output, impacts, render_plan
from reconciler.reporting.impacts import Named

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-plan.schema.json"
SCOPE: Json = {"assigned": {"groups": [{"name": "Sales"}], "exclusive": False}}


def staff(number: int, leaving: int) -> Json:
    """Return people of whom some are of the department that goes."""
    return {f"p{at:03}": {"department": "Old" if at < leaving else "New"} for at in range(number)}


def narrowed(**said: Json) -> Json:
    """Return files by which only the new department is in scope."""
    clauses = [{"attribute": "department", "operator": "EQUALS", "value": "New"}]
    return documents(said=said, scope={**SCOPE, "filters": [{"clauses": clauses}]})


@dataclass
class Change:
    """A world with people who are in the target, and the files that a pull request wants."""

    folder: Path
    pair: Foreseen
    files: Json

    def rehearsal(self) -> Rehearsal:
        return Rehearsal(self.pair.world, estate(self.folder, self.files, ALL), ALL)

    def plan(self) -> Plan:
        return self.rehearsal().plan()

    def apply(self, plan: Plan) -> Report:
        return self.rehearsal().apply(plan)


def change(folder: Path, number: int, leaving: int, *, cycle: bool = True, reading: Json = READING) -> Change:
    users = staff(number, leaving)
    pair = foreseen(
        folder, seed(users, groups={"sales": {"members": list(users)}}, assigned=["sales"], reading=reading)
    )
    if cycle:
        pair.cycle()
    return Change(folder, pair, narrowed())


def found(plan: Plan, rule: int = 11) -> list[Finding]:
    return [one for tenant in plan.tenants for one in tenant.findings if one.rule == rule]


def yes(until: str, count: int = 5) -> Json:
    return [{"rule": 11, "countMax": count, "reason": "moved", "owner": "ann", "expires": until}]


@pytest.fixture
def leaving(tmp_path: Path) -> Change:
    """Twenty people are in the target, and the files leave five of them out."""
    return change(tmp_path, 20, 5)


# ---------------------------------------------------------------------------------------------- what is asked


def test_many_who_would_be_soft_deleted_block(leaving: Change) -> None:
    plan = leaving.plan()

    (question,) = found(plan)
    assert question.stops
    assert question.message == f"link {LINK}: the change soft-deletes many of its people in fabrikam: is that meant?"
    number, *ids, back = question.details
    assert number == "5 of 20 people that it has brought; without a question: 3 or 5 %, here 3"
    assert ids == sorted(user_id(f"p{at:03}") for at in range(5))
    assert back == "in the target they can be restored for 30 days"
    assert "countMax: 5" in question.suggestion


@pytest.mark.parametrize("leaving_now", [2, 3])
def test_few_who_would_be_soft_deleted_are_no_question(tmp_path: Path, leaving_now: int) -> None:
    assert not found(change(tmp_path, 20, leaving_now).plan())


@pytest.mark.parametrize(
    ("people", "removed", "asked"), [(100, 5, 0), (100, 6, 1), (20, 3, 0), (20, 4, 1), (139, 6, 0)]
)
def test_threshold_is_three_or_five_percent(people: int, removed: int, asked: int) -> None:
    impact = Impact(LINK, "contoso", "fabrikam", moves=True, linked=people, removed=removed)

    assert (impact.removed > impact.free) == bool(asked)


def test_a_number_in_git_answers(leaving: Change) -> None:
    leaving.files = narrowed(acknowledge=yes("2026-12-01"))
    plan = leaving.plan()

    (question,) = found(plan)
    assert question.acknowledged
    assert leaving.apply(plan).exit_code == 0


@pytest.mark.parametrize(
    ("until", "count", "why"),
    [("2026-10-01", 5, "expired on 2026-10-01"), ("2026-12-01", 4, "is for 4 at most, not 5")],
)
def test_what_does_not_answer_is_told(leaving: Change, until: str, count: int, why: str) -> None:
    leaving.files = narrowed(acknowledge=yes(until, count))

    (question,) = found(leaving.plan())

    assert question.stops
    assert why in question.details[-1]


# ---------------------------------------------------------------------------------------------- what is not known


@pytest.mark.parametrize("permission", ["User.Read.All", "GroupMember.Read.All"])
def test_what_was_not_read_blocks(tmp_path: Path, permission: str) -> None:
    reading = [one for one in READING if one != permission and not (permission[0] == "G" and one == "Group.Read.All")]
    one = change(tmp_path, 20, 2, reading=reading)

    (question,) = found(one.plan())

    assert question.stops
    assert question.message == f"link {LINK}: nobody can say how many of its people the change soft-deletes in fabrikam"
    assert f"it takes {permission}" in " ".join(question.details)


def test_a_target_that_cannot_be_read_blocks(leaving: Change) -> None:
    leaving.files = {**leaving.files, "fabrikam/tenant.yaml": {**leaving.files["fabrikam/tenant.yaml"], "auth": {}}}
    leaving.files["fabrikam/tenant.yaml"]["management"] = "elsewhere"

    (question,) = found(leaving.plan())

    assert question.stops
    assert "countMax: 20" in question.suggestion


def test_a_mapping_that_says_who_is_there_blocks(leaving: Change) -> None:
    leaving.files = documents(scope=SCOPE, mappings={"IsSoftDeleted": {"constant": "True"}})

    (question,) = found(leaving.plan())

    assert question.stops
    assert "another mapping of IsSoftDeleted" in question.details[-1]


def test_the_log_only_makes_it_less_sure(tmp_path: Path) -> None:
    reading = [one for one in READING if one != "AuditLog.Read.All"]

    (question,) = found(change(tmp_path, 20, 5, reading=reading).plan())

    assert question.details[0].startswith("5 of 20 people")


def forget(one: Change, *names: str) -> None:
    """Let the log of the service end, and people of the target be called otherwise, so that nothing names them."""
    store = one.pair.world.store
    for key in list(store.all(CONTOSO, EVENT)):
        store.delete(CONTOSO, EVENT, key)
    for name in names:
        key = str(one.pair.links()[user_id(name)]["target"])
        renamed = {"userPrincipalName": f"{key}#EXT#@fabrikam.example", "mail": f"{key}@elsewhere.example"}
        store.put(FABRIKAM, "user", key, {**one.pair.users()[key], **renamed})


@pytest.mark.parametrize(("leaving_now", "asked"), [(3, 0), (5, 1)])
def test_people_whom_nothing_names_may_go_as_well(tmp_path: Path, leaving_now: int, asked: int) -> None:
    one = change(tmp_path, 20, leaving_now)
    forget(one, "p000", "p001")

    questions = found(one.plan())

    assert len(questions) == asked
    assert all("of 2 it is unknown" in each.details and "countMax: 5" in each.suggestion for each in questions)


def test_nobody_is_linked_yet(tmp_path: Path) -> None:
    plan = change(tmp_path, 20, 5, cycle=False).plan()

    assert not found(plan)
    assert not [one for tenant in plan.tenants for one in tenant.impacts]


# ---------------------------------------------------------------------------------------------- between plan and apply


def moves(one: Change, *names: str) -> None:
    """Let people of the source go over to the department that is left out."""
    for name in names:
        one.pair.does("PATCH", f"users/{user_id(name)}", {"department": "Old"})


def test_people_who_leave_between_plan_and_apply_stop_it(tmp_path: Path) -> None:
    one = change(tmp_path, 20, 2)
    plan = one.plan()
    assert not found(plan)
    moves(one, "p010", "p011")

    with pytest.raises(PlanStale, match="the change soft-deletes many of its people in fabrikam"):
        one.apply(plan)


def test_more_than_was_agreed_to_stops_it(leaving: Change) -> None:
    leaving.files = narrowed(acknowledge=yes("2026-12-01"))
    plan = leaving.plan()
    moves(leaving, "p010")

    report = leaving.apply(plan)

    assert report.exit_code == 3
    assert {str(one.verdict) for one in report.outcomes} == {"blocked"}


def test_a_joiner_makes_no_plan_stale(tmp_path: Path) -> None:
    one = change(tmp_path, 20, 2)
    plan = one.plan()
    one.pair.does("PATCH", f"users/{user_id('p000')}", {"department": "New"})

    assert one.apply(plan).exit_code == 0


# ---------------------------------------------------------------------------------------------- what it costs


@dataclass
class Counting(emulated.AsyncTransport):
    """Serves a world, and notes what is asked."""

    world: World
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.world)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        self.asked.append(request.url.path)
        return answer


def asked_for(one: Change, inquiry: Inquiry = NOTHING) -> list[str]:
    """Return the paths that a plan asks for, with what stands in batches."""
    transports: list[Counting] = []

    def network(world: World) -> Network:
        transports.append(Counting(world))
        return emulated.network(world, transport=transports[-1])

    rehearsal = replace(one.rehearsal(), network=network)
    asyncio.run(plan_with_people(rehearsal.desired(), network(one.pair.world).reader, inquiry))
    return [path for transport in transports for path in transport.asked]


def test_plan_that_moves_nobody_asks_nothing_more(leaving: Change) -> None:
    leaving.files = documents(scope=SCOPE)
    unchanged = asked_for(leaving)
    leaving.files = documents(scope=SCOPE, enabled=False, accidentalDeletion={"threshold": 50})
    quiet = asked_for(leaving)
    wide = asked_for(leaving, Inquiry(impact=True))

    assert sorted(quiet) == sorted(unchanged)
    assert not [path for path in quiet if path.endswith(("/users", "/auditLogs/provisioning"))]
    assert len(wide) > len(quiet)


# ---------------------------------------------------------------------------------------------- what is told


def told(one: Change, inquiry: Inquiry) -> tuple[Plan, Named]:
    rehearsal = one.rehearsal()
    connect = emulated.network(one.pair.world).reader
    return asyncio.run(plan_with_people(rehearsal.desired(), connect, inquiry))


def outputs(plan: Plan, named: Named | None = None) -> dict[Output, str]:
    return {output: render_plan(plan, None, output, named=named) for output in get_args(Output)}


def test_every_output_tells_the_numbers(leaving: Change) -> None:
    plan, _ = told(leaving, Inquiry(impact=True))
    shown = outputs(plan)
    line = "-5 soft-deleted (because of this plan: 5 soft-deleted)"

    assert f"  people of {LINK} in fabrikam, by the next cycle\n    {line}\n" in shown["text"]
    assert "it lets everything through: 5 people removed and 0 blocked, not more than 100" in shown["text"]
    assert re.search(r"#### People\n\n- people of .* by the next cycle: \S*-5 soft", shown["markdown"])
    assert line in shown["html"]
    document = json.loads(shown["json"])
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    impact = next(one for tenant in document["tenants"] for one in tenant["impacts"])
    assert (impact["removed"], impact["free"], impact["unknown"], impact["moves"]) == (5, 3, False, True)


def test_nobody_is_named_unless_asked(leaving: Change) -> None:
    plan, named = told(leaving, Inquiry(impact=True))
    saved = planfile.encode(planfile.seal(plan, created=leaving.pair.world.clock.now(), commit="")).decode()

    assert not named
    for text in (saved, *outputs(plan, named).values()):
        assert not re.search(r"p0\d\d@|P0\d\d|personal data", text, re.IGNORECASE)


def test_names_are_told_with_a_word_before_them_and_never_saved(leaving: Change) -> None:
    plan, named = told(leaving, Inquiry(impact=True, names=3))
    saved = planfile.encode(planfile.seal(plan, created=leaving.pair.world.clock.now(), commit="")).decode()

    assert "p000@" not in saved
    assert planfile.decode(saved.encode()).plan == plan
    for output, text in outputs(plan, named).items():
        assert "p000@contoso.example" in text, output
        assert "p004@contoso.example" not in text, output
        assert output == "json" or text.index("Personal data follows") < text.index("p000@contoso.example")


def test_names_go_with_the_impact() -> None:
    with pytest.raises(click.UsageError, match="--names goes with --impact"):
        cli.main(["plan", "--names"], standalone_mode=False)


def test_plan_with_impact_is_applied_like_any_other(tmp_path: Path) -> None:
    one = change(tmp_path, 20, 2)
    plan, _ = told(one, Inquiry(impact=True))

    assert one.apply(plan).exit_code == 0


def test_a_new_link_tells_who_comes(tmp_path: Path) -> None:
    one = change(tmp_path, 4, 1, cycle=False)
    plan, _ = told(one, Inquiry(impact=True))

    (impact,) = (impact for tenant in plan.tenants for impact in tenant.impacts)
    assert impacts.line(impact) == "+3 created"
    assert not found(plan)


@pytest.mark.parametrize(
    ("impact", "line"),
    [
        ({}, "nobody changes"),
        ({"counts": {Fate.CREATE: 2, Fate.BLOCK: 1, Fate.REMOVE: 3}}, "-3 soft-deleted, 1 blocked, +2 created"),
        (
            {"counts": {Fate.UNKNOWN: 4}, "whole": False},
            "nobody is known to change; unknown: 4; unknown: whoever was not read",
        ),
        ({"unnamed": None}, "nobody is known to change; unknown: whom else the job has linked"),
        ({"problem": "it broke"}, "unknown: everybody"),
    ],
)
def test_unknown_is_never_a_smaller_number(impact: Json, line: str) -> None:
    assert impacts.line(Impact(LINK, "contoso", "fabrikam", moves=False, **impact)) == line


def test_scope_that_changes_is_told_by_whom_it_moves(tmp_path: Path) -> None:
    one = change(tmp_path, 6, 0)
    one.pair.leave("p000")
    one.pair.cycle()
    one.files = documents(scope={"all": True})

    (question,) = found(one.plan(), 13)

    assert question.details[0].startswith("it has brought 5 people; 1 would appear, and 0 be soft-deleted")


# ---------------------------------------------------------------------------------------------- surprises


def test_surprises_are_counted_with_ids(tmp_path: Path) -> None:
    users = {
        "ada": {"mail": "one@contoso.example"},
        "bob": {"mail": "one@contoso.example"},
        "cyd": {"mail": None},
        "dan": {"mail": "dan@elsewhere.example"},
        "eve": {"accountEnabled": False},
        "fay": {"manager": "boss"},
        "gus": {},
        "hal": {},
        "kim": {},
        "boss": {},
    }
    sales = {"members": [*(name for name in users if name != "boss"), "inner"]}
    kim = {"userPrincipalName": "kim_contoso.example#EXT#@fabrikam.example", "userType": "Guest"}
    target = {
        "users": {"own": {"mail": "gus@contoso.example"}, "kim": {**kim, "creationType": "Invitation"}},
        "groups": {"team": {"mail": "hal@contoso.example", "mailEnabled": True}},
    }
    groups = {"sales": sales, "inner": {"members": []}}
    pair = foreseen(tmp_path, seed(users, groups=groups, assigned=["sales"], target=target))

    found = {one.message: one.details for one in pair.preview().findings}

    assert found == {
        "1 mail address in scope is that of several people: one user of the target stands for all of them": (
            min(user_id("ada"), user_id("bob")),
        ),
        "1 person in scope has no mail: the principal name is invited instead": (user_id("cyd"),),
        "1 person in scope has a mail: its domain is not verified in contoso, so that nobody new can be invited": (
            user_id("dan"),
        ),
        "1 group is inside of an assigned group: only direct members are synchronized, and these bring nobody": (
            "Sales: Inner",
        ),
        "1 person in scope is disabled and not in the target: they come when they are enabled": (user_id("eve"),),
        "1 person in scope has a manager: the manager is not in the target, and none is set": (user_id("fay"),),
        "1 person is kept out of fabrikam: an account of its own has their address there": (user_id("gus"),),
        "1 person is kept out of fabrikam: a group has their address there": (user_id("hal"),),
        "1 user of fabrikam has another userType: the mapping that would give it applies to new people only": (
            user_id("kim"),
        ),
    }


def test_surprises_stand_in_a_plan_without_names(leaving: Change) -> None:
    leaving.pair.does("PATCH", f"users/{user_id('p007')}", {"mail": None})

    plan, _ = told(leaving, Inquiry(impact=True))

    line = f"warning: 1 person in scope has no mail: the principal name is invited instead ({user_id('p007')})"
    assert line in outputs(plan)["text"]
