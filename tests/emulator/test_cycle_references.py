"""References through cycles: managers and members who should be there and are not, told, kept apart and tried again."""

from __future__ import annotations

from cycling import Cycling, source_id
from sync_pair import users_mapping
from worlds import CONTOSO, FABRIKAM

from reconciler.emulator.calls import Json
from reconciler.provisioning import excess

LED: dict[str, Json] = {"ada": {"manager": "bob"}, "bob": {}}
UNDER_BOB = f"{source_id('ada')}/manager"


def manager_is_discarded(**said: Json) -> Cycling:
    """Return a job whose first cycle is over, and in whose target somebody then deleted the manager of ada."""
    cycling = Cycling(users=LED, **said).later()
    cycling.does("DELETE", f"users/{(cycling.there('bob') or {})['id']}", tenant="fabrikam")
    return cycling


def manager_of(cycling: Cycling, key: str) -> Json:
    return (cycling.there(key) or {}).get("manager")


def changed(cycling: Cycling) -> Cycling:
    cycling.change("ada", jobTitle="Judge")
    return cycling.later()


def test_manager_who_is_gone_from_the_target_fails_the_reference_alone() -> None:
    cycling = changed(manager_is_discarded())
    event = cycling.events("ada")[-1]

    assert cycling.log("ada")[-2:] == [("update", "success"), ("update", "failure")]
    assert event["provisioningSteps"][-1]["provisioningStepType"] == "referenceResolution"
    assert list(cycling.known()["escrows"]) == [UNDER_BOB]


def test_reference_is_tried_again_ever_later() -> None:
    cycling = changed(manager_is_discarded())
    tries = [cycling.later().log("ada").count(("update", "failure")) for _ in range(7)]

    assert tries == [2, 2, 3, 3, 3, 3, 4]


def test_manager_who_is_restored_is_set_by_the_next_try() -> None:
    cycling = changed(manager_is_discarded())
    (bob,) = cycling.world.store.all(FABRIKAM, "deletedItem")
    cycling.does("POST", f"directory/deletedItems/{bob}/restore", tenant="fabrikam")
    cycling.does("PATCH", f"users/{bob}", {"department": "Theirs"}, tenant="fabrikam")

    assert cycling.later().known()["escrows"] == {}
    assert manager_of(cycling, "ada") == bob


def test_manager_who_cannot_be_created_is_set_when_they_can() -> None:
    users: dict[str, Json] = {"ada": {"manager": "bob"}, "bob": {"mail": "bob@elsewhere.example"}}
    cycling = Cycling(users=users).later()
    failed = sorted(cycling.known()["escrows"])
    cycling.change("bob", mail="bob@contoso.example")
    cycling.later()

    assert failed == sorted([source_id("bob"), UNDER_BOB])
    assert manager_of(cycling, "ada") == (cycling.there("bob") or {})["id"]
    assert cycling.known()["escrows"] == {}


def test_whoever_has_no_manager_any_more_fails_no_more() -> None:
    cycling = changed(manager_is_discarded())
    cycling.does("DELETE", f"users/{source_id('ada')}/manager/$ref")

    assert cycling.later().known()["escrows"] == {}


def test_member_who_is_gone_from_the_target_fails_alone() -> None:
    cycling = Cycling()
    schema = cycling.schema()
    schema["synchronizationRules"][0]["objectMappings"][-1]["enabled"] = True
    cycling.put_schema(schema)
    guest = cycling.later().there("ada") or {}
    cycling.does("DELETE", f"users/{guest['id']}", tenant="fabrikam")
    cycling.join("bob")
    cycling.later()
    groups = [one for one in cycling.events() if one["sourceIdentity"]["identityType"] == "Group"]

    assert [key.partition("/")[2] for key in cycling.known()["escrows"]] == [source_id("ada")]
    assert [one["provisioningStatusInfo"]["status"] for one in groups[-2:]] == ["success", "failure"]


def test_references_count_for_the_absolute_limit_alone() -> None:
    assert excess(0, 45_000, 0) == ""
    assert excess(0, 60_001, 0) == "EncounteredEscrowProportionThreshold"


def test_failed_references_do_not_stop_a_job() -> None:
    cycling = manager_is_discarded(switches={"escrows_evaluated_from": 1})

    assert changed(cycling).state() == ("Active", "Active")
    assert cycling.status()["lastExecution"]["countEscrowed"] == 1


def test_pruned_failures_are_found_anew_by_a_restart() -> None:
    bad: dict[str, Json] = {"ada": {"mail": "ada@elsewhere.example"}}
    cycling = Cycling(users=bad, switches={"escrows_evaluated_from": 1}).later()
    pruned = cycling.state(), cycling.status()["escrowsPruned"], cycling.known()["due"]
    cycling.change("ada", mail="ada@contoso.example")
    cycling.restart()

    assert pruned == (("Paused", "Paused"), True, None)
    assert cycling.later().state() == ("Active", "Active")
    assert cycling.status()["escrowsPruned"] is False


def test_job_that_is_given_up_has_no_failures_left() -> None:
    cycling = changed(manager_is_discarded())
    policy = f"policies/crossTenantAccessPolicy/partners/{CONTOSO}/identitySynchronization"
    cycling.does("PATCH", policy, {"userSyncInbound": {"isSyncAllowed": False}}, tenant="fabrikam")
    for _ in range(30):
        cycling.later(24 * 60)

    assert (cycling.state()[0], cycling.known()["escrows"]) == ("Disabled", {})


# ------------------------------------------------------------------------------------------ what a definition says


def test_change_of_case_alone_is_written_where_case_counts() -> None:
    shown = []
    for exact in (False, True):
        cycling = Cycling()
        schema = cycling.schema()
        for one in schema["directories"][1]["objects"][0]["attributes"]:
            one["caseExact"] = exact and one["name"] == "department"
        cycling.put_schema(schema)
        cycling.later().change("ada", department="SALES")
        shown.append((cycling.later().there("ada") or {})["department"])

    assert shown == ["Sales", "SALES"]


def test_directory_extension_flows_from_one_tenant_to_the_other() -> None:
    name = f"extension_{'0a' * 16}_badge"
    cycling = Cycling(users={"ada": {name: "blue"}})
    schema = cycling.schema()
    for directory in schema["directories"]:
        directory["objects"][0]["attributes"].append({"name": name, "type": "String"})
    source = {"type": "Attribute", "name": name, "expression": f"[{name}]", "parameters": []}
    users_mapping(schema)["attributeMappings"].append({"targetAttributeName": name, "source": source})
    assert cycling.put_schema(schema).status == 204
    first = (cycling.later().there("ada") or {}).get(name)
    cycling.change("ada", **{name: "red"})

    assert (first, (cycling.later().there("ada") or {}).get(name)) == ("blue", "red")
    assert cycling.log("ada") == [("create", "success"), ("update", "success")]
