"""The bin of a directory, who may invite into it, objects by id, and seats."""

from __future__ import annotations

import pytest
from directories import client_with, directory_world, group_id, names, principal_id, user_id
from worlds import CONTOSO, Client, code, small_world, written

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seed_of, seeded_id
from reconciler.emulator.world import World

BIN = "/directory/deletedItems"
APPLICATION = seeded_id(CONTOSO, "application", "fabrikam")
PRINCIPAL = principal_id("fabrikam")
AUTHORIZATION = "/policies/authorizationPolicy"


@pytest.fixture
def client() -> Client:
    return client_with()


def days(client: Client, number: float) -> None:
    client.world.clock.wait(number * 86400)
    client.bearer = Client(client.world, purpose="any").bearer


# ------------------------------------------------------------------------------------------ the bin


def test_deleted_user_is_in_the_bin_and_comes_back(client: Client) -> None:
    assert client.delete(f"/users/{user_id('ada')}").status == 204
    assert client.get(f"/users/{user_id('ada')}").status == 404
    assert names(client, f"{BIN}/microsoft.graph.user") == ["Ada Lovelace"]
    assert client.get(f"{BIN}/{user_id('ada')}").body["deletedDateTime"].startswith("2026-11-02")
    restored = client.post(f"{BIN}/{user_id('ada')}/restore")

    assert (restored.status, restored.body["@odata.type"]) == (200, "#microsoft.graph.user")
    assert names(client, f"{BIN}/microsoft.graph.user") == []
    assert client.get(f"/users/{user_id('ada')}").body["displayName"] == "Ada Lovelace"


def test_restored_user_is_in_the_groups_of_before(client: Client) -> None:
    client.delete(f"/users/{user_id('grace')}")
    without = names(client, f"/groups/{group_id('research')}/members")
    client.post(f"{BIN}/{user_id('grace')}/restore")

    assert without == ["O'Neill"]
    assert sorted(names(client, f"/groups/{group_id('research')}/members")) == ["Grace Hopper", "O'Neill"]


def test_bin_keeps_for_thirty_days(client: Client) -> None:
    client.delete(f"/users/{user_id('ada')}")
    days(client, 29)
    assert len(client.get(f"{BIN}/microsoft.graph.user").body["value"]) == 1
    days(client, 2)

    assert client.get(f"{BIN}/microsoft.graph.user").body["value"] == []
    assert client.post(f"{BIN}/{user_id('ada')}/restore").status == 404


def test_application_takes_its_service_principal_along(client: Client) -> None:
    client.delete(f"/applications/{APPLICATION}")

    assert client.get(f"/servicePrincipals/{PRINCIPAL}").status == 404
    assert names(client, f"{BIN}/microsoft.graph.application") == ["Fabrikam"]
    assert names(client, f"{BIN}/microsoft.graph.servicePrincipal") == ["Fabrikam"]
    changed = [(entry.kind, entry.after is None) for entry in written(client.world)]
    assert changed == [
        ("application", True),
        ("deletedItem", False),
        ("servicePrincipal", True),
        ("deletedItem", False),
    ]


def test_service_principal_leaves_its_application(client: Client) -> None:
    client.delete(f"/servicePrincipals/{PRINCIPAL}")

    assert client.get(f"/applications/{APPLICATION}").status == 200


def test_restored_application_comes_alone(client: Client) -> None:
    client.delete(f"/applications/{APPLICATION}")
    client.post(f"{BIN}/{APPLICATION}/restore")

    assert client.get(f"/applications/{APPLICATION}").status == 200
    assert client.get(f"/servicePrincipals/{PRINCIPAL}").status == 404
    assert client.post(f"{BIN}/{PRINCIPAL}/restore").status == 200
    assert len(client.get(f"/servicePrincipals/{PRINCIPAL}/appRoleAssignedTo").body["value"]) == 2


def test_service_principal_does_not_come_back_beside_another(client: Client) -> None:
    app_id = seeded_id(CONTOSO, "app", "fabrikam")
    client.delete(f"/servicePrincipals/{PRINCIPAL}")
    client.post("/servicePrincipals", {"appId": app_id})
    answer = client.post(f"{BIN}/{PRINCIPAL}/restore")

    assert (answer.status, code(answer)) == (409, "Request_MultipleObjectsWithSameKeyValue")


def test_application_is_purged(client: Client) -> None:
    client.delete(f"/applications/{APPLICATION}")

    assert [client.delete(f"{BIN}/{APPLICATION}").status for _ in range(2)] == [204, 404]
    assert client.post(f"{BIN}/{APPLICATION}/restore").status == 404


def test_person_in_the_portal_may_purge_people(client: Client) -> None:
    client.delete(f"/users/{user_id('ada')}")
    tenant = client.world.directory.tenants[CONTOSO]

    assert client.world.portal(tenant, "Ada Admin", "DELETE", f"directory/deletedItems/{user_id('ada')}").status == 204


