import json

import httpx
import pytest
from graph_service import Reply, Service, error, writing

from reconciler.errors import Conflict, Forbidden, GraphError, NotFound, Refused, Unanswered, Unavailable

LIST, ITEM = "/partners", "/partners/a"


def failure(service: Service, method: str = "PATCH", path: str = ITEM) -> GraphError:
    """Return the error that a write ends in."""
    with pytest.raises(GraphError) as caught:
        writing(service, lambda graph: graph.write(method, path, {"a": 1}))
    return caught.value


def test_body_goes_out_as_canonical_json() -> None:
    service = Service()
    service.on(ITEM, Reply(204))

    writing(service, lambda graph: graph.write("PATCH", ITEM, {"b": None, "a": "ü"}))

    (seen,) = service.asked
    assert (seen.method, seen.content) == ("PATCH", '{"a":"ü","b":null}'.encode())
    assert seen.headers["content-type"] == "application/json"


def test_write_without_a_body_sends_none() -> None:
    service = Service()
    service.on(ITEM, Reply(204, headers={"request-id": "r-9"}))

    written = writing(service, lambda graph: graph.write("DELETE", ITEM))

    assert (written.status, written.body, written.request_id) == (204, None, "r-9")
    assert service.asked[0].content == b""
    assert "content-type" not in service.asked[0].headers


def test_created_object_is_returned() -> None:
    service = Service()
    service.on(LIST, Reply(201, {"tenantId": "a"}))

    written = writing(service, lambda graph: graph.write("POST", LIST, {"tenantId": "a"}))

    assert (written.status, written.body) == (201, {"tenantId": "a"})


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (403, Forbidden), (404, NotFound), (409, Conflict), (412, Refused)]
)
def test_clear_no_is_told_by_its_kind(status: int, kind: type[GraphError]) -> None:
    service = Service()
    service.on(ITEM, error(status, "TheCode"))

    caught = failure(service)

    assert type(caught) is kind
    assert "PATCH /partners/a" in str(caught)
    assert len(service.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "reply",
    [
        error(500),
        error(503, retry_after="1"),
        Reply(502, raw=b"<html>", headers={"Content-Type": "text/html"}),
        error(504),
        error(408),
        Reply(200, raw=b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
        Reply(201, raw=b'{"tenantId": "a'),
        Reply(201),
        Reply(200, raw=b"[]"),
        Reply(204, raw=b"<html>"),
        Reply(206, {}),
        Reply(302, headers={"Location": "https://elsewhere.example"}),
        Reply(404, raw=b"<html>", headers={"Content-Type": "text/html"}),
        Reply(409),
        Reply(fault=httpx.ReadError("reset")),
        Reply(fault=httpx.WriteError("reset")),
        Reply(fault=httpx.RemoteProtocolError("cut")),
        Reply(fault=httpx.ReadTimeout("")),
        Reply(fault=httpx.WriteTimeout("")),
    ],
    ids=str,
)
def test_write_without_a_trustworthy_answer_is_never_sent_again(method: str, reply: Reply) -> None:
    service = Service()
    service.on(ITEM, reply, Reply(204))

    caught = failure(service, method)

    assert type(caught) is Unanswered
    assert caught.exit_code == 7
    assert len(service.asked) == 1


@pytest.mark.parametrize("fault", [httpx.ConnectError("refused"), httpx.ConnectTimeout(""), httpx.ProxyError("no")])
def test_write_that_never_left_is_sent_again(fault: Exception) -> None:
    service = Service()
    service.on(ITEM, Reply(fault=fault), Reply(204))

    assert writing(service, lambda graph: graph.write("POST", ITEM, {})).status == 204


def test_write_that_never_leaves_is_surely_not_done() -> None:
    service = Service()
    service.on(ITEM, Reply(fault=httpx.ConnectError("refused")))

    assert type(failure(service)) is Unavailable
    assert len(service.asked) == 6


def test_expired_token_is_renewed_and_the_write_sent_once_more() -> None:
    service = Service()
    service.on(ITEM, error(401, "InvalidAuthenticationToken"), Reply(204))

    writing(service, lambda graph: graph.write("PATCH", ITEM, {"a": 1}))

    first, second = service.asked
    assert json.loads(first.content) == json.loads(second.content) == {"a": 1}
    assert first.headers["authorization"] != second.headers["authorization"]


def test_second_401_is_forbidden() -> None:
    service = Service()
    service.on(ITEM, error(401, "InvalidAuthenticationToken"))

    caught = failure(service)

    assert type(caught) is Forbidden
    assert "although the token is new" in str(caught)
    assert len(service.asked) == 2


def test_unanswered_write_keeps_an_id_for_support() -> None:
    service = Service()
    service.on(ITEM, Reply(fault=httpx.ReadError("reset")))

    assert failure(service).request_id == "id"
