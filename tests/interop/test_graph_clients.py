"""Microsoft's own clients for Graph against the emulator: the same list of steps with each of them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from foreign import CONTOSO, FABRIKAM, run, seed, signed_in
from rehearsing import Emulator, emulating

NORTHWIND = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a04"
TRUSTED = {"tenantId": FABRIKAM, "inboundTrust": {"isMfaAccepted": True}}
SEED: dict[str, Any] = {
    "clock": "real",
    "switches": {"page_size": 2},
    "tenants": {"contoso": {"tenantId": CONTOSO, "partners": [TRUSTED, {"generate": 4}]}},
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("graph-clients")
    with emulating(folder, "--seed", str(seed(folder, SEED))) as emulator:
        yield emulator


class Client:
    """One of the clients, with the emulator as the seed has it."""

    def __init__(self, emulator: Emulator, program: str) -> None:
        self.emulator = emulator
        self.program = program

    def does(self, step: str, name: str = "apply", **said: Any) -> Any:
        """Let the client take a step as one of Contoso's applications, and return what came of it."""
        environment = {"GRAPH_URL": self.emulator.url, **signed_in(self.emulator, name)}
        return run(self.program, step, json.dumps(said), environment=environment)

    @property
    def committed(self) -> list[tuple[str, str, str]]:
        """Method, kind and key of what the emulator carried out."""
        return [(one["method"], one["kind"], one["key"]) for one in self.emulator.journal() if one["committed"]]

    @property
    def errors(self) -> str:
        """What the client's own errors are called."""
        return {"graph_sdk.py": "ODataError", "graph_client.cjs": "GraphError"}[self.program]


@pytest.fixture(params=["graph_sdk.py", "graph_client.cjs"], ids=["python", "javascript"])
def client(process: Emulator, request: pytest.FixtureRequest) -> Client:
    process.control("PUT", "state", SEED)
    return Client(process, request.param)


def test_lists_partners_page_by_page(client: Client) -> None:
    partners = client.does("list")

    assert len(partners) == 5
    assert set(partners) == {one["tenantId"] for one in client.emulator.state()["tenants"]["contoso"]["partners"]}


def test_reads_a_partner(client: Client) -> None:
    partner = client.does("get", tenantId=FABRIKAM)

    assert (partner["tenantId"], partner["isMfaAccepted"]) == (FABRIKAM, True)


def test_creates_a_partner(client: Client) -> None:
    partner = client.does("create", tenantId=NORTHWIND)

    assert (partner["tenantId"], partner["isMfaAccepted"]) == (NORTHWIND, True)
    assert client.committed == [("POST", "partner", NORTHWIND)]


def test_updates_a_partner(client: Client) -> None:
    assert client.does("update", tenantId=FABRIKAM, isMfaAccepted=False)["isMfaAccepted"] is False
    assert client.committed == [("PATCH", "partner", FABRIKAM)]


def test_deletes_a_partner(client: Client) -> None:
    left = client.does("delete", tenantId=FABRIKAM)

    assert (len(left), FABRIKAM in left) == (4, False)
    assert client.committed == [("DELETE", "partner", FABRIKAM)]


def test_puts_a_synchronization(client: Client) -> None:
    made = client.does("put-sync", tenantId=FABRIKAM, isSyncAllowed=True)

    assert made == {"tenantId": FABRIKAM, "isSyncAllowed": True}
    assert client.committed == [("PUT", "identitySynchronization", FABRIKAM)]


def test_patches_a_synchronization(client: Client) -> None:
    client.does("put-sync", tenantId=FABRIKAM, isSyncAllowed=True)

    assert client.does("patch-sync", tenantId=FABRIKAM, isSyncAllowed=False)["isSyncAllowed"] is False
    assert [method for method, _, _ in client.committed] == ["PUT", "PATCH"]


def test_deletes_a_synchronization(client: Client) -> None:
    client.does("put-sync", tenantId=FABRIKAM, isSyncAllowed=True)
    left = client.does("delete-sync", tenantId=FABRIKAM)

    assert (left["raised"], left["status"]) == (client.errors, 404)


def test_second_synchronization_is_its_own_error(client: Client) -> None:
    client.does("put-sync", tenantId=FABRIKAM, isSyncAllowed=True)
    raised = client.does("put-sync", tenantId=FABRIKAM, isSyncAllowed=True)

    assert (raised["raised"], raised["status"]) == (client.errors, 409)


def test_reads_the_default(client: Client) -> None:
    assert client.does("get-default") == {"isMfaAccepted": False, "isServiceDefault": True}


def test_patches_the_default(client: Client) -> None:
    assert client.does("patch-default") == {"isMfaAccepted": True, "isServiceDefault": False}


def test_resets_the_default(client: Client) -> None:
    client.does("patch-default")

    assert client.does("reset-default") == {"isMfaAccepted": False, "isServiceDefault": True}
    assert [kind for _, kind, _ in client.committed] == ["default", "default"]


def test_reads_many_at_once(client: Client) -> None:
    assert client.does("batch", tenantIds=[FABRIKAM, NORTHWIND]) == {FABRIKAM: 200, NORTHWIND: 404}
    assert client.emulator.control("GET", "requests")[CONTOSO] == {
        "http": 1,
        "batches": 1,
        "inner": 2,
        "tokens": 1,
        "pages": 0,
    }


def test_missing_partner_is_its_own_error(client: Client) -> None:
    raised = client.does("get", tenantId=NORTHWIND)

    assert raised == {"raised": client.errors, "status": 404, "code": "Request_ResourceNotFound"}


def test_second_partner_is_its_own_error(client: Client) -> None:
    raised = client.does("create", tenantId=FABRIKAM)

    assert raised == {"raised": client.errors, "status": 409, "code": "Request_MultipleObjectsWithSameKeyValue"}


def test_missing_permission_is_its_own_error(client: Client) -> None:
    raised = client.does("create", "plan", tenantId=NORTHWIND)

    assert raised == {"raised": client.errors, "status": 403, "code": "Authorization_RequestDenied"}
    assert client.committed == []
