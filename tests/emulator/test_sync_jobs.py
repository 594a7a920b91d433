"""Jobs of synchronization: how they come to be, what starts and stops them, and what they show meanwhile."""

from __future__ import annotations

from datetime import datetime

import pytest
from sync_pair import CONFIGURATION, NEVER, PLAIN, SETTINGS, Pair, pair_seed
from worlds import CONTOSO, Client, code, written

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seed_of
from reconciler.emulator.synchronization.settings import delete_threshold
from reconciler.emulator.world import World

GONE = "/servicePrincipals/0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0aff/synchronization"


@pytest.fixture
def pair() -> Pair:
    return Pair()


# ------------------------------------------------------------------------------------------ templates


def test_configuration_has_one_template(pair: Pair) -> None:
    (template,) = pair.client.get(f"{pair.root}/templates").body["value"]

    assert template["id"] == "Azure2Azure"
    assert template.keys() == {
        "id", "applicationId", "default", "description", "discoverable", "factoryTag", "metadata", "schema",
    }  # fmt: skip
    assert template["schema"].keys() == {"id", "version", "directories", "synchronizationRules"}


def test_template_is_found_below_the_application_too(pair: Pair) -> None:
    app_id = pair.client.get(f"{pair.root}/templates").body["value"][0]["applicationId"]
    (application,) = pair.world.store.named(CONTOSO, "application", app_id)
    shown = pair.client.get(f"/applications/{application}/synchronization/templates/Azure2Azure/schema").body

    assert shown["synchronizationRules"] == pair.schema()["synchronizationRules"]


def test_plain_application_has_no_template() -> None:
    plain = Pair(principal=PLAIN)

    assert plain.client.get(f"{plain.root}/templates").body["value"] == []
    assert plain.client.post(f"{plain.root}/jobs", {"templateId": "Azure2Azure"}).status == 404


@pytest.mark.parametrize("path", ["/templates/other", "/templates/Azure2Azure/schema/nothing", "/templates/x/schema"])
def test_other_templates_are_missing(pair: Pair, path: str) -> None:
    assert pair.client.get(pair.root + path).status in {400, 404}


# ------------------------------------------------------------------------------------------ creating and deleting


def test_job_is_named_after_template_tenant_and_application(pair: Pair) -> None:
    principal = pair.world.store.get(CONTOSO, "servicePrincipal", CONFIGURATION) or {}
    template, tenant, app = pair.job.rsplit("/", 1)[1].split(".")

    assert (template, tenant, app) == ("Azure2Azure", CONTOSO.replace("-", ""), principal["appId"])


def test_fresh_job_is_disabled_and_paused(pair: Pair) -> None:
    body = pair.client.get(pair.job).body

    assert body["schedule"] == {"expiration": None, "interval": "PT40M", "state": "Disabled"}
    assert body["status"] == {
        "code": "Paused",
        "countSuccessiveCompleteFailures": 0,
        "escrowsPruned": False,
        "lastExecution": None,
        "lastSuccessfulExecution": None,
        "lastSuccessfulExecutionWithExports": None,
        "progress": [],
        "quarantine": None,
        "steadyStateFirstAchievedTime": NEVER,
        "steadyStateLastAchievedTime": NEVER,
        "synchronizedEntryCountByType": [],
        "troubleshootingUrl": None,
    }
    assert body["synchronizationJobSettings"] == [
        {"name": "AzureIngestionAttributeOptimization", "value": "False"},
        {"name": "LookaheadQueryEnabled", "value": "False"},
    ]
    assert "servicePrincipalId" not in body


def test_second_job_already_exists(pair: Pair) -> None:
    _ = pair.job
    again = pair.client.post(f"{pair.root}/jobs", {"templateId": "Azure2Azure"})

    assert again.status == 409
    assert "already exists" in again.body["error"]["message"]
    assert len(pair.client.get(f"{pair.root}/jobs").body["value"]) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 404),
        ({"templateId": "other"}, 404),
        ({"templateId": None}, 404),
        ({"templateId": 5}, 400),
        ({"template": "Azure2Azure"}, 400),
    ],
)
def test_job_without_its_template_is_refused(pair: Pair, body: Json, status: int) -> None:
    assert pair.client.post(f"{pair.root}/jobs", body).status == status
    assert pair.client.get(f"{pair.root}/jobs").body["value"] == []


