"""From two tenants that know nothing of each other to a job that runs: each call of the way, in its order."""

from __future__ import annotations

from sync_pair import APPLICATIONS, CREDENTIALS, SETTINGS, Pair, filtered, function, mapping_of, users_mapping
from worlds import CONTOSO, FABRIKAM, PARTNERS, Client, partner_path

from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.world import World

GALLERY = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"
SYNC = "identitySynchronization"


def empty_tenants() -> World:
    """Return two tenants of which one has people."""
    tenant = {"applications": APPLICATIONS}
    people = {"ada": {"department": "Sales"}, "bob": {"department": "Legal"}}
    return World.from_seed(
        {
            "tenants": {
                "contoso": {
                    **tenant,
                    "tenantId": CONTOSO,
                    "domain": "contoso.example",
                    "users": people,
                    "groups": {"staff": {"members": ["ada", "bob"]}},
                },
                "fabrikam": {**tenant, "tenantId": FABRIKAM, "domain": "fabrikam.example"},
            },
            "switches": {"new_object_lag_seconds": 15},
        }
    )


def test_whole_way_from_nothing_to_a_running_job() -> None:
    world = empty_tenants()
    source, target = Client(world, CONTOSO), Client(world, FABRIKAM)

    # The target allows, both consent.
    assert target.post(PARTNERS, {"tenantId": CONTOSO}).status == 201
    allowed = {"displayName": "Contoso", "userSyncInbound": {"isSyncAllowed": True}}
    assert target.ask("PUT", f"{partner_path(CONTOSO)}/{SYNC}", allowed).status == 204
    consent = {"automaticUserConsentSettings": {"inboundAllowed": True}}
    assert target.patch(partner_path(CONTOSO), consent).status == 204
    assert source.post(PARTNERS, {"tenantId": FABRIKAM}).status == 201
    consent = {"automaticUserConsentSettings": {"outboundAllowed": True}}
    assert source.patch(partner_path(FABRIKAM), consent).status == 204

    # The configuration, which is not seen at once.
    made = source.post(f"/applicationTemplates/{GALLERY}/instantiate", {"displayName": "Fabrikam"})
    assert made.status == 201, made.body
    principal = made.body["servicePrincipal"]
    pair = Pair(world, principal=principal["id"])
    assert source.get(f"{pair.root}/templates").status == 404
    world.clock.wait(16)
    assert [one["id"] for one in source.get(f"{pair.root}/templates").body["value"]] == ["Azure2Azure"]

    # The connection, the job, its settings, its mappings.
    test = {"useSavedCredentials": False, "templateId": "Azure2Azure", "credentials": CREDENTIALS}
    assert source.post(f"{pair.root}/jobs/validateCredentials", test).status == 204
    assert pair.state() == ("Disabled", "Paused")
    assert pair.put(f"{pair.root}/secrets", {"value": SETTINGS}).status == 204
    assert source.get(f"{pair.root}/secrets").body["value"] == SETTINGS
    schema = pair.schema()
    mapping_of(schema, "displayName").update(source=function('Append([displayName], " (Contoso)")'))
    users_mapping(schema)["scope"]["groups"].append(filtered("department", "EQUALS", "Sales"))
    assert pair.put_schema(schema).status == 204
    assert pair.schema()["version"] == "v1.1"

    # Who is in scope, and the first of them.
    (role,) = (one["id"] for one in principal["appRoles"] if one["displayName"] == "msiam_access")
    grant = {
        "appRoleId": role,
        "resourceId": principal["id"],
        "principalId": seeded_id(CONTOSO, "group", "staff"),
    }
    assert source.post(f"/servicePrincipals/{principal['id']}/appRoleAssignedTo", grant).status == 201
    assert [pair.outcome(key)["action"] for key in ("ada", "bob")] == ["Create", "Other"]

    # It runs, and the log says what came of it.
    assert pair.act("start").status == 204
    assert pair.state() == ("Active", "NotRun")
    log = source.get(f"/auditLogs/provisioning?$filter=jobId eq '{pair.name}'").body["value"]
    assert [one["provisioningAction"] for one in log] == ["other", "create"]
    world.clock.wait(16)
    guest = target.get(f"/users/{log[1]['targetIdentity']['id']}").body
    assert guest["displayName"] == "Ada (Contoso)"
    assert guest["userPrincipalName"] == "ada_contoso.example#EXT#@fabrikam.example"
    assert guest["mail"] == "ada@contoso.example"
