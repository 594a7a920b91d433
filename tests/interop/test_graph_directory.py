"""Microsoft's Python SDK makes an application of the gallery, assigns a group, and reads people and the bin."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

import pytest
from foreign import CONTOSO, FABRIKAM, run, seed, signed_in
from rehearsing import Emulator, emulating

SEED: dict[str, Any] = {
    "clock": "real",
    "tenants": {
        "contoso": {
            "tenantId": CONTOSO,
            "applications": [
                {"name": "apply", "roles": ["AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All"]},
            ],
            "users": {"ada": {}, "grace": {}, "kim": {"invited": "kim@fabrikam.example"}, "zoe": {}},
            "groups": {"nested": {"members": ["grace"]}, "sync": {"members": ["ada", "nested"]}},
        },
        "fabrikam": {"tenantId": FABRIKAM, "users": {"kim": {}}},
    },
}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("graph-directory")
    with emulating(folder, "--seed", str(seed(folder, SEED))) as process:
        yield process


@pytest.fixture(scope="module")
def told(emulator: Emulator) -> dict[str, Any]:
    """Return what the SDK told of the whole way."""
    group, guest = (str(uuid5(UUID(CONTOSO), name)) for name in ("group sync", "user kim"))
    environment = {"GRAPH_URL": emulator.url, **signed_in(emulator)}
    found: dict[str, Any] = run(
        "graph_sdk_directory.py", json.dumps({"group": group, "guest": guest}), environment=environment
    )
    return found


def test_sdk_finds_what_it_made(told: dict[str, Any]) -> None:
    assert told["found"] == {"Fabrikam": "ours"}


def test_sdk_assigns_a_group_once(told: dict[str, Any]) -> None:
    assert told["assigned"] == [["Group", "Sync"]]
    assert told["again"] == [400, "Request_BadRequest"]


def test_sdk_counts_people_and_follows_pages(told: dict[str, Any]) -> None:
    assert told["people"] == {"count": 3, "names": ["Ada", "Grace", "Zoe"]}


def test_sdk_tells_members_apart(told: dict[str, Any]) -> None:
    assert told["members"]["again"] == [400, "Request_BadRequest"]
    assert told["members"]["people"] == [["User", "Ada"], ["User", "Grace"], ["User", "Kim"]]


def test_sdk_reads_a_guest(told: dict[str, Any]) -> None:
    assert told["guest"] == ["Guest", "Accepted", "ExternalAzureAD"]


def test_sdk_finds_the_service_principal_in_the_bin(told: dict[str, Any]) -> None:
    assert (told["left"], told["bin"], told["restored"]) == ({}, ["Fabrikam"], "ServicePrincipal")


def test_journal_tells_what_the_sdk_did(emulator: Emulator, told: dict[str, Any]) -> None:
    done = [(one["method"], one["kind"]) for one in emulator.journal() if one["committed"]]

    assert [pair for pair in done if pair[1] != "deletedItem"] == [
        ("POST", "application"),
        ("POST", "servicePrincipal"),
        ("PATCH", "servicePrincipal"),
        ("POST", "appRoleAssignment"),
        ("POST", "member"),
        ("DELETE", "application"),
        ("DELETE", "servicePrincipal"),
        ("POST", "servicePrincipal"),
    ]
