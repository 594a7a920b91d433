"""Who is assigned to an application: both ends of it, what is refused, and what a deletion hides."""

from __future__ import annotations

import base64
from uuid import UUID

import pytest
from directories import client_with, group_id, principal_id, user_id
from worlds import CONTOSO, Client, code, written

from reconciler.emulator.assigning import NO_ROLE
from reconciler.emulator.calls import Answer, Json
from reconciler.emulator.seeds import seeded_id

ROLE = seeded_id(CONTOSO, "role", "fabrikam")
ASSIGNED = f"/servicePrincipals/{principal_id('fabrikam')}/appRoleAssignedTo"
MINIMAL = ("AppRoleAssignment.ReadWrite.All", "Application.Read.All")


@pytest.fixture
def client() -> Client:
    return client_with()


def body_for(who: str, role: str = ROLE, to: str = "fabrikam") -> Json:
    return {"principalId": who, "resourceId": principal_id(to), "appRoleId": role}


def assign(client: Client, who: str, role: str = ROLE) -> Answer:
    return client.post(ASSIGNED, body_for(who, role))


def principals(client: Client, path: str = ASSIGNED) -> set[str]:
    return {one["principalDisplayName"] for one in client.get(path).body["value"]}


def test_seed_assigns_users_and_groups(client: Client) -> None:
    value = client.get(ASSIGNED).body["value"]

    assert {(one["principalType"], one["principalDisplayName"]) for one in value} == {
        ("Group", "Staff"),
        ("User", "Grace Hopper"),
    }
    assert {(one["appRoleId"], one["resourceDisplayName"]) for one in value} == {(ROLE, "Fabrikam")}


def test_two_permissions_are_enough_to_assign() -> None:
    made = assign(client_with(*MINIMAL), user_id("ada"))

    assert made.status == 201
    assert made.body["principalDisplayName"] == "Ada Lovelace"


def test_id_is_opaque_and_begins_with_the_principal(client: Client) -> None:
    made = assign(client, user_id("ada")).body["id"]

    assert len(made) == 43
    assert UUID(bytes_le=base64.urlsafe_b64decode(made + "=")[:16]) == UUID(user_id("ada"))
    assert client.get(f"{ASSIGNED}/{made}").body["principalId"] == user_id("ada")


def test_assigning_twice_is_refused(client: Client) -> None:
    again = [assign(client, user_id("ada")) for _ in range(2)]

    assert [answer.status for answer in again] == [201, 400]
    assert code(again[1]) == "Request_BadRequest"
    assert again[1].body["error"]["message"] == "Permission being assigned already exists on the object"
    assert len(written(client.world)) == 1


def test_assignment_is_removed_once(client: Client) -> None:
    made = assign(client, user_id("ada")).body["id"]
    answers = [client.delete(f"{ASSIGNED}/{made}") for _ in range(2)]

    assert [answer.status for answer in answers] == [204, 404]
    assert "Ada Lovelace" not in principals(client)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (body_for(user_id("nobody")), 404),
        (body_for(user_id("ada"), NO_ROLE), 400),
        (body_for(user_id("ada"), seeded_id(CONTOSO, "role", "other")), 400),
        (body_for(principal_id("plain")), 400),
        (body_for(group_id("team")), 400),
        (body_for(user_id("ada"), to="plain"), 400),
        ({"principalId": user_id("ada")}, 400),
        ({**body_for(user_id("ada")), "principalId": "ada"}, 400),
        ({**body_for(user_id("ada")), "novelty": 1}, 400),
    ],
)
def test_assignment_that_cannot_be_is_refused(client: Client, body: Json, status: int) -> None:
    assert client.post(ASSIGNED, body).status == status
    assert not written(client.world)


def test_application_without_roles_takes_the_role_of_zeros(client: Client) -> None:
    path = f"/servicePrincipals/{principal_id('plain')}/appRoleAssignedTo"

    assert client.post(path, body_for(user_id("ada"), NO_ROLE, to="plain")).status == 201


def test_assignment_is_seen_from_the_other_end(client: Client) -> None:
    path = f"/users/{user_id('grace')}/appRoleAssignments"
    (mine,) = client.get(path).body["value"]

    assert mine["resourceDisplayName"] == "Fabrikam"
    assert client.delete(f"{path}/{mine['id']}").status == 204
    assert principals(client) == {"Staff"}


def test_assignment_is_made_from_the_other_end(client: Client) -> None:
    path = f"/groups/{group_id('research')}/appRoleAssignments"

    assert client.post(path, body_for(group_id("research"))).status == 201
    assert "Research" in principals(client)


def test_filter_finds_the_assignments_of_somebody(client: Client) -> None:
    assert principals(client, f"{ASSIGNED}?$filter=principalId eq {user_id('grace')}") == {"Grace Hopper"}
    assert principals(client, f"{ASSIGNED}?$filter=principalType eq 'Group'") == {"Staff"}


def test_assignments_come_in_pages() -> None:
    contoso = {
        "users": {"many": {"generate": 250}},
        "groups": {},
        "servicePrincipals": {"fabrikam": {"assigned": ["many"]}},
    }
    client = client_with(contoso=contoso)
    answer = client.get(ASSIGNED)
    sizes, found = [len(answer.body["value"])], {one["principalId"] for one in answer.body["value"]}
    while "@odata.nextLink" in answer.body:
        answer = client.follow(answer)
        sizes.append(len(answer.body["value"]))
        found |= {one["principalId"] for one in answer.body["value"]}

    assert (sizes, len(found)) == ([100, 100, 50], 250)


def test_assignment_of_the_deleted_hides(client: Client) -> None:
    client.delete(f"/users/{user_id('grace')}")
    hidden = principals(client)
    client.post(f"/directory/deletedItems/{user_id('grace')}/restore")

    assert (hidden, principals(client)) == ({"Staff"}, {"Staff", "Grace Hopper"})


@pytest.mark.parametrize(
    ("role", "status"), [("Application.Read.All", 403), ("Application.ReadWrite.All", 403), ("User.Read.All", 403)]
)
def test_assigning_takes_a_right_of_its_own(role: str, status: int) -> None:
    assert assign(client_with(role), user_id("ada")).status == status


def test_audit_has_words_for_each_principal() -> None:
    client = client_with(*MINIMAL, "AuditLog.Read.All")
    assign(client, user_id("ada"))
    client.delete(f"{ASSIGNED}/{assign(client, group_id('research')).body['id']}")
    records = client.get("/auditLogs/directoryAudits").body["value"]

    assert [one["activityDisplayName"] for one in records] == [
        "Remove app role assignment from group",
        "Add app role assignment to group",
        "Add app role assignment grant to user",
    ]
    assert records[2]["targetResources"][0]["id"] == user_id("ada")
