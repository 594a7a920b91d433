"""The control plane and the app, asked over HTTP, without sockets."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from cycling import Cycling
from worlds import CONTOSO, DEFAULT, MFA, NORTHWIND, PARTNERS, TAILSPIN, Client, partner_path, seed, small_world

from reconciler.emulator.asgi import app
from reconciler.emulator.calls import Json
from reconciler.emulator.refusals import Dropped
from reconciler.emulator.world import World

CONTROL = {"X-Emulator": "control"}
URL = "https://127.0.0.1:8443"

Talk = Callable[[httpx.AsyncClient], Awaitable[Json]]


def over_http(world: World, talk: Talk) -> Json:
    async def run() -> Json:
        transport = httpx.ASGITransport(app(world))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
            return await talk(http)

    return asyncio.run(run())


def control(world: World, method: str, path: str, body: Json = None) -> httpx.Response:
    async def talk(http: httpx.AsyncClient) -> httpx.Response:
        return await http.request(method, f"/emulator{path}", json=body, headers=CONTROL)

    response = over_http(world, talk)
    assert isinstance(response, httpx.Response)
    return response


PATHS = [
    ("GET", "/state"),
    ("GET", "/journal"),
    ("GET", "/requests"),
    ("GET", "/faults"),
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("DELETE", "/faults/1"),
    ("GET", "/held"),
    ("POST", "/held/1/release"),
    ("POST", "/release"),
    ("POST", "/portal"),
    ("POST", "/cycles"),
    ("GET", "/clock"),
    ("POST", "/clock/sleep"),
    ("POST", "/clock/advance"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_control_needs_its_header(method: str, path: str) -> None:
    async def talk(http: httpx.AsyncClient) -> list[int]:
        asked = [
            await http.request(method, f"/emulator{path}", headers=headers) for headers in ({}, {"X-Emulator": "x"})
        ]
        return [response.status_code for response in asked]

    assert over_http(small_world(), talk) == [403, 403]


def test_state_is_a_seed() -> None:
    world = small_world()
    state = control(world, "GET", "/state").json()

    assert World.from_seed(state).directory.tenants.keys() == world.directory.tenants.keys()


def test_journal_is_told_from_a_point_on() -> None:
    world = small_world()
    for _ in range(3):
        Client(world).patch(DEFAULT, MFA)
    entries = control(world, "GET", "/journal?since=2").json()["entries"]

    assert [(entry["sequence"], entry["kind"], entry["committed"]) for entry in entries] == [(3, "default", True)]


def test_requests_are_told_by_tenant() -> None:
    world = small_world()
    Client(world).partners()

    assert control(world, "GET", "/requests").json()[CONTOSO]["http"] == 1


def test_rules_come_and_go() -> None:
    world = small_world()
    made = control(world, "POST", "/faults", {"match": {"tenant": "contoso"}, "action": {"status": 500}}).json()["id"]

    assert [rule["id"] for rule in control(world, "GET", "/faults").json()["faults"]] == [made]
    assert control(world, "DELETE", f"/faults/{made}").status_code == 200
    assert control(world, "DELETE", f"/faults/{made}").status_code == 404
    control(world, "POST", "/faults", {"action": "drop"})
    control(world, "DELETE", "/faults")
    assert control(world, "GET", "/faults").json() == {"faults": []}


def test_cycles_can_be_run_at_once() -> None:
    cycling = Cycling()

    assert control(cycling.world, "POST", "/cycles", {}).json() == {"run": [cycling.name]}
    assert cycling.there("ada") is not None
    assert control(cycling.world, "POST", "/cycles", {"tenant": "fabrikam"}).json() == {"run": []}


def test_portal_writes_as_a_person() -> None:
    world = small_world()
    said = {"tenant": "contoso", "who": "Megan Bowen", "method": "PATCH", "path": partner_path(TAILSPIN), "body": MFA}
    world.add_fault({"action": {"status": 500}})

    assert control(world, "POST", "/portal", said).json() == {"status": 204, "body": None}
    assert world.store.journal()[0].principal["name"] == "Megan Bowen"
    refused = control(world, "POST", "/portal", {**said, "path": "/v1.0/nothing"}).json()
    assert (refused["status"], refused["body"]["error"]["code"]) == (400, "BadRequest")
    read = control(world, "POST", "/portal", {**said, "method": "GET", "path": f"/beta{PARTNERS}?$select=tenantId"})
    assert read.json()["body"]["value"] == [{"tenantId": TAILSPIN}]
    assert control(world, "POST", "/portal", {**said, "path": "/x?a=1&a=2"}).status_code == 400
    assert control(world, "POST", "/portal", {**said, "tenant": "nobody"}).status_code == 404


def test_clock_is_told_and_moved() -> None:
    world = small_world(clock=None)
    before = control(world, "GET", "/clock").json()
    slept = control(world, "POST", "/clock/sleep", {"seconds": 3600}).json()
    moved = control(world, "POST", "/clock/advance", {"seconds": 60}).json()

    assert before == {"now": "2026-11-02T08:00:00+00:00", "monotonic": 0.0, "virtual": True, "world": world.identity}
    assert slept == {"now": "2026-11-02T09:00:00+00:00", "monotonic": 3600.0, "virtual": True, "world": world.identity}
    assert moved["monotonic"] == 3660.0


def test_real_clock_says_that_it_is_real() -> None:
    world = World.from_seed(seed(clock="real"))

    assert control(world, "GET", "/clock").json()["virtual"] is False
    assert control(world, "POST", "/clock/sleep", {"seconds": 0}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/faults", {"action": "explode"}),
        ("POST", "/faults", []),
        ("POST", "/portal", {"tenant": "contoso"}),
        ("POST", "/cycles", {"tenant": 1}),
        ("POST", "/cycles", {"job": "some"}),
        ("POST", "/portal", {"tenant": 1, "method": "GET", "path": "/"}),
        ("POST", "/clock/sleep", {}),
        ("POST", "/clock/sleep", {"seconds": -1}),
        ("POST", "/clock/sleep", {"seconds": "NaN"}),
        ("GET", "/journal?since=x", None),
    ],
)
def test_senseless_order_is_refused(method: str, path: str, body: Json) -> None:
    assert control(small_world(), method, path, body).status_code == 400


def test_order_that_is_no_json_is_refused() -> None:
    async def talk(http: httpx.AsyncClient) -> int:
        return (await http.post("/emulator/faults", content=b"{", headers=CONTROL)).status_code

    assert over_http(small_world(), talk) == 400


def test_held_request_is_seen_and_released() -> None:
    world = small_world()
    client = Client(world)
    headers = {"Authorization": f"Bearer {client.bearer}"}
    world.add_fault({"match": {"write": True}, "action": "hold"})

    async def talk(http: httpx.AsyncClient) -> tuple[Json, int, int]:
        asking = asyncio.ensure_future(http.post(f"/v1.0{PARTNERS}", json={"tenantId": NORTHWIND}, headers=headers))
        held = (await http.get("/emulator/held?count=1", headers=CONTROL)).json()["held"]
        released = await http.post(f"/emulator/held/{held[0]['id']}/release", json={"carryOn": True}, headers=CONTROL)
        return held, released.status_code, (await asking).status_code

    held, released, answered = over_http(world, talk)
    assert [(one["method"], one["tenant"], one["phase"]) for one in held] == [("POST", CONTOSO, "before-commit")]
    assert (released, answered) == (200, 201)
    assert control(world, "POST", "/held/99/release").status_code == 404
    assert control(world, "POST", "/release").json() == {"released": 0}
    assert control(world, "GET", "/held").json() == {"held": []}


# ------------------------------------------------------------------------------------------ the app


def test_app_answers_like_the_world() -> None:
    world = small_world(partners=[{"generate": 3}])
    client = Client(world)
    headers = {"Authorization": f"Bearer {client.bearer}", "client-request-id": "mine"}

    async def talk(http: httpx.AsyncClient) -> list[httpx.Response]:
        first = await http.get(f"{URL}//v1.0/{PARTNERS}?%24top=2&%24select=tenantId,inboundTrust", headers=headers)
        return [first, await http.get(first.json()["@odata.nextLink"], headers=headers)]

    first, second = over_http(world, talk)
    assert first.headers["client-request-id"] == "mine"
    assert first.headers["date"] == "Mon, 02 Nov 2026 08:00:00 GMT"
    assert first.json()["@odata.nextLink"].startswith(f"{URL}/v1.0{PARTNERS}?$top=2&$select=tenantId,inboundTrust&")
    assert [len(page.json()["value"]) for page in (first, second)] == [2, 1]


def test_token_for_the_emulator_itself_is_one_for_graph() -> None:
    world = small_world()
    application = world.directory.tenants[CONTOSO].applications
    plan = next(iter(application.values()))
    form = {
        "client_id": plan.app_id,
        "client_secret": plan.secret,
        "grant_type": "client_credentials",
        "scope": f"{URL}/.default",
    }

    async def talk(http: httpx.AsyncClient) -> int:
        token = (await http.post(f"/{CONTOSO}/oauth2/v2.0/token", data=form)).json()["access_token"]
        return (await http.get(f"/v1.0{DEFAULT}", headers={"Authorization": f"Bearer {token}"})).status_code

    assert over_http(world, talk) == 200


def test_query_option_twice_is_refused() -> None:
    async def talk(http: httpx.AsyncClient) -> list[int]:
        twice = await http.get(f"/v1.0{PARTNERS}?$top=1&$top=2")
        many = await http.get(f"/v1.0{PARTNERS}?{'&'.join(f'a{number}=1' for number in range(99))}")
        return [twice.status_code, many.status_code]

    assert over_http(small_world(), talk) == [400, 400]


def test_huge_body_is_refused() -> None:
    world = small_world()
    headers = {"Authorization": f"Bearer {Client(world).bearer}"}

    async def talk(http: httpx.AsyncClient) -> list[int]:
        asked = [
            await http.post(f"/v1.0{path}", content=b"[" * (4 * 1024 * 1024 + 1), headers=headers)
            for path in (PARTNERS, "/$batch")
        ]
        return [response.status_code for response in asked]

    assert over_http(world, talk) == [413, 413]


def test_dropped_request_is_cut_by_the_proxy() -> None:
    cut: list[int] = []

    class Proxy:
        def cut(self, port: int) -> None:
            cut.append(port)

        def shape(self, port: int, how: Json) -> None:
            raise AssertionError(how)

    async def talk(http: httpx.AsyncClient) -> int:
        return (await http.get(f"/v1.0{DEFAULT}")).status_code

    world = small_world()
    world.add_fault({"action": "drop"})
    with pytest.raises(Dropped):
        over_http(world, talk)
    world.wire = Proxy()
    over_http(world, talk)

    assert cut == [123]
