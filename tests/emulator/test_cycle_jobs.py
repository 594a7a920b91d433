"""Jobs through cycles: the guard against deletions, quarantine, failures that are tried again, restarts, scopes."""

from __future__ import annotations

from cycle_switches import THRESHOLD
from cycling import Cycling, source_id
from sync_pair import CREDENTIALS, filtered, function, mapping_of, pair_seed, users_mapping
from worlds import CONTOSO, FABRIKAM

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import fill_anew, seed_of
from reconciler.emulator.world import World

GUARDED = {"settings": {"SyncNotificationSettings": THRESHOLD}}
TWO: dict[str, Json] = {"ada": {}, "bob": {}, "eve": {}}
PERMISSION = f"policies/crossTenantAccessPolicy/partners/{CONTOSO}/identitySynchronization"


def two_are_gone() -> Cycling:
    """Return a job of which two users left at once, where one may."""
    cycling = Cycling(users=TWO, configuration=GUARDED).later()
    for key in ("ada", "bob"):
        cycling.does("DELETE", f"users/{source_id(key)}")
    return cycling.later()


def quarantine(cycling: Cycling) -> Json:
    return (cycling.status()["quarantine"] or {}).get("reason")


# ------------------------------------------------------------------------------------------ when


def test_job_that_is_not_started_has_no_cycle() -> None:
    cycling = Cycling(configuration={"state": "fresh"}).later(24 * 60)

    assert cycling.world.cycles.run_all(cycling.world) == []
    assert cycling.there("ada") is None


def test_job_of_a_deleted_service_principal_rests() -> None:
    cycling = Cycling()
    principal = cycling.root.split("/")[2]
    cycling.does("DELETE", f"servicePrincipals/{principal}")
    before = cycling.later().there("ada")
    cycling.does("POST", f"directory/deletedItems/{principal}/restore")

    assert before is None
    assert cycling.later().there("ada") is not None


def test_world_without_a_started_job_pays_nothing() -> None:
    world = World.from_seed(pair_seed())
    world.catch_up()
    # Whatever asked it for something now would fail.
    world.store.close()
    world.clock.wait(24 * 60 * 60)
    world.catch_up()

    assert world.clock.monotonic() == 24 * 60 * 60


def test_interval_counts_from_start_to_start() -> None:
    cycling = Cycling()
    dues = [cycling.later(minutes).known()["due"][11:16] for minutes in (25, 40, 100)]

    assert dues == ["09:00", "09:40", "11:00"]


def test_cycles_go_on_after_a_world_is_filled_anew() -> None:
    cycling = Cycling().later()
    fill_anew(cycling.world, seed_of(cycling.world))
    cycling.change("ada", jobTitle="Judge")

    assert (cycling.later().there("ada") or {})["jobTitle"] == "Judge"


# ------------------------------------------------------------------------------------------ the guard


def test_too_many_deletions_are_held_back() -> None:
    cycling = two_are_gone()

    assert (quarantine(cycling), cycling.state()) == ("TooManyDeletes", ("Active", "Quarantine"))
    assert [cycling.there(key) is not None for key in ("ada", "bob")] == [True, True]
    assert [cycling.log(key)[-1] for key in ("ada", "bob")] == [("stagedDelete", "skipped")] * 2


def test_so_many_deletions_as_the_threshold_are_carried_out() -> None:
    cycling = Cycling(users=TWO, configuration=GUARDED).later()
    cycling.does("DELETE", f"users/{source_id('ada')}")

    assert cycling.later().binned() == ["ada"]


def test_forced_deletions_are_carried_out_once() -> None:
    cycling = two_are_gone()
    cycling.restart("ForceDeletes")
    cycling.later()

    assert sorted(cycling.binned()) == ["ada", "bob"]
    assert (quarantine(cycling), cycling.known()["forcesDeletes"]) == (None, False)


