from typing import Any

import httpx
import pytest
from graph_service import SECRET, Reply, Service, error, reading

from reconciler.errors import Conflict, Forbidden, GraphError, NotFound, Refused, Unavailable, WriteForbidden

PARTNER = "/policies/crossTenantAccessPolicy/partners/a"


def failure(service: Service, path: str = PARTNER) -> GraphError:
    """Return the error that a read of `path` ends in."""
    with pytest.raises(GraphError) as caught:
        reading(service, lambda graph: graph.get(path))
    return caught.value


def test_object_is_returned_whole() -> None:
    service = Service()
    service.on(PARTNER, Reply(body={"tenantId": "a", "inboundTrust": None}))

    assert reading(service, lambda graph: graph.get(PARTNER)) == {"tenantId": "a", "inboundTrust": None}


def test_request_carries_token_and_id() -> None:
    service = Service()

    reading(service, lambda graph: graph.get(PARTNER))

    (seen,) = service.asked
    assert seen.headers["authorization"].startswith("Bearer ey")
    assert seen.headers["client-request-id"] == "id"
    assert seen.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(400, Refused, 1), (403, Forbidden, 8), (404, NotFound, 1), (409, Conflict, 1), (412, Refused, 1)],
)
def test_refusal_is_told_by_its_kind(status: int, kind: type[GraphError], code: int) -> None:
    service = Service()
    service.on(PARTNER, error(status, "TheCode", "The words.", request_id="r-2"))

    caught = failure(service)

    assert type(caught) is kind
    assert (caught.exit_code, caught.status, caught.code, caught.request_id) == (code, status, "TheCode", "r-2")
    assert all(word in str(caught) for word in ("contoso", "GET", PARTNER, str(status), "TheCode", "The words.", "r-2"))
    assert len(service.asked) == 1


def test_missing_permission_says_what_next() -> None:
    service = Service()
    service.on(PARTNER, error(403, "Authorization_RequestDenied"))

    assert "grant the application the permission" in str(failure(service))


@pytest.mark.parametrize("status", [401, 403])
def test_claims_challenge_is_explained_without_a_loop(status: int) -> None:
    service = Service()
    service.on(PARTNER, error(status, www_authenticate='Bearer error="insufficient_claims", claims="e30="'))

    caught = failure(service)

    assert isinstance(caught, Forbidden)
    assert "a policy asks for more" in str(caught)
    assert len(service.asked) <= 2


def test_query_is_not_in_messages() -> None:
    service = Service()
    service.on("/users?$filter=secret", error(400))

    assert "filter" not in str(failure(service, "/users?$filter=secret"))


def test_long_words_of_the_service_are_cut() -> None:
    service = Service()
    service.on(PARTNER, error(400, message="x\n" * 5000))

    text = str(failure(service))

    assert "\n" not in text
    assert len(text) < 500


def test_token_in_the_words_of_the_service_is_not_repeated() -> None:
    service = Service()
    service.on(PARTNER, error(400, message="bad token eyJhbGciOi.eyJzdWIi.c2ln"))

    text = str(failure(service))

    assert "eyJ" not in text
    assert SECRET not in text


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, raw=b"<html>Not here</html>", headers={"Content-Type": "text/html"}),
        Reply(404),
        Reply(404, {"detail": "gone"}),
        Reply(404, {"error": "gone"}),
    ],
    ids=["html", "empty", "foreign", "no code"],
)
def test_404_from_somebody_else_is_not_absence(reply: Reply) -> None:
    service = Service()
    service.on(PARTNER, reply)

    assert isinstance(failure(service), Unavailable)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
        Reply(raw=b'{"value": [', headers={}),
        Reply(raw=b""),
        Reply(raw=b"[]"),
        Reply(raw=b"null"),
        Reply(raw=b'{"a": 1, "a": 2}'),
        Reply(raw=b'{"a": NaN}'),
        Reply(raw=b'{"a": "\\ud800"}'),
        Reply(raw=b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
        Reply(raw=b'{"a": ' + b"9" * 5000 + b"}"),
        Reply(raw=b'{"a": "\xff"}'),
        Reply(body={"error": {"code": "x", "message": "an error with a good status"}}),
        Reply(204),
        Reply(304),
        Reply(206, {"tenantId": "a"}),
    ],
    ids=str,
)
def test_garbage_is_asked_again_and_never_believed(reply: Reply) -> None:
    service = Service()
    service.on(PARTNER, reply)

    caught = failure(service)

    assert type(caught) is Unavailable
    assert caught.exit_code == 9
    assert len(service.asked) == (1 if reply.status == 304 else 6)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_passing_failure_is_asked_again(status: int) -> None:
    service = Service()
    service.on(PARTNER, Reply(status, raw=b"<html>", headers={"Content-Type": "text/html"}), Reply(body={"a": 1}))

    assert reading(service, lambda graph: graph.get(PARTNER)) == {"a": 1}
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "fault",
    [httpx.ConnectError("refused"), httpx.ReadError("reset"), httpx.RemoteProtocolError("cut"), httpx.ReadTimeout("")],
    ids=lambda fault: type(fault).__name__,
)
def test_broken_connection_is_tried_six_times(fault: Exception) -> None:
    service = Service()
    service.on(PARTNER, Reply(fault=fault))

    caught = failure(service)

    assert type(caught) is Unavailable
    assert type(fault).__name__ in str(caught)
    assert len(service.asked) == 6


def test_redirect_is_an_error_at_once() -> None:
    service = Service()
    service.on(PARTNER, Reply(302, headers={"Location": "https://elsewhere.example/v1.0/x"}))

    assert type(failure(service)) is Unavailable
    assert len(service.asked) == 1


def test_untrusted_certificate_is_not_tried_again() -> None:
    service = Service()
    service.on(PARTNER, Reply(fault=httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")))

    caught = failure(service)

    assert "SSL_CERT_FILE" in str(caught)
    assert len(service.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE", "post", "get"])
def test_reader_cannot_write(method: str) -> None:
    service = Service()

    async def write(graph: Any) -> None:
        await graph.write(method, PARTNER, {"a": 1})

    with pytest.raises(WriteForbidden):
        reading(service, write)
    assert not service.asked


def test_reader_cannot_write_within_a_batch() -> None:
    service = Service()
    items = [{"id": "1", "method": "GET", "url": "/a"}, {"id": "2", "method": "DELETE", "url": "/b"}]

    async def write(graph: Any) -> None:
        await graph.write("POST", "/$batch", {"requests": items})

    with pytest.raises(WriteForbidden):
        reading(service, write)
    assert not service.asked


def test_reader_knows_its_permissions() -> None:
    service = Service(roles=["Policy.Read.All", "CrossTenantInformation.ReadBasic.All"])

    async def roles(graph: Any) -> tuple[str, ...]:
        await graph.get(PARTNER)
        return tuple(graph.roles)

    assert reading(service, roles) == ("CrossTenantInformation.ReadBasic.All", "Policy.Read.All")
