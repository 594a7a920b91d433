"""Where at GitHub a job works, as the job's environment says. Asks nobody whether it is true."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from reconciler.errors import SetupError

PUBLIC = "https://api.github.com"

_REPOSITORY = re.compile(r"[A-Za-z0-9-]+/(?!\.{1,2}$)[A-Za-z0-9._-]+")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Place:
    """One repository at one GitHub, and the token that opens it. The token is in no text that this makes."""

    api: str
    repository: str
    token: str = field(repr=False)


def place_of(environment: Mapping[str, str]) -> Place:
    """Return where the job works.

    Raises:
        SetupError: a variable is missing, or cannot be used.
    """
    return Place(_api(environment), _repository(environment), _token(environment))


def _token(environment: Mapping[str, str]) -> str:
    token = environment.get("GITHUB_TOKEN", "").strip()
    if not token:
        raise SetupError("GITHUB_TOKEN is not set; give the step `env: GITHUB_TOKEN: ${{ github.token }}`")
    if not _TOKEN.fullmatch(token):
        raise SetupError("GITHUB_TOKEN holds characters that no token has; nothing was sent")
    return token


def _repository(environment: Mapping[str, str]) -> str:
    repository = environment.get("GITHUB_REPOSITORY", "").strip()
    if not _REPOSITORY.fullmatch(repository):
        raise SetupError(f"GITHUB_REPOSITORY is {repository!r}; write OWNER/NAME, as GitHub Actions does by itself")
    return repository


def _api(environment: Mapping[str, str]) -> str:
    """Return the address, without a slash at its end. A token goes in the clear to nobody but this machine."""
    said = environment.get("GITHUB_API_URL", "").strip() or PUBLIC
    try:
        parts = urlsplit(said)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SetupError(f"GITHUB_API_URL is no address ({error})") from error
    fine = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not fine or not host or port == 0 or parts.username or parts.query or parts.fragment:
        raise SetupError("GITHUB_API_URL is not an https address; leave it out for github.com")
    return said.rstrip("/")
