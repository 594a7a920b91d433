"""Every assumption about the directory in both positions: cases for `test_switches`."""

from __future__ import annotations

from collections.abc import Callable

from worlds import CONTOSO, Client

from reconciler.emulator.calls import Json
from reconciler.emulator.registrations import SYNCHRONIZATION_TEMPLATE
from reconciler.emulator.seeds import seeded_id

EVERYTHING = {
    "name": "everything",
    "roles": ["Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All"],
}
ASSIGNING = {"name": "assign", "roles": ["AppRoleAssignment.ReadWrite.All"]}
PEOPLE: dict[str, Json] = {
    "domain": "contoso.example",
    "users": {"ada": {}, "grace": {}},
    "groups": {"staff": {"members": ["ada"]}, "computed": {"membershipRule": 'user.department -eq "Research"'}},
    "servicePrincipals": {"fabrikam": {"assigned": ["staff"]}},
}
GRACE = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{seeded_id(CONTOSO, 'user', 'grace')}"}
STAFF = seeded_id(CONTOSO, "group", "staff")
INSTANTIATE = f"/applicationTemplates/{SYNCHRONIZATION_TEMPLATE}/instantiate"


def _everything(client: Client) -> Client:
    return Client(client.world, purpose="everything")


def _found_after_creation(client: Client) -> Json:
    """Look for a new service principal, alone and in the list, at once and a minute later."""
    writer = _everything(client)
    made = writer.post(
        "/users",
        {
            "displayName": "Alan",
            "mailNickname": "alan",
            "accountEnabled": True,
            "userPrincipalName": "alan@contoso.example",
            "passwordProfile": {"password": "once"},
        },
    ).body["id"]
    soon = _is_found(writer, made)
    client.world.clock.wait(60)
    return soon, _is_found(writer, made)


def _is_found(client: Client, user_id: str) -> bool:
    listed = [one["id"] for one in client.get("/users").body["value"]]
    alone = client.get(f"/users/{user_id}").status == 200
    assert alone == (user_id in listed)
    return alone


def _renamed(client: Client) -> Json:
    path = f"applications/{seeded_id(CONTOSO, 'application', 'fabrikam')}"
    assert _everything(client).patch(f"/{path}", {"displayName": "Other"}).status == 204
    body = _everything(client).get(f"/servicePrincipals/{seeded_id(CONTOSO, 'service principal', 'fabrikam')}").body
    return body["appDisplayName"], body["displayName"]


def _restored_group(client: Client) -> Json:
    _everything(client).delete(f"/groups/{STAFF}")
    return _everything(client).post(f"/directory/deletedItems/{STAFF}/restore").status


def _purged_user(client: Client) -> Json:
    key = seeded_id(CONTOSO, "user", "ada")
    _everything(client).delete(f"/users/{key}")
    return _everything(client).delete(f"/directory/deletedItems/{key}").status


def _computed_member(client: Client) -> Json:
    return _everything(client).post(f"/groups/{seeded_id(CONTOSO, 'group', 'computed')}/members/$ref", GRACE).status


ASSIGNED = f"/servicePrincipals/{seeded_id(CONTOSO, 'service principal', 'fabrikam')}/appRoleAssignedTo"


def _assign(client: Client) -> int:
    principal = seeded_id(CONTOSO, "service principal", "fabrikam")
    sent = {
        "principalId": seeded_id(CONTOSO, "user", "grace"),
        "resourceId": principal,
        "appRoleId": seeded_id(CONTOSO, "role", "fabrikam"),
    }
    return client.post(ASSIGNED, sent).status


def _assigned_at_once(client: Client) -> Json:
    reader = _everything(client)
    assert _assign(reader) == 201
    soon = len(reader.get(ASSIGNED).body["value"])
    client.world.clock.wait(60)
    return soon, len(reader.get(ASSIGNED).body["value"])


def _assigned_blindly(client: Client) -> Json:
    return _assign(Client(client.world, purpose="assign"))


DIRECTORY_CASES: dict[str, tuple[Callable[[Client], Json], Json, Json, Json]] = {
    "new_object_lag_seconds": (_found_after_creation, (True, True), 30, (False, True)),
    "assignment_lag_seconds": (_assigned_at_once, (2, 2), 30, (1, 2)),
    "assigning_takes_reading": (_assigned_blindly, 403, False, 201),
    "renaming_reaches_service_principal": (_renamed, ("Other", "Other"), False, ("Other", "Fabrikam")),
    "security_groups_recoverable": (_restored_group, 404, True, 200),
    "applications_purge_people": (_purged_user, 403, True, 204),
    "dynamic_members_refused": (_computed_member, 403, 400, 400),
}
