"""From a method and a path to the route that answers; and from what arrives on the wire to one spelling of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote, urlencode

from reconciler.emulator.calls import Route
from reconciler.emulator.refusals import Refusal, bad_request, shorten
from reconciler.emulator.resources import Resource


class Routes:
    """A table of routes; the first that fits answers."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route and what its pattern caught.

        Raises:
            Refusal: 405 when the path exists with other methods, 400 when it does not exist.
        """
        known = False
        for route in self._routes:
            caught = route.pattern.fullmatch(path)
            if caught and route.method == method:
                return route, caught.groupdict()
            known = known or caught is not None
        if known:
            words = "Specified HTTP method is not allowed for the request target."
            raise Refusal(405, "Request_BadRequest", words)
        segment = shorten(path.rsplit("/", 1)[-1])
        raise bad_request(f"Resource not found for the segment '{segment}'.", code="BadRequest")


# What is listed below `synchronization` of a service principal.
_BELOW_SYNCHRONIZATION = (re.compile(r"(?<=/)(jobs|templates|directories)\('([^']*)'\)"), r"\1/\2")


class Spelling:
    """Clients write one path in several ways; inside there is one."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        collections = (
            (re.compile(rf"{re.escape(one.path)}\((?:{re.escape(one.key)}=)?'([^']*)'\)"), rf"{one.path}/\1")
            for one in resources
            if one.key and not one.parent
        )
        self._collections = (*collections, _BELOW_SYNCHRONIZATION)

    def path(self, text: str) -> str:
        """Return a path with single slashes, no slash at its end, keys as segments, and types by their whole names."""
        path = "/" + re.sub(r"/{2,}", "/", printable(text)).strip("/")
        # Microsoft's SDKs write the namespace of a type by its alias.
        path = path.replace("/graph.", "/microsoft.graph.")
        for pattern, segments in self._collections:
            path = pattern.sub(segments, path)
        return path


def query(text: str) -> dict[str, str]:
    """Return the query options of a form-encoded query string.

    Raises:
        Refusal: 400, when an option is given twice or there are very many.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise bad_request("The query has too many options.", code="BadRequest") from error
    options = {printable(name): printable(value) for name, value in pairs}
    if len(options) != len(pairs):
        raise bad_request("A query option is given more than once.", code="BadRequest")
    return options


def link(base: str, path: str, options: Mapping[str, str]) -> str:
    """Return an absolute link with query options."""
    return f"{base}{path}?{urlencode(options, safe='$,')}"


def printable(text: str) -> str:
    """Return `text` without what cannot be encoded: JSON can smuggle in halves of characters."""
    return text.encode("utf-8", "replace").decode("utf-8")


def unquoted(path: str) -> str:
    """Return a percent-encoded path decoded."""
    return printable(unquote(path, errors="replace"))
