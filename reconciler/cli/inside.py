"""An emulated cloud in our own process: a transport that asks a world directly, without sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from reconciler.emulator import routing
from reconciler.emulator.calls import Answer, Call
from reconciler.emulator.refusals import Dropped

if TYPE_CHECKING:
    from reconciler.emulator.world import World


class Inside(httpx.AsyncBaseTransport):
    """Asks a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = call_of(request, await request.aread())
        try:
            return response(request, await self._world.serve(call))
        except Dropped as dropped:
            raise broken(request, dropped) from dropped


def call_of(request: httpx.Request, body: bytes) -> Call:
    """Return what a world gets to see of a request."""
    return Call(
        method=request.method,
        path=request.url.path,
        query=routing.query(request.url.query.decode()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        base=f"{request.url.scheme}://{request.url.netloc.decode()}",
    )


def response(request: httpx.Request, answer: Answer) -> httpx.Response:
    """Return an answer of a world as a client gets it."""
    return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.raw, request=request)


def broken(request: httpx.Request, dropped: Dropped) -> httpx.TransportError:
    """Return what a client sees of a connection that broke, by what the fault was to do to it."""
    match str(dropped):
        case "truncate":
            return httpx.RemoteProtocolError("peer closed connection without sending complete message", request=request)
        case "hang":
            return httpx.ReadTimeout("the read operation timed out", request=request)
        case _:
            return httpx.ReadError("connection reset by peer", request=request)
