"""Two tenants that trust each other, and a configuration in the first that leads to the second."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping

from worlds import CONTOSO, FABRIKAM, NORTHWIND, Client

from reconciler.emulator.calls import Answer, Json
from reconciler.emulator.seeds import seeded_id
from reconciler.emulator.world import World

ROLES = [
    "Synchronization.ReadWrite.All",
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "AuditLog.Read.All",
    "Policy.Read.All",
    "Policy.ReadWrite.CrossTenantAccess",
    "User.ReadWrite.All",
]
APPLICATIONS = [
    {"name": "apply", "roles": ROLES},
    {"name": "look", "roles": ["Synchronization.Read.All"]},
    {"name": "owner", "roles": ["Application.ReadWrite.OwnedBy"]},
    {"name": "nobody", "roles": ["Policy.Read.All"]},
]
CONFIGURATION = seeded_id(CONTOSO, "service principal", "to-fabrikam")
PLAIN = seeded_id(CONTOSO, "service principal", "plain")
CREDENTIALS = [{"key": "CompanyId", "value": FABRIKAM}, {"key": "AuthenticationType", "value": "SyncPolicy"}]
NOTIFICATION = {"Enabled": False, "DeleteThresholdEnabled": True, "DeleteThresholdValue": 500}
SETTINGS = [
    *CREDENTIALS,
    {"key": "SyncAll", "value": "false"},
    {"key": "SyncNotificationSettings", "value": json.dumps(NOTIFICATION)},
]
NEVER = "0001-01-01T00:00:00Z"


def pair_seed(
    *,
    allowed: bool = True,
    inbound: bool = True,
    outbound: bool = True,
    target: Mapping[str, Json] | None = None,
    users: Mapping[str, Json] | None = None,
    **members: Json,
) -> dict[str, Json]:
    """Return a seed; `target` adds to the second tenant, `users` are those of the first."""
    people = {"ada": {"department": "Sales", "jobTitle": "Engineer"}, "bob": {}, "eve": {}}
    permission = {"tenantId": CONTOSO, "displayName": None, "userSyncInbound": {"isSyncAllowed": allowed}}
    return {
        "tenants": {
            "contoso": {
                "tenantId": CONTOSO,
                "domain": "contoso.example",
                "applications": APPLICATIONS,
                "partners": [
                    {"tenantId": FABRIKAM, "automaticUserConsentSettings": {"outboundAllowed": outbound}},
                ],
                "users": people if users is None else dict(users),
                "groups": {"sales": {"members": ["ada"]}} if users is None else {},
                "servicePrincipals": {
                    "to-fabrikam": {"assigned": ["sales"] if users is None else list(users)},
                    "plain": {"applicationTemplateId": None},
                    "again": {},
                },
            },
            "fabrikam": {
                "tenantId": FABRIKAM,
                "domain": "fabrikam.example",
                "applications": APPLICATIONS,
                "partners": [{"tenantId": CONTOSO, "automaticUserConsentSettings": {"inboundAllowed": inbound}}],
                "objects": {"identitySynchronization": {CONTOSO: permission}},
                **(target or {}),
            },
        },
        "organizations": {"northwind": {"tenantId": NORTHWIND}},
        **members,
    }


class Pair:
    """The source tenant through the eyes of somebody who sets a configuration up."""

    def __init__(
        self, world: World | None = None, *, principal: str = CONFIGURATION, version: str = "v1.0", **said: Json
    ) -> None:
        self.world = world or World.from_seed(pair_seed(**said))
        self.client = Client(self.world, CONTOSO, version=version)
        self.root = f"/servicePrincipals/{principal}/synchronization"
        self.name = ""

    @property
    def job(self) -> str:
        """The path of the job, which is created with the first question for it."""
        if not self.name:
            created = self.client.post(f"{self.root}/jobs", {"templateId": "Azure2Azure"})
            assert created.status == 201, created.body
            self.name = str(created.body["id"])
        return f"{self.root}/jobs/{self.name}"

    def put(self, path: str, body: Json) -> Answer:
        """Replace."""
        return self.client.ask("PUT", path, body)

    def configured(self) -> Pair:
        """Give the configuration its settings."""
        answer = self.put(f"{self.root}/secrets", {"value": SETTINGS})
        assert answer.status == 204, answer.body
        return self

    def status(self) -> dict[str, Json]:
        """Return the status of the job."""
        status: dict[str, Json] = self.client.get(self.job).body["status"]
        return status

    def state(self) -> tuple[str, str]:
        """Return the state of the schedule, and the code of the status."""
        body = self.client.get(self.job).body
        return body["schedule"]["state"], body["status"]["code"]

    def act(self, name: str, body: Json = None) -> Answer:
        """Do something to the job."""
        return self.client.post(f"{self.job}/{name}", body)

    # ---------------------------------------------------------------------------------------- the schema

    def schema(self) -> dict[str, Json]:
        """Return the schema as it is read, free to be changed, without annotations."""
        body = copy.deepcopy(self.client.get(f"{self.job}/schema").body)
        return {name: value for name, value in body.items() if "@" not in name}

    def put_schema(self, schema: Json) -> Answer:
        """Replace the schema."""
        return self.put(f"{self.job}/schema", schema)

    def provision(self, key: str, kind: str = "User") -> Answer:
        """Provision somebody of the source on demand, by the key in the seed."""
        rule = self.schema()["synchronizationRules"][0]["id"]
        subject = {"objectId": seeded_id(CONTOSO, "user", key), "objectTypeName": kind}
        return self.act("provisionOnDemand", {"parameters": [{"ruleId": rule, "subjects": [subject]}]})

    def outcome(self, key: str) -> dict[str, Json]:
        """Provision somebody and return what the answer tells."""
        answer = self.provision(key)
        assert answer.status == 200, answer.body
        (told,) = json.loads(answer.body["value"])
        return dict(told)


def users_mapping(schema: Json) -> dict[str, Json]:
    """Return the object mapping of users in a schema."""
    mappings = schema["synchronizationRules"][0]["objectMappings"]
    (found,) = (one for one in mappings if one["sourceObjectName"] == "User")
    return dict_of(found)


def dict_of(value: Json) -> dict[str, Json]:
    """Return an object that is one."""
    assert isinstance(value, dict), value
    return value


def mapping_of(schema: Json, target: str) -> dict[str, Json]:
    """Return the attribute mapping of a target attribute of users."""
    (found,) = (one for one in users_mapping(schema)["attributeMappings"] if one["targetAttributeName"] == target)
    return dict_of(found)


def function(expression: str) -> dict[str, Json]:
    """Return a source that is nothing but its text."""
    return {"type": "Function", "expression": expression, "name": None, "parameters": []}


def filtered(attribute: str, operator: str, *values: str) -> dict[str, Json]:
    """Return a scope with one clause, and the built-in filter in its place."""
    clause = {"sourceOperandName": attribute, "operatorName": operator, "targetOperand": {"values": list(values)}}
    return {"name": "Some", "clauses": [clause]}
