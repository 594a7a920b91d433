"""Every assumption about cycles in both positions: what to look at, and what it shows by default and else."""

from __future__ import annotations

from collections.abc import Callable

from cycling import Cycling, source_id
from sync_pair import function, mapping_of
from worlds import FABRIKAM

from reconciler.emulator import people
from reconciler.emulator.calls import Json
from reconciler.emulator.directory_objects import USERS

Shows = Callable[[Cycling], Json]


def moved(cycling: Cycling) -> None:
    """Let a user change, so that the next cycle looks at them."""
    cycling.change("ada", jobTitle="Judge")
    cycling.later()


def discarded(cycling: Cycling) -> Json:
    guest = cycling.later().there("ada") or {}
    cycling.does("DELETE", f"users/{guest['id']}", tenant="fabrikam")
    moved(cycling)
    return cycling.log("ada")[-1], cycling.binned()


def vanished(cycling: Cycling) -> Json:
    guest = cycling.later().there("ada") or {}
    cycling.does("DELETE", f"users/{guest['id']}", tenant="fabrikam")
    cycling.does("DELETE", f"directory/deletedItems/{guest['id']}", tenant="fabrikam")
    moved(cycling)
    return cycling.log("ada")[-1]


def blocked(cycling: Cycling) -> Json:
    cycling.later().change("ada", accountEnabled=False)
    cycling.later()
    return cycling.log("ada")[-1]


def one_goes_one_is_blocked(cycling: Cycling) -> Json:
    cycling.join("bob")
    cycling.later().leave("ada")
    cycling.change("bob", accountEnabled=False)
    cycling.later()
    return cycling.log("ada")[-1][0]


def after_twenty_minutes(cycling: Cycling) -> Json:
    return cycling.later(20).there("ada") is not None


def one_mail(cycling: Cycling) -> Json:
    cycling.change("bob", mail="ada@contoso.example")
    cycling.join("bob")
    cycling.later()
    return len(cycling.world.store.all(FABRIKAM, "user"))


def mail_elsewhere(cycling: Cycling) -> Json:
    cycling.change("bob", mail="bob@elsewhere.example")
    cycling.join("bob")
    return cycling.later().log("bob")[-1]


def tried_again(cycling: Cycling) -> Json:
    cycling.change("bob", mail="bob@elsewhere.example")
    cycling.join("bob")
    return [len(cycling.later().log("bob")) for _ in range(4)]


def member_of_theirs(cycling: Cycling) -> Json:
    schema = cycling.schema()
    schema["synchronizationRules"][0]["objectMappings"][-1]["enabled"] = True
    cycling.put_schema(schema)
    (group,) = cycling.later().world.store.all(FABRIKAM, "group")
    cycling.does("POST", "users", NEWCOMER, tenant="fabrikam")
    (own,) = cycling.world.store.named(FABRIKAM, "user", "own@fabrikam.example")
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{own}"}
    cycling.does("POST", f"groups/{group}/members/$ref", reference, tenant="fabrikam")
    cycling.join("bob")
    cycling.later()
    return len(list(cycling.world.store.scan(FABRIKAM, "member", below=group)))


def two_of_three_fail(cycling: Cycling) -> Json:
    cycling.later()
    for key in ("bob", "eve"):
        cycling.change(key, mail=f"{key}@elsewhere.example")
        cycling.join(key)
    return (cycling.later().status()["quarantine"] or {}).get("reason")


def all_fail_at_first(cycling: Cycling) -> Json:
    cycling.change("ada", mail="ada@elsewhere.example")
    return cycling.later().state()[1], cycling.status()["escrowsPruned"], len(cycling.known()["escrows"])


def manager_elsewhere(cycling: Cycling) -> Json:
    manager = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{source_id('bob')}"}
    cycling.does("PUT", f"users/{source_id('ada')}/manager/$ref", manager)
    return len(cycling.later().known()["escrows"])


def enabled_member(cycling: Cycling) -> Json:
    schema = cycling.schema()
    schema["synchronizationRules"][0]["objectMappings"][-1]["enabled"] = True
    cycling.put_schema(schema)
    cycling.change("bob", accountEnabled=False)
    cycling.join("bob")
    cycling.later().change("bob", accountEnabled=True)
    cycling.later()
    return len(cycling.world.store.all(FABRIKAM, "user")), len(cycling.world.store.all(FABRIKAM, "member"))


