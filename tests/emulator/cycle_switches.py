"""Every assumption about cycles in both positions: what to look at, and what it shows by default and else."""

from __future__ import annotations

from collections.abc import Callable

from cycling import Cycling
from worlds import FABRIKAM

from reconciler.emulator.calls import Json

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
    "first_cycle_seconds": (after_twenty_minutes, True, 3600, False),
}
THRESHOLD = '{"Enabled": false, "DeleteThresholdEnabled": true, "DeleteThresholdValue": 1}'
