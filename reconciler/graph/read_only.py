"""A transport that cannot write: for every command but apply. Refuses before anything is sent, so a bug is harmless."""

from __future__ import annotations

import httpx

from reconciler.errors import WriteForbidden
from reconciler.graph.strict_json import parse


class ReadOnly(httpx.AsyncBaseTransport):
    """Lets pass GET, and batches that hold nothing but GETs."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request.

        Raises:
            WriteForbidden: it could change something; nothing was sent.
        """
        if not _reads(request.method, request.url.path, request.content):
            raise WriteForbidden(
                f"{request.method} {request.url.path} could change something, but this command only reads; "
                "nothing was sent. This is a defect: please report it"
            )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _reads(method: str, path: str, content: bytes) -> bool:
    if method == "GET":
        return not content
    return method == "POST" and path.endswith("/$batch") and _holds_only_gets(content)


def _holds_only_gets(content: bytes) -> bool:
    try:
        body = parse(content)
    except ValueError:
        return False
    items = body.get("requests") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(items, list):
        return False
    return all(isinstance(item, dict) and item.get("method") == "GET" and "body" not in item for item in items)


class SignInOnly(httpx.AsyncBaseTransport):
    """Lets pass what signing in needs: GET, and POST to where tokens and device codes are given out."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request.

        Raises:
            WriteForbidden: it is not part of a sign-in; nothing was sent.
        """
        if request.method != "GET" and not (
            request.method == "POST" and request.url.path.endswith(("/oauth2/v2.0/token", "/oauth2/v2.0/devicecode"))
        ):
            raise WriteForbidden(
                f"{request.method} {request.url.path} is not part of a sign-in; nothing was sent. "
                "This is a defect: please report it"
            )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
