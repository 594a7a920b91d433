"""A small TCP proxy in front of the server: what happens to bytes, which no app can do to its own connection.

TLS passes through as it is. A connection is known by the port that the proxy uses towards the server, which is the
client's port in the app's eyes. Which request is harmed, and why, is the business of faults.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Final, cast

from reconciler.emulator.calls import Json

LOOPBACK: Final = "127.0.0.1"
BACKLOG: Final = 4096

# Linger on, for no time: closing sends RST and throws away what was not sent yet.
_RESET: Final = struct.pack("ii", 1, 0)


class Proxy:
    """The `Wire` of a served world. All of it belongs to the event loop that serves the app."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._links: set[Link] = set()
        self._by_port: dict[int, Link] = {}
        self._shapes: dict[int, Mapping[str, Json]] = {}
        self._server: asyncio.Server | None = None

    async def listen(self, port: int) -> int:
        """Take the port on loopback, and return which it is; connections are refused until `start`.

        Raises:
            OSError: when the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Link(self).client, LOOPBACK, port, backlog=BACKLOG, start_serving=False
        )
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def start(self) -> None:
        """Accept connections."""
        if self._server is not None:
            await self._server.start_serving()

    def stop(self) -> None:
        """Accept no more connections and reset those there are."""
        if self._server is not None:
            self._server.close()
        for link in tuple(self._links):
            link.reset()

    # ------------------------------------------------------------------------------------ what the app asks for

    def cut(self, port: int) -> None:
        """Reset the client's connection at once: whatever the app answers from now on reaches nobody."""
        if port in self._by_port:
            self._by_port[port].reset()

    def shape(self, port: int, how: Mapping[str, Json]) -> None:
        """Do something to the bytes of the answer that the app sends next on this connection."""
        if port in self._by_port:
            self._shapes[port] = how

    def taken(self, port: int) -> tuple[Link, Mapping[str, Json]] | None:
        """Return what `shape` asked for, once."""
        how = self._shapes.pop(port, None)
        return None if how is None else (self._by_port[port], how)

    # ------------------------------------------------------------------------------------ what links tell

    async def connect(self, link: Link) -> None:
        """Reach the server on behalf of a client that has just come."""
        self._links.add(link)
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: link.server, LOOPBACK, self._target)
        except OSError:
            link.reset()

    def opened(self, port: int, link: Link) -> None:
        """Know a link by its port, before the first byte passes."""
        self._by_port[port] = link

    def closed(self, link: Link) -> None:
        """Forget a link."""
        self._links.discard(link)
        if self._by_port.get(link.port) is link:
            del self._by_port[link.port]
            self._shapes.pop(link.port, None)


class Link:
    """One client's connection and ours to the server on its behalf; what arrives at one end leaves at the other."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.port = 0
        self.client = End(self)
        self.server = End(self)
        self.client.other, self.server.other = self.server, self.client
        self.carried = 0
        self.over = False
        self._frozen = False
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._connecting: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------------------------ what is done to it

    def reset(self) -> None:
        """End both sides at once; the client sees RST, and nothing of what had not left yet."""
        for end in (self.client, self.server):
            if end.transport is not None:
                connection: socket.socket = end.transport.get_extra_info("socket")
                if not end.transport.is_closing():
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.transport.abort()
        self.finish()

    def close(self) -> None:
        """End both sides; what was forwarded arrives first."""
        for end in (self.client, self.server):
            if end.transport is not None:
                end.transport.close()
        self.finish()

    def freeze(self) -> None:
        """Forward nothing more, in either direction, for as long as the client stays."""
        self._frozen = True

    async def reached(self, carried: int) -> bool:
        """Wait until that many bytes went to the client in all; false when the connection ended before."""
        if self.carried < carried and not self.over:
            reached = asyncio.get_running_loop().create_future()
            self._waiting.append((carried, reached))
            await reached
        return not self.over

    async def ended(self) -> None:
        """Wait until the client is gone."""
        while not self.over:
            await self.reached(self.carried + 1)

    # ------------------------------------------------------------------------------------ what its ends tell

    def made(self, end: End) -> None:
        """Go on when one end is connected: the client's first, then ours."""
        transport = cast(asyncio.Transport, end.transport)
        if end is self.client:
            transport.pause_reading()
            self._connecting = asyncio.get_running_loop().create_task(self.proxy.connect(self))
        elif self.over or self.client.transport is None:
            transport.abort()
        else:
            self.port = transport.get_extra_info("sockname")[1]
            self.proxy.opened(self.port, self)
            self.client.transport.resume_reading()

    def arrived(self, end: End, data: bytes) -> None:
        """Pass bytes on."""
        target = end.other.transport
        if self._frozen or self.over or target is None or target.is_closing():
            return
        target.write(data)
        if end is self.server:
            self.carried += len(data)
            if self._waiting:
                self._wake()

    def said_all(self, end: End) -> None:
        """Pass on that one side has no more to say; when both have none, the link is over."""
        end.silent = True
        target = end.other.transport
        if self._frozen or end.other.silent or target is None:
            self.close()
        elif not target.is_closing():
            target.write_eof()

    def lost(self, end: End, error: Exception | None) -> None:
        """End the other side the way this one ended."""
        if error is None:
            self.close()
        else:
            self.reset()

    def finish(self) -> None:
        """Let nobody wait for this link any more."""
        if not self.over:
            self.over = True
            self._wake()
            self.proxy.closed(self)

    def _wake(self) -> None:
        due = [future for carried, future in self._waiting if self.over or carried <= self.carried]
        self._waiting = [(carried, future) for carried, future in self._waiting if future not in due]
        for future in due:
            if not future.done():
                future.set_result(None)


class End(asyncio.Protocol):
    """One end of a link."""

    other: End

    def __init__(self, link: Link) -> None:
        self.link = link
        self.transport: asyncio.Transport | None = None
        self.silent = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.link.made(self)

    def data_received(self, data: bytes) -> None:
        self.link.arrived(self, data)

    def eof_received(self) -> bool:
        self.link.said_all(self)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self.link.lost(self, error)

    def pause_writing(self) -> None:
        if self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other.transport is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()
