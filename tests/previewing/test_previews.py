"""Previews of single cases that a person would recognize: who is in the way, who is twice, what the files change."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from cutting import Cutting, Nameless, Rewriting
from foreseen import CONTOSO, FABRIKAM, SALES, documents, done, foreseen, seed, user_id

from reconciler.emulator.seeds import seeded_id
from reconciler.errors import SetupError
from reconciler.model import Json
from reconciler.model.people import Confidence, Fate, Obstacle
from reconciler.previewing.judging import AMBIGUOUS, INVALID
from reconciler.reporting.previews import render_preview

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-preview.schema.json"
GROUPED: Json = {"groups": {"sales": {"members": ["ada", "bob"]}}, "assigned": ["sales"]}
PAIR: Json = {"ada": {"department": "Sales"}, "bob": {"department": "IT"}}
GUEST: Json = {"creationType": "Invitation", "userType": "Guest", "externalUserState": "Accepted"}


def there(name: str, **said: Json) -> Json:
    return {"userPrincipalName": f"{name}_contoso.example#EXT#@fabrikam.example", **GUEST, **said}


# ---------------------------------------------------------------------------------------------- who is there


def test_an_account_in_the_way_is_named(tmp_path: Path) -> None:
    own = {"users": {"bob": {"mail": "ada@contoso.example"}}}
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED, target=own))

    found = pair.person("ada@contoso.example")

    assert found.fate is Fate.CONFLICT
    assert found.obstacle == Obstacle(AMBIGUOUS, "user", seeded_id(FABRIKAM, "user", "bob"), "bob@fabrikam.example")


def test_whom_the_bin_let_go_of_is_looked_for_anew(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED, target={"users": {"own": {"mail": "other@fabrikam.example"}}}))
    pair.cycle()
    pair.leave("ada")
    pair.cycle()
    ((binned, _),) = pair.world.store.all(FABRIKAM, "deletedItem").items()
    pair.does("DELETE", f"directory/deletedItems/{binned}", tenant="fabrikam")
    own = seeded_id(FABRIKAM, "user", "own")
    pair.does("PATCH", f"users/{own}", {"mail": "ada@contoso.example"}, tenant="fabrikam")
    pair.join("ada")

    found = pair.person("ada@contoso.example")

    assert (found.fate, found.target_id) == (Fate.CONFLICT, "")
    assert found.obstacle == Obstacle(AMBIGUOUS, "user", own, "own@fabrikam.example")
    assert done(pair, everybody=True)[user_id("ada")].fate is Fate.CONFLICT


def test_a_group_in_the_way_is_named(tmp_path: Path) -> None:
    team = {"mail": "ada@contoso.example", "mailEnabled": True, "proxyAddresses": ["SMTP:ada@contoso.example"]}
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED, target={"groups": {"team": team}}))

    found = pair.person("ada@contoso.example")

    assert found.obstacle == Obstacle(INVALID, "group", seeded_id(FABRIKAM, "group", "team"), "Team")


def test_people_with_one_mail_are_said_to_be_one(tmp_path: Path) -> None:
    users = {"ada": {}, "bob": {"mail": "ada@contoso.example"}}
    pair = foreseen(tmp_path, seed(users, **GROUPED))

    people = {str(one.fate): one for one in pair.preview().people.forecasts()}

    assert people.keys() == {"create", "adopt"}
    assert "has the same mail" in people["adopt"].notes[0]


def test_who_was_invited_and_never_came_is_adopted(tmp_path: Path) -> None:
    target = {"users": {"ada": there("ada", externalUserState="PendingAcceptance")}}
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED, target=target))

    found = pair.person("ada@contoso.example")

    assert (found.fate, found.confidence) == (Fate.ADOPT, Confidence.LIKELY)


def test_who_shares_a_mail_with_a_guest_is_a_guess(tmp_path: Path) -> None:
    target = {"users": {"someone": there("someone", mail="ADA@contoso.example")}}
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED, target=target))

    assert pair.person("ada@contoso.example").confidence is Confidence.GUESS


def test_managers_may_manage_each_other(tmp_path: Path) -> None:
    users = {"ada": {"manager": "bob"}, "bob": {"manager": "ada"}}
    pair = foreseen(tmp_path, seed(users, **GROUPED))

    managers = {
        one.principal_name: change.after
        for one in pair.preview().people.forecasts()
        for change in one.changes
        if change.attribute == "manager"
    }

    assert managers == {"ada@contoso.example": "bob@contoso.example", "bob@contoso.example": "ada@contoso.example"}


def test_a_manager_out_of_scope_is_not_set(tmp_path: Path) -> None:
    users = {"ada": {"manager": "eve"}, "bob": {}, "eve": {}}
    pair = foreseen(tmp_path, seed(users, **GROUPED))

    found = pair.person("ada@contoso.example")

    assert found.notes == ("the manager is not in the target, and not set",)
    assert "manager" not in {change.attribute for change in found.changes}


def test_routes_are_all_told(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, groups=GROUPED["groups"], assigned=["sales", "ada"]))

    found = pair.person(user_id("ada"))

    assert [(one.type, one.name) for one in found.routes] == [("user", "Ada"), ("group", "Sales")]


# ---------------------------------------------------------------------------------------------- what the files change


def test_a_filter_says_whom_it_removes(tmp_path: Path) -> None:
    clauses = [{"attribute": "department", "operator": "EQUALS", "value": "Sales"}]
    scope = {**SALES["scope"], "filters": [{"clauses": clauses}]}
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED), documents(scope=scope))
    pair.cycle()

    found = pair.preview()

    assert [(one.live, one.wanted, one.people) for one in found.turns] == [(Fate.IN_SYNC, Fate.REMOVE, 1)]
    (altered,) = found.people.altered()
    assert altered.wanted.reason == "the scoping filter says no: department EQUALS 'Sales'"


def test_who_is_assigned_no_more_has_an_id_and_no_name(tmp_path: Path) -> None:
    """Names come with --names alone."""
    said = seed(PAIR, groups=GROUPED["groups"], assigned=["sales", "ada"])
    pair = foreseen(tmp_path, said, documents(scope={"assigned": {"groups": [{"name": "Sales"}]}}))

    assert f"no longer assigned: user {user_id('ada')}" in pair.preview().differences


def test_a_mapping_says_whom_it_changes(tmp_path: Path) -> None:
    mappings = {"department": {"expression": 'Append([department], " of Contoso")'}}
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED), documents(**SALES, mappings=mappings))
    pair.cycle()

    found = pair.preview()

    assert found.differences[0] == "mappings: department"
    changes = [change for one in found.people.forecasts(Fate.UPDATE) for change in one.changes]
    assert [(one.before, one.after) for one in changes] == [("Sales", "Sales of Contoso"), ("IT", "IT of Contoso")]


def test_a_deletion_of_many_is_held(tmp_path: Path) -> None:
    guard = {"accidentalDeletion": {"threshold": 1}}
    groups = {"sales": {"members": ["ada"]}, "others": {"members": ["bob", "eve"]}}
    said = seed({**PAIR, "eve": {}}, groups=groups, assigned=["sales", "others"])
    wanted: Json = {"scope": {"assigned": {"groups": [{"name": "Sales"}]}}, **guard}
    pair = foreseen(tmp_path, said, documents(**wanted))
    pair.cycle()

    found = pair.preview()

    assert (found.wanted.guard.removed, found.wanted.guard.holds) == (2, True)
    assert found.live is not None
    assert found.live.guard.holds is False


def test_a_link_that_is_not_made_creates_people(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, groups=GROUPED["groups"], made=False))

    found = pair.preview()

    assert found.live is None
    assert found.wanted.counts[Fate.CREATE] == 2
    assert [one.live for one in found.turns] == [None]


def test_a_link_that_goes_leaves_people(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED), documents(said={"state": "absent", "people": "keep"}, **SALES))
    pair.cycle()

    found = pair.preview()

    assert found.wanted.counts[Fate.SKIP] == 2
    assert found.wanted.guard.removed == 0


def test_files_that_want_what_is_there_change_nobody(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED), documents(**SALES, accidentalDeletion={"threshold": 500}))
    pair.cycle()

    found = pair.preview()

    assert (found.differences, found.turns, found.live) == ((), (), found.wanted)


# ---------------------------------------------------------------------------------------------- what was not read


@pytest.mark.parametrize(
    ("tenant", "path"),
    [(FABRIKAM, "/users"), (CONTOSO, "/members/microsoft.graph.user"), (CONTOSO, "/users")],
    ids=["users of the target", "members", "users of the source"],
)
def test_a_list_that_is_cut_off_takes_nobody_away(tmp_path: Path, tenant: str, path: str) -> None:
    everybody = {"settings": {"SyncAll": "true"}} if path == "/users" else {}
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED, configuration=everybody))
    pair.cycle()
    pair.transport = lambda world: Cutting(world, tenant, path)

    found = pair.preview()

    counts = pair.counts(found)
    assert (counts[Fate.IN_SYNC], counts[Fate.UNKNOWN]) == (1, 1)
    assert found.exit_code == 8
    assert found.missed[0].exit_code == 8
    assert "may be in scope or linked all the same" in render_preview(found, user="nobody@contoso.example")


@pytest.mark.parametrize("tenant", [CONTOSO, FABRIKAM])
@pytest.mark.parametrize("shown", [{"userPrincipalName": "x@y.example"}, {"id": user_id("ada")}], ids=["id", "name"])
def test_user_without_id_or_name_makes_everybody_unknown(tmp_path: Path, tenant: str, shown: dict[str, str]) -> None:
    """Such a list is not believed, and nothing breaks."""
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED, configuration={"settings": {"SyncAll": "true"}}))
    pair.cycle()
    pair.transport = lambda world: Nameless(world, tenant, **shown)

    found = pair.preview()

    assert (pair.counts(found)[Fate.UNKNOWN], found.exit_code) == (2, 9)


def test_a_bin_that_is_not_read_makes_the_missing_unknown(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED))
    pair.cycle()
    for key, one in pair.users().items():
        if one["displayName"] == "Ada":
            pair.does("DELETE", f"users/{key}", tenant="fabrikam")
    bin_ = "/directory/deletedItems/microsoft.graph.user"
    pair.transport = lambda world: Cutting(world, FABRIKAM, bin_, whole=True)

    assert pair.person("ada@contoso.example").fate is Fate.UNKNOWN


def test_without_the_log_links_are_likely(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED))
    pair.cycle()
    pair.transport = lambda world: Cutting(world, CONTOSO, "/auditLogs/provisioning", whole=True)

    found = pair.preview()

    assert {one.confidence for one in found.people.forecasts(Fate.IN_SYNC, live=True)} == {Confidence.LIKELY}
    assert (found.unnamed, found.exit_code) == (0, 0)
    assert found.missed[0].what == "the provisioning log"


def test_without_the_log_who_left_is_counted(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED))
    pair.cycle()
    pair.leave("bob")
    pair.transport = lambda world: Cutting(world, CONTOSO, "/auditLogs/provisioning", whole=True)

    found = pair.preview()

    assert (found.unnamed, found.exit_code) == (1, 8)
    assert "1 unknown without a name" in render_preview(found)


def test_without_the_log_a_filter_still_removes(tmp_path: Path) -> None:
    clauses = [{"attribute": "department", "operator": "EQUALS", "value": "Sales"}]
    scope = {**SALES["scope"], "filters": [{"clauses": clauses}]}
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED), documents(scope=scope))
    pair.cycle()
    pair.transport = lambda world: Cutting(world, CONTOSO, "/auditLogs/provisioning", whole=True)

    found = pair.preview()

    (removed,) = found.people.forecasts(Fate.REMOVE)
    assert (removed.principal_name, removed.confidence) == ("bob@contoso.example", Confidence.LIKELY)
    assert found.exit_code == 0


def test_without_the_log_who_may_be_linked_is_unknown(tmp_path: Path) -> None:
    target = {"users": {"eve": there("eve", mail="eve@contoso.example")}}
    users = {**PAIR, "eve": {"department": "HR"}}
    passes = {"operatorName": "EQUALS", "sourceOperandName": "department", "targetOperand": {"values": ["Sales"]}}
    job = {"settings": {"SyncAll": "true"}, "filters": [{"name": "", "clauses": [passes]}]}
    pair = foreseen(tmp_path, seed(users, groups=GROUPED["groups"], configuration=job, target=target))
    pair.cycle()
    pair.does("PATCH", f"users/{user_id('ada')}", {"department": "IT"})
    pair.transport = lambda world: Cutting(world, CONTOSO, "/auditLogs/provisioning", whole=True)

    found = pair.preview()

    unknown = {one.principal_name for one in found.people.forecasts(Fate.UNKNOWN, live=True)}
    assert unknown == {"ada@contoso.example", "eve@contoso.example"}


def test_a_target_that_is_not_ours_makes_all_unknown(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED), documents(target="elsewhere", **SALES))

    found = pair.preview()

    assert pair.counts(found)[Fate.UNKNOWN] == 2
    assert found.missed[0].what == "the tenant fabrikam"


def test_an_expression_that_nobody_knows_is_told(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED))
    pair.cycle()
    pair.transport = lambda world: Rewriting(world, '"[department]"', '"Future([department])"')

    found = pair.preview()

    assert [one.what for one in found.missed] == ["the mapping of department"]
    assert found.exit_code == 7


def test_a_target_that_lets_nobody_in_is_told(tmp_path: Path) -> None:
    said = seed(PAIR, **GROUPED)
    said["tenants"]["fabrikam"]["objects"] = {}
    pair = foreseen(tmp_path, said, documents(**SALES))

    assert "does not let contoso create people" in pair.preview().remarks[0]


# ---------------------------------------------------------------------------------------------- one person


def test_one_person_is_judged_as_among_all(tmp_path: Path) -> None:
    users = {"ada": {"manager": "bob"}, "bob": {}, "eve": {"mail": "own@contoso.example"}, "fay": {}}
    target = {"users": {"own": {"mail": "own@contoso.example"}, "fay": there("fay", mail="fay@contoso.example")}}
    pair = foreseen(
        tmp_path, seed(users, groups={"sales": {"members": list(users)}}, assigned=["sales"], target=target)
    )

    among = {one.principal_name: one for one in pair.preview().people.forecasts(live=True)}

    assert {name: pair.one(name).forecast for name in among} == among


def test_somebody_is_found_by_mail(tmp_path: Path) -> None:
    users = {"ada": {"mail": "a.lovelace@contoso.example"}, "bob": {}}
    pair = foreseen(tmp_path, seed(users, **GROUPED))

    found = pair.one("a.lovelace@contoso.example").forecast

    assert found is not None
    assert found.principal_name == "ada@contoso.example"


def test_nobody_is_made_up(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, **GROUPED))

    assert pair.one("nobody@contoso.example").forecast is None


def test_one_person_of_a_link_that_is_not_made(tmp_path: Path) -> None:
    pair = foreseen(tmp_path, seed(PAIR, groups=GROUPED["groups"], made=False))

    with pytest.raises(SetupError, match="not made yet"):
        pair.one("ada@contoso.example")


# ---------------------------------------------------------------------------------------------- how it is told


def test_names_are_told_only_on_request(tmp_path: Path) -> None:
    found = foreseen(tmp_path, seed(PAIR, **GROUPED)).preview()

    assert "ada" not in render_preview(found)
    assert 'ada@contoso.example "Ada" as ada_contoso.example#EXT#@fabrikam.example' in render_preview(found, limit=1)


def test_a_hostile_name_does_nothing(tmp_path: Path) -> None:
    users = {"ada": {"displayName": "\x1b[2J::error::\u202egnp"}, "bob": {}}
    found = foreseen(tmp_path, seed(users, **GROUPED)).preview()

    told = render_preview(found, limit=5)

    assert "\x1b" not in told
    assert "\u202e" not in told
    assert r"\x1b[2J" in told


def test_json_is_as_its_schema_says(tmp_path: Path) -> None:
    found = foreseen(tmp_path, seed(PAIR, **GROUPED)).preview()

    document = json.loads(render_preview(found, "json", limit=1))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert document["wanted"]["counts"]["create"] == 2
    assert [one["userPrincipalName"] for one in document["people"]] == ["ada@contoso.example"]


def test_nobody_is_chosen_of_several_with_one_mail(tmp_path: Path) -> None:
    people = {name: {"mail": "both@contoso.example"} for name in ("ada", "bob")}
    found = foreseen(tmp_path, seed(people)).preview()

    with pytest.raises(SetupError, match=f"several people go by .*{user_id('ada')}"):
        render_preview(found, user="both@contoso.example")


def test_one_person_is_told_with_what_becomes_of_them(tmp_path: Path) -> None:
    found = foreseen(tmp_path, seed(PAIR, **GROUPED)).preview()

    told = render_preview(found, user="bob@contoso.example")

    assert "in scope by: group Sales" in told
    assert "ada@contoso.example" not in told
