"""People through cycles: who comes, changes, is blocked, goes, and comes back."""

from __future__ import annotations

from cycling import Cycling, source_id
from worlds import CONTOSO, FABRIKAM

from reconciler.emulator.calls import Json


def begun(**said: Json) -> Cycling:
    return Cycling(**said).later()


def test_nobody_comes_before_the_first_cycle() -> None:
    cycling = Cycling().later(19)

    assert cycling.there("ada") is None
    assert cycling.later(2).there("ada") is not None


def test_assigned_user_comes_with_the_first_cycle() -> None:
    cycling = begun()
    guest = cycling.there("ada") or {}

    assert (guest["mail"], guest["department"], guest["jobTitle"]) == ("ada@contoso.example", "Sales", "Engineer")
    assert cycling.there("bob") is None
    assert cycling.log("ada") == [("create", "success")]


def test_change_arrives_with_the_next_cycle() -> None:
    cycling = begun()
    cycling.change("ada", department="Legal", jobTitle="Judge")
    before = (cycling.there("ada") or {})["department"]
    after = cycling.later().there("ada") or {}

    assert before == "Sales"
    assert (after["department"], after["jobTitle"]) == ("Legal", "Judge")
    assert cycling.log("ada")[-1] == ("update", "success")


def test_newcomer_of_a_group_comes() -> None:
    cycling = begun()
    cycling.join("bob")

    assert cycling.later().there("bob") is not None


def test_disabled_user_is_blocked_and_not_deleted() -> None:
    cycling = begun()
    cycling.change("ada", accountEnabled=False)
    guest = cycling.later().there("ada") or {}

    assert guest["accountEnabled"] is False
    assert cycling.log("ada")[-1] == ("update", "success")


def test_whoever_leaves_the_group_is_deleted_softly() -> None:
    cycling = begun()
    cycling.leave("ada")
    cycling.later()

    assert (cycling.there("ada"), cycling.binned()) == (None, ["ada"])
    assert cycling.log("ada")[-1] == ("delete", "success")


def test_whoever_is_deleted_in_the_source_is_deleted_softly() -> None:
    cycling = begun()
    cycling.does("DELETE", f"users/{source_id('ada')}")

    assert cycling.later().binned() == ["ada"]


def test_whoever_comes_back_in_time_is_restored_and_updated() -> None:
    cycling = begun()
    first = cycling.there("ada") or {}
    cycling.leave("ada")
    cycling.later()
    cycling.change("ada", department="Legal")
    cycling.join("ada")
    again = cycling.later(20 * 24 * 60).there("ada") or {}

    assert (again["id"], again["department"]) == (first["id"], "Legal")
    assert cycling.binned() == []


def test_whoever_is_restored_in_the_source_is_restored() -> None:
    cycling = begun()
    cycling.does("DELETE", f"users/{source_id('ada')}")
    cycling.later()
    cycling.does("POST", f"directory/deletedItems/{source_id('ada')}/restore")

    assert cycling.later().there("ada") is not None


def test_whoever_comes_back_after_a_month_is_somebody_new() -> None:
    cycling = begun()
    first = cycling.there("ada") or {}
    cycling.leave("ada")
    cycling.later().later(31 * 24 * 60)
    cycling.join("ada")
    again = cycling.later().there("ada") or {}

    assert again["id"] != first["id"]


def test_whoever_was_blocked_before_they_left_stays() -> None:
    cycling = begun()
    cycling.change("ada", accountEnabled=False)
    cycling.later()
    cycling.leave("ada")
    guest = cycling.later().there("ada") or {}

    assert guest["accountEnabled"] is False
    assert cycling.log("ada")[-1] == ("other", "skipped")


def test_change_of_the_target_stands_until_the_source_changes() -> None:
    cycling = begun()
    guest = cycling.there("ada") or {}
    cycling.does("PATCH", f"users/{guest['id']}", {"department": "Theirs"}, tenant="fabrikam")
    between = (cycling.later().there("ada") or {})["department"]
    cycling.change("ada", jobTitle="Judge")

    assert between == "Theirs"
    assert (cycling.later().there("ada") or {})["department"] == "Sales"


def test_cycle_without_a_change_does_nothing() -> None:
    cycling = begun()
    before = len(cycling.events())
    cycling.later()

    assert len(cycling.events()) == before
    assert [one.kind for one in cycling.written()] == ["user", "synchronizationJob", "synchronizationJob"]


def test_target_names_the_service() -> None:
    cycling = begun()
    (record,) = cycling.world.store.audits(FABRIKAM)

    assert record["activityDisplayName"] == "Add user"
    assert record["initiatedBy"]["app"]["displayName"] == "Microsoft.Azure.SyncFabric"
    assert [one.tenant for one in cycling.written()] == [FABRIKAM, CONTOSO]


def test_job_shows_its_last_cycle() -> None:
    status = begun().status()

    assert (status["code"], status["lastExecution"]["state"]) == ("Active", "Succeeded")
    assert status["lastExecution"]["countExported"] == 1
    assert status["synchronizedEntryCountByType"] == [{"key": "User to User", "value": 1}]
    assert status["steadyStateLastAchievedTime"].startswith("2026-11-02T08:20")


# ------------------------------------------------------------------------------------------ who is in the way


def test_group_with_the_mail_is_in_the_way() -> None:
    cycling = begun(target={"groups": {"team": {"mail": "ada@contoso.example"}}})
    error = cycling.events("ada")[-1]["provisioningStatusInfo"]["errorInformation"]

    assert error["errorCode"] == "InvitationCreationFailureInvalidPropertyValue"


def test_user_who_is_mastered_on_premises_is_not_written() -> None:
    invited = {"ada": {"invited": "ada@contoso.example", "onPremisesSyncEnabled": True}}
    cycling = begun(target={"users": invited})
    error = cycling.events("ada")[-1]["provisioningStatusInfo"]["errorInformation"]

    assert error["errorCode"] == "AzureActiveDirectoryCannotUpdateObjectsMasteredOnPremises"


def test_two_who_share_a_mail_share_a_user() -> None:
    cycling = begun(users={"ada": {"mail": "both@contoso.example"}, "bob": {"mail": "both@contoso.example"}})
    links = {one["target"] for one in cycling.world.store.all(CONTOSO, "synchronizedObject").values()}

    assert len(links) == 1


def test_renamed_user_is_renamed_in_the_target() -> None:
    cycling = begun()
    cycling.change("ada", userPrincipalName="lovelace@contoso.example")

    assert cycling.later().there("lovelace") is not None


# ------------------------------------------------------------------------------------------ on demand


def test_whoever_is_out_of_scope_is_removed_on_demand() -> None:
    cycling = begun()
    cycling.leave("ada")

    assert cycling.outcome("ada")["action"] == "Delete"
    assert cycling.binned() == ["ada"]


def test_whoever_is_back_is_restored_on_demand() -> None:
    cycling = begun()
    cycling.leave("ada")
    cycling.later()
    cycling.join("ada")

    assert cycling.outcome("ada")["action"] == "Update"
    assert cycling.there("ada") is not None


def test_cycle_knows_whom_on_demand_provisioning_has_brought() -> None:
    cycling = Cycling()
    cycling.outcome("ada")

    assert cycling.later().log("ada")[-1] == ("other", "skipped")
    assert cycling.status()["synchronizedEntryCountByType"] == [{"key": "User to User", "value": 1}]
