"""A double of sign-in and Graph behind a transport: answers as each test says, and remembers what it was asked."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs

import httpx

from reconciler.graph.client import Graph
from reconciler.graph.connecting import Network
from reconciler.model import Origin, Tenant

T = TypeVar("T")

TENANT_ID = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
READER, WRITER = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"
CONTOSO = Tenant(
    "contoso",
    TENANT_ID,
    "Contoso",
    "contoso.example",
    Origin("tenants/contoso/tenant.yaml", 1, 1),
    auth={"plan": READER, "apply": WRITER},
)
SECRET = "a-secret-that-nobody-may-see"
ENVIRONMENT = {"RECONCILER_CLIENT_SECRET_CONTOSO": SECRET}
GRAPH = "https://graph.microsoft.com/v1.0"


@dataclass(frozen=True)
class Reply:
    """An answer: alone it becomes an HTTP response, in a batch an item."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    fault: Exception | None = None

    def response(self) -> httpx.Response:
        """Return it as an HTTP response, whose content nobody has read yet."""
        if self.fault is not None:
            raise self.fault
        content = self.raw if self.raw is not None else b"" if self.body is None else json.dumps(self.body).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", **self.headers}
        return httpx.Response(self.status, headers=headers, stream=httpx.ByteStream(content))

    def item(self, name: str) -> dict[str, Any]:
        """Return it as an item of a batch."""
        return {"id": name, "status": self.status, "headers": dict(self.headers), "body": self.body}


def error(status: int, code: str = "SomeCode", message: str = "Some words.", **headers: str) -> Reply:
    """Return an answer with Graph's error envelope; `retry_after` becomes the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": {"code": code, "message": message, "innerError": {"request-id": "r-1"}}}, named)


@dataclass(frozen=True)
class Seen:
    """One HTTP request, and when it came."""

    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def inner(self) -> list[str]:
        """The paths in a batch."""
        return [item["url"] for item in json.loads(self.content)["requests"]]


class StillClock:
    """A clock that passes only while somebody sleeps; sleepers at the same time share it."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._ends: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 2, 8, 0, tzinfo=UTC) + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds

    async def sleep(self, seconds: float) -> None:
        end = self._passed + seconds
        self._ends.append(end)
        try:
            while self._passed < end:
                # Everyone else may go to sleep first; whoever is due first moves the clock.
                for _ in range(20):
                    await asyncio.sleep(0)
                if end == min(self._ends):
                    self._passed = max(self._passed, end)
        finally:
            self._ends.remove(end)


def segment(value: object) -> str:
    """Return one part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class Service:
    """Scripted answers by path below the version; the last one of a path is given for ever."""

    def __init__(self, clock: StillClock | None = None, **claims: Any) -> None:
        self.clock = clock or StillClock()
        self.claims = claims
        self.seen: list[Seen] = []
        self.tokens = 0
        self.sign_in: list[Reply] = []
        self.batch: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None = None
        self._script: dict[str, list[Reply]] = {}

    def on(self, path: str, *replies: Reply) -> None:
        """Answer requests for `path` with these, one after the other."""
        self._script[path] = list(replies)

    def answer(self, path: str) -> Reply:
        """Return what comes next for `path`."""
        script = self._script.get(path) or [Reply(body={"path": path})]
        return script.pop(0) if len(script) > 1 else script[0]

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        seen = Seen(
            self.clock.monotonic(), request.method, request.url.raw_path.decode(), request.headers, request.content
        )
        self.seen.append(seen)
        if request.url.host.startswith("login.") or "/oauth2/" in request.url.path:
            return self._sign_in(request)
        path = seen.path.removeprefix("/v1.0")
        if path == "/$batch" and path not in self._script:
            return self._batch(json.loads(request.content)["requests"]).response()
        return self.answer(path).response()

    def token(self, client_id: str = READER) -> str:
        """Return a new token of the shape that the sign-in service gives."""
        self.tokens += 1
        now = int(self.clock.now().timestamp())
        claims = {
            "tid": TENANT_ID,
            "aud": "https://graph.microsoft.com",
            "appid": client_id,
            "iat": now,
            "exp": now + 3600,
            "roles": ["Policy.Read.All"],
            "jti": self.tokens,
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return ".".join((segment({"alg": "none"}), segment(kept), "signature"))

    @property
    def asked(self) -> list[Seen]:
        """The requests to Graph, without those of signing in."""
        return [seen for seen in self.seen if seen.path.startswith("/v1.0")]

    def _sign_in(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            origin = f"https://{request.url.netloc.decode()}/{TENANT_ID}"
            return Reply(
                body={
                    "issuer": f"{origin}/v2.0",
                    "authorization_endpoint": f"{origin}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{origin}/oauth2/v2.0/token",
                }
            ).response()
        if self.sign_in:
            return self.sign_in.pop(0).response()
        (client_id,) = parse_qs(request.content.decode())["client_id"]
        token = self.token(client_id)
        return Reply(body={"token_type": "Bearer", "expires_in": 3599, "access_token": token}).response()

    def _batch(self, requests: list[dict[str, Any]]) -> Reply:
        if self.batch is not None:
            return Reply(body={"responses": self.batch(requests)})
        return Reply(body={"responses": [self.answer(item["url"]).item(item["id"]) for item in requests]})


def network(service: Service, environment: Mapping[str, str] = ENVIRONMENT, **others: Any) -> Network:
    """Return a network whose every connection leads to `service`; chance is always one half."""
    settings = {"chance": lambda: 0.5, "new_id": lambda: "id", **others}
    return Network(service.clock, environment, transports=lambda _: httpx.MockTransport(service.handle), **settings)


def reading(service: Service, work: Callable[[Graph], Awaitable[T]], **others: Any) -> T:
    """Return what `work` makes of a client that only reads."""
    return _run(network(service, **others), work, writing=False)


def writing(service: Service, work: Callable[[Graph], Awaitable[T]], **others: Any) -> T:
    """Return what `work` makes of a client that reads and writes."""
    return _run(network(service, **others), work, writing=True)


def _run(net: Network, work: Callable[[Graph], Awaitable[T]], *, writing: bool) -> T:
    async def run() -> T:
        graph = net.writer(CONTOSO) if writing else net.reader(CONTOSO)
        try:
            return await work(graph)
        finally:
            await graph.aclose()

    return asyncio.run(run())
