"""The emulated cloud in the test's own process: transports for httpx that ask a world directly, without sockets.

Import it by its name from any folder under tests/. What exists only on a wire (TLS, cut bytes) needs the server.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import httpx

from reconciler.cli.inside import Inside, broken, call_of, response
from reconciler.emulator.asgi import app
from reconciler.emulator.refusals import Dropped
from reconciler.emulator.world import World
from reconciler.graph.connecting import Network
from reconciler.model import Management, Origin, Tenant

__all__ = ["AsyncTransport", "SyncTransport", "call_of", "network", "secrets", "tenant_of"]


class AsyncTransport(httpx.AsyncBaseTransport):
    """Asks a world; the control plane is reached through the app."""

    def __init__(self, world: World) -> None:
        self._inside = Inside(world)
        self._control = httpx.ASGITransport(app(world))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        through = self._control if request.url.path.startswith("/emulator/") else self._inside
        return await through.handle_async_request(request)


class SyncTransport(httpx.BaseTransport):
    """The same for callers who cannot await."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        call = call_of(request, request.read())
        try:
            return response(request, self._world.serve_now(call))
        except Dropped as dropped:
            raise broken(request, dropped) from dropped


# ------------------------------------------------------------------------------------------ signing in


def secrets(world: World) -> dict[str, str]:
    """Return the environment in which both applications of every tenant can sign in with their own secrets."""
    environment: dict[str, str] = {}
    for tenant in world.directory.tenants.values():
        name = tenant.name.upper().replace("-", "_")
        for application in tenant.applications.values():
            purpose = application.name.upper()
            environment[f"RECONCILER_{purpose}_CLIENT_SECRET_{name}"] = application.secret
    return environment


def tenant_of(world: World, name: str) -> Tenant:
    """Return a tenant of a world as one of a repository that plans and applies there."""
    found = world.directory.named(name)
    assert found is not None, name
    mine = found.organization
    auth = {one.name: one.app_id for one in found.applications.values()}
    origin = Origin(f"tenants/{name}/tenant.yaml", 1, 1)
    return Tenant(name, mine.id, mine.display_name, mine.domains[0], origin, management=Management.HERE, auth=auth)


def network(
    world: World,
    environment: Mapping[str, str] | None = None,
    *,
    seed: int = 0,
    tell: Callable[[str], None] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Network:
    """Return the network of one run against a world, on its clock; `tell` is where a person reads codes.

    `transport` is what requests pass through, where that is not the world itself.
    """
    through = transport or AsyncTransport(world)
    return Network(
        world.clock,
        secrets(world) if environment is None else environment,
        transports=lambda role: through,
        chance=random.Random(seed).random,
        tell=tell,
    )
