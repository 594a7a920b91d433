"""A few routes of no meaning, so that the server and its wire are tested without the emulated service."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from reconciler.emulator.server import Served, serving_app

TEXT = "".join(f"{number:03}," for number in range(100))

Result = TypeVar("Result")


class Tiny:
    """The app, what it was asked, and what the proxy in front of it is to do."""

    def __init__(self) -> None:
        self.served: Served | None = None
        self.asked: list[str] = []
        self.committed: list[str] = []
        self.slept: list[float] = []
        self.given_up = asyncio.Event()
        self.arrived = asyncio.Semaphore(0)
        self.go_on = asyncio.Event()
        self.app = Starlette(
            routes=[
                Route("/text", self.text, methods=["GET"]),
                Route("/who", self.who, methods=["GET"]),
                Route("/wait", self.wait, methods=["GET"]),
                Route("/upload", self.upload, methods=["POST"]),
                Route("/lost-request", self.lost_request, methods=["POST"]),
                Route("/lost-answer", self.lost_answer, methods=["POST"]),
                Route("/shaped/{how}", self.shaped, methods=["GET", "DELETE"]),
            ]
        )
        self.shapes: Mapping[str, Mapping[str, Any]] = {
            "truncated": {"truncate": 10},
            "beheaded": {"truncate": 0},
            "dripping": {"drip": {"bytes": 150, "seconds": 60}},
            "hanging": {"hang": True},
        }

    async def sleep(self, seconds: float) -> None:
        """Let time pass that nobody has to wait for."""
        self.slept.append(seconds)

    async def text(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return PlainTextResponse(TEXT)

    async def who(self, request: Request) -> Response:
        assert request.client is not None
        return JSONResponse({"version": request.scope["http_version"], "port": request.client.port})

    async def wait(self, request: Request) -> Response:
        self.arrived.release()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise
        return PlainTextResponse(TEXT)

    async def upload(self, request: Request) -> Response:
        self.arrived.release()
        try:
            return PlainTextResponse(await request.body())
        finally:
            self.given_up.set()

    async def lost_request(self, request: Request) -> Response:
        self.asked.append((await request.body()).decode())
        self._cut(request)
        return PlainTextResponse("never seen")

    async def lost_answer(self, request: Request) -> Response:
        self.committed.append((await request.body()).decode())
        self._cut(request)
        return PlainTextResponse("never seen")

    async def shaped(self, request: Request) -> Response:
        assert self.served is not None
        assert request.client is not None
        self.served.proxy.shape(request.client.port, self.shapes[request.path_params["how"]])
        return Response(status_code=204) if request.method == "DELETE" else PlainTextResponse(TEXT)

    def _cut(self, request: Request) -> None:
        assert self.served is not None
        assert request.client is not None
        self.served.proxy.cut(request.client.port)


def against(test: Callable[[Tiny, Served], Awaitable[Result]]) -> Result:
    """Run a test while the app is being served, and return what it returns."""

    async def run() -> Result:
        tiny = Tiny()
        async with serving_app(tiny.app, sleep=tiny.sleep) as served:
            tiny.served = served
            return await test(tiny, served)

    return asyncio.run(run())


def trusting(served: Served) -> ssl.SSLContext:
    """Return what a client needs to trust the server, and nobody else."""
    return ssl.create_default_context(cafile=str(served.ca_file))


def client(served: Served, *, http2: bool) -> httpx.AsyncClient:
    """Return a client of one version of HTTP; its time limit is there for tests that fail."""
    context = trusting(served)
    return httpx.AsyncClient(base_url=served.url, verify=context, http1=not http2, http2=http2, timeout=30)


class Bare:
    """An HTTP/1.1 client that sees bytes: what arrived before a connection broke, and how it broke."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connected(cls, served: Served) -> "Bare":
        return cls(*await asyncio.open_connection("127.0.0.1", served.port, ssl=trusting(served)))

    def ask(self, method: str, path: str, length: int = 0) -> None:
        """Send a request without waiting for anything, and without the body that it announces."""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        self._writer.write(head.encode())

    async def until(self, end: bytes) -> bytes:
        """Return what arrives, up to `end`."""
        return await self._reader.readuntil(end)

    async def rest(self) -> bytes:
        """Return what arrives until the connection ends in an orderly way.

        Raises:
            ConnectionResetError: when it ends otherwise.
        """
        return await self._reader.read()

    def close(self) -> None:
        """Hang up."""
        self._writer.transport.abort()


def listeners(port: int) -> list[str]:
    """Return the addresses, as the kernel writes them, at which somebody listens on the port."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    listening = [local.split(":") for _, local, _, state, *_ in rows if state == "0A"]
    return [address for address, number in listening if int(number, 16) == port]
