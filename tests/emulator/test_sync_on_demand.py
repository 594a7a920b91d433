"""On-demand provisioning: who is created, adopted, updated or left alone in the target, and how it is told."""

from __future__ import annotations

import json

import pytest
from sync_pair import CREDENTIALS, Pair, filtered, function, mapping_of, users_mapping
from worlds import CONTOSO, FABRIKAM, Client, code

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seeded_id


@pytest.fixture
def pair() -> Pair:
    return Pair().configured()


def guests(pair: Pair) -> list[dict[str, Json]]:
    """Return the users of the target that have their account elsewhere."""
    everybody = pair.world.store.all(FABRIKAM, "user").values()
    return [one for one in everybody if one.get("creationType") == "Invitation"]


def names(told: Json) -> list[str]:
    return [step["name"] for step in told["provisioningSteps"]]


def step(told: Json, name: str) -> Json:
    (found,) = (one for one in told["provisioningSteps"] if one["name"] == name)
    return found


def change_user(pair: Pair, key: str, **members: Json) -> None:
    user = pair.world.store.get(CONTOSO, "user", seeded_id(CONTOSO, "user", key)) or {}
    pair.world.store.put(CONTOSO, "user", str(user["id"]), {**user, **members})


# ------------------------------------------------------------------------------------------ who comes


def test_assigned_user_is_created(pair: Pair) -> None:
    told = pair.outcome("ada")
    (guest,) = guests(pair)

    assert (told["action"], told["statusInfo"]["status"]) == ("Create", "Success")
    assert told["targetIdentity"]["id"] == guest["id"]
    assert names(told) == ["EntryImportAdd", "EntrySynchronizationScoping", "EntrySynchronizationAdd", "EntryExportAdd"]
    assert {one["status"] for one in told["provisioningSteps"]} == {"Success"}


def test_created_user_is_an_external_member(pair: Pair) -> None:
    pair.outcome("ada")
    (guest,) = guests(pair)
    shown = (
        Client(pair.world, FABRIKAM).get(f"/users/{guest['id']}?$select=userType,creationType,externalUserState").body
    )

    assert guest["userPrincipalName"] == "ada_contoso.example#EXT#@fabrikam.example"
    assert (guest["mail"], guest["department"], guest["jobTitle"]) == ("ada@contoso.example", "Sales", "Engineer")
    assert (guest["mailNickname"], guest["showInAddressList"], guest["preferredLanguage"]) == ("ada", True, "en-US")
    assert (shown["userType"], shown["creationType"], shown["externalUserState"]) == (
        "Member",
        "Invitation",
        "Accepted",
    )
    assert not {"IsSoftDeleted", "mobile", "telephoneNumber"} & guest.keys()


def test_values_have_the_names_of_graph() -> None:
    phones = {"mobilePhone": "+47 1", "businessPhones": ["+47 2"], "officeLocation": "Oslo"}
    extensions = {"onPremisesExtensionAttributes": {"extensionAttribute3": "blue"}}
    pair = Pair(users={"ada": {**phones, **extensions}}).configured()
    schema = pair.schema()
    users_mapping(schema)["attributeMappings"].append(
        {"targetAttributeName": "extensionAttribute3", "source": function("[extensionAttribute3]")}
    )
    pair.put_schema(schema)
    pair.outcome("ada")
    (guest,) = guests(pair)

    assert {name: guest[name] for name in phones} == phones
    assert guest["onPremisesExtensionAttributes"]["extensionAttribute3"] == "blue"


def test_constant_decides_what_the_user_becomes(pair: Pair) -> None:
    schema = pair.schema()
    mapping_of(schema, "userType").update(source=function('"Guest"'))
    pair.put_schema(schema)
    pair.outcome("ada")

    assert guests(pair)[0]["userType"] == "Guest"


def test_same_user_again_is_redundant(pair: Pair) -> None:
    pair.outcome("ada")
    told = pair.outcome("ada")

    assert (told["action"], told["statusInfo"]["status"]) == ("Other", "Skipped")
    assert step(told, "EntrySynchronizationSkip")["details"]["SkipReason"] == "RedundantExport"
    assert len(guests(pair)) == 1


