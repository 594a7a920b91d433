import asyncio
import gzip
import resource
import zlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme
from wire_server import JSON, Do, Wire, answer, graph, raw, serving

from reconciler.errors import GraphError, Unanswered, Unavailable
from reconciler.graph.client import Graph

CUTS: Mapping[str, Do] = {
    "/v1.0/nothing": raw(b""),
    "/v1.0/reset": raw(b"", then="reset"),
    "/v1.0/half-head": raw(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "/v1.0/reset-in-body": raw(
        f'HTTP/1.1 200 OK\r\n{JSON}Content-Length: 100\r\n\r\n{{"value": ['.encode(), then="reset"
    ),
    "/v1.0/short": raw(f'HTTP/1.1 200 OK\r\n{JSON}Content-Length: 100\r\n\r\n{{"value": []}}'.encode()),
    "/v1.0/cut-chunk": raw(f'HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n40\r\n{{"value"'.encode()),
    "/v1.0/no-length": raw(f'HTTP/1.1 200 OK\r\n{JSON}\r\n{{"value": [{{"tenantId": "a"}}, '.encode()),
    "/v1.0/garbage": raw(b"\x00\x01\x02 this is no HTTP\r\n\r\n"),
    "/v1.0/cut-gzip": answer(gzip.compress(b'{"value": []}' * 100)[:-10], head=f"{JSON}Content-Encoding: gzip\r\n"),
    "/v1.0/not-gzip": answer(b'{"value": []}', head=f"{JSON}Content-Encoding: gzip\r\n"),
    "/v1.0/hang": raw(f'HTTP/1.1 200 OK\r\n{JSON}Content-Length: 100\r\n\r\n{{"value": ['.encode(), then="hang"),
    "/v1.0/drip": raw(f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: 100000\r\n\r\n{{".encode(), then="drip"),
    "/v1.0/silent": raw(b"", then="hang"),
}
# Real seconds until these are too late, and until anything else would be.
LATE = ("/v1.0/hang", "/v1.0/drip", "/v1.0/silent")
AMPLE = 10.0


def through(
    tmp_path: Path,
    work: Callable[[Graph, Wire], Awaitable[Any]],
    acts: Mapping[str, Do] = CUTS,
    *,
    ca: trustme.CA | None = None,
    http2: bool = False,
    **others: Any,
) -> Any:
    """Return what `work` makes of a client with a real connection to a real server."""

    async def run() -> Any:
        async with serving(acts, ca=ca, http2=http2) as wire:
            client = graph(wire, tmp_path, **others)
            try:
                return await work(client, wire)
            finally:
                await client.aclose()

    return asyncio.run(run())


@pytest.mark.parametrize("http2", [False, True])
def test_sound_server_is_read_over_either_version(tmp_path: Path, http2: bool) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        assert await client.get("/thing?$select=a") == {"path": "/v1.0/thing?$select=a"}

    through(tmp_path, work, http2=http2)


@pytest.mark.parametrize("path", CUTS)
def test_cut_read_is_tried_again_and_never_a_shorter_list(tmp_path: Path, path: str) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        with pytest.raises(Unavailable):
            await client.get(path.removeprefix("/v1.0"))
        # Some tries may find the connection of the last one dead, and on a busy machine get none in time.
        assert 2 <= wire.requests.count(f"GET {path}") <= 6

    through(tmp_path, work, seconds=0.15 if path in LATE else AMPLE)


@pytest.mark.parametrize("path", CUTS)
def test_cut_write_is_unanswered_and_sent_once(tmp_path: Path, path: str) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        with pytest.raises(Unanswered):
            await client.write("POST", path.removeprefix("/v1.0"), {"a": 1})
        assert wire.requests.count(f"POST {path}") == 1

    through(tmp_path, work, seconds=0.6 if path in LATE else AMPLE, writing=True)


def test_slow_answer_is_too_late_and_says_so(tmp_path: Path) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        with pytest.raises(Unavailable, match=r"within 0\.2 s"):
            await client.get("/drip")

    through(tmp_path, work, seconds=0.2)


def test_connection_refused_is_unavailable(tmp_path: Path) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        await client.get("/thing")

    async def run() -> None:
        async with serving({}) as wire:
            pass
        client = graph(wire, tmp_path)
        with pytest.raises(Unavailable) as caught:
            await work(client, wire)
        assert caught.value.exit_code == 9
        await client.aclose()

    asyncio.run(run())


def test_unknown_authority_is_unavailable_at_once(tmp_path: Path) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        with pytest.raises(Unavailable, match="certificate is not trusted"):
            await client.get("/thing")
        assert not wire.requests

    through(tmp_path, work, ca=trustme.CA())


def test_redirect_to_another_host_is_not_followed(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving({}) as other:
            move = raw(
                f"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:{other.port}/v1.0/x\r\n"
                "Content-Length: 0\r\n\r\n".encode()
            )
            async with serving({"/v1.0/x": move}) as wire:
                reader, writer = graph(wire, tmp_path), graph(wire, tmp_path, writing=True)
                with pytest.raises(Unavailable):
                    await reader.get("/x")
                with pytest.raises(Unanswered):
                    await writer.write("PATCH", "/x", {})
                await reader.aclose()
                await writer.aclose()
            assert not other.requests

    asyncio.run(run())


def bomb(mebibytes: int) -> bytes:
    """Return a small gzip stream of so many MiB, made piece by piece."""
    packer = zlib.compressobj(1, wbits=31)
    piece = b" " * 1024 * 1024
    return b"".join([*(packer.compress(piece) for _ in range(mebibytes)), packer.flush()])


@pytest.mark.parametrize(("encoding", "words"), [("gzip", "larger than 32 MiB"), ("gzip, gzip", "nobody asked for")])
def test_bomb_is_refused_at_the_cap(tmp_path: Path, encoding: str, words: str) -> None:
    content = bomb(300) if encoding == "gzip" else gzip.compress(bomb(300))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def work(client: Graph, wire: Wire) -> None:
        with pytest.raises(Unavailable, match=words):
            await client.get("/bomb")
        assert wire.requests.count("GET /v1.0/bomb") == 1

    through(tmp_path, work, {"/v1.0/bomb": answer(content, head=f"{JSON}Content-Encoding: {encoding}\r\n")})

    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < 100


def test_flood_without_compression_is_refused_at_the_cap(tmp_path: Path) -> None:
    flood = answer(b'{"a": "' + b" " * 33 * 1024 * 1024 + b'"}')

    async def work(client: Graph, wire: Wire) -> None:
        with pytest.raises(Unavailable, match="larger than 32 MiB"):
            await client.get("/flood")

    through(tmp_path, work, {"/v1.0/flood": flood})


def test_compressed_answer_is_read(tmp_path: Path) -> None:
    zipped = answer(gzip.compress(b'{"a": 1}'), head=f"{JSON}Content-Encoding: gzip\r\n")

    async def work(client: Graph, wire: Wire) -> None:
        assert await client.get("/zipped") == {"a": 1}

    through(tmp_path, work, {"/v1.0/zipped": zipped})


@pytest.mark.parametrize("path", ["/short", "/away"])
def test_http2_trouble_is_unavailable(tmp_path: Path, path: str) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        with pytest.raises(Unavailable):
            await client.get(path)
        assert wire.requests.count(f"/v1.0{path}") == 6

    through(tmp_path, work, http2=True)


def test_http2_trouble_of_one_request_does_not_lose_the_others(tmp_path: Path) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        names = [f"/{number}" for number in range(8)]
        answers = await asyncio.gather(*map(client.get, [*names, "/away"]), return_exceptions=True)
        assert answers[:-1] == [{"path": f"/v1.0{name}"} for name in names]
        assert isinstance(answers[-1], GraphError)

    through(tmp_path, work, http2=True)


def test_http2_needs_one_connection(tmp_path: Path) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        await asyncio.gather(*(client.get(f"/{number}") for number in range(100)))
        # The second one is for signing in.
        assert wire.most <= 2

    through(tmp_path, work, http2=True)


def test_http1_keeps_to_few_connections(tmp_path: Path) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        await asyncio.gather(*(client.get(f"/{number}") for number in range(100)))
        assert wire.most <= 20

    through(tmp_path, work)


def test_proxy_is_not_asked_for_this_machine(tmp_path: Path) -> None:
    async def work(client: Graph, wire: Wire) -> None:
        assert await client.get("/thing")

    through(tmp_path, work, HTTPS_PROXY="http://127.0.0.1:1")
