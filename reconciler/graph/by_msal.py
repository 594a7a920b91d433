"""msal, and how it reaches the network: it blocks, so it runs in a thread, and its requests come back to our loop.

The application is made anew, with its cache, for each token, because we keep the token ourselves. Only a person's
sign-in keeps it, for what it knows of the person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import urlencode

from reconciler.errors import SignInFailed
from reconciler.graph.wire import Raw

if TYPE_CHECKING:
    from reconciler.graph.clouds import Place
    from reconciler.graph.desk import Desk
    from reconciler.graph.forms import ManagedIdentity

T = TypeVar("T")

Ask: TypeAlias = Callable[[str, str, Mapping[str, str], "bytes | None"], Coroutine[Any, Any, Raw]]
"""Sends method, URL, headers and content on our loop."""

Proof: TypeAlias = "Callable[[asyncio.AbstractEventLoop], str | Mapping[str, Any]]"
"""Returns msal's `client_credential`; called in the thread."""


async def confidential(desk: Desk, place: Place, proof: Proof) -> str:
    """Return a token for an application that proves who it is.

    Raises:
        SignInFailed: the service says no, or answers what nobody understands.
        Setback: it cannot be reached now.
    """

    def acquire(loop: asyncio.AbstractEventLoop) -> object:
        import msal

        application = msal.ConfidentialClientApplication(
            desk.application,
            authority=f"{place.login}/{desk.tenant_id}",
            client_credential=proof(loop),
            instance_discovery=False,
            http_client=Adapter(_login(desk, place), loop),
        )
        return application.acquire_token_for_client(scopes=[place.scope])

    return desk.accepted(await in_thread(desk, acquire))


async def managed(desk: Desk, place: Place, identity: ManagedIdentity) -> str:
    """Return a token for the identity of this machine.

    Raises:
        SignInFailed: there is none of this client id, or it is given out in a way that we do not know.
        Setback: it cannot be had now.
    """

    async def ask(method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Raw:
        return await desk.at_host(identity.url, method, url, headers)

    def acquire(loop: asyncio.AbstractEventLoop) -> object:
        import msal

        who = (
            msal.UserAssignedManagedIdentity(client_id=desk.application)
            if identity.assigned == "user"
            else msal.SystemAssignedManagedIdentity()
        )
        client = msal.ManagedIdentityClient(who, http_client=Adapter(ask, loop))
        return client.acquire_token_for_client(resource=place.resource)

    return desk.accepted(await in_thread(desk, acquire))


def public(desk: Desk, place: Place, loop: asyncio.AbstractEventLoop) -> Any:
    """Return msal's application for people; called in the thread."""
    import msal

    return msal.PublicClientApplication(
        desk.application,
        authority=f"{place.login}/{desk.tenant_id}",
        instance_discovery=False,
        http_client=Adapter(_login(desk, place), loop),
    )


async def in_thread(desk: Desk, work: Callable[[asyncio.AbstractEventLoop], T]) -> T:
    """Return what `work` returns in a thread of its own; what msal stumbles over becomes our error."""
    import msal

    loop = asyncio.get_running_loop()
    try:
        return await asyncio.to_thread(work, loop)
    except (ValueError, KeyError, TypeError, AttributeError, msal.exceptions.MsalError) as error:
        raise SignInFailed(
            f"{desk.tenant}: the sign-in service answered in a way that cannot be understood "
            f"({type(error).__name__}); check tenantId and cloud in tenant.yaml"
        ) from error


def waited(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns on the loop; called in the thread."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()


def _login(desk: Desk, place: Place) -> Ask:
    async def ask(method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Raw:
        return await desk.at_login(place.login, method, url, headers, content)

    return ask


class _Response:
    """What msal needs to know of an answer."""

    def __init__(self, raw: Raw) -> None:
        self.status_code = raw.status
        self.text = raw.content.decode()
        self.headers = {name: ", ".join(values) for name, values in raw.headers.items()}

    def raise_for_status(self) -> None:
        """Do nothing: what may be better next time was raised before, and msal reads the rest itself."""


class Adapter:
    """msal's `http_client`, called in its thread."""

    def __init__(self, ask: Ask, loop: asyncio.AbstractEventLoop) -> None:
        self._send = ask
        self._loop = loop

    def get(self, url: str, *, params: Mapping[str, str] | None = None, **others: Any) -> _Response:
        query = f"?{urlencode(params)}" if params else ""
        return self._ask("GET", url + query, others.get("headers"), None)

    def post(self, url: str, *, data: Mapping[str, str | None] | None = None, **others: Any) -> _Response:
        # msal leaves it to the client to leave out what is None.
        headers = {**(others.get("headers") or {}), "Content-Type": "application/x-www-form-urlencoded"}
        kept = {name: value for name, value in (data or {}).items() if value is not None}
        return self._ask("POST", url, headers, urlencode(kept).encode())

    def close(self) -> None:
        """Do nothing: the exchange is not msal's to close."""

    def _ask(self, method: str, url: str, headers: Mapping[str, str] | None, content: bytes | None) -> _Response:
        return _Response(waited(self._loop, self._send(method, url, headers or {}, content)))
