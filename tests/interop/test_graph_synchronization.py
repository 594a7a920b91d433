"""Microsoft's Python SDK sets a synchronization up, and reads it back as its own typed objects."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

import pytest
from foreign import CONTOSO, FABRIKAM, run, seed, signed_in
from rehearsing import Emulator, emulating

ROLES = [
    "Synchronization.ReadWrite.All",
    "AuditLog.Read.All",
    "Application.Read.All",
    "AppRoleAssignment.ReadWrite.All",
]
ADA = str(uuid5(UUID(CONTOSO), "user ada"))
PERMISSION = {"tenantId": CONTOSO, "displayName": None, "userSyncInbound": {"isSyncAllowed": True}}
SEED: dict[str, Any] = {
    "clock": "real",
    "tenants": {
        "contoso": {
            "tenantId": CONTOSO,
            "applications": [{"name": "apply", "roles": ROLES}],
            "partners": [{"tenantId": FABRIKAM, "automaticUserConsentSettings": {"outboundAllowed": True}}],
            "users": {"ada": {}},
            "servicePrincipals": {"to-fabrikam": {}},
        },
        "fabrikam": {
            "tenantId": FABRIKAM,
            "partners": [{"tenantId": CONTOSO, "automaticUserConsentSettings": {"inboundAllowed": True}}],
            "objects": {"identitySynchronization": {CONTOSO: PERMISSION}},
        },
    },
}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("graph-synchronization")
    with emulating(folder, "--seed", str(seed(folder, SEED))) as process:
        yield process


@pytest.fixture(scope="module")
def told(emulator: Emulator) -> dict[str, Any]:
    """Return what the SDK told of the whole way."""
    principal = str(uuid5(UUID(CONTOSO), "service principal to-fabrikam"))
    said = {"principal": principal, "target": FABRIKAM, "user": ADA}
    environment = {"GRAPH_URL": emulator.url, **signed_in(emulator)}
    found: dict[str, Any] = run("graph_sdk_sync.py", json.dumps(said), environment=environment)
    return found


def test_sdk_follows_a_job(told: dict[str, Any]) -> None:
    assert told["templates"] == ["Azure2Azure"]
    assert told["created"] == ["Disabled", "Paused"]
    assert told["started"] == ["Active", "NotRun", "0:40:00"]
    assert told["execution"] == "Failed"


def test_sdk_changes_a_schema(told: dict[str, Any]) -> None:
    schema = told["schema"]

    assert (schema["version"], schema["function"], schema["parameters"]) == ("v1.1", "Append", ["source", "suffix"])
    assert schema["flowTypes"] == ["Add", "Update", "Delete"]
    assert len(schema["directories"]) == 2
    assert schema["attributes"] > 50


def test_sdk_reads_settings_and_assignments(told: dict[str, Any]) -> None:
    assert told["settings"] == {"CompanyId": FABRIKAM, "AuthenticationType": "SyncPolicy", "SyncAll": "false"}
    assert told["assigned"] == [["User", ADA]]


def test_sdk_provisions_a_user_and_finds_the_record(told: dict[str, Any]) -> None:
    ((action, source),) = told["log"]

    assert (told["provisioned"], action) == ("Create", "create")
    assert source == ADA


def test_sdk_reads_the_languages(told: dict[str, Any]) -> None:
    assert told["parsed"] == [True, ["ab"]]
    assert told["functions"] > 40
    assert told["operators"]


def test_journal_tells_what_the_sdk_did(told: dict[str, Any], emulator: Emulator) -> None:
    committed = [(one["method"], one["kind"]) for one in emulator.journal() if one["committed"]]

    assert told["created"]
    assert committed[:3] == [
        ("POST", "synchronizationJob"),
        ("PUT", "synchronizationSecrets"),
        ("PUT", "synchronizationSchema"),
    ]
