"""The journal of all received writes, and the audits that the service shows of them."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from worlds import (
    CONTOSO,
    DEFAULT,
    FABRIKAM,
    MFA,
    NORTHWIND,
    PARTNERS,
    TAILSPIN,
    Client,
    code,
    partner_path,
    seed,
    small_world,
)

from reconciler.emulator.calls import Json
from reconciler.emulator.seeds import application_id, seed_of
from reconciler.emulator.store import Store
from reconciler.emulator.world import World

AUDITED = {
    "contoso": {
        "tenantId": CONTOSO,
        "domain": "contoso.example",
        "applications": [{"name": "apply", "roles": ["Policy.ReadWrite.CrossTenantAccess", "AuditLog.Read.All"]}],
        "partners": [{"tenantId": TAILSPIN}],
    }
}


@pytest.fixture
def client() -> Client:
    return Client(small_world(tenants=AUDITED))


def audits(client: Client, query: str = "") -> list[Json]:
    answer = client.get(f"/auditLogs/directoryAudits{query}")
    assert answer.status == 200, answer.body
    return list(answer.body["value"])


def test_entry_tells_all(client: Client) -> None:
    answer = client.ask("PATCH", partner_path(TAILSPIN), MFA, {"client-request-id": "mine"})
    (entry,) = client.world.store.journal()

    assert (entry.tenant, entry.kind, entry.key, entry.method) == (CONTOSO, "partner", TAILSPIN, "PATCH")
    assert (entry.status, entry.answered, entry.committed, entry.fault) == (204, 204, True, "")
    assert (entry.request_id, entry.client_request_id) == (answer.headers["request-id"], "mine")
    assert entry.principal == {"kind": "app", "id": application_id(CONTOSO, "apply"), "name": "apply"}
    assert entry.path == f"/v1.0{partner_path(TAILSPIN)}"
    assert entry.sent == MFA
    assert entry.before is not None
    assert entry.after is not None
    assert entry.after == {**entry.before, "inboundTrust": entry.after["inboundTrust"]}
    assert entry.blocks == ("inboundTrust",)


def test_before_and_after_of_a_life(client: Client) -> None:
    client.post(PARTNERS, {"tenantId": NORTHWIND})
    client.delete(partner_path(NORTHWIND))
    made, deleted = client.world.store.journal()

    assert made.before is None
    assert made.after == deleted.before
    assert deleted.after is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "key"),
    [
        ("POST", PARTNERS, {"tenantId": TAILSPIN}, 409, TAILSPIN),
        ("POST", PARTNERS, {"tenantId": 7}, 400, ""),
        ("POST", PARTNERS, b"garbage", 400, ""),
        ("PATCH", partner_path(NORTHWIND), MFA, 404, NORTHWIND),
        ("PATCH", partner_path(TAILSPIN), {"x": 1}, 400, TAILSPIN),
        ("DELETE", partner_path("contoso"), None, 404, "contoso"),
        ("PUT", partner_path(TAILSPIN), {}, 405, ""),
    ],
)
def test_refused_write_is_there_too(client: Client, method: str, path: str, body: Json, status: int, key: str) -> None:
    client.ask(method, path, body)
    (entry,) = client.world.store.journal()

    assert (entry.committed, entry.status, entry.answered, entry.key) == (False, status, status, key)
    assert entry.before == entry.after
    assert entry.blocks == ()


def test_write_without_a_token_is_there_too(client: Client) -> None:
    client.ask("DELETE", partner_path(TAILSPIN), headers={"authorization": ""})
    (entry,) = client.world.store.journal()

    assert (entry.tenant, entry.principal, entry.status, entry.committed) == ("", {}, 401, False)


def test_reads_are_not_there(client: Client) -> None:
    client.get(DEFAULT)
    client.batch({"id": "1", "method": "GET", "url": DEFAULT})

    assert client.world.store.journal() == ()


def test_entry_can_be_spelled_as_json(client: Client) -> None:
    client.patch(DEFAULT, MFA)
    (entry,) = client.world.store.journal()

    assert json.loads(json.dumps(entry.as_json()))["blocks"] == ["inboundTrust", "isServiceDefault"]


# ------------------------------------------------------------------------------------------ audits


def test_audit_names_the_application(client: Client) -> None:
    client.patch(partner_path(TAILSPIN), MFA)
    (record,) = audits(client)
    target = record["targetResources"][0]
    changed = {one["displayName"]: (one["oldValue"], one["newValue"]) for one in target["modifiedProperties"]}

    assert record["category"] == "CrossTenantAccessSettings"
    assert record["activityDisplayName"] == "Update a partner cross-tenant access setting"
    assert record["initiatedBy"]["app"]["appId"] == application_id(CONTOSO, "apply")
    assert record["initiatedBy"]["user"] is None
    assert (record["result"], record["operationType"]) == ("success", "Update")
    assert (target["id"], target["type"]) == (TAILSPIN, "Policy")
    assert changed.keys() == {"tenantId", "inboundTrust"}
    assert changed["tenantId"] == (json.dumps(TAILSPIN), json.dumps(TAILSPIN))
    assert json.loads(changed["inboundTrust"][1])["isMfaAccepted"] is True


def test_audit_names_the_person(client: Client) -> None:
    contoso = client.world.directory.tenants[CONTOSO]
    client.world.portal(contoso, "Megan Bowen", "DELETE", partner_path(TAILSPIN))
    (record,) = audits(client)

    assert record["initiatedBy"]["app"] is None
    assert record["initiatedBy"]["user"]["userPrincipalName"] == "megan.bowen@contoso.example"
    assert record["initiatedBy"]["user"]["displayName"] == "Megan Bowen"
    assert record["activityDisplayName"] == "Delete partner specific cross-tenant access setting"


def test_every_kind_of_change_has_its_name(client: Client) -> None:
    client.post(PARTNERS, {"tenantId": NORTHWIND})
    client.patch(DEFAULT, MFA)
    client.post(f"{DEFAULT}/resetToSystemDefault")

    assert [record["activityDisplayName"] for record in audits(client)] == [
        "Reset the cross-tenant access default setting",
        "Update the company default cross-tenant access setting",
        "Add a partner to cross-tenant access setting",
    ]


def test_refused_write_is_not_audited(client: Client) -> None:
    client.patch(DEFAULT, {"x": 1})

    assert audits(client) == []


def test_audits_can_be_narrowed(client: Client) -> None:
    client.patch(DEFAULT, MFA)
    client.world.clock.wait(60)
    client.patch(partner_path(TAILSPIN), MFA)
    category = "category eq 'CrossTenantAccessSettings'"

    assert len(audits(client, f"?$filter={category}")) == 2
    assert audits(client, "?$filter=category eq 'Other'") == []
    later = audits(client, f"?$filter={category} and activityDateTime ge 2026-11-02T08:00:30Z")
    assert [record["targetResources"][0]["id"] for record in later] == [TAILSPIN]
    earlier = audits(client, "?$filter=activityDateTime lt 2026-11-02T09:00:30%2B01:00")
    assert len(earlier) == 1
    mine = f"initiatedBy/app/appId eq '{application_id(CONTOSO, 'apply')}'"
    assert len(audits(client, f"?$filter={mine}&$top=1")) == 1


def test_audits_come_in_pages(client: Client) -> None:
    for _ in range(3):
        client.patch(DEFAULT, MFA)
    first = client.get("/auditLogs/directoryAudits?$top=2&$orderby=activityDateTime desc")
    second = client.follow(first)

    assert [len(page.body["value"]) for page in (first, second)] == [2, 1]
    assert "@odata.nextLink" not in second.body
    ascending = client.get("/auditLogs/directoryAudits?$orderby=activityDateTime asc").body["value"]
    assert ascending == [*first.body["value"], *second.body["value"]][::-1]


@pytest.mark.parametrize(
    "query", ["$filter=x eq 'y'", "$filter=category ne 'x'", "$filter=activityDateTime ge soon", "$select=id", "$top=0"]
)
def test_odd_audit_queries_are_refused(client: Client, query: str) -> None:
    answer = client.get(f"/auditLogs/directoryAudits?{query}")

    assert (answer.status, code(answer)) == (400, "BadRequest")


def test_audits_need_a_permission() -> None:
    assert Client(small_world()).get("/auditLogs/directoryAudits").status == 403


# ------------------------------------------------------------------------------------------ a process that dies

KILLED = """
import json, os, signal, sys
sys.path[:0] = json.loads(sys.argv[2])
from worlds import PARTNERS, Client, seed
from reconciler.emulator.world import World

