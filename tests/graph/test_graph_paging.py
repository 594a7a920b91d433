from collections.abc import Mapping
from typing import Any

import pytest
from graph_service import GRAPH, Reply, Service, error, reading

from reconciler.errors import Forbidden, GraphError, NotFound, Unavailable
from reconciler.graph.client import MAX_PAGES

LIST = "/partners"


def page(items: list[str], link: object = None) -> Reply:
    """Return one page of a list."""
    body: dict[str, Any] = {"value": [{"tenantId": name} for name in items]}
    return Reply(body=body if link is None else {**body, "@odata.nextLink": link})


def listed(service: Service) -> list[str]:
    """Return the names in the list, as the client reads it."""

    async def work(graph: Any) -> list[Mapping[str, str]]:
        items: list[Mapping[str, str]] = await graph.collect(LIST, await graph.get(LIST))
        return items

    return [item["tenantId"] for item in reading(service, work)]


def failure(service: Service) -> GraphError:
    """Return the error that reading the list ends in."""
    with pytest.raises(GraphError) as caught:
        listed(service)
    return caught.value


def three_pages() -> Service:
    """Return a service with a list of three pages."""
    service = Service()
    service.on(LIST, page(["a", "b"], f"{GRAPH}{LIST}?$skiptoken=2"))
    service.on(f"{LIST}?$skiptoken=2", page(["c"], f"{GRAPH}{LIST}?$skiptoken=3"))
    service.on(f"{LIST}?$skiptoken=3", page(["d"]))
    return service


def test_all_pages_are_read_in_order() -> None:
    assert listed(three_pages()) == ["a", "b", "c", "d"]


def test_single_page_asks_once() -> None:
    service = Service()
    service.on(LIST, page([]))

    assert listed(service) == []
    assert len(service.asked) == 1


def test_link_is_followed_as_it_is() -> None:
    service = Service()
    token = "RFNwdAIAAQ%2Bb%3D%3d-_~!$&'()*+,;=:@/?"
    service.on(LIST, page(["a"], f"{GRAPH}{LIST}?$skiptoken={token}"))
    service.on(f"{LIST}?$skiptoken={token}", page(["b"]))

    listed(service)

    assert service.asked[1].path == f"/v1.0{LIST}?$skiptoken={token}"


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(404), NotFound),
        (error(403), Forbidden),
        (error(500), Unavailable),
        (Reply(raw=b'{"value": [{"tena'), Unavailable),
        (Reply(body={}), Unavailable),
        (Reply(body={"value": None}), Unavailable),
        (Reply(body={"value": {}}), Unavailable),
        (Reply(body={"value": ["text"]}), Unavailable),
    ],
    ids=str,
)
def test_failed_page_fails_the_list(number: int, reply: Reply, kind: type[GraphError]) -> None:
    service = three_pages()
    service.on(f"{LIST}?$skiptoken={number}", reply)

    assert type(failure(service)) is kind


@pytest.mark.parametrize("number", [2, 3])
def test_page_that_fails_once_is_read_again(number: int) -> None:
    service = three_pages()
    script = service.answer(f"{LIST}?$skiptoken={number}")
    service.on(f"{LIST}?$skiptoken={number}", error(503), Reply(raw=b'{"value"'), script)

    assert listed(service) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/v1.0/partners?$skiptoken=2",
        "http://graph.microsoft.com/v1.0/partners?$skiptoken=2",
        "https://graph.microsoft.com:8443/v1.0/partners",
        "https://graph.microsoft.com@elsewhere.example/v1.0/partners",
        "https://user:word@graph.microsoft.com/v1.0/partners",
        "https://graph.microsoft.com/beta/partners",
        "https://graph.microsoft.com/v1.0evil/partners",
        "https://graph.microsoft.com/v1.0/../beta/partners",
        "https://graph.microsoft.com.elsewhere.example/v1.0/partners",
        "https://[::1/v1.0/partners",
        "/v1.0/partners?$skiptoken=2",
        "javascript:x",
    ],
)
def test_token_goes_nowhere_else(link: str) -> None:
    service = Service()
    service.on(LIST, page(["a"], link))

    assert "leads somewhere else" in str(failure(service))
    assert len(service.asked) == 1


@pytest.mark.parametrize("link", ["", 5, [], {}, False])
def test_link_that_is_no_link_fails_the_list(link: object) -> None:
    service = Service()
    service.on(LIST, page(["a"], link))

    assert type(failure(service)) is Unavailable


def test_default_port_is_the_same_host() -> None:
    service = Service()
    service.on(LIST, page(["a"], "https://graph.microsoft.com:443/v1.0/partners?$skiptoken=2"))
    service.on(f"{LIST}?$skiptoken=2", page(["b"]))

    assert listed(service) == ["a", "b"]


def test_pages_in_a_circle_are_refused() -> None:
    service = three_pages()
    service.on(f"{LIST}?$skiptoken=3", page(["d"], f"{GRAPH}{LIST}?$skiptoken=2"))

    assert "do not end" in str(failure(service))


class Endless(Service):
    """A service whose list has always one more page."""

    def answer(self, path: str) -> Reply:
        """Return a page with a link that was never there before."""
        return page(["a"], f"{GRAPH}{LIST}?$skiptoken={len(self.seen)}")


def test_list_that_never_ends_is_refused() -> None:
    service = Endless()

    assert "do not end" in str(failure(service))
    assert len(service.asked) == MAX_PAGES + 1