@pytest.mark.parametrize(("group", "status"), [("research", 404), ("team", 200)])
def test_only_microsoft_365_groups_come_back(client: Client, group: str, status: int) -> None:
    client.delete(f"/groups/{group_id(group)}")

    assert client.post(f"{BIN}/{group_id(group)}/restore").status == status


@pytest.mark.parametrize("path", [BIN, f"{BIN}/microsoft.graph.planet"])
def test_list_names_a_type(client: Client, path: str) -> None:
    assert client.get(path).status == 400


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [
        ("User.Read.All", "user", 200),
        ("User.Read.All", "application", 403),
        ("Application.Read.All", "servicePrincipal", 200),
        ("Application.Read.All", "group", 403),
    ],
)
def test_bin_opens_by_the_kind_in_it(role: str, kind: str, status: int) -> None:
    assert client_with(role).get(f"{BIN}/microsoft.graph.{kind}").status == status


def test_restoring_takes_the_right_to_write() -> None:
    world = directory_world(roles=["User.Read.All", "Application.ReadWrite.All"])
    client = Client(world, purpose="any")
    tenant = world.directory.tenants[CONTOSO]
    world.portal(tenant, "Ada Admin", "DELETE", f"users/{user_id('ada')}")

    assert client.post(f"{BIN}/{user_id('ada')}/restore").status == 403


# ------------------------------------------------------------------------------------------ objects by id


def test_object_is_found_whatever_it_is(client: Client) -> None:
    for key, kind in ((user_id("ada"), "user"), (group_id("staff"), "group"), (PRINCIPAL, "servicePrincipal")):
        assert client.get(f"/directoryObjects/{key}").body["@odata.type"] == f"#microsoft.graph.{kind}"
    assert client.get(f"/directoryObjects/{CONTOSO}").status == 404


def test_many_are_asked_for_at_once(client: Client) -> None:
    ids = [user_id("ada"), CONTOSO, group_id("staff")]
    answer = client.post("/directoryObjects/getByIds", {"ids": ids})
    users = client.post("/directoryObjects/getByIds", {"ids": ids, "types": ["user"]})

    assert [one["displayName"] for one in answer.body["value"]] == ["Ada Lovelace", "Staff"]
    assert [one["displayName"] for one in users.body["value"]] == ["Ada Lovelace"]
    assert not client.world.store.journal()


@pytest.mark.parametrize("body", [{}, {"ids": "x"}, {"ids": [1]}, {"ids": [], "types": [1]}, {"ids": ["x"] * 1001}])
def test_question_that_makes_no_sense_is_refused(client: Client, body: Json) -> None:
    assert client.post("/directoryObjects/getByIds", body).status == 400


# ------------------------------------------------------------------------------------------ invitations and seats


def test_everybody_may_invite_unless_the_policy_says_otherwise() -> None:
    open_to_all = client_with("Policy.Read.All").get(AUTHORIZATION).body
    closed = client_with("Policy.Read.All", contoso={"authorizationPolicy": {"allowInvitesFrom": "none"}})

    assert open_to_all["allowInvitesFrom"] == "everyone"
    assert closed.get(AUTHORIZATION).body["allowInvitesFrom"] == "none"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"allowInvitesFrom": "adminsAndGuestInviters"}, 204),
        ({"defaultUserRolePermissions": {"allowedToCreateApps": False}}, 204),
        ({"allowInvitesFrom": "nobody"}, 400),
        ({"guestUserRoleId": CONTOSO}, 400),
        ({"blockMsolPowerShell": "no"}, 400),
        ({"novelty": 1}, 400),
    ],
)
def test_policy_takes_what_makes_sense(body: Json, status: int) -> None:
    assert client_with("Policy.ReadWrite.Authorization").patch(AUTHORIZATION, body).status == status


def test_policy_merges_what_it_is_told() -> None:
    client = client_with("Policy.ReadWrite.Authorization")
    client.patch(AUTHORIZATION, {"defaultUserRolePermissions": {"allowedToCreateApps": False}})
    shown = client.get(AUTHORIZATION).body["defaultUserRolePermissions"]

    assert (shown["allowedToCreateApps"], shown["allowedToReadOtherUsers"]) == (False, True)


def test_reading_policies_does_not_write_them() -> None:
    assert client_with("Policy.Read.All").patch(AUTHORIZATION, {"allowInvitesFrom": "none"}).status == 403


def test_seats_are_those_of_the_seed() -> None:
    licences = ["P1", {"licence": "Governance", "seats": 5, "used": 4}]
    tenant = {
        "tenantId": CONTOSO,
        "licences": licences,
        "applications": [{"name": "any", "roles": ["Directory.Read.All"]}],
    }
    world = small_world(tenants={"contoso": tenant})
    first, second = Client(world, purpose="any").get("/subscribedSkus").body["value"]

    assert (first["prepaidUnits"]["enabled"], first["consumedUnits"]) == (100, 0)
    assert (second["prepaidUnits"]["enabled"], second["consumedUnits"]) == (5, 4)
    assert seed_of(World.from_seed(seed_of(world))) == seed_of(world)
