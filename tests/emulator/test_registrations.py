"""Applications and service principals: the gallery, what it makes, who may change it, and what is not unique."""

from __future__ import annotations

import pytest
from directories import client_with, directory_world, principal_id
from worlds import CONTOSO, GRAPH, Client, code, written

from reconciler.emulator.calls import Answer, Json
from reconciler.emulator.registrations import ACCESS_ROLE, CUSTOM_TEMPLATE, SYNCHRONIZATION_TEMPLATE
from reconciler.emulator.seeds import application_id, seeded_id

GALLERY = f"/applicationTemplates/{SYNCHRONIZATION_TEMPLATE}"
OURS = f"applicationTemplateId eq '{SYNCHRONIZATION_TEMPLATE}'"
APPLICATION = f"/applications/{seeded_id(CONTOSO, 'application', 'fabrikam')}"
PRINCIPAL = f"/servicePrincipals/{principal_id('fabrikam')}"


@pytest.fixture
def client() -> Client:
    return client_with()


def instantiate(client: Client, name: str = "Fabrikam", template: str = SYNCHRONIZATION_TEMPLATE) -> Answer:
    return client.post(f"/applicationTemplates/{template}/instantiate", {"displayName": name})


# ------------------------------------------------------------------------------------------ the gallery


def test_gallery_knows_the_template(client: Client) -> None:
    assert client.get(GALLERY).body["id"] == SYNCHRONIZATION_TEMPLATE
    assert client.get(f"/applicationTemplates/{CONTOSO}").status == 404
    listed = client.get("/applicationTemplates?$filter=displayName eq 'cross-tenant synchronization'").body["value"]
    assert [one["id"] for one in listed] == [SYNCHRONIZATION_TEMPLATE]


def test_instantiate_makes_an_application_and_its_service_principal(client: Client) -> None:
    made = instantiate(client)
    application, principal = made.body["application"], made.body["servicePrincipal"]

    assert made.status == 201
    assert made.body["@odata.context"] == f"{GRAPH}/v1.0/$metadata#microsoft.graph.applicationServicePrincipal"
    assert application["appId"] == principal["appId"]
    assert client.get(f"/applications/{application['id']}").body["appId"] == application["appId"]
    assert client.get(f"/servicePrincipals/{principal['id']}").body["displayName"] == "Fabrikam"
    assert [entry.kind for entry in written(client.world)] == ["application", "servicePrincipal"]


def test_service_principal_is_shaped_by_the_gallery(client: Client) -> None:
    principal = instantiate(client).body["servicePrincipal"]

    assert principal["applicationTemplateId"] == SYNCHRONIZATION_TEMPLATE
    assert principal["appRoleAssignmentRequired"] is True
    assert principal["servicePrincipalNames"] == [principal["appId"]]
    assert principal["tags"] == ["WindowsAzureActiveDirectoryIntegratedApp"]
    assert "metadata=aad2aadsync|ISV9.1|primary|z" in principal["homepage"]
    assert principal["appOwnerOrganizationId"] == CONTOSO
    assert [scope["value"] for scope in principal["oauth2PermissionScopes"]] == ["user_impersonation"]


def test_both_share_the_one_role(client: Client) -> None:
    body = instantiate(client).body
    (role,) = body["servicePrincipal"]["appRoles"]

    assert body["application"]["appRoles"] == [role]
    assert (role["displayName"], role["value"], role["allowedMemberTypes"]) == (ACCESS_ROLE, None, ["User"])


def test_instantiate_again_makes_another(client: Client) -> None:
    first, second = instantiate(client), instantiate(client)
    listed = client.get(f"/servicePrincipals?$filter={OURS}&$select=id,displayName").body["value"]

    assert first.body["servicePrincipal"]["appId"] != second.body["servicePrincipal"]["appId"]
    assert [one["displayName"] for one in listed] == ["Fabrikam"] * 3


@pytest.mark.parametrize("body", [{}, {"displayName": ""}, {"displayName": 5}, {"displayName": "x", "novelty": 1}])
def test_instantiate_needs_a_name_and_nothing_else(client: Client, body: Json) -> None:
    assert client.post(f"{GALLERY}/instantiate", body).status == 400
    assert not written(client.world)


def test_template_that_is_not_there_is_not_found(client: Client) -> None:
    answer = instantiate(client, template=CONTOSO)

    assert (answer.status, code(answer)) == (404, "Request_ResourceNotFound")


def test_custom_template_is_no_synchronization(client: Client) -> None:
    instantiate(client, template=CUSTOM_TEMPLATE)

    assert len(client.get(f"/servicePrincipals?$filter={OURS}").body["value"]) == 1


def test_new_service_principal_is_not_found_for_a_while() -> None:
    client = client_with(switches={"new_object_lag_seconds": 30})
    made = instantiate(client).body["servicePrincipal"]
    path, by_name = f"/servicePrincipals/{made['id']}", f"/servicePrincipals(appId='{made['appId']}')"

    assert [client.get(one).status for one in (path, by_name, f"{path}/appRoleAssignedTo")] == [404] * 3
    assert client.patch(path, {"notes": "ours"}).status == 404
    assert len(client.get(f"/servicePrincipals?$filter={OURS}").body["value"]) == 1
    client.world.clock.wait(30.1)
    assert [client.get(one).status for one in (path, by_name)] == [200] * 2
    assert client.patch(path, {"notes": "ours"}).status == 204


# ------------------------------------------------------------------------------------------ finding


