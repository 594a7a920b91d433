"""A world with people in it, for the tests of the directory, and clients that may do one thing or everything."""

from __future__ import annotations

from collections.abc import Iterable

from worlds import CONTOSO, FABRIKAM, Client

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.world import World

EVENTUAL = {"consistencylevel": "eventual"}
ALL = ("Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All", "Policy.Read.All")

PEOPLE: dict[str, Json] = {
    "users": {
        "ada": {"displayName": "Ada Lovelace", "department": "Research", "givenName": "Ada", "manager": "grace"},
        "grace": {
            "displayName": "Grace Hopper",
            "department": "Research",
            "jobTitle": "Admiral",
            "accountEnabled": False,
        },
        "odd": {"displayName": "O'Neill", "mail": None, "employeeId": "7"},
        "guest": {"invited": "kim@fabrikam.example"},
        "pending": {"invited": "lee@fabrikam.example", "externalUserState": "PendingAcceptance"},
    },
    "groups": {
        "staff": {"members": ["ada", "research"]},
        "research": {"displayName": "Research", "members": ["grace", "odd"]},
        "computed": {"membershipRule": 'user.department -eq "Research"', "members": ["ada", "grace"]},
        "team": {"groupTypes": ["Unified"], "mailEnabled": True, "securityEnabled": False},
    },
    "servicePrincipals": {
        "fabrikam": {"assigned": ["staff", "grace"], "notes": "ours"},
        "plain": {"applicationTemplateId": None},
    },
}


def directory_world(*, roles: Iterable[str] = ALL, contoso: Json = None, **members: Json) -> World:
    """Return a world of two tenants with one application `any` each, which has these roles."""
    applications = [{"name": "any", "roles": list(roles)}]
    fabrikam = {"domain": "fabrikam.example", "domains": [], "users": {"kim": {}, "lee": {}}}
    said = {
        "tenants": {
            "fabrikam": {"tenantId": FABRIKAM, "applications": applications, **fabrikam},
            "contoso": {
                "tenantId": CONTOSO,
                "domains": ["contoso.example", "contoso.onmicrosoft.com"],
                "applications": applications,
                **PEOPLE,
                **(contoso or {}),
            },
        },
        **members,
    }
    return World.from_seed(said)


def client_with(*roles: str, version: str = "v1.0", **members: Json) -> Client:
    """Return a client of the first tenant with these roles, or with all that there are."""
    return Client(directory_world(roles=roles or ALL, **members), purpose="any", version=version)


def user_id(key: str) -> str:
    """Return the id of a user of the seed."""
    return seeded_id(CONTOSO, "user", key)


def group_id(key: str) -> str:
    """Return the id of a group of the seed."""
    return seeded_id(CONTOSO, "group", key)


def principal_id(key: str) -> str:
    """Return the id of a service principal of the seed."""
    return seeded_id(CONTOSO, "service principal", key)


def names(client: Client, path: str, *, eventual: bool = False) -> list[str]:
    """Return the display names in a list, page by page."""
    answer = client.ask("GET", path, headers=EVENTUAL if eventual else None)
    assert answer.status == 200, answer.body
    found = [str(one["displayName"]) for one in answer.body["value"]]
    while "@odata.nextLink" in answer.body:
        answer = client.follow(answer)
        found += [str(one["displayName"]) for one in answer.body["value"]]
    return found
