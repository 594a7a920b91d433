import asyncio

import httpx
import pytest
from emulated import AsyncTransport, SyncTransport
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
    small_world,
    token,
    written,
)

from reconciler.emulator.calls import Answer, Json
from reconciler.emulator.fault_rules import ACTIONS, FaultError
from reconciler.emulator.refusals import Dropped
from reconciler.emulator.store import Entry
from reconciler.emulator.world import World

CREATE = ("POST", PARTNERS, {"tenantId": NORTHWIND})
AFTER = {"phase": "after-commit"}


@pytest.fixture
def world() -> World:
    return small_world()


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


def fault(world: World, action: Json, match: Json | None = None, **rule: Json) -> str:
    return world.add_fault({"match": match or {}, "action": action, **rule})


def last(world: World) -> Entry:
    return world.store.journal()[-1]


def lost(client: Client, method: str, path: str, body: Json = None) -> None:
    with pytest.raises(Dropped):
        client.ask(method, path, body)


# ------------------------------------------------------------------------------------------ answers


def test_status_before_commit_changes_nothing(client: Client, world: World) -> None:
    rule = fault(world, {"status": 503, "headers": {"Retry-After": 7}}, {"method": "POST"})
    answer = client.ask(*CREATE)

    assert (answer.status, answer.headers["Retry-After"], code(answer)) == (503, "7", "ServiceUnavailable")
    assert client.partners() == [TAILSPIN]
    entry = last(world)
    assert (entry.committed, entry.status, entry.answered, entry.fault, entry.key) == (False, 0, 503, rule, NORTHWIND)


def test_status_after_commit_hides_the_truth(client: Client, world: World) -> None:
    fault(world, {"status": 504}, {"method": "POST"}, **AFTER)
    answer = client.ask(*CREATE)

    assert answer.status == 504
    assert client.partners() == [TAILSPIN, NORTHWIND]
    entry = last(world)
    assert (entry.committed, entry.status, entry.answered) == (True, 201, 504)


def test_status_may_have_a_body(client: Client, world: World) -> None:
    fault(world, {"status": 200, "body": {"value": []}}, {"path": f"*{PARTNERS}"})

    assert client.get(PARTNERS).body == {"value": []}