def test_deletions_that_nobody_wants_any_more_are_forgotten() -> None:
    cycling = two_are_gone()
    cycling.does("POST", f"directory/deletedItems/{source_id('ada')}/restore")
    cycling.does("POST", f"directory/deletedItems/{source_id('bob')}/restore")
    cycling.restart()
    cycling.later()

    assert (quarantine(cycling), cycling.binned(), cycling.known()["staged"]) == (None, [], [])


def test_restart_without_a_repair_is_held_again() -> None:
    cycling = two_are_gone()
    cycling.restart()

    assert quarantine(cycling.later()) == "TooManyDeletes"


def test_held_deletions_do_not_hold_the_others_up() -> None:
    cycling = Cycling(users=TWO, configuration=GUARDED).later()
    for key in ("ada", "bob"):
        cycling.does("DELETE", f"users/{source_id(key)}")
    cycling.change("eve", jobTitle="Judge")

    assert (cycling.later().there("eve") or {})["jobTitle"] == "Judge"


# ------------------------------------------------------------------------------------------ quarantine


def test_permission_that_is_taken_back_stops_the_job() -> None:
    cycling = Cycling().later()
    cycling.does("PATCH", PERMISSION, {"userSyncInbound": {"isSyncAllowed": False}}, tenant="fabrikam")
    cycling.change("ada", jobTitle="Judge")
    cycling.later()

    assert quarantine(cycling) == "EncounteredQuarantineException"
    assert (cycling.there("ada") or {})["jobTitle"] == "Engineer"
    assert cycling.status()["lastExecution"]["state"] == "Failed"


def test_quarantine_is_tried_after_six_and_twelve_hours_and_then_daily() -> None:
    cycling = Cycling(allowed=False).later()
    attempts = [cycling.later(hours * 60).status()["quarantine"]["nextAttempt"] for hours in (0, 6, 6, 12, 24)]

    assert [one[8:16] for one in attempts] == ["02T14:20", "02T20:20", "03T08:20", "04T08:20", "05T08:20"]
    assert cycling.status()["quarantine"]["seriesCount"] == 5


def test_repaired_cause_ends_the_quarantine() -> None:
    cycling = Cycling(allowed=False).later()
    cycling.does("PATCH", PERMISSION, {"userSyncInbound": {"isSyncAllowed": True}}, tenant="fabrikam")

    assert cycling.later().there("ada") is None
    assert cycling.later(6 * 60).there("ada") is not None
    assert cycling.state() == ("Active", "Active")


def test_job_is_given_up_after_four_weeks() -> None:
    cycling = Cycling(allowed=False).later()
    for _ in range(29):
        cycling.later(24 * 60)

    assert cycling.state()[0] == "Disabled"
    assert cycling.known()["due"] is None


# ------------------------------------------------------------------------------------------ failures


def in_the_way() -> Cycling:
    own = {"users": {"lovelace": {"proxyAddresses": ["smtp:ada@contoso.example"]}}}
    return Cycling(target=own).later()


def test_failure_is_told_and_kept() -> None:
    cycling = in_the_way()

    assert cycling.log("ada") == [("create", "failure")]
    assert cycling.known()["escrows"][source_id("ada")]["code"] == "InvitationCreationFailureAmbiguousUser"
    assert cycling.status()["lastExecution"]["countEscrowed"] == 1


def test_failure_is_tried_again_ever_later() -> None:
    cycling = in_the_way()
    tries = [len(cycling.later().log("ada")) for _ in range(7)]

    assert tries == [2, 2, 3, 3, 3, 3, 4]


def test_repaired_cause_ends_the_failure() -> None:
    cycling = in_the_way()
    own = next(one for one in cycling.world.store.all(FABRIKAM, "user").values() if "Invitation" not in str(one))
    cycling.does("DELETE", f"users/{own['id']}", tenant="fabrikam")

    assert cycling.later().there("ada") is not None
    assert cycling.known()["escrows"] == {}


def test_restart_forgets_failures() -> None:
    cycling = in_the_way()
    cycling.restart("Escrows")

    assert cycling.known()["escrows"] == {}


# ------------------------------------------------------------------------------------------ scope and restarts


