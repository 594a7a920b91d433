"""Lists that are cut off in the middle: small pages, of which the second is refused."""

from __future__ import annotations

import base64
import json

import emulated
import httpx

from reconciler.emulator.world import World

REFUSAL = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}


class Cutting(emulated.AsyncTransport):
    """Serves a world; of the list at `path` in a tenant, one object, and then nothing any more.

    With `whole` it is refused from the beginning.
    """

    def __init__(self, world: World, tenant: str, path: str, *, whole: bool = False) -> None:
        super().__init__(world)
        self._tenant = tenant
        self._path = path
        self._whole = whole

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(self._path) or tenant_of(request) != self._tenant:
            return await super().handle_async_request(request)
        if self._whole or "skiptoken" in request.url.query.decode():
            return httpx.Response(403, json=REFUSAL, request=request)
        small = request.url.copy_set_param("$top", "1")
        return await super().handle_async_request(httpx.Request("GET", small, headers=request.headers))


class Rewriting(emulated.AsyncTransport):
    """Serves a world whose schemas say something else."""

    def __init__(self, world: World, old: str, new: str) -> None:
        super().__init__(world)
        self._old = old
        self._new = new

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if not request.url.path.endswith("/schema"):
            return response
        text = (await response.aread()).decode().replace(self._old, self._new)
        headers = {"content-type": response.headers["content-type"]}
        return httpx.Response(response.status_code, content=text.encode(), headers=headers, request=request)


class Nameless(emulated.AsyncTransport):
    """Serves a world in which a tenant shows one user more, who lacks what everybody has."""

    def __init__(self, world: World, tenant: str, **shown: str) -> None:
        super().__init__(world)
        self._tenant = tenant
        self._shown = shown

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/users") and tenant_of(request) == self._tenant:
            return httpx.Response(200, json={"value": [self._shown]}, request=request)
        return await super().handle_async_request(request)


def tenant_of(request: httpx.Request) -> str:
    """Return the tenant that a request is about, by the token that it carries."""
    payload = request.headers["Authorization"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["tid"])