@pytest.mark.parametrize(
    ("kind", "raw", "content_type"),
    [
        ("html", b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html"),
        ("cut", b'{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata", "val', "application/json"),
        ("empty", b"", "application/json"),
    ],
)
def test_garbage_is_garbage(client: Client, world: World, kind: str, raw: bytes, content_type: str) -> None:
    fault(world, {"garbage": kind}, {"method": "GET"})
    answer = client.get(DEFAULT)

    assert (answer.status, answer.raw, answer.headers["Content-Type"]) == (200, raw, content_type)


def test_garbage_after_commit_hides_a_write(client: Client, world: World) -> None:
    fault(world, {"garbage": "html"}, {"write": True}, **AFTER)
    client.patch(DEFAULT, MFA)

    assert (last(world).committed, last(world).status, last(world).answered) == (True, 204, 200)


def test_action_without_value_may_say_true(client: Client, world: World) -> None:
    fault(world, {"drop": True}, {"write": True})

    lost(client, *CREATE)


def test_headers_join_the_true_answer(client: Client, world: World) -> None:
    fault(world, {"headers": {"x-ms-throttle-limit-percentage": 0.9}})
    answer = client.get(DEFAULT)

    assert (answer.status, answer.headers["x-ms-throttle-limit-percentage"]) == (200, "0.9")


def test_delay_takes_virtual_time(client: Client, world: World) -> None:
    fault(world, {"delay": 90}, {"path": "*default"})
    before = world.clock.monotonic()

    assert client.get(DEFAULT).status == 200
    assert world.clock.monotonic() - before == 90


def test_page_can_fail(world: World) -> None:
    client = Client(small_world(partners=[{"generate": 6}], switches={"page_size": 2}))
    fault(client.world, {"status": 500}, {"path": "*partners?*skiptoken*"}, nth=2)
    second = client.follow(client.get(PARTNERS))

    assert second.status == 200
    assert client.follow(second).status == 500


# ------------------------------------------------------------------------------------------ lost and doubled


def test_lost_request_changes_nothing(client: Client, world: World) -> None:
    rule = fault(world, "drop", {"write": True}, nth=1)
    lost(client, *CREATE)

    assert client.partners() == [TAILSPIN]
    entry = last(world)
    assert (entry.committed, entry.status, entry.answered, entry.fault) == (False, 0, 0, rule)


def test_lost_answer_changes_everything(client: Client, world: World) -> None:
    rule = fault(world, "drop", {"write": True}, nth=1, **AFTER)
    lost(client, *CREATE)

    assert client.partners() == [TAILSPIN, NORTHWIND]
    entry = last(world)
    assert (entry.committed, entry.status, entry.answered, entry.fault) == (True, 201, 0, rule)


def test_duplicate_is_carried_out_twice(client: Client, world: World) -> None:
    fault(world, "duplicate", {"method": "POST"}, times=1)
    answer = client.ask(*CREATE)

    assert (answer.status, code(answer)) == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert [(entry.committed, entry.answered) for entry in world.store.journal()] == [(True, 409)]


def test_duplicate_of_a_change_commits_twice(client: Client, world: World) -> None:
    fault(world, "duplicate", {"method": "PATCH"})
    client.patch(DEFAULT, MFA)

    assert [entry.blocks for entry in written(world)] == [("inboundTrust", "isServiceDefault"), ()]


def test_late_write_comes_after_its_refusal(client: Client, world: World) -> None:
    fault(world, {"late": 30}, {"write": True}, times=1)
    answer = client.ask(*CREATE)
    soon = client.partners()
    world.clock.wait(30)

    assert (answer.status, soon, client.partners()) == (504, [TAILSPIN], [TAILSPIN, NORTHWIND])
    first, second = world.store.journal()
    assert (first.committed, first.answered, second.committed, second.answered) == (False, 504, True, 0)
    assert first.request_id == second.request_id


def test_late_write_may_find_that_it_is_refused(client: Client, world: World) -> None:
    fault(world, {"late": 30}, {"write": True}, times=1)
    client.ask(*CREATE)
    client.ask(*CREATE)
    world.clock.wait(30)
    client.get(DEFAULT)

    assert [(entry.committed, entry.status) for entry in world.store.journal()] == [
        (False, 0),
        (True, 201),
        (False, 409),
    ]


# ------------------------------------------------------------------------------------------ batches


def part(name: str, method: str = "GET", url: str = DEFAULT, body: Json = None) -> dict[str, Json]:
    headers = {"Content-Type": "application/json"}
    return {"id": name, "method": method, "url": url, **({"body": body, "headers": headers} if body else {})}


def test_part_of_a_batch_can_fail_alone(client: Client, world: World) -> None:
    fault(world, {"status": 429, "headers": {"Retry-After": "3"}}, {"path": "*default", "batched": True})
    parts = client.batch(part("1"), part("2", url=PARTNERS))

    assert (parts["1"]["status"], parts["1"]["headers"]["Retry-After"], parts["2"]["status"]) == (429, "3", 200)
    assert client.get(DEFAULT).status == 200


@pytest.mark.parametrize(("phase", "partners"), [("before-commit", 1), ("after-commit", 2)])
def test_answer_can_be_left_out_of_a_batch(client: Client, world: World, phase: str, partners: int) -> None:
    fault(world, "omit", {"method": "POST"}, phase=phase)

    assert client.batch(part("1"), part("2", *CREATE)).keys() == {"1"}
    assert len(client.partners()) == partners
    assert (last(world).committed, last(world).answered) == (partners == 2, 0)


def test_batch_as_a_whole_can_fail(client: Client, world: World) -> None:
    fault(world, {"status": 503}, {"path": "*$batch"}, **AFTER)
    answer = client.post("/$batch", {"requests": [part("1", *CREATE)]})

    assert answer.status == 503
    assert (last(world).committed, last(world).status, last(world).answered) == (True, 201, 503)


def test_connection_lost_by_one_part_is_lost_for_all(client: Client, world: World) -> None:
    fault(world, "drop", {"path": "*default", "batched": True})
    lost(client, "POST", "/$batch", {"requests": [part("1", *CREATE), part("2")]})

    assert (last(world).committed, last(world).answered) == (True, 0)


def test_write_is_counted_inside_and_outside_of_batches(client: Client, world: World) -> None:
    fault(world, {"status": 500}, {"write": True}, nth=3)
    client.patch(DEFAULT, MFA)
    inside = client.batch(part("1"), part("2", *CREATE))
    third = client.delete(partner_path(NORTHWIND))

    assert (inside["2"]["status"], third.status) == (201, 500)


# ------------------------------------------------------------------------------------------ identities


def test_token_can_expire_in_the_middle(client: Client, world: World) -> None:
    fault(world, "expire-token", {"write": True}, nth=2)

    assert [client.patch(DEFAULT, MFA).status for _ in range(3)] == [204, 401, 401]
    assert Client(world).patch(DEFAULT, MFA).status == 204


def test_role_can_be_taken_away(client: Client, world: World) -> None:
    rule = fault(world, {"revoke-role": "Policy.ReadWrite.CrossTenantAccess"}, {"write": True}, nth=2)

    assert [client.patch(DEFAULT, MFA).status for _ in range(3)] == [204, 403, 403]
    assert client.get(DEFAULT).status == 200
    assert Client(world).patch(DEFAULT, MFA).status == 403
    assert world.faults.remove(rule)
    world.faults.clear()
    assert Client(world).patch(DEFAULT, MFA).status == 204


def test_token_can_be_for_another_tenant(world: World) -> None:
    fault(world, {"claims": {"tid": FABRIKAM}}, {"path": "*/token", "tenant": "contoso"})
    claims = world.signer.claims(token(world)) or {}

    assert claims["tid"] == FABRIKAM


# ------------------------------------------------------------------------------------------ stale reads


def shown(client: Client) -> bool:
    trust = client.get(partner_path(TAILSPIN)).body["inboundTrust"]
    return trust is not None


def test_read_is_stale_for_so_many_reads(client: Client, world: World) -> None:
    fault(world, {"stale": {"reads": 2}}, {"method": "GET"})
    client.patch(partner_path(TAILSPIN), {"inboundTrust": None})

    assert [shown(client) for _ in range(4)] == [True, True, False, False]


def test_read_is_stale_for_so_long(client: Client, world: World) -> None:
    fault(world, {"stale": {"seconds": 10}})
    client.patch(partner_path(TAILSPIN), {"inboundTrust": None})
    soon = shown(client)
    world.clock.wait(10)

    assert (soon, shown(client)) == (True, False)


def test_replicas_can_take_turns(client: Client, world: World) -> None:
    fault(world, {"stale": {"reads": 6, "alternate": True}})
    client.patch(partner_path(TAILSPIN), {"inboundTrust": None})

    assert [shown(client) for _ in range(8)] == [False, True, False, True, False, True, False, False]


def test_replicas_can_take_turns_for_so_long(client: Client, world: World) -> None:
    fault(world, {"stale": {"seconds": 60, "alternate": True}})
    client.patch(partner_path(TAILSPIN), {"inboundTrust": None})
    soon = [shown(client) for _ in range(4)]
    world.clock.wait(60)

    assert (soon, [shown(client) for _ in range(2)]) == ([False, True, False, True], [False, False])


def test_list_can_be_stale_where_the_item_is_fresh(client: Client, world: World) -> None:
    fault(world, {"stale": {"seconds": 10, "view": "list"}})
    client.ask(*CREATE)
    client.delete(partner_path(TAILSPIN))

    assert client.partners() == [TAILSPIN]
    assert client.get(partner_path(NORTHWIND)).status == 200
    assert client.get(partner_path(TAILSPIN)).status == 404
    assert client.get(f"{PARTNERS}/$count").raw == b"1"


def test_new_object_can_be_missing(client: Client, world: World) -> None:
    fault(world, {"stale": {"reads": 1, "view": "item"}})
    client.ask(*CREATE)

    assert [client.get(partner_path(NORTHWIND)).status for _ in range(2)] == [404, 200]
    assert NORTHWIND in client.partners()


def test_what_was_there_before_the_rule_is_not_stale(client: Client, world: World) -> None:
    client.patch(partner_path(TAILSPIN), {"inboundTrust": None})
    fault(world, {"stale": {"seconds": 1000}})

    assert shown(client) is False


def test_stale_reads_do_not_mislead_the_service(client: Client, world: World) -> None:
    fault(world, {"stale": {"seconds": 1000}})
    client.ask(*CREATE)

    assert client.ask(*CREATE).status == 409


def test_stale_pages_are_whole() -> None:
    client = Client(small_world(partners=[{"generate": 7}], switches={"page_size": 2}))
    everyone = client.partners()
    fault(client.world, {"stale": {"seconds": 1000}})
    client.delete(partner_path(everyone[3]))
    client.patch(partner_path(everyone[5]), MFA)

    assert sorted(client.partners()) == sorted(everyone)


# ------------------------------------------------------------------------------------------ matching


def test_rules_are_counted(client: Client, world: World) -> None:
    fault(world, {"status": 500}, {"path": "*default"}, every=2, times=1, id="mine")
    statuses = [client.get(DEFAULT).status for _ in range(5)]
    (listed,) = world.faults.listing()

    assert statuses == [200, 500, 200, 200, 200]
    assert (listed["id"], listed["matched"], listed["fired"]) == ("mine", 5, 1)


def test_chance_is_repeatable() -> None:
    def draw(seed: int) -> list[int]:
        client = Client(small_world())
        fault(client.world, {"status": 500}, {"path": "*default"}, probability=0.5, seed=seed)
        return [client.get(DEFAULT).status for _ in range(20)]

    assert draw(1) == draw(1) != draw(2)
    assert {200, 500} == set(draw(1))


@pytest.mark.parametrize("name", ["fabrikam", FABRIKAM, FABRIKAM.upper(), ["northwind", "fabrikam"]])
def test_rule_may_be_for_one_tenant(world: World, name: Json) -> None:
    fault(world, {"status": 500}, {"tenant": name, "path": "*default"})

    assert (Client(world).get(DEFAULT).status, Client(world, FABRIKAM).get(DEFAULT).status) == (200, 500)


def test_several_rules_act_together(client: Client, world: World) -> None:
    fault(world, {"delay": 5}, id="slow")
    fault(world, "drop", {"write": True}, id="cut", **AFTER)
    before = world.clock.monotonic()
    lost(client, *CREATE)

    assert world.clock.monotonic() - before == 5
    assert last(world).fault == "slow,cut"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({}, "action"),
        ({"action": "explode"}, "is not one of"),
        ({"action": {"explode": 1}}, "is not one of"),
        ({"action": {"drop": False}}, "cannot take"),
        ({"action": {"status": 99}}, "cannot take"),
        ({"action": {"status": 500, "header": {}}}, "has no 'header'"),
        ({"action": {"status": 500, "headers": []}}, "headers is an object"),
        ({"action": {"delay": -1}}, "not negative"),
        ({"action": {"garbage": "pdf"}}, "cannot take"),
        ({"action": {"stale": {}}}, "either seconds or reads"),
        ({"action": {"stale": {"reads": 1, "seconds": 1}}}, "either seconds or reads"),
        ({"action": {"stale": {"reads": 1, "view": "page"}}}, "view"),
        ({"action": {"drip": {"bytes": 1, "minutes": 1}}}, "has no 'minutes'"),
        ({"action": {"claims": "x"}}, "is an object"),
        ({"action": "drop", "nth": 1, "every": 2}, "at most one"),
        ({"action": "drop", "nth": -1}, "not negative"),
        ({"action": "drop", "nth": True}, "not negative"),
        ({"action": "drop", "phase": "now"}, "phase"),
        ({"action": "duplicate", "phase": "after-commit"}, "phase"),
        ({"action": "hang", "phase": "before-commit"}, "phase"),
        ({"action": "drop", "match": {"verb": "GET"}}, "has no 'verb'"),
        ({"action": "drop", "match": {"write": "yes"}}, "true or false"),
        ({"action": "drop", "wenn": 1}, "has no 'wenn'"),
    ],
)
def test_senseless_rule_is_refused(world: World, rule: Json, words: str) -> None:
    with pytest.raises(FaultError, match=words):
        world.add_fault(rule)


