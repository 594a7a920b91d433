"""How we prove who we are, chosen from the environment. Chooses and names; signs in to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from reconciler.errors import SignInFailed
from reconciler.graph.clouds import is_loopback
from reconciler.model import Tenant

Purpose: TypeAlias = Literal["plan", "apply"]

# How GitHub names what a job asks with.
REQUEST_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
REQUEST_KEY = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of the application, and the variable it came from."""

    variable: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GitHubJob:
    """A GitHub Actions job that may ask for a token about itself."""

    url: str
    token: str = field(repr=False)


Credential: TypeAlias = ClientSecret | GitHubJob


def client_id(tenant: Tenant, purpose: Purpose, environment: Mapping[str, str]) -> str:
    """Return the application to sign in as.

    Raises:
        SignInFailed: nobody says which.
    """
    found = tenant.auth.get(purpose) or environment.get("AZURE_CLIENT_ID", "").strip()
    if not found:
        raise SignInFailed(
            f"{tenant.name}: no application to sign in as; write auth.{purpose}.clientId in {tenant.origin.file} "
            "or set AZURE_CLIENT_ID"
        )
    return found


def credential(tenant: Tenant, purpose: Purpose, environment: Mapping[str, str], *, emulated: bool) -> Credential:
    """Return the secret for this tenant and purpose, else GitHub's word for the job we run in.

    Where the service is `emulated`, GitHub has to be as well: a real job's word is nothing to tell an emulator.

    Raises:
        SignInFailed: there is neither.
    """
    names = variables(tenant.name, purpose)
    for name in names:
        if value := environment.get(name, "").strip():
            return ClientSecret(name, value)
    url, token = environment.get(REQUEST_URL, ""), environment.get(REQUEST_KEY, "")
    if url and token:
        return GitHubJob(_trusted(url, tenant, emulated=emulated), token)
    raise SignInFailed(
        f"{tenant.name}: no credential to {purpose} with; set {names[0]} (or {', '.join(names[1:])}), "
        "or run as a GitHub Actions job with `permissions: id-token: write`"
    )


def _trusted(url: str, tenant: Tenant, *, emulated: bool) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme != "https" or (emulated and not is_loopback(host)):
        wanted = "an https address on this machine, as the endpoint is" if emulated else "an https address"
        raise SignInFailed(f"{tenant.name}: {REQUEST_URL} is not {wanted}; nothing was sent there")
    return url


def variables(tenant: str, purpose: Purpose) -> tuple[str, ...]:
    """Return the variables that may hold a secret for this tenant, the one that goes before the others first."""
    name = tenant.upper().replace("-", "_")
    return (
        f"RECONCILER_{purpose.upper()}_CLIENT_SECRET_{name}",
        f"RECONCILER_CLIENT_SECRET_{name}",
        "AZURE_CLIENT_SECRET",
    )