def test_changed_user_is_updated_with_what_changed(pair: Pair) -> None:
    pair.outcome("ada")
    change_user(pair, "ada", department="Legal")
    told = pair.outcome("ada")

    assert told["action"] == "Update"
    assert told["modifiedProperties"] == [{"displayName": "department", "oldValue": "Sales", "newValue": "Legal"}]
    assert guests(pair)[0]["department"] == "Legal"


def test_cleared_attribute_stays_in_the_target(pair: Pair) -> None:
    pair.outcome("ada")
    change_user(pair, "ada", department=None)
    pair.outcome("ada")

    assert guests(pair)[0]["department"] == "Sales"


def test_manager_follows_when_they_are_there() -> None:
    pair = Pair(users={"ada": {}, "bob": {"manager": "ada"}}).configured()
    pair.outcome("bob")
    before = guests(pair)[0].get("manager")
    pair.outcome("ada")
    pair.outcome("bob")
    ada, bob = (next(one for one in guests(pair) if one["mailNickname"] == name) for name in ("ada", "bob"))

    assert (before, bob["manager"]) == (None, ada["id"])


# ------------------------------------------------------------------------------------------ who is there already


@pytest.mark.parametrize("state", ["Accepted", "PendingAcceptance"])
def test_invited_user_is_adopted(state: str) -> None:
    invited = {"users": {"ada": {"invited": "ada@contoso.example", "externalUserState": state}}}
    pair = Pair(target=invited).configured()
    told = pair.outcome("ada")
    (guest,) = guests(pair)

    assert (told["action"], told["targetIdentity"]["id"]) == ("Update", guest["id"])
    assert (guest["department"], guest["userType"]) == ("Sales", "Guest")


def test_account_of_the_target_is_in_the_way() -> None:
    own = {"users": {"lovelace": {"proxyAddresses": ["smtp:ADA@contoso.example"]}}}
    told = Pair(target=own).configured().outcome("ada")

    assert told["statusInfo"]["status"] == "Failure"
    assert told["statusInfo"]["errorCode"] == "InvitationCreationFailureAmbiguousUser"


def test_target_may_forbid_guests() -> None:
    pair = Pair(target={"authorizationPolicy": {"allowInvitesFrom": "none"}}).configured()

    assert pair.outcome("ada")["statusInfo"]["errorCode"] == "AzureActiveDirectoryForbidden"
    assert guests(pair) == []


def test_user_who_vanished_from_the_target_is_not_made_again(pair: Pair) -> None:
    pair.outcome("ada")
    pair.world.store.delete(FABRIKAM, "user", str(guests(pair)[0]["id"]))

    assert pair.outcome("ada")["statusInfo"]["errorCode"] == "InvalidAnchor"


# ------------------------------------------------------------------------------------------ who is left alone


@pytest.mark.parametrize(("key", "members"), [("bob", {}), ("ada", {"accountEnabled": False})])
def test_user_who_is_not_entitled_is_skipped(pair: Pair, key: str, members: dict[str, Json]) -> None:
    change_user(pair, key, **members)
    told = pair.outcome(key)

    assert told["statusInfo"]["errorCode"] == "NotEffectivelyEntitled"
    assert step(told, "EntrySynchronizationScoping")["details"]["IsInProvisioningScopeDisplayName"] == "False"
    assert guests(pair) == []


def test_scope_may_be_everybody(pair: Pair) -> None:
    pair.put(f"{pair.root}/secrets", {"value": [*CREDENTIALS, {"key": "SyncAll", "value": "true"}]})

    assert pair.outcome("bob")["action"] == "Create"


@pytest.mark.parametrize(("value", "action"), [("Sales", "Create"), ("Legal", "Other")])
def test_scoping_filter_decides(pair: Pair, value: str, action: str) -> None:
    schema = pair.schema()
    users_mapping(schema)["scope"]["groups"].append(filtered("department", "EQUALS", value))
    pair.put_schema(schema)
    told = pair.outcome("ada")
    details = step(told, "EntrySynchronizationScoping")["details"]

    assert told["action"] == action
    assert json.loads(details["ScopeEvaluationResult"])[f"Some.department EQUALS '{value}'"] is (action == "Create")


