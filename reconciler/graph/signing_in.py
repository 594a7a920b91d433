"""Signing in: one application in one tenant, one token at a time, checked before its first use.

How a token is come by is the business of a way: one for each form of signing in. Here is what all of them have in
common: patience, the check, and that whoever needs a token at the same time gets the same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from reconciler.errors import SignInFailed
from reconciler.graph import azure_cli, by_msal, certificates
from reconciler.graph.clouds import Place
from reconciler.graph.desk import Desk
from reconciler.graph.device_code import Person
from reconciler.graph.forms import (
    AzureCli,
    CertificateFile,
    ClientSecret,
    Credential,
    DeviceCode,
    GitHubJob,
    ManagedIdentity,
)
from reconciler.graph.github_job import Voucher
from reconciler.graph.pacing import Patience, Setback
from reconciler.graph.tokens import Expected, Token, checked
from reconciler.model import Identity

if TYPE_CHECKING:
    from reconciler.graph.exchange import Exchange

# Seconds before its end at which a token is no longer used: a request under way must not outlive it.
MARGIN = 300.0


@dataclass(slots=True)
class Way:
    """How a token is come by. `vouched` and `ends` say what is known of the proof: nothing before the first attempt."""

    acquire: Callable[[], Awaitable[str]]
    vouched: Callable[[], Mapping[str, str]] = dict
    ends: Callable[[], datetime | None] = field(default=lambda: None)


class SignIn:
    """Hands out the token of one tenant; signs in when there is none, it is about to end, or it was refused."""

    def __init__(self, expected: Expected, credential: Credential, desk: Desk, way: Way) -> None:
        self._expected = expected
        self._credential = credential
        self._desk = desk
        self._way = way
        self._token: Token | None = None
        self._ends = 0.0
        self._refused: SignInFailed | None = None
        self._lock = asyncio.Lock()

    @property
    def roles(self) -> tuple[str, ...]:
        """The permissions in the present token, sorted."""
        return self._token.roles if self._token else ()

    @property
    def identity(self) -> Identity:
        """As whom we are signed in, or would be."""
        token = self._token
        return Identity(
            form=self._credential.told,
            application=token.application if token else self._desk.application,
            person=token is not None and token.bearer == "person",
            permissions=self.roles,
            directory_roles=token.directory_roles if token else (),
            vouched=self._way.vouched(),
            ends=self._way.ends(),
        )

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
            if token is None or token.value == stale or self._desk.pace.clock.monotonic() >= self._ends:
                token = await self._new()
            return token.value

    async def aclose(self) -> None:
        """Close the connections."""
        await self._desk.aclose()

    async def _new(self) -> Token:
        clock = self._desk.pace.clock
        try:
            value = await self._patiently()
            moments = [moment for moment in (clock.now(), self._desk.date) if moment is not None]
            token = checked(value, self._expected, moments)
        except SignInFailed as error:
            self._refused = error
            raise
        self._token = token
        self._ends = clock.monotonic() + max(token.lifetime - MARGIN, token.lifetime / 2)
        return token

    async def _patiently(self) -> str:
        patience = Patience(self._desk.pace)
        while True:
            try:
                return await self._way.acquire()
            except Setback as setback:
                if not await patience.bear({"": setback}):
                    raise setback.error from setback


# ---------------------------------------------------------------------------------------------- ways


def way(credential: Credential, desk: Desk, place: Place, seconds: float, github: Callable[[], Exchange]) -> Way:
    """Return how to come by a token with this credential; `github` connects to the host that vouches for a job."""
    match credential:
        case ClientSecret(value=secret):
            return Way(lambda: by_msal.confidential(desk, place, lambda _: secret))
        case CertificateFile():
            return _by_certificate(credential, desk, place)
        case GitHubJob():
            return _by_github(credential, desk, place, github)
        case ManagedIdentity():
            return Way(lambda: by_msal.managed(desk, place, credential))
        case AzureCli():
            return Way(lambda: azure_cli.token(desk, place, credential, seconds))
        case DeviceCode():
            return Way(Person(desk, place, credential).token)


def _by_certificate(file: CertificateFile, desk: Desk, place: Place) -> Way:
    found: list[datetime] = []

    async def acquire() -> str:
        pair = await asyncio.to_thread(certificates.read, desk.tenant, file)
        found[:] = [pair.expires]
        if pair.expires <= desk.pace.clock.now():
            raise SignInFailed(
                f"{desk.tenant}: the certificate in {file.path!r} ended at {pair.expires:%Y-%m-%d %H:%M} UTC; "
                f"make a new one, add it to application {desk.application}, and let {file.variable} name it"
            )
        proof = {"private_key": pair.key, "public_certificate": pair.certificate}
        return await by_msal.confidential(desk, place, lambda _: proof)

    return Way(acquire, ends=lambda: found[0] if found else None)


def _by_github(job: GitHubJob, desk: Desk, place: Place, github: Callable[[], Exchange]) -> Way:
    voucher = Voucher(desk, job, place.exchange, github)

    def proof(loop: asyncio.AbstractEventLoop) -> Mapping[str, Callable[[], str]]:
        return {"client_assertion": lambda: by_msal.waited(loop, voucher.word())}

    return Way(lambda: by_msal.confidential(desk, place, proof), vouched=lambda: voucher.claims)
