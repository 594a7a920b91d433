from typing import Any

import pytest
from graph_service import Reply, Service, error, network, reading

from reconciler.errors import Forbidden, GraphError, NotFound, Refused, Unavailable
from reconciler.graph.batching import batches, envelope, unpack

PATHS = [f"/p/{number:03}" for number in range(45)]


def test_batch_holds_at_most_twenty_in_order() -> None:
    service = Service()

    answers = reading(service, lambda graph: graph.get_all([*reversed(PATHS), PATHS[0]]))

    assert sorted(answers) == PATHS
    assert sorted(seen.inner for seen in service.asked) == [PATHS[:20], PATHS[20:40], PATHS[40:]]


def test_nothing_to_read_asks_nothing() -> None:
    service = Service()

    assert not reading(service, lambda graph: graph.get_all([]))
    assert not service.seen


def test_single_path_goes_without_a_batch() -> None:
    service = Service()

    assert reading(service, lambda graph: graph.get_all(["/p"])) == {"/p": {"path": "/p"}}
    assert [seen.method for seen in service.asked] == ["GET"]


def test_each_item_has_its_own_outcome() -> None:
    service = Service()
    service.on("/p/001", error(404))
    service.on("/p/002", error(403))
    service.on("/p/003", error(400))
    service.on("/p/004", error(500))

    answers = reading(service, lambda graph: graph.get_all(PATHS[:6]))

    kinds = [type(answers[path]) for path in PATHS[:6]]
    assert kinds == [dict, NotFound, Forbidden, Refused, Unavailable, dict]


def test_only_failed_items_are_asked_again() -> None:
    service = Service()
    service.on("/p/001", error(429, retry_after="2"), Reply(body={"a": 1}))
    service.on("/p/002", error(500), Reply(body={"a": 2}))
    service.on("/p/003", error(404))

    answers = reading(service, lambda graph: graph.get_all(PATHS[:5]))

    assert (answers["/p/001"], answers["/p/002"]) == ({"a": 1}, {"a": 2})
    assert [seen.inner for seen in service.asked] == [PATHS[:5], ["/p/001", "/p/002"]]
    assert service.asked[1].at - service.asked[0].at >= 2


def test_longest_wait_of_the_items_counts() -> None:
    service = Service()
    service.on("/p/001", error(429, retry_after="3"), Reply(body={}))
    service.on("/p/002", error(429, retry_after="30"), Reply(body={}))

    reading(service, lambda graph: graph.get_all(PATHS[:5]))

    assert 30 <= service.asked[1].at - service.asked[0].at <= 31


def test_item_without_an_answer_is_unknown() -> None:
    service = Service()
    service.batch = lambda items: [
        Reply(body={"n": item["id"]}).item(item["id"]) for item in reversed(items) if item["url"] != "/p/001"
    ]

    answers = reading(service, lambda graph: graph.get_all(PATHS[:3]))

    # The last one was asked alone at the end, and the single answer is its own.
    assert answers["/p/000"] == {"n": "1"}
    assert answers["/p/002"] == {"n": "3"}
    assert answers["/p/001"] == {"path": "/p/001"}


def test_missing_items_end_as_unavailable() -> None:
    service = Service()
    service.batch = lambda items: []

    answers = reading(service, lambda graph: graph.get_all(PATHS[:3]))

    assert {type(answer) for answer in answers.values()} == {Unavailable}
    assert len(service.asked) == 6


def test_extra_and_shuffled_answers_do_no_harm() -> None:
    service = Service()
    service.batch = lambda items: [
        Reply(body={"alien": True}).item("99"),
        *(Reply(body={"url": item["url"]}).item(item["id"]) for item in reversed(items)),
        {"no": "id"},
    ]

    answers = reading(service, lambda graph: graph.get_all(PATHS[:3]))

    assert answers == {path: {"url": path} for path in PATHS[:3]}


def test_ids_are_compared_without_case() -> None:
    body = {"responses": [{"id": "1", "status": 200, "body": {}}]}

    assert unpack(body, ["/a"])["/a"].status == 200
    assert [item["id"] for item in envelope(["/a", "/b"])["requests"]] == ["1", "2"]