def test_jobs_of_two_configurations_are_apart() -> None:
    pair = Pair()
    again = Pair(pair.world, principal=str(_principal(pair.world, "again")))
    _ = pair.job, again.job

    assert [one["id"] for one in pair.client.get(f"{pair.root}/jobs").body["value"]] == [pair.name]
    assert [one["id"] for one in again.client.get(f"{again.root}/jobs").body["value"]] == [again.name]
    assert pair.client.get(f"{pair.root}/jobs/{again.name}").status == 404


def _principal(world: World, key: str) -> str:
    objects = world.store.all(CONTOSO, "servicePrincipal").items()
    return next(one for one, body in objects if str(body["displayName"]).lower() == key)


def test_deleted_job_takes_schema_and_knowledge_with_it(pair: Pair) -> None:
    pair.configured().provision("ada")
    pair.put_schema(pair.schema())

    assert pair.client.delete(pair.job).status == 204
    assert pair.client.get(f"{pair.root}/jobs/{pair.name}").status == 404
    for kind in ("synchronizationJob", "synchronizationSchema", "synchronizationState"):
        assert pair.world.store.count(CONTOSO, kind) == 0
    assert pair.client.get(f"{pair.root}/secrets").body["value"] == SETTINGS


def test_unknown_service_principal_is_missing(pair: Pair) -> None:
    assert pair.client.get(f"{GONE}/jobs").status == 404
    assert pair.client.post(f"{GONE}/jobs", {"templateId": "Azure2Azure"}).status == 404
    assert pair.put(f"{GONE}/secrets", {"value": []}).status == 404


def test_job_cannot_be_patched(pair: Pair) -> None:
    answer = pair.client.patch(pair.job, {"schedule": {"interval": "PT20M"}})

    assert (answer.status, code(answer)) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize("spelling", ["/jobs('{name}')", "//jobs/{name}", "/jobs/{name}/"])
def test_job_has_many_spellings(pair: Pair, spelling: str) -> None:
    _ = pair.job

    assert pair.client.get(pair.root + spelling.format(name=pair.name)).body["id"] == pair.name


def test_jobs_are_narrowed_as_asked(pair: Pair) -> None:
    name = pair.job.rsplit("/", 1)[1]

    assert pair.client.get(f"{pair.root}/jobs?$select=id,templateId").body["value"] == [
        {"id": name, "templateId": "Azure2Azure"}
    ]
    for query in ("$select=nothing", "$filter=id eq 'x'", "$expand=schema", "$top=1"):
        assert pair.client.get(f"{pair.root}/jobs?{query}").status == 400


# ------------------------------------------------------------------------------------------ starting and stopping


def test_started_job_looks_as_if_it_had_failed(pair: Pair) -> None:
    assert pair.configured().act("start").status == 204
    execution = pair.status()["lastExecution"]

    assert pair.state() == ("Active", "NotRun")
    assert (execution["state"], execution["timeBegan"], execution["timeEnded"]) == ("Failed", NEVER, NEVER)
    assert execution["error"] == {"code": "None", "message": "", "tenantActionable": False}
    assert {value for name, value in execution.items() if name.startswith("count")} == {0}


def test_paused_job_goes_on_when_started(pair: Pair) -> None:
    pair.configured().act("start")

    assert pair.act("pause").status == 204
    assert pair.state() == ("Paused", "Paused")
    pair.act("start")
    assert pair.state() == ("Active", "NotRun")


def test_starting_twice_changes_nothing(pair: Pair) -> None:
    pair.configured().act("start")
    before = pair.client.get(pair.job).body
    pair.act("start")

    assert pair.client.get(pair.job).body == before


def test_job_without_settings_starts_into_quarantine(pair: Pair) -> None:
    assert pair.act("start").status == 204
    quarantine = pair.status()["quarantine"]

    assert pair.state() == ("Active", "Quarantine")
    assert quarantine["reason"] == "EncounteredQuarantineException"
    assert quarantine["error"]["tenantActionable"] is True
    assert quarantine["seriesCount"] == 1
    began, again = (datetime.fromisoformat(quarantine[name]) for name in ("currentBegan", "nextAttempt"))
    assert (again - began).total_seconds() == 6 * 3600


def test_start_lifts_a_quarantine_whose_cause_is_gone(pair: Pair) -> None:
    pair.act("start")
    pair.configured().act("start")

    assert pair.status()["quarantine"] is None
    assert pair.state() == ("Active", "NotRun")