def invited_by_another_name(cycling: Cycling) -> Json:
    host = cycling.world.directory.organizations[FABRIKAM]
    guest = people.guest("lovelace@contoso.example", {"mail": "ada@contoso.example"}, host, GUEST, NOW, accepted=False)
    cycling.world.store.put(FABRIKAM, "user", GUEST, USERS.sparse(guest))
    name = (cycling.later().world.store.get(FABRIKAM, "user", GUEST) or {})["userPrincipalName"]
    return str(name).partition("_")[0], cycling.log("ada")


def purged_at_home(cycling: Cycling) -> Json:
    cycling.later().does("DELETE", f"users/{source_id('ada')}")
    cycling.later().does("DELETE", f"directory/deletedItems/{source_id('ada')}")
    return cycling.later().binned()


def switched(cycling: Cycling) -> Json:
    schema = cycling.schema()
    mapping_of(schema, "city").update(source=function('Switch([department], "Elsewhere", "Sales", "Oslo")'))
    cycling.put_schema(schema)
    cycling.later()
    moved(cycling)
    return (cycling.there("ada") or {}).get("city")


def mailbox(cycling: Cycling) -> Json:
    guest = dict(cycling.later().there("ada") or {})
    plans = [{"service": "exchange", "capabilityStatus": "Enabled"}]
    cycling.world.store.put(FABRIKAM, "user", str(guest["id"]), {**guest, "assignedPlans": plans})
    cycling.change("ada", mail="countess@contoso.example", department="Legal")
    shown = cycling.later().there("ada") or {}
    return cycling.log("ada")[-1], shown["mail"], shown["department"]


GUEST, NOW = "20000000-0000-4000-8000-000000000001", "2026-11-02T08:00:00.000000Z"
NEWCOMER = {
    "accountEnabled": True,
    "displayName": "Own",
    "mailNickname": "own",
    "userPrincipalName": "own@fabrikam.example",
    "passwordProfile": {"password": "correct horse"},
}


# switch: (what to look at, what it shows by default, the other setting, what it shows then)
CYCLES: dict[str, tuple[Shows, Json, Json, Json]] = {
    "discarded_user": (discarded, (("update", "failure"), ["ada"]), "skip", (("other", "skipped"), ["ada"])),
    "vanished_user": (vanished, ("update", "failure"), "created", ("create", "success")),
    "block_told_as": (blocked, ("update", "success"), "disable", ("disable", "success")),
    "guard_counts_blocked": (one_goes_one_is_blocked, "stagedDelete", False, "delete"),
    "unverified_mail": (mail_elsewhere, ("create", "failure"), "created", ("create", "success")),
    "foreign_members": (member_of_theirs, 3, "removed", 2),
    "first_gap_minutes": (tried_again, [1, 2, 2, 3], 10, [1, 2, 3, 4]),
    "shared_mail": (one_mail, 1, "two", 2),
    "escrows_evaluated_from": (two_of_three_fail, None, 2, "EncounteredEscrowProportionThreshold"),
    "escrows_most": (two_of_three_fail, None, 1, "EncounteredEscrowProportionThreshold"),
    "escrows_most_of_all": (two_of_three_fail, None, 1, "EncounteredEscrowProportionThreshold"),
    "initial_excess": (all_fail_at_first, ("Paused", True, 0), "quarantine", ("Quarantine", False, 1)),
    "manager_out_of_scope": (manager_elsewhere, 0, "failure", 1),
    "returning_members": (enabled_member, (2, 1), "at once", (2, 2)),
    "invited_name": (
        invited_by_another_name,
        ("lovelace", [("update", "success")]),
        "written",
        ("ada", [("update", "success")]),
    ),
    "purged_source": (purged_at_home, ["ada"], "purged", []),
    "switch_in_deltas": (switched, "Oslo", "blank", None),
    "mailbox_writes": (
        mailbox,
        (("update", "failure"), "ada@contoso.example", "Sales"),
        "left out",
        (("update", "success"), "ada@contoso.example", "Legal"),
    ),
    "first_cycle_seconds": (after_twenty_minutes, True, 3600, False),
}
BESIDE: dict[str, dict[str, Json]] = {"initial_excess": {"escrows_evaluated_from": 1}}
"""What else is assumed otherwise, so that an assumption shows."""
THRESHOLD = '{"Enabled": false, "DeleteThresholdEnabled": true, "DeleteThresholdValue": 1}'
