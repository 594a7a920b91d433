"""The world as an ASGI app. It reads a request, asks the world, and writes the answer; it decides nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.emulator import answering, control, routing
from reconciler.emulator.calls import Answer, Call
from reconciler.emulator.refusals import Dropped, Refusal, envelope
from reconciler.emulator.world import World

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def app(world: World) -> Starlette:
    """Return the app of a world: sign-in, Graph, and the control plane under `/emulator/`."""

    async def everything(request: Request) -> Response:
        return await _answered(world, request)

    return Starlette(routes=[*control.routes(world), Route("/{path:path}", everything, methods=_METHODS)])


async def _answered(world: World, request: Request) -> Response:
    port = request.client.port if request.client else 0
    try:
        call = await _call(request, port)
    except Refusal as refusal:
        body = envelope(refusal, world.clock.now(), world.new_id(), "")
        return _response(Answer(refusal.status, raw=answering.encoded(body), content_type="application/json"))
    try:
        return _response(await world.serve(call))
    except Dropped:
        if world.wire is None:
            raise
        world.wire.cut(port)
        # The client is gone already; this only ends the request on the server's side.
        return Response(status_code=503)


async def _call(request: Request, port: int) -> Call:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw}
    return Call(
        method=request.method,
        path=str(request.scope["path"]),
        query=routing.query(request.scope["query_string"].decode("latin-1")),
        headers=headers,
        body=await _body(request),
        base=f"{request.scope['scheme']}://{headers.get('host') or headers.get(':authority') or 'graph.microsoft.com'}",
        port=port,
    )


async def _body(request: Request) -> bytes:
    """Return the body, one byte too long when there is more than anybody may send."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > answering.MOST_BYTES:
            return bytes(body[: answering.MOST_BYTES + 1])
    return bytes(body)


def _response(answer: Answer) -> Response:
    response = Response(answer.raw or b"", status_code=answer.status)
    for name, value in answer.headers.items():
        response.headers[name] = value.encode("latin-1", "replace").decode("latin-1")
    return response
