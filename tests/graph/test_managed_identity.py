"""Signing in as what Azure gives to the machine: a virtual machine's metadata service, and that of App Service."""

from typing import Any

import httpx
import pytest
from graph_service import CONTOSO, READER, Reply, Service, network, reading

from reconciler.errors import GraphError, SignInFailed, Unavailable
from reconciler.graph.proxies import proxy_for

MACHINE = {"RECONCILER_SIGN_IN": "managed-identity"}
APP_SERVICE = {"IDENTITY_ENDPOINT": "http://169.254.129.4:8081/msi/token", "IDENTITY_HEADER": "key-of-the-header"}


class Host(Service):
    """Gives out the identity of a machine, and remembers how it was asked."""

    def __init__(self, *replies: Reply, **claims: Any) -> None:
        super().__init__(**claims)
        self.replies = list(replies)
        self.questions: list[httpx.Request] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        if not request.url.host.startswith("169.254."):
            return super().handle(request)
        self.questions.append(request)
        if self.replies:
            return self.replies.pop(0).response()
        expires = str(int(self.clock.now().timestamp()) + 3600)
        body = {"access_token": self.token(), "expires_in": "3599", "expires_on": expires, "token_type": "Bearer"}
        return Reply(body=body).response()


def get(service: Service, environment: dict[str, str]) -> Any:
    return reading(service, lambda graph: graph.get("/thing"), environment=environment)


def failure(service: Service, environment: dict[str, str]) -> GraphError:
    with pytest.raises(GraphError) as caught:
        get(service, environment)
    assert not service.asked
    return caught.value


@pytest.fixture
def app_service(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of App Service, which msal reads for itself."""
    for name, value in APP_SERVICE.items():
        monkeypatch.setenv(name, value)
    return dict(APP_SERVICE)


def test_virtual_machine_is_asked_at_its_metadata_service() -> None:
    host = Host()

    get(host, MACHINE)

    (question,) = host.questions
    assert str(question.url).startswith("http://169.254.169.254/metadata/identity/oauth2/token?")
    assert question.headers["metadata"] == "true"
    assert dict(question.url.params) == {
        "api-version": "2018-02-01",
        "resource": "https://graph.microsoft.com",
        "client_id": READER,
    }


def test_only_identity_of_a_machine_needs_no_name() -> None:
    host = Host()

    get(host, {**MACHINE, "RECONCILER_MANAGED_IDENTITY": "system"})

    assert "client_id" not in host.questions[0].url.params


def test_app_service_is_asked_with_its_key(app_service: dict[str, str]) -> None:
    host = Host()

    get(host, app_service)

    (question,) = host.questions
    assert str(question.url).startswith("http://169.254.129.4:8081/msi/token?")
    assert question.headers["x-identity-header"] == "key-of-the-header"
    assert question.url.params["resource"] == "https://graph.microsoft.com"


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "https://pods.example"},
        {"MSI_ENDPOINT": "http://10.1.2.3/token", "MSI_SECRET": "x"},
        {"IDENTITY_ENDPOINT": "http://10.1.2.3/token", "IMDS_ENDPOINT": "http://10.1.2.3"},
    ],
    ids=lambda value: next(iter(value)),
)
def test_machine_is_asked_nowhere_else(elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in elsewhere.items():
        monkeypatch.setenv(name, value)
    host = Host()

    caught = failure(host, MACHINE)

    assert type(caught) is SignInFailed
    assert "nothing was sent there" in str(caught)
    assert not host.seen
    assert not host.questions


@pytest.mark.parametrize("reply", [Reply(404, {}), Reply(410, {}), Reply(429, {}), Reply(500, {}), Reply(503, {})])
def test_machine_that_is_not_ready_is_asked_again(reply: Reply) -> None:
    host = Host(reply, reply)

    get(host, MACHINE)

    assert len(host.questions) == 3


def test_identity_that_the_machine_does_not_have_is_told() -> None:
    words = {"error": "invalid_request", "error_description": "Identity not found"}

    caught = failure(Host(Reply(400, words)), MACHINE)

    assert type(caught) is SignInFailed
    assert "Identity not found" in str(caught)
    assert "assigned to this machine" in str(caught)


def test_key_of_app_service_is_not_shown_when_it_is_echoed(app_service: dict[str, str]) -> None:
    caught = failure(Host(Reply(400, {"statusCode": 400, "message": "bad header key-of-the-header"})), app_service)

    assert "key-of-the-header" not in str(caught)


def test_machine_that_is_none_ends_within_a_minute() -> None:
    host = Host(*[Reply(fault=httpx.ConnectError("no route"))] * 99)

    caught = failure(host, MACHINE)

    assert type(caught) is Unavailable
    assert host.clock.monotonic() < 60


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"tid": "ffffffff-0000-4000-8000-000000000000"}, "another tid"),
        ({"appid": "ffffffff-0000-4000-8000-000000000000"}, "another appid"),
        ({"aud": "https://management.azure.com"}, "another aud"),
        ({"scp": "Policy.Read.All"}, "speaks for a person"),
    ],
)
def test_token_of_a_machine_is_checked_like_any_other(claims: dict[str, str], words: str) -> None:
    assert words in str(failure(Host(**claims), MACHINE))


def test_no_proxy_leads_to_the_host() -> None:
    assert proxy_for("169.254.169.254", {"HTTPS_PROXY": "http://proxy.example:3128"}) is None


def test_identity_is_told_without_a_request() -> None:
    graph = network(Host(), MACHINE).reader(CONTOSO)

    assert graph.identity.form == "a user-assigned managed identity"
    assert graph.identity.application == READER
