import asyncio
from dataclasses import replace
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from graph_service import (
    CONTOSO,
    ENVIRONMENT,
    READER,
    SECRET,
    TENANT_ID,
    WRITER,
    Reply,
    Service,
    error,
    network,
    reading,
)

from reconciler.errors import GraphError, SignInFailed, Unavailable, WriteForbidden
from reconciler.graph.credentials import Situation, credential
from reconciler.graph.read_only import SignInOnly

THING = "/thing"
GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.actions.example/oidc?api-version=2",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job-key-that-nobody-may-see",
}


def get(service: Service, **others: Any) -> Any:
    """Read something, which signs in first."""
    return reading(service, lambda graph: graph.get(THING), **others)


def failure(service: Service, **others: Any) -> GraphError:
    """Return the error that signing in ends in."""
    with pytest.raises(GraphError) as caught:
        get(service, **others)
    assert SECRET not in str(caught.value)
    assert "eyJ" not in str(caught.value)
    return caught.value


def form(service: Service) -> dict[str, str]:
    """Return what was posted to the token endpoint last."""
    posted = [seen for seen in service.seen if seen.method == "POST" and "/oauth2/" in seen.path][-1]
    return {name: value for name, (value,) in parse_qs(posted.content.decode()).items()}


def test_secret_goes_to_the_tenant_it_is_for() -> None:
    service = Service()

    get(service)

    discovery, token = service.seen[:2]
    assert discovery.path == f"/{TENANT_ID}/v2.0/.well-known/openid-configuration"
    assert token.path == f"/{TENANT_ID}/oauth2/v2.0/token"
    sent = form(service)
    assert (sent["client_id"], sent["client_secret"]) == (READER, SECRET)
    assert sent["scope"] == "https://graph.microsoft.com/.default"


def test_one_token_serves_many_requests() -> None:
    service = Service()

    async def work(graph: Any) -> None:
        await asyncio.gather(*(graph.get(f"/{number}") for number in range(30)))

    reading(service, work)

    assert service.tokens == 1


@pytest.mark.parametrize("index", range(6))
def test_token_that_expires_at_any_request_is_renewed(index: int) -> None:
    service = Service()
    service.on(THING, *[Reply(body={})] * index, error(401, "InvalidAuthenticationToken"), Reply(body={}))

    async def work(graph: Any) -> None:
        for _ in range(6):
            await graph.get(THING)

    reading(service, work)

    assert service.tokens == 2
    assert len(service.asked) == 7


def test_requests_under_way_share_the_renewal() -> None:
    service = Service()
    names = [f"/{number}" for number in range(6)]
    for name in names:
        service.on(name, error(401, "InvalidAuthenticationToken"), Reply(body={}))

    async def work(graph: Any) -> None:
        await asyncio.gather(*(graph.get(name) for name in names))

    reading(service, work)

    assert service.tokens == 2


def test_old_token_is_replaced_before_it_ends() -> None:
    service = Service()

    async def work(graph: Any) -> None:
        await graph.get(THING)
        service.clock.pass_by(3200)
        await graph.get(THING)
        service.clock.pass_by(200)
        await graph.get(THING)

    reading(service, work)

    assert service.tokens == 2


def test_refused_renewal_ends_honestly() -> None:
    service = Service()
    refused = Reply(401, {"error": "invalid_client", "error_description": "AADSTS7000222: The secret has expired."})

    async def work(graph: Any) -> None:
        await graph.get(THING)
        service.sign_in = [refused]
        service.on(THING, error(401, "InvalidAuthenticationToken"))
        for _ in range(2):
            with pytest.raises(SignInFailed, match="AADSTS7000222"):
                await graph.get(THING)

    reading(service, work)

    assert [seen.path for seen in service.seen].count(f"/{TENANT_ID}/oauth2/v2.0/token") == 2


def test_wrong_secret_names_its_variable() -> None:
    service = Service()
    words = f"AADSTS7000215: Invalid client secret {SECRET} provided. eyJhbGciOi.eyJzdWIiOi.c2ln"
    service.sign_in = [Reply(401, {"error": "invalid_client", "error_description": words})]

    caught = failure(service)

    assert type(caught) is SignInFailed
    assert caught.exit_code == 8
    assert "AADSTS7000215" in str(caught)
    assert "RECONCILER_CLIENT_SECRET_CONTOSO" in str(caught)
    assert not service.asked


@pytest.mark.parametrize(
    "reply",
    [
        error(429, retry_after="3"),
        Reply(503, raw=b"<html>", headers={"Content-Type": "text/html"}),
        Reply(500, {"error": "server_error"}),
        Reply(200, raw=b"<html>", headers={"Content-Type": "text/html"}),
        Reply(200, raw=b"[]"),
        Reply(302, {}),
        Reply(fault=httpx.ConnectError("refused")),
        Reply(fault=httpx.ReadError("reset")),
    ],
    ids=str,
)
def test_passing_trouble_of_the_sign_in_service_is_outlasted(reply: Reply) -> None:
    service = Service()
    service.sign_in = [reply, reply]

    assert get(service) == {"path": THING}


