"""Random estates of people, small and replayable: who they are, who is assigned, what flows, and what happened before.

Everything is drawn from one seeded source of chance, so that a number is a whole estate.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping

from foreseen import CONTOSO, FABRIKAM, Foreseen, group_id, seed, user_id

from reconciler.emulator.people import net_id
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.world import World
from reconciler.model import Estate, Json

KEYS = ("ada", "bob", "cyd", "dan", "eve", "fay")
DEPARTMENTS = ("Sales", "IT", "", None)
EXPRESSIONS: Mapping[str, tuple[str | None, ...]] = {
    "displayName": ('Join(" ", [givenName], [displayName])', 'Append([displayName], " (Contoso)")'),
    "department": (None, 'Coalesce([department], "none")', "[jobTitle]"),
    "jobTitle": ("IgnoreFlowIfNullOrEmpty([jobTitle])", 'IIF([department]="Sales", "Seller", [jobTitle])'),
    "accountEnabled": (None,),
    "companyName": ('"Contoso"',),
    "extensionAttribute1": ("[userPrincipalName]", 'Switch([department], "x", "Sales", "s")'),
    "manager": (None,),
    "mail": (None,),
}
CLAUSES = (
    ("department", "EQUALS", "Sales"),
    ("department", "NOT EQUALS", "IT"),
    ("department", "IS NOT NULL", None),
    ("accountEnabled", "IS TRUE", None),
    ("jobTitle", "REGEX MATCH", "^E"),
    ("userPrincipalName", "ENDS_WITH", "@contoso.example"),
    ("mail", "Includes", "a"),
)


def drawn(number: int, estate: Estate) -> tuple[Foreseen, bool]:
    """Return an estate after what happened in it, and whether the next cycle looks at everybody."""
    chance = random.Random(number)
    pair = Foreseen(World.from_seed(_seed(chance)), estate)
    for _ in range(chance.randrange(4)):
        _happen(chance, pair)
        pair.cycle(everybody=chance.random() < 0.3)
    _happen(chance, pair)
    return pair, chance.random() < 0.6


# ---------------------------------------------------------------------------------------------- how it begins


def _seed(chance: random.Random) -> dict[str, Json]:
    keys = KEYS[: chance.randint(2, len(KEYS))]
    users = {key: _user(chance, key, keys) for key in keys}
    if chance.random() < 0.2:
        users["guest"] = {"userType": "Guest"}
    if chance.random() < 0.2:
        users["partner"] = {
            "userPrincipalName": "partner_x.example#EXT#@contoso.example",
            "creationType": "Invitation",
            "externalUserState": "Accepted",
            "userType": "Guest",
        }
    groups: dict[str, Json] = {
        name: {"members": chance.sample(list(users), chance.randint(1, len(users))), **said}
        for name, said in (("sales", {}), ("inner", {}), ("mailing", {"securityEnabled": False}))
    }
    groups["sales"]["members"] += ["inner"] if chance.random() < 0.3 else []
    assigned = [name for name in groups if chance.random() < 0.75] + [key for key in users if chance.random() < 0.3]
    return seed(
        users,
        assigned=assigned,
        groups=groups,
        configuration=_configuration(chance),
        target={
            "users": dict(_strangers(chance, users)),
            "groups": {"team": _mailing(f"{chance.choice(keys)}@contoso.example")} if chance.random() < 0.2 else {},
        },
    )


def _mailing(mail: str) -> dict[str, Json]:
    return {"mail": mail, "mailEnabled": True, "proxyAddresses": [f"SMTP:{mail}"]}


def _user(chance: random.Random, key: str, keys: tuple[str, ...]) -> dict[str, Json]:
    said: dict[str, Json] = {
        "department": chance.choice(DEPARTMENTS),
        "jobTitle": chance.choice(("Engineer", "Buyer", None)),
        "givenName": chance.choice((key.title(), None)),
    }
    if chance.random() < 0.1:
        said["accountEnabled"] = False
    match chance.randrange(12):
        case 0:
            said["mail"] = None
        case 1:
            said["mail"] = f"{chance.choice(keys)}@contoso.example"
        case 2:
            said["mail"] = f"{key}@elsewhere.example"
    if chance.random() < 0.4:
        said["manager"] = chance.choice(keys)
    return {name: value for name, value in said.items() if value is not None or name == "mail"}


def _configuration(chance: random.Random) -> dict[str, Json]:
    chosen = [name for name in EXPRESSIONS if chance.random() < 0.2]
    said: dict[str, Json] = {"expressions": {name: chance.choice(EXPRESSIONS[name]) for name in chosen}}
    if chance.random() < 0.3:
        said["filters"] = [_group(chance) for _ in range(chance.randint(1, 2))]
    if chance.random() < 0.12:
        said["flowTypes"] = chance.choice(("Add, Update", "Update, Delete", "Add, Delete", "Add"))
    guard = {"Enabled": False, "DeleteThresholdEnabled": True, "DeleteThresholdValue": chance.choice((1, 2, 500))}
    said["settings"] = {
        "SyncAll": "true" if chance.random() < 0.3 else "false",
        "SyncNotificationSettings": json.dumps(guard),
    }
    return said


def _group(chance: random.Random) -> dict[str, Json]:
    clauses = chance.sample(CLAUSES, chance.randint(1, 2))
    return {
        "name": "some",
        "clauses": [
            {
                "sourceOperandName": attribute,
                "operatorName": operator,
                "targetOperand": {"values": [] if value is None else [value]},
            }
            for attribute, operator, value in clauses
        ],
    }


def _strangers(chance: random.Random, users: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield who is in the target already: guests who came by themselves, invited ones, and accounts of its own."""
    for key in users:
        name = f"{key}_contoso.example#EXT#@fabrikam.example"
        mail = f"{key}@contoso.example"
        guest = {"creationType": "Invitation", "userType": "Guest", "mail": mail}
        match chance.randrange(14):
            case 0:
                came = {**guest, "userPrincipalName": name, "externalUserState": "Accepted"}
                yield f"{key}-came", {**came, "alternativeSecurityIds": [net_id(user_id(key))]}
            case 1:
                yield f"{key}-invited", {**guest, "userPrincipalName": name, "externalUserState": "PendingAcceptance"}
            case 2:
                yield f"{key}-own", {"mail": mail}
            case 3:
                yield f"{key}-other", {**guest, "userPrincipalName": f"other-{name}", "externalUserState": "Accepted"}


