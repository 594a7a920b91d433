"""The control plane: how a test or a person looks into the world and moves it. It is no part of what is emulated.

Everything here answers only when the header `X-Emulator: control` is there, which no web page can send unasked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from reconciler.emulator.answering import encoded
from reconciler.emulator.calls import Json
from reconciler.emulator.clock import RealClock
from reconciler.emulator.directory import Tenant
from reconciler.emulator.fault_rules import FaultError
from reconciler.emulator.refusals import Refusal
from reconciler.emulator.seeds import SeedError, fill_anew, seed_of
from reconciler.emulator.world import World

HEADER, WORD = "x-emulator", "control"
LONGEST_WAIT = 20.0
"""Seconds of real time for which somebody may wait for a held request."""

Action: TypeAlias = "Callable[[World, Request], Awaitable[Json]]"


def routes(world: World) -> list[Mount]:
    """Return the control plane of a world."""
    table: list[tuple[str, str, Action]] = [
        ("GET", "/state", _state),
        ("PUT", "/state", _set_state),
        ("GET", "/journal", _journal),
        ("GET", "/requests", _requests),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _add_fault),
        ("DELETE", "/faults", _clear_faults),
        ("DELETE", "/faults/{id}", _remove_fault),
        ("GET", "/held", _held),
        ("POST", "/held/{id:int}/release", _release),
        ("POST", "/release", _release_all),
        ("POST", "/portal", _portal),
        ("POST", "/cycles", _cycles),
        ("GET", "/clock", _clock),
        ("POST", "/clock/sleep", _sleep),
        ("POST", "/clock/advance", _advance),
    ]
    return [
        Mount(
            "/emulator",
            routes=[Route(path, _guarded(world, action), methods=[method]) for method, path, action in table],
        )
    ]


def _guarded(world: World, action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if request.headers.get(HEADER) != WORD:
            raise HTTPException(403, "The control plane answers only with the header X-Emulator: control.")
        world.catch_up()
        return Response(encoded(await action(world, request)), media_type="application/json")

    return answer


async def _said(request: Request) -> Mapping[str, Json]:
    body = await request.body()
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "The body is not JSON.") from error
    if not isinstance(said, dict):
        raise HTTPException(400, "The body is not a JSON object.")
    return said


def _number(value: Json, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise HTTPException(400, f"{what} is not a number.") from error
    if not 0 <= number < 1e9:
        raise HTTPException(400, f"{what} is negative or very large.")
    return number


# ------------------------------------------------------------------------------------------ looking


async def _state(world: World, request: Request) -> Json:
    return seed_of(world)


async def _set_state(world: World, request: Request) -> Json:
    try:
        fill_anew(world, await _said(request))
    except SeedError as error:
        raise HTTPException(400, str(error)) from error
    return {}


async def _journal(world: World, request: Request) -> Json:
    since = int(_number(request.query_params.get("since", "0"), "since"))
    return {"entries": [entry.as_json() for entry in world.store.journal(since=since)]}


async def _requests(world: World, request: Request) -> Json:
    return world.requests.counts


# ------------------------------------------------------------------------------------------ faults


async def _faults(world: World, request: Request) -> Json:
    return {"faults": world.faults.listing()}


async def _add_fault(world: World, request: Request) -> Json:
    try:
        return {"id": world.add_fault(await _said(request))}
    except FaultError as error:
        raise HTTPException(400, str(error)) from error


async def _clear_faults(world: World, request: Request) -> Json:
    world.faults.clear()
    return {}


async def _remove_fault(world: World, request: Request) -> Json:
    if not world.faults.remove(request.path_params["id"]):
        raise HTTPException(404, "There is no such rule.")
    return {}


async def _held(world: World, request: Request) -> Json:
    count = int(_number(request.query_params.get("count", "0"), "count"))
    try:
        await asyncio.wait_for(asyncio.wrap_future(world.faults.until_held(count)), LONGEST_WAIT)
    except TimeoutError as error:
        raise HTTPException(408, f"No {count} requests were held within {LONGEST_WAIT:.0f} seconds.") from error
    return {"held": [held.as_json() for held in world.faults.held]}


async def _release(world: World, request: Request) -> Json:
    carry_on = (await _said(request)).get("carryOn", True) is not False
    if not world.faults.release(request.path_params["id"], carry_on=carry_on):
        raise HTTPException(404, "There is no such request.")
    return {"released": 1}


async def _release_all(world: World, request: Request) -> Json:
    carry_on = (await _said(request)).get("carryOn", True) is not False
    return {"released": world.faults.release(carry_on=carry_on)}


# ------------------------------------------------------------------------------------------ the portal, and time


async def _portal(world: World, request: Request) -> Json:
    match await _said(request):
        case {"tenant": str() as name, "method": str() as method, "path": str() as path, **others}:
            tenant = _tenant(world, name)
        case _:
            raise HTTPException(400, "The portal takes tenant, who, method, path and body.")
    body = b"" if others.get("body") is None else json.dumps(others["body"]).encode()
    try:
        answer = world.portal(tenant, str(others.get("who", "Megan Bowen")), method.upper(), path, body)
    except Refusal as refusal:
        raise HTTPException(400, refusal.message) from refusal
    return {"status": answer.status, "body": answer.body}


def _tenant(world: World, name: str) -> Tenant:
    tenant = world.directory.named(name)
    if tenant is None:
        raise HTTPException(404, f"There is no tenant {name!r}.")
    return tenant


async def _cycles(world: World, request: Request) -> Json:
    """Run the cycles of started jobs now, whatever their moments: of one tenant, or of all."""
    match await _said(request):
        case {"tenant": str() as name, **others} if not others:
            return {"run": world.cycles.run_all(world, _tenant(world, name).id)}
        case {**others} if not others:
            return {"run": world.cycles.run_all(world)}
        case _:
            raise HTTPException(400, "The cycles take a tenant, or nothing.")


async def _clock(world: World, request: Request) -> Json:
    return {
        "now": world.clock.now().isoformat(),
        "monotonic": world.clock.monotonic(),
        "virtual": not isinstance(world.clock, RealClock),
        "world": world.identity,
    }


async def _sleep(world: World, request: Request) -> Json:
    await world.clock.sleep(_number((await _said(request)).get("seconds"), "seconds"))
    return await _clock(world, request)


async def _advance(world: World, request: Request) -> Json:
    await world.clock.advance(_number((await _said(request)).get("seconds"), "seconds"))
    return await _clock(world, request)
