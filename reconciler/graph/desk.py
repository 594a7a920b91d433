"""The requests of signing in: sent over our own exchange, with its deadline, caps and trust, and judged before use.

A 429 or a 5xx becomes a Setback here, so that msal never sees one: it would remember it by the machine's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reconciler.errors import SignInFailed, Unavailable
from reconciler.graph.answers import Answer, Where, passing, server_date, shorten, understand
from reconciler.graph.forms import Credential
from reconciler.graph.pacing import Pace, Setback
from reconciler.graph.wire import Broken, Raw

if TYPE_CHECKING:
    from reconciler.graph.exchange import Exchange

# A machine whose identity is just being assigned says that it has none, or is updating (documented for IMDS).
_NOT_YET = (404, 410)


class Desk:
    """Where one tenant's sign-in is asked for. `date` is when the service says that it answered last."""

    def __init__(
        self, tenant: str, tenant_id: str, application: str, credential: Credential, pace: Pace, exchange: Exchange
    ) -> None:
        self.tenant = tenant
        self.tenant_id = tenant_id
        self.application = application
        self.pace = pace
        self.date: datetime | None = None
        self._credential = credential
        self._exchange = exchange

    async def at_login(
        self, login: str, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Raw:
        """Send one request to the sign-in service at `login`; raises what msal must not see."""
        where = self.where(f"{method} {urlsplit(url).path}")
        if not url.startswith(f"{login}/"):
            # The discovery document names the token endpoint, and the secret goes there.
            raise SignInFailed(f"{where}: the sign-in service sends us to another host; nothing was sent there")
        self.pace.meter.add(tokens=int(method == "POST"))
        raw, answer = await self._ask(where, url, headers, content)
        if method == "GET" and raw.status != 200:
            body = answer.body if isinstance(answer.body, Mapping) else {}
            said = self.clean(str(body.get("error_description") or body.get("error") or ""))
            raise SignInFailed(
                f"{self.tenant}: the sign-in service does not know tenant {self.tenant_id} "
                f"({raw.status}{': ' + said if said else ''}); check tenantId and cloud in tenant.yaml"
            )
        return raw

    async def at_host(self, allowed: str, method: str, url: str, headers: Mapping[str, str]) -> Raw:
        """Send one request to the service on this machine's host that gives out its identity."""
        where = self.where("managed identity")
        if method != "GET" or url.partition("?")[0] != allowed:
            raise SignInFailed(
                f"{where}: this machine would have to be asked at {url.partition('?')[0]!r}, which is neither the "
                "metadata service of a virtual machine nor that of App Service; nothing was sent there"
            )
        self.pace.meter.add(tokens=1)
        raw, answer = await self._ask(where, url, headers, None)
        if raw.status in _NOT_YET:
            raise Setback(Unavailable(where.tell(answer, "is not ready to give out an identity"), status=raw.status))
        return raw

    async def hear(
        self, exchange: Exchange, where: Where, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        """Return an answer, whatever it says.

        Raises:
            Setback: there is none now.
            Unavailable: there will be none.
        """
        return (await self._heard(exchange, where, url, headers, content))[1]

    async def _ask(
        self, where: Where, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[Raw, Answer]:
        """Return an answer that may be believed."""
        raw, answer = await self._heard(self._exchange, where, url, headers, content)
        self.date = server_date(raw.headers) or self.date
        if answer.flaw or not isinstance(answer.body, dict) or 300 <= raw.status < 400:
            what = answer.flaw or "it is not an answer to a sign-in"
            raise Setback(Unavailable(where.tell(answer, f"cannot be understood: {what}"), status=raw.status))
        return raw, answer

    async def _heard(
        self, exchange: Exchange, where: Where, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[Raw, Answer]:
        try:
            raw = await exchange.send("GET" if content is None else "POST", url, headers, content)
        except Broken as broken:
            error = Unavailable(f"{where} got no whole answer ({broken})")
            raise error if broken.hopeless else Setback(error) from broken
        answer = understand(raw)
        if (setback := passing(answer, where, self.pace.clock.now())) is not None:
            raise setback
        return raw, answer

    def accepted(self, result: object) -> str:
        """Return the token in an answer, as msal understood it.

        Raises:
            SignInFailed: it holds none, and says why.
        """
        found = result if isinstance(result, Mapping) else {}
        token = found.get("access_token")
        if isinstance(token, str) and token:
            return token
        said = str(found.get("error_description") or found.get("error") or "no reason given")
        raise self.refused(said)

    def refused(self, said: str) -> SignInFailed:
        """Return the error for a no, in the words of whoever said it."""
        return SignInFailed(
            f"{self.tenant}: sign-in as {self.application or 'whoever is signed in'} was refused: {self.clean(said)}; "
            f"check {self._credential.check}"
        )

    def clean(self, text: str) -> str:
        """Return `text`, cut, and without our secrets, should somebody echo them."""
        for secret in self._credential.hidden:
            text = text.replace(secret, "[secret]")
        return shorten(text)

    def where(self, what: str) -> Where:
        """Return how a step of signing in is called in messages."""
        return Where(self.tenant, "sign-in:", what)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._exchange.aclose()