def test_sign_in_that_is_throttled_waits_as_asked() -> None:
    service = Service()
    service.sign_in = [error(429, retry_after="30")]

    get(service)

    assert 30 <= service.clock.monotonic() <= 31


def test_dead_sign_in_service_is_unavailable_within_a_minute() -> None:
    service = Service()
    service.sign_in = [Reply(fault=httpx.ConnectError("refused"))] * 99

    caught = failure(service, chance=lambda: 0.999)

    assert type(caught) is Unavailable
    assert service.clock.monotonic() < 60


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"tid": "ffffffff-0000-4000-8000-000000000000"}, "another tid"),
        ({"tid": None}, "another tid"),
        ({"aud": "https://vault.azure.net"}, "another aud"),
        ({"aud": "https://graph.microsoft.us"}, "another aud"),
        ({"aud": ["https://graph.microsoft.com"]}, "another aud"),
        ({"appid": WRITER}, "another appid"),
        ({"appid": None}, "another appid"),
        ({"appid": None, "azp": WRITER}, "another appid"),
        ({"azp": WRITER}, "another appid"),
        ({"exp": 1793606400 - 3600}, "had expired"),
        ({"exp": None}, "does not say its exp"),
        ({"exp": True}, "does not say its exp"),
        ({"iat": "now"}, "does not say its iat"),
        ({"roles": "Policy.Read.All"}, "permissions"),
        ({"roles": [5]}, "permissions"),
    ],
    ids=str,
)
def test_token_that_is_not_for_us_is_never_used(claims: dict[str, Any], words: str) -> None:
    service = Service(**claims)

    caught = failure(service)

    assert type(caught) is SignInFailed
    assert words in str(caught)
    assert not service.asked


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "00000003-0000-0000-c000-000000000000"},
        {"aud": "https://graph.microsoft.com/"},
        {"tid": TENANT_ID.upper()},
        {"appid": None, "azp": READER},
        {"roles": None},
    ],
    ids=str,
)
def test_other_ways_to_name_us_are_fine(claims: dict[str, Any]) -> None:
    assert get(Service(**claims)) == {"path": THING}


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.W10.c", "..", "a.eyJ4IjoxfQ"])
def test_token_that_cannot_be_read_is_never_used(token: str) -> None:
    service = Service()
    service.sign_in = [Reply(body={"token_type": "Bearer", "expires_in": 3599, "access_token": token})]

    assert "not a JSON web token" in str(failure(service))
    assert not service.asked


@pytest.mark.parametrize("hours", [-24, 24])
def test_wrong_clock_of_ours_does_no_harm_when_the_server_says_its_date(hours: int) -> None:
    ours = Service().clock.now()
    service = Service(iat=int(ours.timestamp()) + hours * 3600, exp=int(ours.timestamp()) + (hours + 1) * 3600)
    theirs = ours.timestamp() + hours * 3600
    date = {"date": formatdate(theirs, usegmt=True)}
    service.sign_in = [
        Reply(body={"token_type": "Bearer", "expires_in": 3599, "access_token": service.token()}, headers=date)
    ]

    assert get(service) == {"path": THING}


def test_unknown_tenant_is_told() -> None:
    class Unknown(Service):
        def handle(self, request: httpx.Request) -> httpx.Response:
            if "openid-configuration" in request.url.path:
                body = {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}
                return Reply(400, body).response()
            return super().handle(request)

    caught = failure(Unknown())

    assert type(caught) is SignInFailed
    assert "AADSTS90002" in str(caught)
    assert "tenant.yaml" in str(caught)


def test_secret_is_not_sent_where_a_forged_discovery_points() -> None:
    class Forged(Service):
        def handle(self, request: httpx.Request) -> httpx.Response:
            if "openid-configuration" in request.url.path:
                endpoint = "https://login.microsoftonline.com.evil.example/oauth2/v2.0/token"
                return Reply(
                    body={"issuer": "x", "authorization_endpoint": "https://x.example/y", "token_endpoint": endpoint}
                ).response()
            return super().handle(request)

    service = Forged()

    assert "another host" in str(failure(service))
    assert not service.seen


@pytest.mark.parametrize(
    "document", [{}, {"token_endpoint": 5}, {"token_endpoint": "x"}, {"authorization_endpoint": None}]
)
def test_odd_discovery_document_is_a_failed_sign_in(document: dict[str, Any]) -> None:
    class Odd(Service):
        def handle(self, request: httpx.Request) -> httpx.Response:
            if "openid-configuration" in request.url.path:
                return Reply(body=document).response()
            return super().handle(request)

    assert type(failure(Odd())) is SignInFailed


