"""Signing in by msal: one application in one tenant, one token at a time, checked before its first use.

msal blocks, so it runs in a thread; but every request it makes comes back to our own exchange, with its deadline, its
caps and its trust. msal never sees a 429 or a 5xx: it would remember them by the machine's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from reconciler.errors import SignInFailed, Unavailable
from reconciler.graph.answers import Answer, Where, passing, server_date, shorten, understand
from reconciler.graph.clouds import Place
from reconciler.graph.credentials import AUDIENCE, ClientSecret, Credential
from reconciler.graph.pacing import Pace, Patience, Setback
from reconciler.graph.tokens import Expected, Token, checked
from reconciler.graph.wire import Broken, Raw

if TYPE_CHECKING:
    from reconciler.graph.exchange import Exchange

T = TypeVar("T")

# Seconds before its end at which a token is no longer used: a request under way must not outlive it.
MARGIN = 300.0


class SignIn:
    """Hands out the token of one tenant; signs in when there is none, it is about to end, or it was refused."""

    def __init__(
        self,
        expected: Expected,
        place: Place,
        credential: Credential,
        pace: Pace,
        exchange: Exchange,
        github: Callable[[], Exchange],
    ) -> None:
        """`github` returns the connection to the host that vouches for a job."""
        self._expected = expected
        self._place = place
        self._credential = credential
        self._pace = pace
        self._exchange = exchange
        self._github = github
        self._token: Token | None = None
        self._ends = 0.0
        self._refused: SignInFailed | None = None
        self._date: datetime | None = None
        self._lock = asyncio.Lock()

    @property
    def roles(self) -> tuple[str, ...]:
        """The permissions in the present token, sorted."""
        return self._token.roles if self._token else ()

    async def token(self) -> str:
        """Return a token for Graph.

        Raises:
            SignInFailed: there is none to be had, or it is not for us; it is not asked for again in this run.
            Unavailable: the sign-in service does not answer.
        """
        return await self.renew(None)

    async def renew(self, stale: str | None) -> str:
        """Return a token other than `stale`; whoever else waits for one gets the same."""
        async with self._lock:
            if self._refused is not None:
                raise self._refused
            token = self._token
            if token is None or token.value == stale or self._pace.clock.monotonic() >= self._ends:
                token = await self._new()
            return token.value

    async def aclose(self) -> None:
        """Close the connections."""
        await self._exchange.aclose()

    async def _new(self) -> Token:
        try:
            value = await self._patiently()
            moments = [moment for moment in (self._pace.clock.now(), self._date) if moment is not None]
            token = checked(value, self._expected, moments)
        except SignInFailed as error:
            self._refused = error
            raise
        self._token = token
        self._ends = self._pace.clock.monotonic() + max(token.lifetime - MARGIN, token.lifetime / 2)
        return token

    async def _patiently(self) -> str:
        patience = Patience(self._pace)
        while True:
            try:
                return await asyncio.to_thread(self._acquire, asyncio.get_running_loop())
            except Setback as setback:
                if not await patience.bear({"": setback}):
                    raise setback.error from setback

    # ------------------------------------------------------------------------------------------ in the thread

    def _acquire(self, loop: asyncio.AbstractEventLoop) -> str:
        """Return a token that is new: the application is made anew, with its cache, because we keep the token."""
        import msal

        expected = self._expected
        try:
            application = msal.ConfidentialClientApplication(
                expected.client_id,
                authority=f"{self._place.login}/{expected.tenant_id}",
                client_credential=self._proof(loop),
                instance_discovery=False,
                http_client=_Adapter(self, loop),
            )
            result = application.acquire_token_for_client(scopes=[self._place.scope])
        except (ValueError, KeyError, TypeError, AttributeError, msal.exceptions.MsalError) as error:
            raise SignInFailed(
                f"{expected.tenant}: the sign-in service answered in a way that cannot be understood "
                f"({type(error).__name__}); check tenantId and cloud in tenant.yaml"
            ) from error
        return self._accepted(result if isinstance(result, dict) else {})

    def _accepted(self, result: Mapping[str, Any]) -> str:
        token = result.get("access_token")
        if isinstance(token, str) and token:
            return token
        said = str(result.get("error_description") or result.get("error") or "no reason given")
        raise SignInFailed(
            f"{self._expected.tenant}: sign-in as {self._expected.client_id} was refused: {self._clean(said)}; "
            f"check {self._means()}"
        )

    def _clean(self, text: str) -> str:
        """Return `text`, cut, and without our secret, should somebody echo it."""
        secret = self._credential.value if isinstance(self._credential, ClientSecret) else self._credential.token
        return shorten(text.replace(secret, "[secret]"))

    def _means(self) -> str:
        if isinstance(self._credential, ClientSecret):
            return f"the secret in {self._credential.variable} and that the application exists in this tenant"
        return "that the application trusts this repository, branch or environment (federated credential)"

    def _proof(self, loop: asyncio.AbstractEventLoop) -> str | Mapping[str, Callable[[], str]]:
        if isinstance(self._credential, ClientSecret):
            return self._credential.value
        return {"client_assertion": lambda: _waited(loop, self._assertion())}

    # ------------------------------------------------------------------------------------------ on the loop

    async def request(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Raw:
        """Send one request of msal's; raises what msal must not see."""
        where = Where(self._expected.tenant, "sign-in:", f"{method} {urlsplit(url).path}")
        if not url.startswith(f"{self._place.login}/"):
            # The discovery document names the token endpoint, and the secret goes there.
            raise SignInFailed(f"{where}: the sign-in service sends us to another host; nothing was sent there")
        self._pace.meter.add(tokens=int(method == "POST"))
        raw, answer = await self._send(self._exchange, where, url, headers, content)
        self._date = server_date(raw.headers) or self._date
        if (setback := passing(answer, where, self._pace.clock.now())) is not None:
            raise setback
        if answer.flaw or not isinstance(answer.body, dict) or 300 <= raw.status < 400:
            what = answer.flaw or "it is not an answer to a sign-in"
            raise Setback(Unavailable(where.tell(answer, f"cannot be understood: {what}"), status=raw.status))
        if method == "GET" and raw.status != 200:
            said = self._clean(str(answer.body.get("error_description") or answer.body.get("error") or ""))
            raise SignInFailed(
                f"{self._expected.tenant}: the sign-in service does not know tenant {self._expected.tenant_id} "
                f"({raw.status}{': ' + said if said else ''}); check tenantId and cloud in tenant.yaml"
            )
        return raw

    async def _assertion(self) -> str:
        """Return GitHub's word for this job; it lives minutes, so it is asked for each time."""
        credential = self._credential
        if isinstance(credential, ClientSecret):
            raise SignInFailed(f"{self._expected.tenant}: a secret is not a GitHub Actions job")
        where = Where(self._expected.tenant, "sign-in:", "GitHub Actions identity token")
        url = f"{credential.url}{'&' if '?' in credential.url else '?'}audience={quote(AUDIENCE, safe='')}"
        headers = {"Authorization": f"Bearer {credential.token}", "Accept": "application/json"}
        exchange = self._github()
        try:
            _, answer = await self._send(exchange, where, url, headers, None)
        finally:
            await exchange.aclose()
        if (setback := passing(answer, where, self._pace.clock.now())) is not None:
            raise setback
        value = answer.body.get("value") if isinstance(answer.body, dict) and answer.status == 200 else None
        if not isinstance(value, str) or not value:
            raise SignInFailed(
                f"{where} was refused ({answer.status}{': ' + answer.flaw if answer.flaw else ''}); "
                "give the job `permissions: id-token: write`"
            )
        return value

    async def _send(
        self, exchange: Exchange, where: Where, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[Raw, Answer]:
        try:
            raw = await exchange.send("GET" if content is None else "POST", url, headers, content)
        except Broken as broken:
            error = Unavailable(f"{where} got no whole answer ({broken})")
            raise error if broken.hopeless else Setback(error) from broken
        return raw, understand(raw)


class _Response:
    """What msal needs to know of an answer."""

    def __init__(self, raw: Raw) -> None:
        self.status_code = raw.status
        self.text = raw.content.decode()
        self.headers = {name: ", ".join(values) for name, values in raw.headers.items()}

    def raise_for_status(self) -> None:
        """Do nothing: what may be better next time was raised before, and msal reads the rest itself."""


class _Adapter:
    """msal's `http_client`, called in its thread."""

    def __init__(self, sign_in: SignIn, loop: asyncio.AbstractEventLoop) -> None:
        self._sign_in = sign_in
        self._loop = loop

    def get(self, url: str, *, params: Mapping[str, str] | None = None, **others: Any) -> _Response:
        query = f"?{urlencode(params)}" if params else ""
        return self._ask("GET", url + query, others.get("headers"), None)

    def post(self, url: str, *, data: Mapping[str, str] | None = None, **others: Any) -> _Response:
        headers = {**(others.get("headers") or {}), "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, headers, urlencode(data or {}).encode())

    def close(self) -> None:
        """Do nothing: the exchange is not msal's to close."""

    def _ask(self, method: str, url: str, headers: Mapping[str, str] | None, content: bytes | None) -> _Response:
        return _Response(_waited(self._loop, self._sign_in.request(method, url, headers or {}, content)))


def _waited(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result()
