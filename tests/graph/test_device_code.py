"""Signing in as a person who types a code into a browser."""

from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from graph_service import READER, TENANT_ID, Reply, Service, error, reading, segment

from reconciler.errors import GraphError, SignInFailed, WriteForbidden

ASKED = {"RECONCILER_SIGN_IN": "device-code"}
PENDING = Reply(400, {"error": "authorization_pending", "error_description": "AADSTS70016: Pending."})
SLOWER = Reply(400, {"error": "slow_down"})


ORIGIN = f"https://login.microsoftonline.com/{TENANT_ID}"
DISCOVERY = {
    "issuer": f"{ORIGIN}/v2.0",
    "authorization_endpoint": f"{ORIGIN}/oauth2/v2.0/authorize",
    "token_endpoint": f"{ORIGIN}/oauth2/v2.0/token",
    "device_authorization_endpoint": f"{ORIGIN}/oauth2/v2.0/devicecode",
}


class Login(Service):
    """Gives out codes, and a token when the replies are used up."""

    def __init__(self, *replies: Reply, **claims: Any) -> None:
        super().__init__(**{"scp": "Policy.Read.All openid", "roles": None, **claims})
        self.replies = list(replies)
        self.flow: dict[str, Any] = {
            "device_code": "device-code-that-nobody-sees",
            "user_code": "ABCD-1234",
            "verification_uri": "https://microsoft.com/devicelogin",
            "expires_in": 900,
            "interval": 5,
            "message": "Words of the service.",
        }
        self.codes: list[dict[str, str]] = []
        self.polls: list[tuple[float, dict[str, str]]] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        form = {name: value for name, (value,) in parse_qs(request.content.decode()).items()}
        if request.url.path.endswith("/devicecode"):
            self.codes.append(form)
            return Reply(body=self.flow).response()
        if request.url.path.endswith("/token"):
            self.polls.append((self.clock.monotonic(), form))
            return (self.replies.pop(0) if self.replies else self._given()).response()
        if "openid-configuration" in request.url.path:
            return Reply(body=DISCOVERY).response()
        return super().handle(request)

    def _given(self) -> Reply:
        person = {"uid": "person", "utid": TENANT_ID}
        return Reply(
            body={
                "token_type": "Bearer",
                "scope": "https://graph.microsoft.com/.default",
                "expires_in": 3599,
                "access_token": self.token(),
                "refresh_token": "refresh-token-that-nobody-sees",
                "client_info": segment(person),
            }
        )


def get(service: Service, said: list[str], work: Any = None, **others: Any) -> Any:
    read = work or (lambda graph: graph.get("/thing"))
    return reading(service, read, environment=ASKED, tell=said.append, **others)


def failure(service: Service, said: list[str]) -> GraphError:
    with pytest.raises(GraphError) as caught:
        get(service, said)
    assert not service.asked
    return caught.value


def test_person_is_shown_where_to_type_which_code() -> None:
    login, said = Login(PENDING, PENDING), list[str]()

    get(login, said)

    (line,) = said
    assert line.startswith("contoso: to sign in, open https://microsoft.com/devicelogin in a browser and type ")
    assert line.endswith("the code ABCD-1234 within 15 minutes.")
    assert login.codes[0]["client_id"] == READER
    assert "https://graph.microsoft.com/.default" in login.codes[0]["scope"]
    assert "claims" not in login.codes[0]


def test_service_is_asked_as_often_as_it_wishes() -> None:
    login = Login(PENDING, SLOWER, PENDING)

    get(login, [])

    assert [at for at, _ in login.polls] == [5, 10, 20, 30]
    assert login.polls[0][1]["device_code"] == "device-code-that-nobody-sees"


@pytest.mark.parametrize(
    "reply", [Reply(503), error(429, retry_after="3"), Reply(fault=httpx.ReadError("reset")), Reply(raw=b"<html>")]
)
def test_trouble_for_the_moment_does_not_ask_for_a_second_code(reply: Reply) -> None:
    login, said = Login(PENDING, reply, reply), list[str]()

    get(login, said)

    assert len(login.codes) == len(said) == 1


def test_code_that_nobody_types_ends() -> None:
    login = Login(*[PENDING] * 500)

    caught = failure(login, [])

    assert type(caught) is SignInFailed
    assert "nobody typed the code ABCD-1234 in time" in str(caught)
    assert login.clock.monotonic() <= 900


def test_person_who_says_no_is_believed() -> None:
    words = {"error": "authorization_declined", "error_description": "AADSTS70000: The user declined."}

    caught = failure(Login(Reply(400, words)), [])

    assert "The user declined" in str(caught)
    assert "public client flows" in str(caught)


def test_person_is_asked_once_for_a_run() -> None:
    login, said = Login(), list[str]()

    async def work(graph: Any) -> None:
        await graph.get("/thing")
        login.clock.pass_by(3310)
        await graph.get("/thing")

    get(login, said, work)

    assert len(said) == 1
    assert login.polls[-1][1]["grant_type"] == "refresh_token"


def test_person_is_asked_again_when_nothing_else_helps() -> None:
    login, said = Login(), list[str]()

    async def work(graph: Any) -> None:
        await graph.get("/thing")
        login.clock.pass_by(3310)
        login.replies = [Reply(400, {"error": "invalid_grant", "error_description": "AADSTS50173: Revoked."})]
        await graph.get("/thing")

    get(login, said, work, run_seconds=86_400)

    assert len(said) == 2


@pytest.mark.parametrize(
    "claims",
    [{"scp": None, "roles": ["Policy.Read.All"]}, {"appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"}, {"scp": 5}],
    ids=str,
)
def test_token_that_is_not_of_a_person_here_is_never_used(claims: dict[str, Any]) -> None:
    assert type(failure(Login(**claims), [])) is SignInFailed


@pytest.mark.parametrize(
    "flow",
    [
        {"error": "unauthorized_client", "error_description": "AADSTS7000218: Not a public client."},
        {"device_code": "x", "user_code": "X", "verification_uri": "http://evil.example"},
        {"device_code": "x", "user_code": 5, "verification_uri": "https://microsoft.com/devicelogin"},
    ],
    ids=str,
)
def test_code_that_cannot_be_shown_is_not_waited_for(flow: dict[str, Any]) -> None:
    login, said = Login(), list[str]()
    login.flow = flow

    failure(login, said)

    assert not said
    assert not login.polls


def test_nothing_is_written_under_way() -> None:
    with pytest.raises(WriteForbidden):
        get(Login(), [], lambda graph: graph.write("PATCH", "/thing", {}))