@pytest.mark.parametrize("spelling", ["/servicePrincipals('{id}')", "/servicePrincipals(appId='{app}')", "/{id}"])
def test_service_principal_has_several_addresses(client: Client, spelling: str) -> None:
    spelled = spelling if "(" in spelling else f"/servicePrincipals{spelling}"
    said = spelled.format(id=principal_id("fabrikam"), app=seeded_id(CONTOSO, "app", "fabrikam").upper())

    assert client.get(said).body["notes"] == "ours"


def test_template_tells_applications_apart(client: Client) -> None:
    assert [one["displayName"] for one in client.get(f"/applications?$filter={OURS}").body["value"]] == ["Fabrikam"]


def test_application_that_signs_in_is_listed(client: Client) -> None:
    asked = application_id(CONTOSO, "any")

    assert [one["appId"] for one in client.get(f"/applications?$filter=appId eq '{asked}'").body["value"]] == [asked]
    assert client.get(f"/servicePrincipals(appId='{asked}')").status == 200


def test_nothing_is_found_in_another_tenant() -> None:
    other = Client(directory_world(), "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a02", "any")

    assert other.get(PRINCIPAL).status == 404


# ------------------------------------------------------------------------------------------ changing


def test_note_marks_a_service_principal(client: Client) -> None:
    assert client.patch(PRINCIPAL, {"notes": "managed"}).status == 204
    assert client.get(f"{PRINCIPAL}?$select=notes").body["notes"] == "managed"


@pytest.mark.parametrize("name", ["appId", "applicationTemplateId", "appOwnerOrganizationId", "id"])
def test_identity_cannot_be_changed(client: Client, name: str) -> None:
    assert client.patch(PRINCIPAL, {name: CONTOSO}).status == 400


def test_renaming_keeps_the_application_id(client: Client) -> None:
    client.patch(APPLICATION, {"displayName": "Other"})
    shown = client.get(f"{PRINCIPAL}?$select=displayName,appDisplayName,appId").body

    assert (shown["displayName"], shown["appDisplayName"]) == ("Other", "Other")
    assert shown["appId"] == seeded_id(CONTOSO, "app", "fabrikam")
    assert [entry.kind for entry in written(client.world)] == ["application", "servicePrincipal"]


def test_service_principal_is_there_once_for_an_application(client: Client) -> None:
    made = client.post("/applications", {"displayName": "Tool"}).body
    again = [client.post("/servicePrincipals", {"appId": made["appId"]}) for _ in range(2)]

    assert [answer.status for answer in again] == [201, 409]
    assert code(again[1]) == "Request_MultipleObjectsWithSameKeyValue"
    assert again[0].body["displayName"] == "Tool"
    assert client.post("/servicePrincipals", {"appId": CONTOSO}).status == 400


# ------------------------------------------------------------------------------------------ who may


def test_owner_alone_may_change_with_the_small_right() -> None:
    client = client_with("Application.ReadWrite.OwnedBy")
    made = instantiate(client).body["servicePrincipal"]

    assert client.patch(f"/servicePrincipals/{made['id']}", {"notes": "ours"}).status == 204
    assert client.patch(PRINCIPAL, {"notes": "ours"}).status == 403
    assert client.delete(APPLICATION).status == 403
    assert client.get(PRINCIPAL).status == 200


def test_maker_is_the_owner() -> None:
    client = client_with("Application.ReadWrite.OwnedBy", "Application.Read.All")
    made = instantiate(client).body["servicePrincipal"]
    (owner,) = client.get(f"/servicePrincipals/{made['id']}/owners").body["value"]

    assert (owner["@odata.type"], owner["appId"]) == (
        "#microsoft.graph.servicePrincipal",
        application_id(CONTOSO, "any"),
    )
    assert client.get(f"{PRINCIPAL}/owners").body["value"] == []


@pytest.mark.parametrize("role", ["Application.Read.All", "Synchronization.ReadWrite.All", "Directory.Read.All"])
def test_making_takes_the_right_to_write(role: str) -> None:
    assert instantiate(client_with(role)).status == 403


def test_batch_makes_and_reads(client: Client) -> None:
    headers = {"Content-Type": "application/json"}
    make = {"id": "1", "method": "POST", "url": f"{GALLERY}/instantiate", "headers": headers}
    parts = client.batch({**make, "body": {"displayName": "B"}}, {"id": "2", "method": "GET", "url": PRINCIPAL})

    assert (parts["1"]["status"], parts["2"]["status"]) == (201, 200)


def test_audit_tells_both_activities() -> None:
    client = client_with("Application.ReadWrite.All", "AuditLog.Read.All")
    instantiate(client)
    records = client.get("/auditLogs/directoryAudits?$filter=category eq 'ApplicationManagement'").body["value"]

    assert {one["activityDisplayName"] for one in records} == {"Add application", "Add service principal"}
    assert {one["targetResources"][0]["displayName"] for one in records} == {"Fabrikam"}


def test_stale_read_does_not_see_the_new_one(client: Client) -> None:
    rule = {"match": {"path": "*/servicePrincipals*"}, "action": {"stale": {"seconds": 60}}}
    client.world.add_fault(rule)
    made = instantiate(client).body["servicePrincipal"]

    assert client.get(f"/servicePrincipals/{made['id']}").status == 404
    assert len(client.get(f"/servicePrincipals?$filter={OURS}").body["value"]) == 1
    client.world.clock.wait(61)
    assert len(client.get(f"/servicePrincipals?$filter={OURS}").body["value"]) == 2