@pytest.mark.parametrize("scope", [None, "", "Watermark", "Escrows, Watermark", "Full", "QuarantineState", "None"])
def test_restart_takes_scopes(pair: Pair, scope: Json) -> None:
    pair.configured().act("start")

    assert pair.act("restart", {"criteria": {"resetScope": scope}}).status == 204
    assert pair.state() == ("Active", "NotRun")


@pytest.mark.parametrize(
    "body", [{"criteria": {"resetScope": "watermark"}}, {"criteria": {"resetScope": 4}}, {"criteria": 4}, {"x": 1}]
)
def test_restart_refuses_what_is_no_scope(pair: Pair, body: Json) -> None:
    assert pair.configured().act("restart", body).status == 400


def test_restart_without_body_is_that_of_the_portal(pair: Pair) -> None:
    pair.configured().provision("ada")

    assert pair.act("restart").status == 204
    assert _links(pair)


@pytest.mark.parametrize(
    ("scope", "kept"), [("Escrows, Watermark", True), ("ConnectorDataStore", False), ("Full", False)]
)
def test_restart_forgets_links_only_when_told(pair: Pair, scope: str, kept: bool) -> None:
    pair.configured().provision("ada")
    pair.act("restart", {"criteria": {"resetScope": scope}})

    assert bool(_links(pair)) is kept


def test_restart_remembers_that_deletes_are_allowed(pair: Pair) -> None:
    pair.configured().act("restart", {"criteria": {"resetScope": "ForceDeletes"}})

    assert _known(pair)["forcesDeletes"] is True


def test_restart_leaves_a_quarantine_it_is_not_told_of(pair: Pair) -> None:
    pair.act("start")
    pair.configured()
    pair.act("restart", {"criteria": {"resetScope": "Watermark"}})
    before = pair.status()["quarantine"]
    pair.act("restart", {"criteria": {"resetScope": "QuarantineState"}})

    assert before is not None
    assert pair.status()["quarantine"] is None


def _links(pair: Pair) -> Json:
    return list(pair.world.store.all(CONTOSO, "synchronizedObject").values())


def _known(pair: Pair) -> Json:
    (known,) = pair.world.store.all(CONTOSO, "synchronizationState").values()
    return known


# ------------------------------------------------------------------------------------------ who may, and who is told


@pytest.mark.parametrize(
    ("purpose", "read", "write"), [("apply", 200, 204), ("look", 200, 403), ("owner", 403, 403), ("nobody", 403, 403)]
)
def test_rights_are_those_of_synchronization(pair: Pair, purpose: str, read: int, write: int) -> None:
    _ = pair.configured().job
    client = Client(pair.world, CONTOSO, purpose)

    assert client.get(f"{pair.root}/jobs").status == read
    assert client.get(f"{pair.root}/secrets").status == read
    assert client.get(f"{pair.job}/schema").status == read
    assert client.post(f"{pair.job}/start").status == write
    assert client.get(f"{pair.job}/schema/functions").status == (200 if write == 204 else 403)


def test_owner_may_manage_what_they_own(pair: Pair) -> None:
    principal = pair.world.store.get(CONTOSO, "servicePrincipal", CONFIGURATION) or {}
    owner = pair.world.directory.tenants[CONTOSO]
    (app_id,) = (one.app_id for one in owner.applications.values() if one.name == "owner")
    owners = {**principal, "owners": [owner.service_principal_id(app_id)]}
    pair.world.store.put(CONTOSO, "servicePrincipal", CONFIGURATION, owners)

    assert Client(pair.world, CONTOSO, "owner").get(f"{pair.root}/jobs").status == 200


def test_every_change_is_journaled(pair: Pair) -> None:
    pair.configured().act("start")
    pair.act("pause")
    pair.client.delete(pair.job)

    assert [(entry.kind, entry.method, entry.path.rsplit("/", 1)[1]) for entry in written(pair.world)] == [
        ("synchronizationSecrets", "PUT", "secrets"),
        ("synchronizationJob", "POST", "jobs"),
        ("synchronizationJob", "POST", "start"),
        ("synchronizationJob", "POST", "pause"),
        ("synchronizationJob", "DELETE", pair.name),
    ]


def test_refused_change_is_journaled_as_that(pair: Pair) -> None:
    pair.put_schema({})
    entry = pair.world.store.journal()[-1]

    assert (entry.kind, entry.key, entry.committed) == (
        "synchronizationSchema",
        f"{CONFIGURATION}/{pair.name}",
        False,
    )