world = World.from_seed(seed(), path=sys.argv[1])
write = world.store.audit

def die(*arguments):
    write(*arguments)
    if len(world.store.journal()) > 3:
        os.kill(os.getpid(), signal.SIGKILL)

world.store.audit = die
client = Client(world)
for number in range(9):
    client.post(PARTNERS, {"tenantId": f"0d6e6a63-7b0e-4a7e-9c84-00000000000{number}"})
"""


def test_killed_process_leaves_whole_writes(tmp_path: Path) -> None:
    """The process dies inside the fourth write, after its last statement and before its commit."""
    path = tmp_path / "world.db"
    arguments = [sys.executable, "-c", KILLED, str(path), json.dumps(sys.path)]
    ended = subprocess.run(arguments, check=False, capture_output=True)
    world = World.from_seed(seed(), path=path)

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert Client(world).partners()[1:] == [entry.key for entry in world.store.journal()]
    assert len(world.store.journal()) == len(world.store.audits(CONTOSO)) == 3


def test_write_that_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "world.db")

    def fail() -> None:
        with store.transaction():
            store.put(CONTOSO, "partner", TAILSPIN, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.get(CONTOSO, "partner", TAILSPIN) is None


def test_same_requests_give_the_same_world() -> None:
    def run() -> Json:
        world = small_world()
        client = Client(world)
        client.post(PARTNERS, {"tenantId": NORTHWIND})
        client.patch(DEFAULT, {"inboundTrust": None})
        client.batch(*({"id": str(number), "method": "GET", "url": DEFAULT} for number in range(5)))
        return seed_of(world), [entry.as_json() for entry in world.store.journal()], client.get(DEFAULT).headers

    assert run() == run()


def test_tenants_have_journals_of_their_own(client: Client) -> None:
    world = small_world()
    Client(world).patch(DEFAULT, MFA)

    assert world.store.history(CONTOSO, "default")
    assert not world.store.history(FABRIKAM, "default")
