"""Which proxy leads to a host: HTTPS_PROXY unless NO_PROXY speaks of the host. Never for this machine itself,
nor for its host, whose metadata service answers whoever asks: through a proxy that would be the proxy's own identity.

httpx would read more variables, and the system's settings; here it is two variables, so that a run's traffic goes where
a reviewer of its environment sees it go.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from reconciler.errors import SetupError
from reconciler.graph.clouds import is_link_local, is_loopback


def proxy_for(host: str, environment: Mapping[str, str]) -> str | None:
    """Return the proxy's URL, or None to go straight there.

    Raises:
        SetupError: the variable does not hold an http or https URL.
    """
    url = environment.get("HTTPS_PROXY") or environment.get("https_proxy") or ""
    exceptions = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    if (
        not url
        or is_loopback(host)
        or is_link_local(host)
        or any(_speaks_of(word, host) for word in exceptions.split(","))
    ):
        return None
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise SetupError("HTTPS_PROXY is not an http or https URL; write http://host:port, or leave it out")
    return url


def _speaks_of(word: str, host: str) -> bool:
    name = word.strip().lower().removeprefix("*").lstrip(".")
    return word.strip() == "*" or (bool(name) and (host.lower() == name or host.lower().endswith(f".{name}")))
