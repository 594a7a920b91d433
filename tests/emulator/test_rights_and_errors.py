"""Who may do what, how the service says no, and what all answers have in common."""

import re

import pytest
from worlds import (
    CONTOSO,
    DEFAULT,
    NORTHWIND,
    PARTNERS,
    TAILSPIN,
    Client,
    code,
    partner_path,
    small_world,
    written,
)


@pytest.fixture
def client() -> Client:
    return Client(small_world())


# ------------------------------------------------------------------------------------------ rights, errors, headers


READS = [
    DEFAULT,
    PARTNERS,
    partner_path(TAILSPIN),
    f"{PARTNERS}/$count",
    "/organization",
    f"/tenantRelationships/findTenantInformationByTenantId(tenantId='{TAILSPIN}')",
    "/tenantRelationships/findTenantInformationByDomainName(domainName='tailspin.example')",
]
WRITES = [
    ("PATCH", DEFAULT),
    ("POST", f"{DEFAULT}/resetToSystemDefault"),
    ("POST", PARTNERS),
    ("PATCH", partner_path(TAILSPIN)),
    ("DELETE", partner_path(TAILSPIN)),
]


@pytest.mark.parametrize("path", READS)
def test_reader_reads(client: Client, path: str) -> None:
    assert Client(client.world, purpose="plan").get(path).status == 200


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_reader_does_not_write(client: Client, method: str, path: str) -> None:
    answer = Client(client.world, purpose="plan").ask(method, path, {"tenantId": NORTHWIND})

    assert (answer.status, code(answer)) == (403, "Authorization_RequestDenied")
    assert not written(client.world)


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        *((path, "Policy.Read.All") for path in READS[:4]),
        *((path, "Policy.ReadWrite.CrossTenantAccess") for path in READS[:4]),
        *(("/organization", name) for name in ("Organization.Read.All", "User.Read.All", "Directory.Read.All")),
        *((path, "CrossTenantInformation.ReadBasic.All") for path in READS[5:]),
        *(("/auditLogs/directoryAudits", name) for name in ("AuditLog.Read.All", "Directory.Read.All")),
    ],
)
def test_one_permission_suffices(path: str, permission: str) -> None:
    applications = [{"name": "apply", "roles": [permission]}, {"name": "none", "roles": ["User.Read.All.Not"]}]
    world = small_world(
        tenants={"contoso": {"tenantId": CONTOSO, "applications": applications, "partners": [{"tenantId": TAILSPIN}]}},
    )

    assert Client(world).get(path).status == 200
    assert Client(world, purpose="none").get(path).status == 403


def test_no_permission_at_all_shows_as_no_roles() -> None:
    applications = [{"name": "apply", "roles": []}]
    world = small_world(tenants={"contoso": {"tenantId": CONTOSO, "applications": applications}})
    client = Client(world)
    claims = world.signer.claims(client.bearer)

    assert claims is not None
    assert "roles" not in claims
    assert client.get(PARTNERS).status == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://management.azure.com"},
        {"exp": None},
        {"exp": 0},
        {"tid": NORTHWIND},
        {"appid": NORTHWIND},
    ],
)
def test_token_of_ours_must_fit(client: Client, claims: dict[str, object]) -> None:
    client.world.add_fault({"match": {"path": "*/token"}, "action": {"claims": claims}})
    answer = Client(client.world).get(PARTNERS)

    assert (answer.status, code(answer)) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("bearer", ["nonsense", "a.b.c", "x" * 20_000])
def test_foreign_token_is_refused(client: Client, bearer: str) -> None:
    answer = Client(client.world, bearer=bearer).get(PARTNERS)

    assert (answer.status, code(answer)) == (401, "InvalidAuthenticationToken")
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_token_is_needed(client: Client) -> None:
    answer = client.ask("GET", PARTNERS, headers={"authorization": ""})

    assert (answer.status, code(answer)) == (401, "InvalidAuthenticationToken")


