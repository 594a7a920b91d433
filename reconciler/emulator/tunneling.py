"""Proxy mode: an HTTP proxy on loopback for clients that have the public host names built in.

It knows CONNECT and nothing else, leads the hosts of Microsoft's clouds to the emulator, and leads nowhere else: no
name is looked up, and no byte leaves this machine. TLS passes through as it is, and so do the faults of the wire.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

from reconciler.emulator.clouds import PUBLIC_HOSTS
from reconciler.emulator.wire import BACKLOG, LOOPBACK, Link, Proxy

_LONGEST_HEAD: Final = 16_384
# A client that connects and then says nothing.
_PATIENCE_SECONDS: Final = 30.0
_CONNECT: Final = re.compile(rb"CONNECT ([A-Za-z0-9.-]+):(\d{1,5}) HTTP/1\.[01]\r\n(?:[^\r\n]+\r\n)*\r\n")
_END: Final = b"\r\n\r\n"


@asynccontextmanager
async def tunneling(port: int | None, target: int) -> AsyncIterator[str]:
    """Yield the URL of a proxy that leads to the `target` port of loopback until the block ends; "" without a port.

    Raises:
        OSError: when the port is taken.
    """
    if port is None:
        yield ""
        return
    tunnels = Proxy(target)
    asking: set[Asking] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Asking(tunnels, asking), LOOPBACK, port, backlog=BACKLOG)
    try:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for client in tuple(asking):
            client.leave()
        tunnels.stop()


class Asking(asyncio.Protocol):
    """A client that has not been led anywhere yet."""

    def __init__(self, tunnels: Proxy, asking: set[Asking]) -> None:
        self._tunnels = tunnels
        self._asking = asking
        self._head = b""
        self._transport: asyncio.Transport | None = None
        self._patience = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self.leave)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._asking.add(self)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if _END in self._head or len(self._head) > _LONGEST_HEAD:
            self._decide()

    def connection_lost(self, error: Exception | None) -> None:
        self._done()

    def leave(self) -> None:
        """End the connection without a word."""
        self._done()
        if self._transport is not None:
            self._transport.abort()

    def _done(self) -> None:
        self._patience.cancel()
        self._asking.discard(self)

    def _decide(self) -> None:
        asked = _CONNECT.fullmatch(self._head)
        if asked is None:
            self._refuse("It takes CONNECT HOST:443 and nothing else.")
        elif asked[1].decode().lower() not in PUBLIC_HOSTS or asked[2] != b"443":
            self._refuse(f"It does not lead to {asked[1].decode()}:{asked[2].decode()}.")
        else:
            self._lead()

    def _lead(self) -> None:
        """Make a link of the connection; from here on it is the link's."""
        transport = cast(asyncio.Transport, self._transport)
        self._done()
        transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        client = Link(self._tunnels).client
        transport.set_protocol(client)
        client.connection_made(transport)

    def _refuse(self, why: str) -> None:
        self._done()
        text = f"This proxy stands in for Microsoft's clouds. {why}\n"
        head = "HTTP/1.1 403 Forbidden", "Content-Type: text/plain", f"Content-Length: {len(text)}", "Connection: close"
        if self._transport is not None:
            self._transport.write("\r\n".join((*head, "", text)).encode())
            self._transport.close()
