"""Where each Microsoft cloud signs in and answers. Addresses only: knows no tenant and sends nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from reconciler.errors import SetupError

# The same in every cloud: how Graph is named in the audience of a token.
GRAPH_APPLICATION = "00000003-0000-0000-c000-000000000000"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tenant is reached: origins without a trailing slash.

    `scope` and `resource` are two ways to say what a token is asked for, `audiences` are those that it may come with,
    and `exchange` is the audience of what another issuer says of us.
    """

    login: str
    graph: str
    resource: str
    audiences: frozenset[str]
    exchange: str

    @property
    def scope(self) -> str:
        """All permissions that were granted for the resource."""
        return f"{self.resource}/.default"


def _cloud(login: str, graph: str, exchange: str) -> Place:
    origin = f"https://{graph}"
    return Place(f"https://{login}", origin, origin, frozenset({origin, GRAPH_APPLICATION}), f"api://{exchange}")


CLOUDS: Mapping[str, Place] = {
    "global": _cloud("login.microsoftonline.com", "graph.microsoft.com", "AzureADTokenExchange"),
    "usgov": _cloud("login.microsoftonline.us", "graph.microsoft.us", "AzureADTokenExchangeUSGov"),
    "usgovdod": _cloud("login.microsoftonline.us", "dod-graph.microsoft.us", "AzureADTokenExchangeUSGov"),
    "china": _cloud("login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn", "AzureADTokenExchangeChina"),
}


def place(cloud: str, endpoint: str) -> Place:
    """Return where a tenant of `cloud` is reached; `endpoint` is an emulator that stands for every host, or ""."""
    real = CLOUDS[cloud]
    if not endpoint:
        return real
    return replace(real, login=endpoint, graph=endpoint, audiences=real.audiences | {endpoint})


def checked_endpoint(url: str) -> str:
    """Return the origin of an emulator on this machine, or "" for "".

    Raises:
        SetupError: when tokens and secrets would go somewhere else, or in the clear.
    """
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SetupError(f"--endpoint {url!r} is not a URL ({error}); write https://127.0.0.1:PORT") from error
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme != "https" or not is_loopback(host) or extra:
        raise SetupError(
            f"--endpoint {url!r} is not an emulator on this machine; write https://127.0.0.1:PORT (https, loopback, "
            "no path): secrets and tokens go there"
        )
    name = f"[{host}]" if ":" in host else host
    return f"https://{name}" + (f":{port}" if port else "")


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, by its very form: a name is never looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_link_local(host: str) -> bool:
    """Whether `host` is an address that no router passes on, by its very form."""
    try:
        return ipaddress.ip_address(host).is_link_local
    except ValueError:
        return False