def test_id_is_taken_once(world: World) -> None:
    fault(world, "drop", id="mine")

    with pytest.raises(FaultError, match="already"):
        fault(world, "drop", id="mine")


def test_every_action_has_its_words() -> None:
    assert all(words and not words.endswith(".") for words in ACTIONS.values())


# ------------------------------------------------------------------------------------------ holding


async def held_write(world: World, client: Client, *, carry_on: bool) -> Answer | type[Dropped]:
    asking = asyncio.ensure_future(world.serve(client.call(*CREATE)))
    await asyncio.wrap_future(world.faults.until_held(1))
    (held,) = world.faults.held
    assert not asking.done()
    world.faults.release(held.id, carry_on=carry_on)
    try:
        return await asking
    except Dropped:
        return Dropped


@pytest.mark.parametrize(
    ("phase", "carry_on", "answered", "committed"),
    [
        ("before-commit", True, True, True),
        ("before-commit", False, False, False),
        ("after-commit", True, True, True),
        ("after-commit", False, False, True),
    ],
)
def test_held_write_waits_for_its_release(
    client: Client, world: World, phase: str, carry_on: bool, answered: bool, committed: bool
) -> None:
    fault(world, "hold", {"write": True}, phase=phase)
    said = asyncio.run(held_write(world, client, carry_on=carry_on))

    assert isinstance(said, Answer) is answered
    assert last(world).committed is committed
    assert last(world).answered == (201 if answered else 0)
    assert not world.faults.held