# ---------------------------------------------------------------------------------------------- what happens


def _happen(chance: random.Random, pair: Foreseen) -> None:
    for _ in range(chance.randint(1, 6)):
        key = chance.choice(KEYS)
        if pair.world.store.get(CONTOSO, "user", user_id(key)) is not None:
            _source(chance, pair, key)
        elif pair.world.store.get(CONTOSO, "deletedItem", user_id(key)) is not None:
            pair.does("POST", f"directory/deletedItems/{user_id(key)}/restore")
    if chance.random() < 0.3:
        _target(chance, pair)


def _source(chance: random.Random, pair: Foreseen, key: str) -> None:
    path = f"users/{user_id(key)}"
    match chance.randrange(10):
        case 0:
            pair.does("PATCH", path, {"accountEnabled": chance.random() < 0.5})
        case 1 | 2:
            pair.does("PATCH", path, {"department": chance.choice(("Sales", "IT", None))})
        case 3:
            pair.does("PATCH", path, {"displayName": f"{key.title()} {chance.randrange(9)}"})
        case 4:
            pair.does("DELETE", path)
        case 5 | 6 | 9:
            _move(chance, pair, key)
        case 7 if not _came(pair, key):
            pair.does("PATCH", path, {"userPrincipalName": f"{key}{chance.randrange(9)}@contoso.example"})
        case 7:
            pair.does("PATCH", path, {"jobTitle": "Manager"})
        case _:
            manager = user_id(chance.choice(KEYS))
            if pair.world.store.get(CONTOSO, "user", manager) is not None:
                reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{manager}"}
                pair.does("PUT", f"{path}/manager/$ref", reference)


def _came(pair: Foreseen, key: str) -> bool:
    """Tell whether a guest came by themselves: once they have another name, only the service knows who they are."""
    return seeded_id(FABRIKAM, "user", f"{key}-came") in pair.users()


def _move(chance: random.Random, pair: Foreseen, key: str) -> None:
    """Let somebody join a group, or leave it."""
    group = chance.choice(("sales", "inner"))
    members = f"groups/{group_id(group)}/members"
    there = {one["id"] for one in pair.does("GET", members)["value"]}
    if user_id(key) in there:
        pair.does("DELETE", f"{members}/{user_id(key)}/$ref")
    else:
        reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{user_id(key)}"}
        pair.does("POST", f"{members}/$ref", reference)


def _target(chance: random.Random, pair: Foreseen) -> None:
    """Let somebody of the target change, block or delete a user there."""
    external = [key for key, one in pair.users().items() if one.get("creationType") == "Invitation"]
    if not external:
        return
    path = f"users/{chance.choice(sorted(external))}"
    match chance.randrange(4):
        case 0:
            pair.does("PATCH", path, {"jobTitle": "Boss"}, tenant="fabrikam")
        case 1:
            pair.does("PATCH", path, {"accountEnabled": False}, tenant="fabrikam")
        case 2:
            pair.does("DELETE", path, tenant="fabrikam")
        case _:
            pair.does("PATCH", path, {"department": None}, tenant="fabrikam")