def test_two_answers_to_one_question_are_none() -> None:
    item = {"id": "1", "status": 200, "body": {}}

    assert not unpack({"responses": [item, {**item, "status": 404}]}, ["/a"])


@pytest.mark.parametrize(
    "item", [{"id": 1, "status": 200}, {"id": "1"}, {"id": "1", "status": "200"}, {"id": "1", "status": True}, [], None]
)
def test_malformed_items_are_no_answers(item: Any) -> None:
    assert not unpack({"responses": [item]}, ["/a"])


@pytest.mark.parametrize("body", ["text", [], 5, None])
def test_item_that_is_no_object_is_not_believed(body: Any) -> None:
    service = Service()
    service.batch = lambda items: [{"id": item["id"], "status": 200, "body": body} for item in items]

    answers = reading(service, lambda graph: graph.get_all(PATHS[:2]))

    assert {type(answer) for answer in answers.values()} == {Unavailable}


@pytest.mark.parametrize("status", [400, 404, 405, 413])
def test_refused_batch_says_nothing_about_objects(status: int) -> None:
    service = Service()
    service.on("/$batch", error(status))

    answers = reading(service, lambda graph: graph.get_all(PATHS[:2]))

    assert {type(answer) for answer in answers.values()} == {Unavailable}


def test_forbidden_batch_forbids_its_items() -> None:
    service = Service()
    service.on("/$batch", error(403))

    answers = reading(service, lambda graph: graph.get_all(PATHS[:2]))

    assert {type(answer) for answer in answers.values()} == {Forbidden}


@pytest.mark.parametrize(
    "reply", [Reply(502, raw=b"<html>"), Reply(raw=b'{"responses": ['), Reply(body={}), error(503)]
)
def test_broken_batch_is_sent_again(reply: Reply) -> None:
    service = Service()
    whole = {"responses": [{"id": "1", "status": 200, "body": {"a": 1}}, {"id": "2", "status": 200, "body": {"a": 2}}]}
    service.on("/$batch", reply, Reply(body=whole))

    answers = reading(service, lambda graph: graph.get_all(PATHS[:2]))

    assert answers == {"/p/000": {"a": 1}, "/p/001": {"a": 2}}


def test_expired_token_inside_a_batch_is_renewed_once() -> None:
    service = Service()
    service.on("/p/001", error(401, "InvalidAuthenticationToken"), Reply(body={"a": 1}))

    answers = reading(service, lambda graph: graph.get_all(PATHS[:3]))

    assert answers["/p/001"] == {"a": 1}
    assert service.tokens == 2


def test_groups_are_sorted_and_unique() -> None:
    assert batches(["/b", "/a", "/b"]) == [("/a", "/b")]
    assert batches([]) == []


def test_traffic_is_counted() -> None:
    service = Service()
    service.on("/p/001", error(429, retry_after="2"), Reply(body={}))
    net = network(service)

    async def work(graph: Any) -> None:
        await graph.get_all(PATHS)

    reading_with(net, work)

    traffic = net.traffic
    assert (traffic.batches, traffic.inner, traffic.retries, traffic.tokens) == (3, 45, 1, 1)
    # Discovery, token, three batches and the one item that was asked again.
    assert traffic.http == len(service.seen) == 6
    assert traffic.waited >= 2


def test_errors_of_ours_are_told_by_path() -> None:
    service = Service()
    service.on("/p/001", error(404, "Request_ResourceNotFound"))

    answer = reading(service, lambda graph: graph.get_all(PATHS[:2]))["/p/001"]

    assert isinstance(answer, GraphError)
    assert "GET /p/001" in str(answer)


def reading_with(net: Any, work: Any) -> None:
    """Do `work` with a reader of `net`."""
    import asyncio

    from graph_service import CONTOSO

    async def run() -> None:
        graph = net.reader(CONTOSO)
        await work(graph)
        await graph.aclose()

    asyncio.run(run())