@pytest.mark.parametrize("members", [{"invited": "x@fabrikam.example"}, {"invited": "x@nowhere.example"}])
def test_external_user_is_filtered_out(members: dict[str, Json]) -> None:
    pair = Pair(users={"guest": members}).configured()
    told = pair.outcome("guest")
    clauses = json.loads(step(told, "EntrySynchronizationScoping")["details"]["ScopeEvaluationResult"])

    assert told["statusInfo"]["status"] == "Skipped"
    assert clauses["Filter external users.alternativeSecurityIds EQUALS 'None'"] is False


def test_nobody_is_created_when_the_action_is_off(pair: Pair) -> None:
    schema = pair.schema()
    users_mapping(schema).update(flowTypes="Update, Delete")
    pair.put_schema(schema)

    assert pair.outcome("ada")["statusInfo"]["status"] == "Skipped"
    assert guests(pair) == []


def test_nobody_is_written_without_a_connection() -> None:
    pair = Pair(inbound=False).configured()
    told = pair.outcome("ada")

    assert told["statusInfo"]["status"] == "Failure"
    assert names(told) == ["TestConnection"]
    assert guests(pair) == []


def test_expression_that_fails_writes_nothing(pair: Pair) -> None:
    schema = pair.schema()
    mapping_of(schema, "city").update(source=function("Item([department], 1)"))
    pair.put_schema(schema)

    assert pair.outcome("ada")["statusInfo"]["errorCode"] == "AttributeMappingFailed"
    assert guests(pair) == []


def test_pattern_that_runs_for_ever_is_told(pair: Pair) -> None:
    change_user(pair, "ada", department="a" * 60 + "!")
    schema = pair.schema()
    users_mapping(schema)["scope"]["groups"].append(filtered("department", "REGEX MATCH", "^(a|aa)+$"))
    pair.put_schema(schema)

    assert pair.outcome("ada")["statusInfo"]["errorCode"] == "Timeout"


# ------------------------------------------------------------------------------------------ the request


def test_requests_are_few_in_ten_seconds(pair: Pair) -> None:
    answers = [pair.provision("ada").status for _ in range(6)]
    refused = pair.provision("ada")
    pair.world.clock.wait(float(refused.headers["Retry-After"]))

    assert answers == [200] * 5 + [429]
    assert pair.provision("ada").status == 200


def subjects(*ids: Json, kind: str = "User") -> Json:
    return [{"objectId": one, "objectTypeName": kind} for one in ids]


@pytest.mark.parametrize(
    ("rule", "given", "status"),
    [
        ("other", subjects(seeded_id(CONTOSO, "user", "ada")), 400),
        (None, subjects(), 400),
        (None, subjects(*[seeded_id(CONTOSO, "user", key) for key in ("ada", "bob")]), 400),
        (None, subjects(seeded_id(CONTOSO, "group", "sales"), kind="Group"), 400),
        (None, subjects(seeded_id(CONTOSO, "user", "ada"), kind="user"), 400),
        (None, subjects(7), 400),
        (None, subjects("7"), 404),
    ],
)
def test_request_means_one_user(pair: Pair, rule: str | None, given: Json, status: int) -> None:
    rule = rule or pair.schema()["synchronizationRules"][0]["id"]

    assert pair.act("provisionOnDemand", {"parameters": [{"ruleId": rule, "subjects": given}]}).status == status


@pytest.mark.parametrize("body", [{}, {"parameters": []}, {"parameters": {}}, {"parameters": [{}, {}]}, {"x": 1}])
def test_request_that_makes_no_sense_is_refused(pair: Pair, body: Json) -> None:
    answer = pair.act("provisionOnDemand", body)

    assert (answer.status, code(answer)) == (400, "BadRequest")


def test_target_names_who_wrote(pair: Pair) -> None:
    pair.outcome("ada")
    (record,) = pair.world.store.audits(FABRIKAM)

    assert record["activityDisplayName"] == "Add user"
    assert record["initiatedBy"]["app"]["displayName"] == "Microsoft.Azure.SyncFabric"
