"""The hosts of Microsoft's clouds: what clients have built in, and what the emulator stands for in proxy mode.

Names only: nothing here is ever looked up or connected to.
"""

from __future__ import annotations

from typing import Final

GRAPH_HOSTS: Final = (
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
)
SIGN_IN_HOSTS: Final = (
    ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
    ("login.microsoftonline.us", "login.usgovcloudapi.net"),
    ("login.partner.microsoftonline.cn", "login.chinacloudapi.cn"),
)
"""One line for each sign-in service: the name to use on the network first, then what else it is called."""

PUBLIC_HOSTS: Final = (*GRAPH_HOSTS, *(service[0] for service in SIGN_IN_HOSTS))
"""Where clients go that nobody told of an emulator."""


def sign_in_service(host: str) -> tuple[str, ...]:
    """Return all names of the sign-in service that is called `host`; nothing when there is none."""
    return next((names for names in SIGN_IN_HOSTS if host.lower() in names), ())


def cached_as(host: str) -> str:
    """Return under which name clients keep what they got from a sign-in service."""
    return "login.windows.net" if host == SIGN_IN_HOSTS[0][0] else host
