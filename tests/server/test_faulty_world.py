"""Faults of a world, from the rule to what a client of either HTTP version sees, over real connections."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import httpx
import pytest
from tiny_app import client

from reconciler.emulator.server import serving
from reconciler.emulator.world import World

TENANT = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
PARTNER = "88ab0000-0000-4000-8000-000000000001"
PARTNERS = "/v1.0/policies/crossTenantAccessPolicy/partners"
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError)

Result = TypeVar("Result")

both = pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])


def fault(action: Any, *, method: str = "*", phase: str = "after-commit") -> Mapping[str, Any]:
    """Return a rule for the next request to partners."""
    return {"match": {"method": method, "path": f"{PARTNERS}*"}, "nth": 1, "phase": phase, "action": action}


def against(world: World, test: Callable[[httpx.AsyncClient], Awaitable[Result]], *, http2: bool) -> Result:
    """Run a test as a signed-in client of a served world."""
    application = next(one for one in world.directory.tenants[TENANT].applications.values() if one.name == "apply")
    form = {
        "grant_type": "client_credentials",
        "client_id": application.app_id,
        "client_secret": application.secret,
        "scope": "https://graph.microsoft.com/.default",
    }

    async def run() -> Result:
        async with serving(world) as served, client(served, http2=http2) as caller:
            answer = await caller.post(f"/{TENANT}/oauth2/v2.0/token", data=form)
            caller.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            return await test(caller)

    return asyncio.run(run())


def contoso(*faults: Mapping[str, Any]) -> World:
    return World.from_seed({"tenants": {"contoso": {"tenantId": TENANT}}, "faults": list(faults)})


async def create(caller: httpx.AsyncClient) -> httpx.Response:
    return await caller.post(PARTNERS, json={"tenantId": PARTNER})


@both
def test_lost_request_changed_nothing(http2: bool) -> None:
    async def test(caller: httpx.AsyncClient) -> int:
        with pytest.raises(BROKEN):
            await create(caller)
        return (await caller.get(f"{PARTNERS}/{PARTNER}")).status_code

    world = contoso(fault("drop", method="POST", phase="before-commit"))

    assert against(world, test, http2=http2) == 404
    assert [(entry.committed, entry.answered) for entry in world.store.journal()] == [(False, 0)]


@both
def test_lost_answer_had_its_effect(http2: bool) -> None:
    async def test(caller: httpx.AsyncClient) -> int:
        with pytest.raises(BROKEN):
            await create(caller)
        return (await caller.get(f"{PARTNERS}/{PARTNER}")).status_code

    world = contoso(fault("drop", method="POST"))

    assert against(world, test, http2=http2) == 200
    assert [(entry.committed, entry.answered) for entry in world.store.journal()] == [(True, 0)]


@both
def test_lost_answer_of_a_change_without_a_body(http2: bool) -> None:
    async def test(caller: httpx.AsyncClient) -> int:
        await create(caller)
        with pytest.raises(BROKEN):
            await caller.delete(f"{PARTNERS}/{PARTNER}")
        return (await caller.get(f"{PARTNERS}/{PARTNER}")).status_code

    assert against(contoso(fault("drop", method="DELETE")), test, http2=http2) == 404


@both
def test_truncated_list_is_never_a_shorter_list(http2: bool) -> None:
    async def test(caller: httpx.AsyncClient) -> list[str]:
        await create(caller)
        with pytest.raises(BROKEN):
            await caller.get(PARTNERS)
        return [partner["tenantId"] for partner in (await caller.get(PARTNERS)).json()["value"]]

    assert against(contoso(fault({"truncate": 40}, method="GET")), test, http2=http2) == [PARTNER]


@both
def test_dripping_costs_the_worlds_time_only(http2: bool) -> None:
    async def test(caller: httpx.AsyncClient) -> tuple[int, float]:
        before = world.clock.monotonic()
        answer = await caller.get(PARTNERS)
        return answer.status_code, world.clock.monotonic() - before

    world = contoso(fault({"drip": {"bytes": 10, "seconds": 60}}, method="GET"))
    status, passed = against(world, test, http2=http2)

    assert status == 200
    assert passed >= 600


@both
def test_hanging_answer_never_comes(http2: bool) -> None:
    async def test(caller: httpx.AsyncClient) -> int:
        with pytest.raises(httpx.ReadTimeout):
            await caller.get(PARTNERS, timeout=0.1)
        return (await caller.get(PARTNERS)).status_code

    assert against(contoso(fault("hang", method="GET")), test, http2=http2) == 200


@both
def test_held_request_can_be_given_up(http2: bool) -> None:
    async def test(caller: httpx.AsyncClient) -> int:
        writing = asyncio.create_task(create(caller))
        await asyncio.wrap_future(world.faults.until_held(1))
        world.faults.release(carry_on=False)
        with pytest.raises(BROKEN):
            await writing
        return (await caller.get(f"{PARTNERS}/{PARTNER}")).status_code

    world = contoso(fault("hold", method="POST", phase="before-commit"))

    assert against(world, test, http2=http2) == 404
