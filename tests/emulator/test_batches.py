import pytest
from worlds import CONTOSO, DEFAULT, GRAPH, MFA, NORTHWIND, PARTNERS, TAILSPIN, Client, code, partner_path, small_world

from reconciler.emulator.calls import Json

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client() -> Client:
    return Client(small_world())


def get(name: str, url: str = DEFAULT, **members: Json) -> dict[str, Json]:
    return {"id": name, "method": "GET", "url": url, **members}


def create(name: str, tenant_id: str = NORTHWIND, **members: Json) -> dict[str, Json]:
    return {"id": name, "method": "POST", "url": PARTNERS, "headers": JSON, "body": {"tenantId": tenant_id}, **members}


def test_parts_answer_on_their_own(client: Client) -> None:
    parts = client.batch(get("1"), get("2", partner_path(NORTHWIND)), get("3", "policies/x"), create("4"))

    assert {name: part["status"] for name, part in parts.items()} == {"1": 200, "2": 404, "3": 400, "4": 201}
    assert parts["1"]["body"] == client.get(DEFAULT).body
    assert parts["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"


def test_part_without_body_has_none(client: Client) -> None:
    patch = {"id": "1", "method": "PATCH", "url": partner_path(TAILSPIN), "headers": JSON, "body": MFA}

    assert "body" not in client.batch(patch)["1"]


def test_text_stays_text(client: Client) -> None:
    assert client.batch(get("1", f"{PARTNERS}/$count"))["1"]["body"] == "1"


@pytest.mark.parametrize(
    "url",
    [
        "/tenantRelationships/findTenantInformationByTenantId(tenantId='{0}')",
        "tenantRelationships/findTenantInformationByTenantId(tenantId=%27{0}%27)",
        "//policies/crossTenantAccessPolicy/partners('{0}')?%24select=tenantId",
    ],
)
def test_urls_are_decoded(client: Client, url: str) -> None:
    assert client.batch(get("1", url.replace("{0}", TAILSPIN)))["1"]["body"]["tenantId"] == TAILSPIN


def test_twenty_are_enough(client: Client) -> None:
    twenty = [get(str(number)) for number in range(20)]

    assert len(client.batch(*twenty)) == 20
    assert client.post("/$batch", {"requests": [*twenty, get("20")]}).status == 400


def test_answers_come_in_any_order(client: Client) -> None:
    names = [str(number) for number in range(20)]
    orders = [list(client.batch(*map(get, names))) for _ in range(3)]

    assert all(sorted(order) == sorted(names) for order in orders)
    assert any(order != names for order in orders)


BROKEN: dict[str, Json] = {
    "no requests": {},
    "an empty list": {"requests": []},
    "no list": {"requests": {"id": "1"}},
    "no object": {"requests": ["x"]},
    "no id": {"requests": [{"method": "GET", "url": DEFAULT}]},
    "a number as id": {"requests": [{"id": 1, "method": "GET", "url": DEFAULT}]},
    "no method": {"requests": [{"id": "1", "url": DEFAULT}]},
    "an odd method": {"requests": [{"id": "1", "method": "BREW", "url": DEFAULT}]},
    "no url": {"requests": [{"id": "1", "method": "GET"}]},
    "an id twice": {"requests": [get("a"), get("A")]},
    "an unknown predecessor": {"requests": [get("1", dependsOn=["2"])]},
    "a circle": {"requests": [get("1", dependsOn=["2"]), get("2", dependsOn=["1"])]},
    "itself as predecessor": {"requests": [get("1", dependsOn=["1"])]},
    "headers that are none": {"requests": [get("1", headers=["x"])]},
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_broken_batch_is_refused_whole(client: Client, body: Json) -> None:
    answer = client.post("/$batch", body)

    assert (answer.status, code(answer)) == (400, "BadRequest")


@pytest.mark.parametrize(
    "request_",
    [
        get("1", f"{GRAPH}/v1.0{DEFAULT}"),
        {"id": "1", "method": "POST", "url": "/$batch", "headers": JSON, "body": {"requests": [get("1")]}},
        {"id": "1", "method": "POST", "url": PARTNERS, "body": {"tenantId": NORTHWIND}},
    ],
    ids=["absolute", "nested", "body without content type"],
)
def test_odd_part_is_refused_alone(client: Client, request_: dict[str, Json]) -> None:
    parts = client.batch(request_, get("2"))

    assert (parts["1"]["status"], parts["2"]["status"]) == (400, 200)


def test_odd_query_is_refused_alone(client: Client) -> None:
    parts = client.batch(get("1", f"{DEFAULT}?$select=id&$select=id"), get("2"))

    assert (parts["1"]["status"], parts["2"]["status"]) == (400, 200)


def test_predecessor_goes_first(client: Client) -> None:
    parts = client.batch(get("read", partner_path(NORTHWIND), dependsOn=["make"]), create("make"))

    assert (parts["make"]["status"], parts["read"]["status"]) == (201, 200)


def test_failure_spreads_to_what_depends_on_it(client: Client) -> None:
    parts = client.batch(create("1", CONTOSO), create("2", dependsOn=["1"]), get("3", dependsOn=["2"]), get("4"))

    assert {name: part["status"] for name, part in parts.items()} == {"1": 400, "2": 424, "3": 424, "4": 200}
    assert client.partners() == [TAILSPIN]


def test_batch_needs_a_token(client: Client) -> None:
    answer = client.ask("POST", "/$batch", {"requests": [get("1")]}, {"authorization": ""})

    assert (answer.status, code(answer)) == (401, "InvalidAuthenticationToken")


def test_part_cannot_bring_another_token(client: Client) -> None:
    reader = Client(client.world, purpose="plan")
    smuggled = {"Authorization": f"Bearer {client.bearer}", **JSON}

    assert reader.batch(create("1", headers=smuggled))["1"]["status"] == 403


def test_rights_are_judged_part_by_part(client: Client) -> None:
    parts = Client(client.world, purpose="plan").batch(get("1"), create("2"))

    assert (parts["1"]["status"], parts["2"]["status"]) == (200, 403)


def test_whole_batch_has_one_version(client: Client) -> None:
    beta = Client(client.world, version="beta").batch(get("1", partner_path(TAILSPIN)))
    plain = client.batch(get("1", partner_path(TAILSPIN)))

    assert "deletedDateTime" in beta["1"]["body"]
    assert "deletedDateTime" not in plain["1"]["body"]


def test_write_in_a_batch_is_in_the_journal(client: Client) -> None:
    client.batch(create("1"), create("2", CONTOSO))
    entries = client.world.store.journal()

    assert [(entry.method, entry.key, entry.committed, entry.status) for entry in entries] == [
        ("POST", NORTHWIND, True, 201),
        ("POST", CONTOSO, False, 400),
    ]