class GitHub(Service):
    """A service that also vouches for a job, with the last of `words` for ever."""

    def __init__(self, *words: Reply) -> None:
        super().__init__()
        self.words = list(words) or [Reply(body={"value": "word-of-github"})]

    def handle(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "token.actions.example":
            self.asked_github = request
            return (self.words.pop(0) if len(self.words) > 1 else self.words[0]).response()
        return super().handle(request)


def test_job_signs_in_with_the_word_of_github() -> None:
    service = GitHub()

    get(service, environment=GITHUB)

    assert service.asked_github.url.params["audience"] == "api://AzureADTokenExchange"
    assert service.asked_github.url.params["api-version"] == "2"
    assert service.asked_github.headers["authorization"] == "Bearer job-key-that-nobody-may-see"
    sent = form(service)
    assert sent["client_assertion"] == "word-of-github"
    assert sent["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in sent


@pytest.mark.parametrize("reply", [Reply(403, {}), Reply(body={}), Reply(body={"value": ""}), Reply(raw=b"<html>")])
def test_job_that_may_not_ask_is_told_what_it_lacks(reply: Reply) -> None:
    service = GitHub(reply)

    caught = failure(service, environment=GITHUB)

    assert type(caught) is SignInFailed
    assert "id-token: write" in str(caught)
    assert "job-key" not in str(caught)


def test_github_that_fails_for_the_moment_is_asked_again() -> None:
    service = GitHub(Reply(503), Reply(fault=httpx.ReadError("reset")), Reply(body={"value": "at-last"}))

    get(service, environment=GITHUB)

    assert form(service)["client_assertion"] == "at-last"


def test_each_token_has_a_fresh_word_of_github() -> None:
    service = GitHub(Reply(body={"value": "first"}), Reply(body={"value": "second"}))
    service.on(THING, error(401, "InvalidAuthenticationToken"), Reply(body={}))

    get(service, environment=GITHUB)

    assert form(service)["client_assertion"] == "second"


def test_secret_goes_before_github() -> None:
    service = GitHub()

    get(service, environment={**GITHUB, **ENVIRONMENT})

    assert form(service)["client_secret"] == SECRET


@pytest.mark.parametrize("url", ["http://token.actions.example/x", "file:///x", "nonsense", "https://[x"])
def test_github_is_asked_over_https_alone(url: str) -> None:
    caught = failure(GitHub(), environment={**GITHUB, "ACTIONS_ID_TOKEN_REQUEST_URL": url})

    assert "https" in str(caught)


def test_real_github_vouches_for_nobody_at_an_emulator() -> None:
    caught = failure(GitHub(), environment=GITHUB, endpoint="https://127.0.0.1:8443")

    assert "on this machine" in str(caught)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (["AZURE_CLIENT_SECRET"], "AZURE_CLIENT_SECRET"),
        (["AZURE_CLIENT_SECRET", "RECONCILER_CLIENT_SECRET_CONTOSO"], "RECONCILER_CLIENT_SECRET_CONTOSO"),
        (
            ["RECONCILER_CLIENT_SECRET_CONTOSO", "RECONCILER_PLAN_CLIENT_SECRET_CONTOSO"],
            "RECONCILER_PLAN_CLIENT_SECRET_CONTOSO",
        ),
    ],
)
def test_nearest_variable_wins(variables: list[str], expected: str) -> None:
    service = Service()

    get(service, environment={name: f"from {name}" for name in variables})

    assert form(service)["client_secret"] == f"from {expected}"


def test_without_any_credential_the_variable_to_set_is_named() -> None:
    caught = failure(Service(), environment={})

    assert type(caught) is SignInFailed
    assert "RECONCILER_PLAN_CLIENT_SECRET_CONTOSO" in str(caught)
    assert "id-token: write" in str(caught)


def test_without_any_application_the_place_to_write_it_is_named() -> None:
    service = Service()

    with pytest.raises(SignInFailed, match=r"auth\.plan\.clientId in tenants/contoso/tenant\.yaml"):
        network(service).reader(replace(CONTOSO, auth={}))


def test_application_may_come_from_the_environment() -> None:
    service = Service()
    net = network(service, {**ENVIRONMENT, "AZURE_CLIENT_ID": READER})

    async def run() -> None:
        graph = net.reader(replace(CONTOSO, auth={}))
        await graph.get(THING)
        await graph.aclose()

    asyncio.run(run())

    assert form(service)["client_id"] == READER


def test_sign_in_connection_carries_nothing_else() -> None:
    transport = SignInOnly(httpx.MockTransport(Service().handle))

    async def run() -> None:
        async with httpx.AsyncClient(transport=transport) as client:
            await client.patch("https://login.microsoftonline.com/x/oauth2/v2.0/token")

    with pytest.raises(WriteForbidden):
        asyncio.run(run())


def test_secrets_are_in_no_representation() -> None:
    assert SECRET not in repr(credential(Situation(CONTOSO, "plan", ENVIRONMENT)))
    assert "job-key" not in repr(credential(Situation(CONTOSO, "plan", GITHUB)))
