"""Users and groups: how they look, what may be asked of them, and what may be written."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from directories import EVENTUAL, client_with, directory_world, group_id, names, principal_id, user_id
from worlds import CONTOSO, FABRIKAM, Client, code, written

from reconciler.emulator.calls import Json
from reconciler.emulator.people import net_id
from reconciler.emulator.seeds import SeedError, seed_of, seeded_id
from reconciler.emulator.world import World

NEW = {
    "accountEnabled": True,
    "displayName": "Alan Turing",
    "mailNickname": "alan",
    "userPrincipalName": "alan@contoso.example",
    "passwordProfile": {"password": "changed at once"},
}
GROUP = {"displayName": "New", "mailEnabled": False, "mailNickname": "new", "securityEnabled": True}


def reference(key: str) -> Json:
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{key}"}


@pytest.fixture
def client() -> Client:
    return client_with()


# ------------------------------------------------------------------------------------------ how they look


def test_user_shows_little_unasked(client: Client) -> None:
    shown = client.get(f"/users/{user_id('ada')}").body

    assert set(shown) - {"@odata.context"} == {
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    }


def test_user_shows_what_is_selected(client: Client) -> None:
    shown = client.get(f"/users/{user_id('grace')}?$select=accountEnabled,department,userType").body

    assert {name: value for name, value in shown.items() if "@" not in name} == {
        "accountEnabled": False,
        "department": "Research",
        "userType": "Member",
    }


def test_beta_shows_a_user_whole() -> None:
    assert "accountEnabled" in client_with(version="beta").get(f"/users/{user_id('ada')}").body


def test_user_is_found_by_principal_name_in_any_case(client: Client) -> None:
    assert client.get("/users/ADA@contoso.example").body["id"] == user_id("ada")


def test_guest_has_the_shape_of_one(client: Client) -> None:
    path = (
        f"/users/{user_id('guest')}?$select=userPrincipalName,userType,creationType,externalUserState,identities,mail"
    )
    shown = client.get(path).body

    assert shown["userPrincipalName"] == "kim_fabrikam.example#EXT#@contoso.onmicrosoft.com"
    assert (shown["userType"], shown["creationType"]) == ("Guest", "Invitation")
    assert (shown["externalUserState"], shown["mail"]) == ("Accepted", "kim@fabrikam.example")
    assert [one["issuer"] for one in shown["identities"]] == ["ExternalAzureAD", "contoso.onmicrosoft.com"]


def test_guest_is_tied_to_the_account_at_home() -> None:
    world = directory_world()
    body = world.store.get(CONTOSO, "user", user_id("guest")) or {}

    assert body["alternativeSecurityIds"] == [net_id(seeded_id(FABRIKAM, "user", "kim"))]


def test_open_invitation_knows_no_home() -> None:
    body = directory_world().store.get(CONTOSO, "user", user_id("pending")) or {}

    assert body["externalUserState"] == "PendingAcceptance"
    assert "alternativeSecurityIds" not in body


@pytest.mark.parametrize("name", ["alternativeSecurityIds", "manager", "novelty"])
def test_what_graph_does_not_declare_cannot_be_selected(client: Client, name: str) -> None:
    assert client.get(f"/users/{user_id('guest')}?$select={name}").status == 400


def test_extension_is_shown_when_selected(client: Client) -> None:
    client.patch(f"/users/{user_id('ada')}", {"extension_0123_badge": "blue"})

    assert client.get(f"/users/{user_id('ada')}?$select=extension_0123_badge").body["extension_0123_badge"] == "blue"
    assert "extension_0123_badge" not in client.get(f"/users/{user_id('ada')}").body


def test_computed_group_says_so(client: Client) -> None:
    shown = client.get(f"/groups/{group_id('computed')}").body

    assert (shown["groupTypes"], shown["membershipRuleProcessingState"]) == (["DynamicMembership"], "On")


# ------------------------------------------------------------------------------------------ queries


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("displayName eq 'Ada Lovelace'", ["Ada Lovelace"]),
        ("displayName eq 'ADA LOVELACE'", ["Ada Lovelace"]),
        ("displayName eq 'O''Neill'", ["O'Neill"]),
        ("startswith(displayName,'g')", ["Grace Hopper"]),
        ("userPrincipalName eq 'ada@contoso.example'", ["Ada Lovelace"]),
        ("mail eq 'kim@fabrikam.example'", ["Kim"]),
        ("mail eq null", ["O'Neill"]),
        ("id in ('{ada}', '{grace}')", ["Ada Lovelace", "Grace Hopper"]),
        ("id eq '{ada}'", ["Ada Lovelace"]),
        ("userType eq 'Guest' and externalUserState eq 'PendingAcceptance'", ["Lee"]),
        ("accountEnabled eq false or employeeId eq '7'", ["Grace Hopper", "O'Neill"]),
        ("(department eq 'Research' and accountEnabled eq true)", ["Ada Lovelace"]),
        ("identities/any(c:c/issuer eq 'ExternalAzureAD')", ["Kim"]),
        ("proxyAddresses/any(p:startswith(p,'smtp:ada'))", ["Ada Lovelace"]),
        ("createdDateTime ge 2030-01-01T00:00:00Z", []),
    ],
)
def test_filter_finds(client: Client, text: str, found: list[str]) -> None:
    said = text.format(ada=user_id("ada"), grace=user_id("grace"))

    assert names(client, f"/users?$filter={quote(said)}") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("department ne 'Research'", ["O'Neill", "Kim", "Lee"]),
        ("not startswith(displayName,'A')", ["Grace Hopper", "O'Neill", "Kim", "Lee"]),
        ("endswith(mail,'@fabrikam.example')", ["Kim", "Lee"]),
        ("companyName eq 'Contoso'", []),
    ],
)
def test_advanced_filter_takes_header_and_count(client: Client, text: str, found: list[str]) -> None:
    path = f"/users?$filter={quote(text)}"
    refused = client.get(path)

    assert (refused.status, code(refused)) == (400, "Request_UnsupportedQuery")
    assert client.get(f"{path}&$count=true").status == 400
    assert names(client, f"{path}&$count=true", eventual=True) == found


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("novelty eq 'x'", "BadRequest"),
        ("displayName eq", "BadRequest"),
        ("displayName eq 'x", "BadRequest"),
        ("displayName", "BadRequest"),
        ("displayName eq 'x' and", "BadRequest"),
        ("(" * 50 + "displayName eq 'x'" + ")" * 50, "BadRequest"),
        ("passwordPolicies eq 'x'", "Request_UnsupportedQuery"),
        ("displayName gt 'x'", "Request_UnsupportedQuery"),
        ("contains(displayName,'x')", "Request_UnsupportedQuery"),
    ],
)
def test_filter_that_makes_no_sense_is_refused(client: Client, text: str, error: str) -> None:
    answer = client.get(f"/users?$filter={quote(text)}")

    assert (answer.status, code(answer)) == (400, error)


@pytest.mark.parametrize("option", ["$skip=1", "$search=x", "$apply=x", "$top=1000", "$top=0", "$orderby=department"])
def test_option_that_graph_refuses_is_refused(client: Client, option: str) -> None:
    assert client.get(f"/users?{option}").status == 400


def test_order_is_by_name(client: Client) -> None:
    assert names(client, "/users?$orderby=displayName desc&$top=2") == [
        "O'Neill",
        "Lee",
        "Kim",
        "Grace Hopper",
        "Ada Lovelace",
    ]


def test_pages_have_a_hundred_unless_asked() -> None:
    client = client_with(contoso={"users": {"many": {"generate": 150}}, "groups": {}, "servicePrincipals": {}})

    assert len(client.get("/users").body["value"]) == 100
    assert len(client.get("/users?$top=120").body["value"]) == 120
    assert len(set(names(client, "/users?$top=40"))) == 150


def test_count_takes_the_header(client: Client) -> None:
    assert client.get("/users/$count").status == 400
    assert client.ask("GET", "/users/$count", headers=EVENTUAL).raw == b"5"
    assert "@odata.count" not in client.get("/users?$count=true").body
    assert client.ask("GET", "/users?$count=true&$top=1", headers=EVENTUAL).body["@odata.count"] == 5


def test_manager_is_expanded(client: Client) -> None:
    shown = client.get(f"/users/{user_id('ada')}?$select=id&$expand=manager($select=id,displayName)").body

    assert shown["manager"]["displayName"] == "Grace Hopper"
    assert "manager" not in client.get(f"/users/{user_id('grace')}?$expand=manager").body


def test_members_are_expanded_up_to_twenty() -> None:
    users = {"many": {"generate": 30}}
    client = client_with(contoso={"users": users, "groups": {"all": {"members": ["many"]}}, "servicePrincipals": {}})

    assert len(client.get(f"/groups/{group_id('all')}?$expand=members").body["members"]) == 20


# ------------------------------------------------------------------------------------------ members


def test_members_have_types_and_do_not_nest(client: Client) -> None:
    value = client.get(f"/groups/{group_id('staff')}/members").body["value"]

    assert {(one["@odata.type"], one["displayName"]) for one in value} == {
        ("#microsoft.graph.user", "Ada Lovelace"),
        ("#microsoft.graph.group", "Research"),
    }


def test_transitive_members_nest(client: Client) -> None:
    path = f"/groups/{group_id('staff')}/transitiveMembers/microsoft.graph.user"

    assert sorted(names(client, path)) == ["Ada Lovelace", "Grace Hopper", "O'Neill"]


def test_groups_in_a_circle_end() -> None:
    groups = {"one": {"members": ["two", "ada"]}, "two": {"members": ["one"]}}
    client = client_with(contoso={"groups": groups, "servicePrincipals": {}})

    assert sorted(names(client, f"/groups/{group_id('two')}/transitiveMembers")) == ["Ada Lovelace", "One"]


def test_cast_narrows_members(client: Client) -> None:
    assert names(client, f"/groups/{group_id('staff')}/members/microsoft.graph.group") == ["Research"]
    assert client.get(f"/groups/{group_id('staff')}/members/microsoft.graph.planet").status == 400


def test_type_may_be_written_by_the_alias_of_its_namespace(client: Client) -> None:
    assert names(client, f"/groups/{group_id('staff')}/members/graph.group") == ["Research"]


def test_members_come_in_pages() -> None:
    users = {"many": {"generate": 25}}
    client = client_with(contoso={"users": users, "groups": {"all": {"members": ["many"]}}, "servicePrincipals": {}})

    assert len(set(names(client, f"/groups/{group_id('all')}/members?$top=10"))) == 25


def test_member_without_the_right_to_read_users_is_an_id_alone() -> None:
    client = client_with("GroupMember.Read.All")
    value = client.get(f"/groups/{group_id('research')}/members").body["value"]

    assert {one["id"] for one in value} == {user_id("grace"), user_id("odd")}
    assert {one["displayName"] for one in value} == {None}


def test_member_is_added_once(client: Client) -> None:
    path = f"/groups/{group_id('research')}/members/$ref"
    again = [client.post(path, reference(user_id("ada"))) for _ in range(2)]

    assert [answer.status for answer in again] == [204, 400]
    assert "already exist" in again[1].body["error"]["message"]
    assert [entry.key for entry in written(client.world)] == [f"{group_id('research')}/{user_id('ada')}"]


def test_member_is_removed_once(client: Client) -> None:
    path = f"/groups/{group_id('research')}/members/{user_id('grace')}/$ref"

    assert [client.delete(path).status for _ in range(2)] == [204, 404]
    assert names(client, f"/groups/{group_id('research')}/members") == ["O'Neill"]


def test_several_members_are_added_or_none(client: Client) -> None:
    path = f"/groups/{group_id('research')}"
    good, bad = (reference(key)["@odata.id"] for key in (user_id("ada"), principal_id("nobody")))

    assert client.patch(path, {"members@odata.bind": [good, bad]}).status == 404
    assert client.patch(path, {"members@odata.bind": [good] * 21}).status == 400
    assert client.patch(path, {"members@odata.bind": [good]}).status == 204
    assert "Ada Lovelace" in names(client, f"{path}/members")


def test_members_take_less_than_the_group_itself() -> None:
    client, path = client_with("GroupMember.ReadWrite.All"), f"/groups/{group_id('research')}"
    sent = {"members@odata.bind": [reference(user_id("ada"))["@odata.id"]]}

    assert client.patch(path, {**sent, "displayName": "Renamed"}).status == 403
    assert client.patch(path, {"displayName": "Renamed"}).status == 403
    assert client.patch(path, sent).status == 204


@pytest.mark.parametrize(
    ("kept", "roles", "status"),
    [
        ({"isAssignableToRole": True}, ("GroupMember.ReadWrite.All",), 403),
        ({"isAssignableToRole": True}, ("GroupMember.ReadWrite.All", "RoleManagement.ReadWrite.Directory"), 204),
        ({"onPremisesSyncEnabled": True}, ("GroupMember.ReadWrite.All",), 400),
        ({"mailEnabled": True}, ("GroupMember.ReadWrite.All",), 400),
    ],
)
def test_not_every_group_lets_its_members_be_changed(kept: Json, roles: tuple[str, ...], status: int) -> None:
    groups = {"kept": {"members": ["grace"], **kept}}
    client = client_with(*roles, contoso={"groups": groups, "servicePrincipals": {}})
    members = f"/groups/{group_id('kept')}/members"

    assert client.post(f"{members}/$ref", reference(user_id("ada"))).status == status
    assert client.delete(f"{members}/{user_id('grace')}/$ref").status == status


def test_group_knows_who_is_in_it_from_the_other_end(client: Client) -> None:
    assert sorted(names(client, f"/users/{user_id('grace')}/memberOf")) == ["Computed", "Research"]
    assert sorted(names(client, f"/users/{user_id('grace')}/transitiveMemberOf")) == ["Computed", "Research", "Staff"]


def test_references_are_links(client: Client) -> None:
    value = client.get(f"/groups/{group_id('research')}/members/$ref").body["value"]

    assert {one["@odata.id"].rpartition("/")[2] for one in value} == {user_id("grace"), user_id("odd")}


# ------------------------------------------------------------------------------------------ writing


def test_new_user_is_one_of_the_tenant(client: Client) -> None:
    made = client.post("/users", NEW)
    shown = client.get(f"/users/{made.body['id']}?$select=mail,identities,userType").body

    assert made.status == 201
    assert "passwordProfile" not in str(made.body)
    assert (shown["mail"], shown["userType"]) == (None, "Member")
    assert shown["identities"][0]["issuerAssignedId"] == "alan@contoso.example"


@pytest.mark.parametrize(
    "body",
    [
        {**NEW, "userPrincipalName": "ADA@contoso.example"},
        {**NEW, "userPrincipalName": "alan@elsewhere.example"},
        {**NEW, "novelty": 1},
        {**NEW, "creationType": "Invitation"},
        {**NEW, "accountEnabled": "yes"},
        {name: value for name, value in NEW.items() if name != "passwordProfile"},
    ],
)
def test_user_that_cannot_be_is_refused(client: Client, body: Json) -> None:
    answer = client.post("/users", body)

    assert (answer.status, code(answer)) == (400, "Request_BadRequest")
    assert not written(client.world)


def test_patch_changes_what_it_says(client: Client) -> None:
    path = f"/users/{user_id('ada')}"

    assert client.patch(path, {"jobTitle": "Countess", "department": None}).status == 204
    shown = client.get(f"{path}?$select=jobTitle,department,givenName").body
    assert (shown["jobTitle"], shown["department"], shown["givenName"]) == ("Countess", None, "Ada")
    assert written(client.world)[0].blocks == ("department", "jobTitle")


@pytest.mark.parametrize(
    "body",
    [
        {"displayName": None},
        {"userPrincipalName": None},
        {"displayName": 5},
        {"otherMails": "x@contoso.example"},
        {"otherMails": [5]},
        {"identities": [5]},
        {"showInAddressList": "yes"},
        {"onPremisesExtensionAttributes": {"extensionAttribute16": "x"}},
        {"id": user_id("grace")},
    ],
)
def test_value_of_the_wrong_type_is_refused(client: Client, body: Json) -> None:
    assert client.patch(f"/users/{user_id('ada')}", body).status == 400
    assert not written(client.world)


def test_extension_attributes_are_merged(client: Client) -> None:
    path = f"/users/{user_id('ada')}"
    for number in ("1", "15"):
        sent = {"onPremisesExtensionAttributes": {f"extensionAttribute{number}": number}}
        assert client.patch(path, sent).status == 204
    shown = client.get(f"{path}?$select=onPremisesExtensionAttributes").body["onPremisesExtensionAttributes"]

    assert (shown["extensionAttribute1"], shown["extensionAttribute2"], shown["extensionAttribute15"]) == (
        "1",
        None,
        "15",
    )


def test_new_principal_name_moves_the_identity(client: Client) -> None:
    client.patch(f"/users/{user_id('ada')}", {"userPrincipalName": "ada.lovelace@contoso.example"})
    shown = client.get(f"/users/{user_id('ada')}?$select=identities").body

    assert shown["identities"][0]["issuerAssignedId"] == "ada.lovelace@contoso.example"
    assert client.get("/users/ada@contoso.example").status == 404


def test_new_mail_is_the_first_address(client: Client) -> None:
    client.patch(f"/users/{user_id('ada')}", {"mail": "countess@contoso.example"})
    shown = client.get(f"/users/{user_id('ada')}?$select=proxyAddresses").body

    assert shown["proxyAddresses"] == ["SMTP:countess@contoso.example", "smtp:ada@contoso.example"]


def test_manager_is_set_and_removed(client: Client) -> None:
    path = f"/users/{user_id('odd')}/manager"

    assert client.get(path).status == 404
    assert client.ask("PUT", f"{path}/$ref", reference(user_id("ada"))).status == 204
    assert client.get(path).body["displayName"] == "Ada Lovelace"
    assert client.ask("PUT", f"{path}/$ref", reference(group_id("staff"))).status == 400
    assert [client.delete(f"{path}/$ref").status for _ in range(2)] == [204, 404]


def test_new_group_has_members_at_once(client: Client) -> None:
    sent = {**GROUP, "members@odata.bind": [reference(user_id("ada"))["@odata.id"]]}
    made = client.post("/groups", sent)

    assert made.status == 201
    assert names(client, f"/groups/{made.body['id']}/members") == ["Ada Lovelace"]
    assert [entry.kind for entry in written(client.world)] == ["group", "member"]


def test_names_of_groups_are_not_unique(client: Client) -> None:
    assert [client.post("/groups", {**GROUP, "displayName": "Research"}).status for _ in range(2)] == [201, 201]
    assert len(names(client, "/groups?$filter=displayName eq 'research'")) == 3


@pytest.mark.parametrize(
    "body",
    [
        {**GROUP, "mailEnabled": True},
        {**GROUP, "membershipRule": "user.x -eq 1"},
        {**GROUP, "groupTypes": ["DynamicMembership"]},
        {"displayName": "New"},
    ],
)
def test_group_that_cannot_be_is_refused(client: Client, body: Json) -> None:
    assert client.post("/groups", body).status == 400


# ------------------------------------------------------------------------------------------ rights and audits


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("User.Read.All", "/users", 200),
        ("User.Read.All", "/groups", 403),
        ("GroupMember.Read.All", "/groups", 200),
        ("GroupMember.Read.All", "/users", 403),
        ("Policy.Read.All", "/users", 403),
        ("Directory.Read.All", "/groups/$count", 400),
        ("Application.Read.All", "/servicePrincipals", 200),
        ("User.Read.All", "/servicePrincipals", 403),
    ],
)
def test_right_opens_what_it_is_for(role: str, path: str, status: int) -> None:
    assert client_with(role).get(path).status == status


@pytest.mark.parametrize(
    ("role", "status"), [("User.Read.All", 403), ("Group.ReadWrite.All", 403), ("User.ReadWrite.All", 204)]
)
def test_writing_users_takes_a_right_of_its_own(role: str, status: int) -> None:
    assert client_with(role).patch(f"/users/{user_id('ada')}", {"jobTitle": "x"}).status == status


def test_audit_names_the_user() -> None:
    client = client_with("User.ReadWrite.All", "AuditLog.Read.All")
    client.patch(f"/users/{user_id('ada')}", {"jobTitle": "Countess"})
    (record,) = client.get("/auditLogs/directoryAudits").body["value"]

    assert (record["category"], record["activityDisplayName"]) == ("UserManagement", "Update user")
    assert record["targetResources"][0]["userPrincipalName"] == "ada@contoso.example"
    assert [one["displayName"] for one in record["targetResources"][0]["modifiedProperties"]] == ["jobTitle"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"targetResources/any(t:t/id eq '{user_id('ada')}')", 1),
        ("targetResources/any(x: x/displayName eq 'Ada Lovelace')", 1),
        ("targetResources/any(t:t/displayName eq 'Grace Hopper') and category eq 'UserManagement'", 0),
        ("startswith(activityDisplayName, 'Update')", 1),
        ("startswith(activityDisplayName, 'Delete')", 0),
    ],
)
def test_audits_are_found_by_what_they_are_about(text: str, found: int) -> None:
    client = client_with("User.ReadWrite.All", "AuditLog.Read.All")
    client.patch(f"/users/{user_id('ada')}", {"jobTitle": "Countess"})

    assert len(client.get(f"/auditLogs/directoryAudits?$filter={quote(text)}").body["value"]) == found


# ------------------------------------------------------------------------------------------ seeds


def test_world_with_people_is_written_down_and_read_back() -> None:
    first = directory_world()
    Client(first, purpose="any").delete(f"/users/{user_id('ada')}")
    second = World.from_seed(seed_of(first))

    assert seed_of(second) == seed_of(first)
    assert names(Client(second, purpose="any"), "/users") == names(Client(first, purpose="any"), "/users")


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("users", {"x": {"novelty": 1}}, r"users\.x\.novelty: a user has no such property"),
        ("users", {"x": {"generate": 0}}, r"users\.x\.generate: 0 is not"),
        ("users", {"x": {"manager": "y"}}, r"users\.x\.manager: there is no 'y'"),
        ("users", {"x": {"invited": "kim"}}, r"users\.x\.invited: "),
        ("users", {"x": {"id": "7"}}, r"users\.x\.id: "),
        ("groups", {"x": {"members": ["y"]}}, r"groups\.x\.members: there is no 'y'"),
        ("groups", {"x": {"members": "ada"}}, r"groups\.x\.members: a list"),
        ("groups", {"ada": {}}, r"groups\.ada: something else of this tenant has the key"),
        ("servicePrincipals", {"x": {"assigned": ["y"]}}, r"servicePrincipals\.x\.assigned: there is no 'y'"),
        ("servicePrincipals", {"x": {"applicationTemplateId": "y"}}, r"applicationTemplateId: the gallery has no 'y'"),
        ("authorizationPolicy", {"novelty": 1}, r"authorizationPolicy\.novelty: "),
    ],
)
def test_mistake_about_people_is_named_with_its_place(place: str, value: Json, words: str) -> None:
    said = {"groups": {}, "servicePrincipals": {}, place: value}

    with pytest.raises(SeedError, match=rf"^tenants\.contoso\..*{words}"):
        directory_world(contoso=said)


def test_generated_users_have_ids_that_can_be_known() -> None:
    world = directory_world(
        contoso={"users": {"crowd": {"generate": 3, "department": "Sales"}}, "groups": {}, "servicePrincipals": {}}
    )

    assert list(world.store.all(CONTOSO, "user")) == [user_id(f"crowd-{number}") for number in (1, 2, 3)]
