"""Every assumption about synchronization in both positions: what to look at, and what it shows by default and else."""

from __future__ import annotations

import json
from collections.abc import Callable

from sync_pair import CREDENTIALS, SETTINGS, Pair, function, mapping_of
from worlds import CONTOSO, FABRIKAM, code

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import seeded_id

Shows = Callable[[Pair], Json]
AGAIN = seeded_id(CONTOSO, "service principal", "again")
POLICY_CHECK = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"


def newborn(pair: Pair) -> Json:
    made = pair.client.post(
        "/applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate", {"displayName": "New"}
    )
    root = f"/servicePrincipals/{made.body['servicePrincipal']['id']}/synchronization"
    return pair.put(f"{root}/secrets", {"value": SETTINGS}).status


def invalid_schema(pair: Pair) -> Json:
    answer = pair.put_schema({})
    return answer.status, code(answer)


def inner_code(pair: Pair) -> Json:
    answer = pair.put_schema({})
    message = answer.body["error"]["message"]
    inner = json.loads(message)["error"]["code"] if message.startswith("{") else ""
    return code(answer), inner


def second_job(pair: Pair) -> Json:
    _ = pair.job
    return pair.client.post(f"{pair.root}/jobs", {"templateId": "Azure2Azure"}).status


def factory_tag(pair: Pair) -> Json:
    return pair.client.get(f"{pair.root}/templates/Azure2Azure").body["factoryTag"]


def paused(pair: Pair) -> Json:
    pair.configured().act("start")
    pair.act("pause")
    return pair.state()[0]


def started_blindly(pair: Pair) -> Json:
    return pair.act("start").status, pair.state()


def restarted(pair: Pair) -> Json:
    pair.configured().act("restart")
    return pair.state()[0]


def first_objection(pair: Pair) -> Json:
    pair.world.store.delete(FABRIKAM, "identitySynchronization", CONTOSO)
    pair.world.store.delete(CONTOSO, "partner", FABRIKAM)
    answer = pair.client.post(f"{pair.root}/jobs/validateCredentials", {"credentials": CREDENTIALS})
    assert code(answer) == POLICY_CHECK
    return str(answer.body["error"]["message"]).split()[1]


def second_configuration(pair: Pair) -> Json:
    pair.configured()
    again = Pair(pair.world, principal=AGAIN)
    return again.put(f"{again.root}/secrets", {"value": SETTINGS}).status


def put_in_parts(pair: Pair) -> Json:
    for settings in (CREDENTIALS, [{"key": "SyncAll", "value": "true"}]):
        pair.put(f"{pair.root}/secrets", {"value": settings})
    return [one["key"] for one in pair.client.get(f"{pair.root}/secrets").body["value"]]


def company(pair: Pair) -> Json:
    return pair.configured().client.get(f"{pair.root}/secrets").body["value"][0]["value"]


def renamed_rule(pair: Pair) -> Json:
    schema = pair.schema()
    schema["synchronizationRules"][0].update(name="OTHER")
    del schema["directories"][0]["objects"][0]["attributes"][0]
    status = pair.put_schema(schema).status
    return status, pair.schema()["synchronizationRules"][0]["name"]


def bare_expression(pair: Pair) -> Json:
    schema = pair.schema()
    mapping_of(schema, "city").update(source=function("[city]"))
    return pair.put_schema(schema).status


def equal_schema(pair: Pair) -> Json:
    pair.put_schema(pair.schema())
    return pair.schema()["version"]


def function_members(pair: Pair) -> Json:
    functions = pair.client.get(f"{pair.job}/schema/functions").body["value"]
    operators = pair.client.get(f"{pair.job}/schema/filterOperators").body["value"]
    return sorted({name for one in (*functions, *operators) for name in one if name in {"id", "name"}})


def internal_guest(pair: Pair) -> Json:
    user = pair.world.store.get(CONTOSO, "user", seeded_id(CONTOSO, "user", "ada")) or {}
    pair.world.store.put(CONTOSO, "user", str(user["id"]), {**user, "userType": "Guest"})
    return pair.configured().outcome("ada")["action"]


def on_demand_key(pair: Pair) -> Json:
    body = pair.configured().provision("bob").body
    value = json.loads(body["value"])
    return (json.loads(body["key"])["result"] if body["key"].startswith("{") else body["key"][:9]), type(value).__name__


# switch: (what to look at, what it shows by default, the other setting, what it shows then)
SYNCHRONIZATION: dict[str, tuple[Shows, Json, Json, Json]] = {
    "newborn_refusal": (newborn, 404, 409, 409),
    "synchronization_refusal": (invalid_schema, (400, "schemaInvalid"), 422, (422, "schemaInvalid")),
    "synchronization_errors_nested": (
        inner_code,
        ("schemaInvalid", ""),
        True,
        ("UnknownError", "schemaInvalid"),
    ),
    "second_job": (second_job, 409, 400, 400),
    "template_factory_tag": (factory_tag, "Azure2Azure", "Aad2Aad", "Aad2Aad"),
    "paused_schedule_state": (paused, "Paused", "Disabled", "Disabled"),
    "start_without_connection": (
        started_blindly,
        (204, ("Active", "Quarantine")),
        "refused",
        (400, ("Disabled", "Paused")),
    ),
    "restart_starts": (restarted, "Active", False, "Disabled"),
    "policy_check_order": (first_objection, "target", "source-first", "source"),
    "second_configuration_accepted": (second_configuration, 204, False, 400),
    "secrets_put_replaces": (put_in_parts, ["SyncAll"], False, ["CompanyId", "AuthenticationType", "SyncAll"]),
    "company_id_masked": (company, FABRIKAM, True, "*"),
    "owned_schema_parts": (renamed_rule, (400, "USER_INBOUND_USER"), "kept", (204, "USER_INBOUND_USER")),
    "source_trees_compared": (bare_expression, 204, True, 400),
    "every_put_restarts": (equal_schema, "v1.1", False, "v1.0"),
    "schema_names_as": (function_members, ["name"], "id", ["id"]),
    "internal_guests_excluded": (internal_guest, "Other", False, "Create"),
    "on_demand_answer": (on_demand_key, ("Microsoft", "list"), "result", ("Skipped", "dict")),
}