def test_filter_that_somebody_fails_removes_them() -> None:
    cycling = Cycling().later()
    schema = cycling.schema()
    users_mapping(schema)["scope"]["groups"].append(filtered("department", "EQUALS", "Legal"))
    assert cycling.put_schema(schema).status == 204

    assert cycling.later().binned() == ["ada"]


def test_attribute_that_fails_the_filter_removes_somebody() -> None:
    cycling = Cycling(configuration={"filters": [filtered("department", "EQUALS", "Sales")]}).later()
    cycling.change("ada", department="Legal")

    assert cycling.later().binned() == ["ada"]


def test_changed_mapping_is_applied_to_everybody() -> None:
    cycling = Cycling().later()
    schema = cycling.schema()
    mapping_of(schema, "department").update(source=function('Append([department], " (Contoso)")'))
    cycling.put_schema(schema)

    assert (cycling.later().there("ada") or {})["department"] == "Sales (Contoso)"


def test_assigned_only_takes_effect_after_a_restart() -> None:
    cycling = Cycling(configuration={"settings": {"SyncAll": "true"}}).later()
    cycling.put(f"{cycling.root}/secrets", {"value": CREDENTIALS})
    cycling.change("bob", jobTitle="Judge")
    before = cycling.later().there("bob")
    cycling.restart()

    assert before is not None
    assert cycling.later().there("bob") is None


def test_unassigned_group_removes_its_members() -> None:
    cycling = Cycling().later()
    (assignment,) = cycling.world.store.scan(CONTOSO, "appRoleAssignment", below=cycling.root.split("/")[2])
    cycling.does("DELETE", f"{cycling.root.rpartition('/')[0][1:]}/appRoleAssignedTo/{assignment[1]['id']}")

    assert cycling.later().binned() == ["ada"]


def test_deleted_group_removes_its_members() -> None:
    cycling = Cycling().later()
    (group,) = cycling.world.store.all(CONTOSO, "group")
    cycling.does("DELETE", f"groups/{group}")

    assert cycling.later().binned() == ["ada"]


def test_paused_job_does_nothing_and_goes_on_where_it_was() -> None:
    cycling = Cycling().later()
    cycling.act("pause")
    cycling.change("ada", jobTitle="Judge")
    before = (cycling.later(24 * 60).there("ada") or {})["jobTitle"]
    cycling.act("start")

    assert before == "Engineer"
    assert (cycling.later(0).there("ada") or {})["jobTitle"] == "Judge"


def test_full_restart_matches_everybody_anew() -> None:
    cycling = Cycling().later()
    guest = cycling.there("ada") or {}
    cycling.restart("Full")
    between = cycling.world.store.count(CONTOSO, "synchronizedObject")

    assert between == 0
    assert (cycling.later().there("ada") or {})["id"] == guest["id"]
    assert cycling.status()["synchronizedEntryCountByType"] == [{"key": "User to User", "value": 1}]


def test_action_that_is_off_is_not_done() -> None:
    cycling = Cycling(configuration={"flowTypes": "Add, Update"}).later()
    cycling.leave("ada")

    assert cycling.later().there("ada") is not None


# ------------------------------------------------------------------------------------------ managers


def test_manager_follows_in_the_same_cycle() -> None:
    cycling = Cycling(users={"bob": {"manager": "ada"}, "ada": {}}).later()

    assert (cycling.there("bob") or {})["manager"] == (cycling.there("ada") or {})["id"]


def test_manager_who_is_out_of_scope_is_not_set() -> None:
    cycling = Cycling()
    cycling.does("PUT", f"users/{source_id('ada')}/manager/$ref", {"@odata.id": f"https://x/users/{source_id('bob')}"})

    assert "manager" not in (cycling.later().there("ada") or {})


def test_managers_of_each_other_are_both_set() -> None:
    cycling = Cycling(users={"ada": {"manager": "bob"}, "bob": {"manager": "ada"}}).later()

    assert (cycling.there("bob") or {})["manager"] == (cycling.there("ada") or {})["id"]
    assert (cycling.there("ada") or {})["manager"] == (cycling.there("bob") or {})["id"]
