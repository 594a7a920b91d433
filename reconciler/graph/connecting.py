"""From a tenant to a client: addresses, trust, proxies, identity. The one place where connections are made.

Importing it costs nothing: httpx is loaded with the first client, msal with the first sign-in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit
from uuid import uuid4

from reconciler.clock import Clock
from reconciler.errors import SetupError
from reconciler.graph.azure_cli import APPLICATION as CLI_APPLICATION
from reconciler.graph.client import AT_ONCE, Graph
from reconciler.graph.clouds import checked_endpoint, place
from reconciler.graph.credentials import CLIENT_ID, Situation, client_id, credential
from reconciler.graph.desk import Desk
from reconciler.graph.forms import AzureCli, Credential, DeviceCode, GitHubJob, ManagedIdentity, Purpose
from reconciler.graph.pacing import RUN_DEADLINE, Pace
from reconciler.graph.proxies import proxy_for
from reconciler.graph.signing_in import SignIn, way
from reconciler.graph.tokens import Bearer, Expected
from reconciler.graph.traffic import Meter, Traffic
from reconciler.model import Tenant

if TYPE_CHECKING:
    import ssl

    import httpx

    from reconciler.graph.exchange import Exchange

VERSION = "v1.0"
# Seconds for one request, from its first byte to the last of its answer.
REQUEST_SECONDS = 30.0
# More make httpx slower over HTTP/1.1; over HTTP/2 one connection carries everything.
MAX_CONNECTIONS = 20

_CHANCE = random.SystemRandom().random

Role: TypeAlias = Literal["reads", "writes", "sign-in"]
Transports: TypeAlias = Callable[[Role], "httpx.AsyncBaseTransport"]


class Network:
    """All that one run needs to reach its tenants; one for each run."""

    def __init__(
        self,
        clock: Clock,
        environment: Mapping[str, str],
        endpoint: str = "",
        transports: Transports | None = None,
        *,
        chance: Callable[[], float] = _CHANCE,
        new_id: Callable[[], str] = lambda: str(uuid4()),
        request_seconds: float | None = None,
        run_seconds: float = RUN_DEADLINE,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """`endpoint` is an emulator on this machine that stands for every host; `transports` replaces the network.

        `tell` shows a line to whoever sits at the terminal; without it nobody does.

        Raises:
            SetupError: the endpoint or a variable cannot be used.
        """
        self._clock = clock
        self._environment = environment
        self._endpoint = checked_endpoint(endpoint)
        self._transports = transports
        self._chance = chance
        self._new_id = new_id
        self._seconds = _request_seconds(environment) if request_seconds is None else request_seconds
        self._end = clock.monotonic() + run_seconds
        self._tell = tell
        self._paces: dict[str, Pace] = {}

    def reader(self, tenant: Tenant) -> Graph:
        """Return a client that cannot write: it raises before anything but a read is sent.

        Raises:
            SignInFailed: nothing says as which application, or with what, to sign in.
        """
        return self._graph(tenant, "plan", reading=True)

    def writer(self, tenant: Tenant) -> Graph:
        """Return a client that reads and writes as the application that may apply.

        Raises:
            SignInFailed: nothing says as which application, or with what, to sign in.
        """
        return self._graph(tenant, "apply", reading=False)

    def inspector(self, tenant: Tenant, purpose: Purpose) -> Graph:
        """Return a client that signs in as whoever plans or applies, and cannot write whoever that is.

        Raises:
            SignInFailed: nothing says as which application, or with what, to sign in.
        """
        return self._graph(tenant, purpose, reading=True)

    @property
    def traffic(self) -> Traffic:
        """What was asked of all tenants up to now."""
        return sum((pace.meter.total for pace in self._paces.values()), Traffic())

    def traffic_of(self, tenant: Tenant) -> Traffic:
        """What was asked of one tenant up to now."""
        return self._pace(tenant).meter.total

    def _graph(self, tenant: Tenant, purpose: Purpose, *, reading: bool) -> Graph:
        where = place(tenant.cloud, self._endpoint)
        pace = self._pace(tenant)
        reads = self._exchange("reads", where.graph, pace.meter, guarded=reading)
        writes = None if reading else self._exchange("writes", where.graph, pace.meter)
        sign_in = self._sign_in(tenant, purpose, pace)
        return Graph(tenant.name, f"{where.graph}/{VERSION}", sign_in, pace, self._new_id, reads, writes)

    def _sign_in(self, tenant: Tenant, purpose: Purpose, pace: Pace) -> SignIn:
        where = place(tenant.cloud, self._endpoint)
        proof = credential(Situation(tenant, purpose, self._environment, self._endpoint, self._tell))
        application = self._application(tenant, purpose, proof)
        url = proof.url if isinstance(proof, ManagedIdentity) else where.login
        vouching = proof.url if isinstance(proof, GitHubJob) else ""
        desk = Desk(
            tenant.name,
            tenant.tenant_id,
            application,
            proof,
            pace,
            self._exchange("sign-in", url, pace.meter, guarded=True),
        )
        return SignIn(
            Expected(tenant.name, tenant.tenant_id, _expected(proof, application), where.audiences),
            proof,
            desk,
            way(
                proof,
                desk,
                where,
                self._seconds,
                lambda: self._exchange("sign-in", vouching, pace.meter, guarded=True),
            ),
        )

    def _application(self, tenant: Tenant, purpose: Purpose, proof: Credential) -> str:
        """Return the application to sign in as. The Azure CLI brings its own, unless an application signed in to it."""
        if isinstance(proof, AzureCli):
            return tenant.auth.get(purpose) or self._environment.get(CLIENT_ID, "").strip()
        return client_id(tenant, purpose, self._environment)

    def _pace(self, tenant: Tenant) -> Pace:
        """One for each tenant: whoever is told to wait, all of its clients wait."""
        if tenant.tenant_id not in self._paces:
            self._paces[tenant.tenant_id] = Pace(self._clock, self._chance, Meter(), self._end)
        return self._paces[tenant.tenant_id]

    def _exchange(self, role: Role, url: str, meter: Meter, *, guarded: bool = False) -> Exchange:
        from reconciler.graph.exchange import Exchange
        from reconciler.graph.read_only import ReadOnly, SignInOnly

        transport = self._transports(role) if self._transports else self._network(role, url)
        if guarded:
            transport = SignInOnly(transport) if role == "sign-in" else ReadOnly(transport)
        return Exchange(transport, self._seconds, lambda: meter.add(http=1))

    def _network(self, role: Role, url: str) -> httpx.AsyncBaseTransport:
        import httpx

        return httpx.AsyncHTTPTransport(
            verify=self._trust,
            trust_env=False,
            http1=True,
            http2=role == "reads",
            proxy=proxy_for(urlsplit(url).hostname or "", self._environment),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=AT_ONCE),
        )

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return trust(self._environment)


def _expected(proof: Credential, application: str) -> Mapping[Bearer, frozenset[str]]:
    """Return which applications may stand in a token, by whom it speaks for."""
    own = frozenset({application})
    match proof:
        case DeviceCode():
            return {"person": own}
        case AzureCli():
            return {"person": frozenset({CLI_APPLICATION}), **({"application": own} if application else {})}
        case _:
            return {"application": own}


def trust(environment: Mapping[str, str]) -> ssl.SSLContext:
    """Return whom we believe: the authorities of SSL_CERT_FILE or SSL_CERT_DIR, else those that come with certifi.

    Raises:
        SetupError: the file cannot be read.
    """
    import ssl

    import certifi

    file, folder = environment.get("SSL_CERT_FILE") or None, environment.get("SSL_CERT_DIR") or None
    try:
        return ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)
    except OSError as error:
        raise SetupError(f"SSL_CERT_FILE {file!r} or SSL_CERT_DIR {folder!r} cannot be used ({error})") from error


def _request_seconds(environment: Mapping[str, str]) -> float:
    said = environment.get("RECONCILER_REQUEST_SECONDS", "")
    if not said:
        return REQUEST_SECONDS
    if said.isascii() and said.isdigit() and 1 <= int(said[:6]) <= 600:
        return float(said)
    raise SetupError(f"RECONCILER_REQUEST_SECONDS is {said!r}; write whole seconds from 1 to 600, or leave it out")