def test_token_expires(client: Client) -> None:
    client.world.clock.wait(3598)
    assert client.get(PARTNERS).status == 200

    client.world.clock.wait(2)
    assert client.get(PARTNERS).status == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "expected"),
    [
        ("GET", "/policies/nothing", 400, "BadRequest"),
        ("GET", "/", 400, "BadRequest"),
        ("PUT", PARTNERS, 405, "Request_BadRequest"),
        ("POST", "/organization", 405, "Request_BadRequest"),
        ("GET", "/$batch", 405, "Request_BadRequest"),
        ("HEAD", PARTNERS, 405, "Request_BadRequest"),
    ],
)
def test_wrong_path_and_wrong_verb(client: Client, method: str, path: str, status: int, expected: str) -> None:
    answer = client.ask(method, path)

    assert (answer.status, code(answer)) == (status, expected)


def test_errors_come_in_an_envelope(client: Client) -> None:
    answer = client.ask("GET", partner_path(NORTHWIND), headers={"client-request-id": "mine"})
    inner = answer.body["error"]["innerError"]

    assert answer.body["error"].keys() == {"code", "message", "innerError"}
    assert inner["client-request-id"] == answer.headers["client-request-id"] == "mine"
    assert inner["request-id"] == answer.headers["request-id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", inner["date"])


def test_every_answer_has_its_headers(client: Client) -> None:
    answer = client.ask("GET", DEFAULT, headers={"client-request-id": "mine", "accept": "application/json;x=y"})

    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["Date"] == "Mon, 02 Nov 2026 08:00:00 GMT"
    assert answer.headers["x-ms-resource-unit"] == "4"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    ("query", "units"), [("", 1), ("?$select=tenantId", 1), ("?$expand=identitySynchronization", 2), ("?$top=5", 1)]
)
def test_cost_depends_on_the_query(client: Client, query: str, units: int) -> None:
    assert client.get(f"{PARTNERS}{query}").headers["x-ms-resource-unit"] == str(units)


def test_whole_number_of_requests_is_counted(client: Client) -> None:
    client.partners()
    client.batch({"id": "1", "method": "GET", "url": DEFAULT}, {"id": "2", "method": "GET", "url": PARTNERS})

    assert client.world.requests.counts[CONTOSO] == {"http": 2, "batches": 1, "inner": 2, "tokens": 1, "pages": 0}


# ------------------------------------------------------------------------------------------ organizations


def test_organization_says_who_it_is(client: Client) -> None:
    (mine,) = client.get("/organization?$select=id,displayName,verifiedDomains").body["value"]

    assert mine.keys() == {"id", "displayName", "verifiedDomains"}
    assert mine["id"] == CONTOSO
    assert [domain["name"] for domain in mine["verifiedDomains"] if domain["isDefault"]] == ["contoso.example"]


@pytest.mark.parametrize(
    "path", [f"ByTenantId(tenantId='{TAILSPIN.upper()}')", "ByDomainName(domainName='Tailspin.example')"]
)
def test_anybody_can_be_looked_up(client: Client, path: str) -> None:
    body = client.get(f"/tenantRelationships/findTenantInformation{path}").body

    assert body["tenantId"] == TAILSPIN
    assert (body["displayName"], body["defaultDomainName"]) == ("Tailspin", "tailspin.example")
    assert body["federationBrandName"] is None


def test_unknown_property_of_an_organization_is_refused(client: Client) -> None:
    answer = client.get("/organization?$select=id,nothing")

    assert (answer.status, code(answer)) == (400, "BadRequest")


def test_nobody_is_found_under_a_strange_id(client: Client) -> None:
    answer = client.get(f"/tenantRelationships/findTenantInformationByTenantId(tenantId='{NORTHWIND}')")

    assert (answer.status, code(answer)) == (404, "Request_ResourceNotFound")