def test_caller_who_gives_up_leaves_a_trace(client: Client, world: World) -> None:
    fault(world, "hold", {"write": True})

    async def give_up() -> None:
        asking = asyncio.ensure_future(world.serve(client.call(*CREATE)))
        await asyncio.wrap_future(world.faults.until_held(1))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(give_up())
    assert (last(world).committed, last(world).answered) == (False, 0)
    assert not world.faults.held


def test_clearing_lets_everybody_go(client: Client, world: World) -> None:
    fault(world, "hold", {"write": True})

    async def both() -> list[Answer]:
        asking = [asyncio.ensure_future(world.serve(client.call("PATCH", DEFAULT, MFA))) for _ in range(2)]
        await asyncio.wrap_future(world.faults.until_held(2))
        assert [one.as_json()["method"] for one in world.faults.held] == ["PATCH", "PATCH"]
        world.faults.clear()
        return await asyncio.gather(*asking)

    assert [answer.status for answer in asyncio.run(both())] == [204, 204]


# ------------------------------------------------------------------------------------------ without a proxy


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("drop", httpx.ReadError),
        ({"truncate": 10}, httpx.RemoteProtocolError),
        ("hang", httpx.ReadTimeout),
    ],
)
def test_broken_connection_is_an_error_of_httpx(client: Client, world: World, action: Json, error: type) -> None:
    fault(world, action, {"write": True}, **AFTER)
    headers = {"authorization": f"Bearer {client.bearer}"}
    url = f"https://graph.microsoft.com/v1.0{DEFAULT}"

    with httpx.Client(transport=SyncTransport(world)) as http, pytest.raises(error):
        http.patch(url, json=MFA, headers=headers)

    async def asynchronously() -> None:
        async with httpx.AsyncClient(transport=AsyncTransport(world)) as http:
            await http.patch(url, json=MFA, headers=headers)

    with pytest.raises(error):
        asyncio.run(asynchronously())
    assert [(entry.committed, entry.answered) for entry in world.store.journal()] == [(True, 0), (True, 0)]


def test_slow_answer_arrives_in_the_end(client: Client, world: World) -> None:
    fault(world, {"drip": {"bytes": 1, "seconds": 1}})

    assert client.get(DEFAULT).status == 200


def test_proxy_is_asked_to_shape(client: Client, world: World) -> None:
    asked: list[Json] = []

    class Proxy:
        def cut(self, port: int) -> None:
            asked.append(("cut", port))

        def shape(self, port: int, how: Json) -> None:
            asked.append((port, how))

    world.wire = Proxy()
    fault(world, {"truncate": 10}, {"tenant": CONTOSO})

    assert client.get(DEFAULT).status == 200
    assert asked == [(0, {"truncate": 10})]
