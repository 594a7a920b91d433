import asyncio
from typing import Any

import httpx
import pytest
import worlds

from reconciler.emulator.asgi import app
from reconciler.emulator.world import World

CONTROL = {"X-Emulator": "control"}


def put(world: World, seed: Any) -> httpx.Response:
    """Send a seed to the control plane."""

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app(world)), base_url="https://emulator") as client:
            return await client.put("/emulator/state", json=seed, headers=CONTROL)

    return asyncio.run(send())


@pytest.fixture
def used() -> World:
    """A world in which something has been written, and something is about to go wrong."""
    world = World.from_seed(worlds.seed(clock="2026-11-24T08:00:00Z"))
    tenant = world.directory.named("contoso")
    assert tenant is not None
    assert world.portal(tenant, "Megan Bowen", "DELETE", f"{worlds.PARTNERS}/{worlds.TAILSPIN}").status == 204
    world.add_fault({"match": {"write": True}, "action": "drop"})
    world.clock.wait(3600)
    return world


def test_world_can_begin_again(used: World) -> None:
    answer = put(used, worlds.seed(clock="2026-11-24T08:00:00Z"))

    assert answer.status_code == 200
    assert used.store.get(worlds.CONTOSO, "partner", worlds.TAILSPIN) is not None
    assert used.store.journal() == ()
    assert used.store.audits(worlds.CONTOSO) == []
    assert used.faults.listing() == []
    assert used.clock.now().isoformat() == "2026-11-24T08:00:00+00:00"


def test_world_can_become_another(used: World) -> None:
    put(used, {"tenants": {"northwind": {"tenantId": worlds.NORTHWIND, "domain": "northwind.example"}}})

    assert list(used.directory.tenants) == [worlds.NORTHWIND]
    assert used.store.get(worlds.CONTOSO, "partner", worlds.TAILSPIN) is None


def test_tokens_outlive_a_new_beginning(used: World) -> None:
    key = used.signer.pem
    put(used, worlds.seed())

    assert used.signer.pem == key


@pytest.mark.parametrize(
    ("seed", "word"),
    [
        ({"tenants": {"contoso": {"tenantId": "nonsense"}}}, "nonsense"),
        ({"faults": [{"action": "explode"}]}, "faults.0"),
        ({"switches": {"page_size": 3}}, "switches"),
    ],
)
def test_wrong_seed_changes_nothing(used: World, seed: Any, word: str) -> None:
    before = used.store.journal()
    answer = put(used, seed)

    assert answer.status_code == 400
    assert word in answer.text
    assert used.store.journal() == before
    assert len(used.faults.listing()) == 1
