import asyncio
import ssl
from collections.abc import Awaitable, Callable

import httpx
import pytest
from tiny_app import TEXT, Result, Tiny, listeners, trusting

from reconciler.emulator.clouds import PUBLIC_HOSTS
from reconciler.emulator.server import Served, serving_app


def through(test: Callable[[Tiny, Served], Awaitable[Result]]) -> Result:
    """Run a test while the app is being served under the public host names as well."""

    async def run() -> Result:
        tiny = Tiny()
        async with serving_app(tiny.app, sleep=tiny.sleep, tunnel_port=0) as served:
            tiny.served = served
            return await test(tiny, served)

    return asyncio.run(run())


def led(served: Served, *, http2: bool = False) -> httpx.AsyncClient:
    """Return a client that goes through the proxy."""
    return httpx.AsyncClient(proxy=served.tunnel, verify=trusting(served), http1=not http2, http2=http2, timeout=30)


async def ask(served: Served, *pieces: bytes) -> bytes:
    """Send bytes to the proxy, piece by piece, and return all that comes back."""
    port = httpx.URL(served.tunnel).port
    assert port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("host", PUBLIC_HOSTS)
def test_public_hosts_lead_to_the_emulator(host: str, http2: bool) -> None:
    async def go(tiny: Tiny, served: Served) -> str:
        async with led(served, http2=http2) as caller:
            return (await caller.get(f"https://{host}/text")).text

    assert through(go) == TEXT


@pytest.mark.parametrize(
    "target", ["login.contoso.example:443", "graph.microsoft.com:80", "graph.microsoft.com.contoso.example:443"]
)
def test_nothing_else_is_led_anywhere(target: str) -> None:
    async def go(tiny: Tiny, served: Served) -> bytes:
        return await ask(served, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())

    answer = through(go)

    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert answer.endswith(f"does not lead to {target}.\n".encode())


@pytest.mark.parametrize(
    "said",
    [
        b"GET http://graph.microsoft.com/v1.0/organization HTTP/1.1\r\n\r\n",
        b"CONNECT graph.microsoft.com HTTP/1.1\r\n\r\n",
        b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\n\r\nand more",
        b"\r\n\r\n",
        b"A" * 20_000,
    ],
)
def test_only_a_connection_can_be_asked_for(said: bytes) -> None:
    async def go(tiny: Tiny, served: Served) -> bytes:
        return await ask(served, said)

    assert through(go).startswith(b"HTTP/1.1 403 Forbidden\r\n")


def test_request_may_come_in_pieces() -> None:
    async def go(tiny: Tiny, served: Served) -> bytes:
        pieces = b"CONNECT login.conto", b"so.example:443 HTTP/1.1\r\n", b"\r\n"
        return await ask(served, *pieces)

    assert through(go).endswith(b"does not lead to login.contoso.example:443.\n")


def test_cut_connection_breaks_through_the_proxy() -> None:
    async def go(tiny: Tiny, served: Served) -> None:
        async with led(served) as caller:
            with pytest.raises(httpx.ReadError):
                await caller.post("https://graph.microsoft.com/lost-answer", content=b"partner")
        assert tiny.committed == ["partner"]

    through(go)


def test_proxy_listens_on_loopback_only() -> None:
    async def go(tiny: Tiny, served: Served) -> list[str]:
        return listeners(httpx.URL(served.tunnel).port or 0)

    assert through(go) == ["0100007F"]


def test_proxy_ends_with_the_server() -> None:
    async def go() -> None:
        async with serving_app(Tiny().app, tunnel_port=0) as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(served.tunnel).port)
        assert await reader.read() == b""
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", httpx.URL(served.tunnel).port)

    asyncio.run(go())


def test_nobody_asks_and_nothing_listens() -> None:
    async def go() -> tuple[str, str]:
        async with serving_app(Tiny().app) as served:
            context = trusting(served)
            with pytest.raises(ssl.SSLCertVerificationError) as refused:
                await asyncio.open_connection(
                    "127.0.0.1", served.port, ssl=context, server_hostname="graph.microsoft.com"
                )
            return served.tunnel, refused.value.verify_message

    tunnel, told = asyncio.run(go())

    assert tunnel == ""
    assert told.startswith("Hostname mismatch")
