"""The proxy alone, with a plain server behind it: bytes, ends and resets pass as they would without it."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from reconciler.emulator.wire import Link, Proxy

Behind = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Test = Callable[[Proxy, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def between(behind: Behind, test: Test) -> None:
    """Run a test as a client of a proxy that leads to `behind`."""

    async def run() -> None:
        server = await asyncio.start_server(behind, "127.0.0.1", 0)
        proxy = Proxy(server.sockets[0].getsockname()[1])
        port = await proxy.listen(0)
        await proxy.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await test(proxy, reader, writer)
        finally:
            writer.transport.abort()
            proxy.stop()
            server.close()
            await server.wait_closed()

    asyncio.run(run())


def reset(writer: asyncio.StreamWriter) -> None:
    """Break a connection."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def link_of(proxy: Proxy, behind: asyncio.StreamWriter) -> Link:
    """Return the link that a server's connection belongs to."""
    port = behind.get_extra_info("peername")[1]
    proxy.shape(port, {})
    taken = proxy.taken(port)
    assert taken is not None
    return taken[0]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say everything back once the client has no more to say."""
    writer.write(await reader.read())
    writer.close()


def test_bytes_pass_in_both_directions() -> None:
    said = bytes(range(256)) * 40_000

    async def test(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.write_eof()
        assert await reader.read() == said

    between(echo, test)


def test_silence_of_one_side_leaves_the_other_its_word() -> None:
    async def test(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"well?")
        writer.write_eof()
        assert await reader.read() == b"well?"

    between(echo, test)


def test_reset_by_the_server_reaches_the_client() -> None:
    async def behind(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        reset(writer)

    async def test(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"well?\n")
        with pytest.raises(ConnectionResetError):
            await reader.read()

    between(behind, test)


def test_reset_by_the_client_reaches_the_server() -> None:
    seen: list[type[Exception]] = []
    over = asyncio.Event()

    async def behind(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"go on\n")
        try:
            await reader.read()
        except ConnectionResetError as error:
            seen.append(type(error))
        writer.close()
        over.set()

    async def test(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        reset(writer)
        await over.wait()

    between(behind, test)

    assert seen == [ConnectionResetError]


def test_client_is_reset_when_nobody_is_behind() -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = closed.getsockname()[1]
        proxy = Proxy(nobody)
        port = await proxy.listen(0)
        await proxy.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.transport.abort()
        proxy.stop()

    asyncio.run(run())


def test_slow_reader_slows_the_writer() -> None:
    much = bytes(64 * 1024 * 1024)
    came: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def behind(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(much)
        came.put_nowait(writer)
        await reader.read()
        writer.close()

    async def test(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = link_of(proxy, await came.get())
        assert link.server.transport is not None
        for _ in iter(link.server.transport.is_reading, False):
            await asyncio.sleep(0)
        assert link.carried < len(much) // 2
        assert len(await reader.readexactly(len(much))) == len(much)

    between(behind, test)


def test_waiting_for_bytes_ends_with_the_connection() -> None:
    came: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def behind(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.put_nowait(writer)
        await reader.read()
        writer.close()

    async def test(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = link_of(proxy, await came.get())
        waiting = asyncio.create_task(link.reached(1))
        await asyncio.sleep(0)
        writer.close()
        assert await waiting is False

    between(behind, test)


def test_connection_that_ended_is_forgotten() -> None:
    came: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def behind(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.put_nowait(writer)
        await reader.read()
        writer.close()

    async def test(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = link_of(proxy, await came.get())
        writer.close()
        await link.ended()
        proxy.shape(link.port, {"hang": True})
        assert proxy.taken(link.port) is None

    between(behind, test)