def test_changes_are_audited_as_provisioning(pair: Pair) -> None:
    pair.configured().act("start")
    pair.put_schema(pair.schema())
    pair.act("pause")
    records = pair.world.store.audits(CONTOSO)[::-1]

    assert [record["activityDisplayName"] for record in records] == [
        "Update provisioning setting or credentials",
        "Add provisioning configuration",
        "Enable/start provisioning configuration",
        "Update attribute mappings or scope",
        "Disable/pause provisioning configuration",
    ]
    assert {(one["loggedByService"], one["category"], one["targetResources"][0]["id"]) for one in records} == {
        ("Account Provisioning", "ProvisioningManagement", CONFIGURATION)
    }


def test_batch_carries_synchronization(pair: Pair) -> None:
    parts = pair.client.batch(
        {"id": "1", "method": "GET", "url": f"{pair.root}/templates"},
        {"id": "2", "method": "GET", "url": f"{pair.root}/secrets"},
    )

    assert {part["status"] for part in parts.values()} == {200}


def test_beta_is_the_same() -> None:
    pair = Pair(version="beta")

    assert pair.configured().act("start").status == 204
    assert pair.client.get(pair.job).body["schedule"]["state"] == "Active"


def test_stale_reads_reach_jobs(pair: Pair) -> None:
    pair.configured()
    pair.world.add_fault({"match": {"path": "*/synchronization/*"}, "action": {"stale": {"reads": 1}}})
    created = pair.client.post(f"{pair.root}/jobs", {"templateId": "Azure2Azure"})
    path = f"{pair.root}/jobs/{created.body['id']}"

    assert pair.client.get(path).status == 404
    assert pair.client.get(path).status == 200


def test_lists_are_as_stale_as_objects(pair: Pair) -> None:
    pair.world.add_fault({"match": {"path": "*/synchronization/jobs"}, "action": {"stale": {"reads": 1}}})
    _ = pair.job

    assert pair.client.get(f"{pair.root}/jobs").body["value"] == []
    assert len(pair.client.get(f"{pair.root}/jobs").body["value"]) == 1


def test_job_goes_and_comes_with_its_service_principal(pair: Pair) -> None:
    before = pair.client.get(pair.configured().job).body
    pair.client.delete(f"/servicePrincipals/{CONFIGURATION}")
    gone = pair.client.get(pair.job).status, pair.client.get(f"{pair.root}/secrets").status
    restored = pair.client.post(f"/directory/deletedItems/{CONFIGURATION}/restore")

    assert gone == (404, 404)
    assert restored.status == 200, restored.body
    assert pair.client.get(pair.job).body == before


def test_seed_gives_jobs_back(pair: Pair) -> None:
    pair.configured().act("start")
    pair.put_schema(pair.schema())
    twin = Pair(World.from_seed(seed_of(pair.world)))

    assert twin.client.get(pair.job).body == pair.client.get(pair.job).body
    assert twin.client.get(f"{pair.job}/schema").body == pair.client.get(f"{pair.job}/schema").body


def test_new_configuration_is_not_known_at_once() -> None:
    world = World.from_seed(pair_seed(switches={"new_object_lag_seconds": 15}))
    client = Client(world, CONTOSO)
    made = client.post("/applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate", {"displayName": "New"})
    root = f"/servicePrincipals/{made.body['servicePrincipal']['id']}/synchronization"

    assert client.get(f"{root}/templates").status == 404
    assert client.post(f"{root}/jobs", {"templateId": "Azure2Azure"}).status == 404
    world.clock.wait(16)
    assert client.get(f"{root}/templates").status == 200
    assert client.post(f"{root}/jobs", {"templateId": "Azure2Azure"}).status == 201


# ------------------------------------------------------------------------------------------ the guard


@pytest.mark.parametrize(
    ("text", "threshold"),
    [
        ('{"DeleteThresholdEnabled": true, "DeleteThresholdValue": 7}', 7),
        ('{"DeleteThresholdEnabled": true}', 500),
        ('{"DeleteThresholdEnabled": false, "DeleteThresholdValue": 7}', None),
        ("[]", None),
        ("no JSON", None),
        ("", None),
    ],
)
def test_threshold_is_read_from_the_notification_settings(text: str, threshold: int | None) -> None:
    assert delete_threshold([{"key": "SyncNotificationSettings", "value": text}]) == threshold
