"""Answers that come in pieces, in part, or not to their end: the half of a wire fault that only the app's side can do.

TLS hides from a proxy where an answer begins, and a client sees nothing of a TLS record that is not whole. So the
answer is given to the server piece by piece, each when the proxy has forwarded the one before, and the proxy then ends
or freezes the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from starlette.requests import ClientDisconnect

from reconciler.emulator.calls import Json
from reconciler.emulator.wire import Link, Proxy

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Sleep: TypeAlias = Callable[[float], Awaitable[None]]


class Shaped:
    """An ASGI app behind a proxy; `sleep` is the time that passes between the drops of a dripping answer."""

    def __init__(self, app: Application, proxy: Proxy, sleep: Sleep) -> None:
        self._app = app
        self._proxy = proxy
        self._sleep = sleep
        self._running: set[asyncio.Task[Any]] = set()
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host, port = scope["client"]
        # The server gives the port as text, the ASGI specification as a number.
        scope["client"] = (host, int(port))
        answer = _Answer(self._proxy, int(port), self._sleep, send)
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            # Gone before its request had arrived whole: nobody waits for an answer, and nothing went wrong here.
            return
        except asyncio.CancelledError:
            if not self._stopping:
                raise

    def stop(self) -> None:
        """Give up every request that is still being answered."""
        self._stopping = True
        for task in tuple(self._running):
            task.cancel()


class _Answer:
    """One answer on its way: passed on as it is, unless its connection has been shaped before it begins."""

    def __init__(self, proxy: Proxy, port: int, sleep: Sleep, send: Send) -> None:
        self._proxy = proxy
        self._port = port
        self._sleep = sleep
        self._send = send
        self._shape: tuple[Link, Mapping[str, Json]] | None = None
        self._start: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        """Pass a message of the app on, or keep it until the answer is whole and can be taken apart."""
        if message["type"] == "http.response.start":
            self._shape = self._proxy.taken(self._port)
        if self._shape is None:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._misbehave(*self._shape)

    async def _misbehave(self, link: Link, how: Mapping[str, Json]) -> None:
        match how:
            case {"truncate": int(size)}:
                await self._begin(link, self._body[:size])
                link.close()
            case {"hang": True}:
                await self._begin(link, self._body[:1])
                link.freeze()
                await link.ended()
            case {"drip": {"bytes": int(size), "seconds": int() | float() as seconds}} if size > 0:
                await self._drip(link, size, seconds)
            case _:
                raise ValueError(f"a connection cannot be shaped by {how!r}")

    async def _begin(self, link: Link, piece: bytes) -> None:
        """Send the head and a first piece; an answer without a body would be whole with its head, so nothing of it."""
        if self._body:
            await self._head(link)
            await self._piece(link, piece)

    async def _drip(self, link: Link, size: int, seconds: float) -> None:
        await self._head(link)
        for place in range(0, len(self._body), size):
            await self._sleep(seconds)
            await self._piece(link, self._body[place : place + size])
        await self._send({"type": "http.response.body", "body": b""})

    async def _head(self, link: Link) -> None:
        before = link.carried
        await self._send(self._start)
        # What the server is told to send nothing of yet makes it send the head.
        await self._send({"type": "http.response.body", "body": b"", "more_body": True})
        await link.reached(before + 1)

    async def _piece(self, link: Link, piece: bytes) -> None:
        if piece and not link.over:
            before = link.carried
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            await link.reached(before + len(piece))
