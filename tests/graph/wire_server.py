"""Real servers on loopback with TLS, which do to a connection what no application can: cut, drip, reset, flood.

HTTP/1.1 is written by hand, HTTP/2 with h2 on the server's side; each test says by path what is done.
"""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import trustme
from graph_service import CONTOSO, ENVIRONMENT, READER, WRITER, Service, StillClock

from reconciler.graph.client import Graph
from reconciler.graph.connecting import Network

Do = Callable[[asyncio.StreamWriter], Awaitable[bool]]
"""What is done to a connection; True when it goes on afterwards."""

JSON = "Content-Type: application/json\r\n"


@dataclass
class Wire:
    """What a server saw: requests as `METHOD path`, and how many connections were open at the most."""

    requests: list[str] = field(default_factory=list)
    authorized: int = 0
    open: int = 0
    most: int = 0
    port: int = 0


def answer(body: object, *, head: str = JSON, status: str = "200 OK") -> Do:
    """Answer soundly."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return raw(f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(content)}\r\n\r\n".encode() + content, then="go on")


def raw(content: bytes, *, then: str = "close") -> Do:
    """Send these bytes, then `go on`, `close`, `reset`, `hang` or `drip` one more space a moment."""

    async def do(writer: asyncio.StreamWriter) -> bool:
        writer.write(content)
        await writer.drain()
        if then == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return False
        while then in ("hang", "drip"):
            await asyncio.sleep(0.01)
            if then == "drip":
                writer.write(b" ")
                await writer.drain()
        return then == "go on"

    return do


@cache
def authority() -> trustme.CA:
    """Return the authority that signs all servers of the tests."""
    return trustme.CA()


def context(ca: trustme.CA, *, http2: bool = False) -> ssl.SSLContext:
    """Return a server's side of TLS."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", "localhost").configure_cert(found)
    found.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    return found


@asynccontextmanager
async def serving(acts: Mapping[str, Do], *, ca: trustme.CA | None = None, http2: bool = False) -> AsyncIterator[Wire]:
    """Run a server; a path without an act is answered soundly. Signing in always works, over HTTP/1.1."""
    wire = Wire()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        wire.open += 1
        wire.most = max(wire.most, wire.open)
        try:
            tls = writer.get_extra_info("ssl_object")
            if tls.selected_alpn_protocol() == "h2":
                await _speak_http2(reader, writer, wire)
            else:
                await _speak_http1(reader, writer, acts, wire)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            return
        finally:
            wire.open -= 1
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context(ca or authority(), http2=http2))
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _speak_http1(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, acts: Mapping[str, Do], wire: Wire
) -> None:
    going = True
    while going:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        method, path, _ = head.split(" ", 2)
        length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
        content = await reader.readexactly(length)
        wire.requests.append(f"{method.upper()} {path}")
        wire.authorized += "authorization:" in head
        act = acts.get(path) or _sound(path, content, wire)
        going = await act(writer)


def _sound(path: str, content: bytes, wire: Wire) -> Do:
    origin = f"https://127.0.0.1:{wire.port}/{CONTOSO.tenant_id}"
    if "openid-configuration" in path:
        return answer(
            {
                "issuer": origin,
                "authorization_endpoint": f"{origin}/oauth2/v2.0/authorize",
                "token_endpoint": f"{origin}/oauth2/v2.0/token",
            }
        )
    if path.endswith("/token"):
        client_id = WRITER if WRITER.encode() in content else READER
        return answer({"token_type": "Bearer", "expires_in": 3599, "access_token": Service().token(client_id)})
    return answer({"path": path})


async def _speak_http2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: Wire) -> None:
    """Answer /v1.0/short with fewer bytes than announced, /v1.0/away by ending the connection, the rest soundly."""
    settings = h2.config.H2Configuration(client_side=False, validate_outbound_headers=False)
    connection = h2.connection.H2Connection(config=settings)
    connection.initiate_connection()
    writer.write(connection.data_to_send())
    while data := await reader.read(65536):
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                path = dict(event.headers or [])[b":path"].decode()
                wire.requests.append(path)
                _answer_http2(connection, event.stream_id or 0, path)
        writer.write(connection.data_to_send())
        await writer.drain()


def _answer_http2(connection: h2.connection.H2Connection, stream: int, path: str) -> None:
    if path == "/v1.0/away":
        connection.close_connection()
        return
    content = json.dumps({"path": path}).encode()
    length = len(content) + (100 if path == "/v1.0/short" else 0)
    head = [(":status", "200"), ("content-type", "application/json"), ("content-length", str(length))]
    connection.send_headers(stream, head)
    connection.send_data(stream, content, end_stream=True)


def graph(wire: Wire, folder: Path, *, writing: bool = False, seconds: float = 5.0, **others: str) -> Graph:
    """Return a client that reaches the server through the real network, and trusts its authority."""
    file = folder / "ca.pem"
    authority().cert_pem.write_to_path(str(file))
    environment = {**ENVIRONMENT, "SSL_CERT_FILE": str(file), **others}
    net = Network(
        StillClock(), environment, f"https://127.0.0.1:{wire.port}", chance=lambda: 0.5, request_seconds=seconds
    )
    return net.writer(CONTOSO) if writing else net.reader(CONTOSO)
