"""HTTP with GitHub's REST API: whole lists, patience where GitHub asks for it, errors for people.

Knows no comment and no issue. A request that creates is never sent again while nobody knows what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reconciler.clock import Clock
from reconciler.errors import GitHubError, GitHubForbidden, GitHubUnanswered, GitHubUnavailable
from reconciler.github.place import Place
from reconciler.model import Body, Json

if TYPE_CHECKING:
    import ssl

    import httpx

ATTEMPTS = 5
# Whoever is told to wait longer does better to run again later.
LONGEST_WAIT = 120.0
SECONDS = 30.0
# GitHub's own limit for one page, and ours for one list: ten thousand comments are nobody's conversation.
PER_PAGE, PAGES = 100, 100

_SHOWN = 300


def network(trust: ssl.SSLContext, proxy: str | None) -> httpx.AsyncBaseTransport:
    """Return the way to GitHub: whom to believe and which proxy to take are for the caller to say."""
    import httpx

    return httpx.AsyncHTTPTransport(verify=trust, proxy=proxy, trust_env=False)


class GitHub:
    """One repository of one GitHub. Everything is whole or raises."""

    def __init__(self, place: Place, clock: Clock, transport: httpx.AsyncBaseTransport) -> None:
        import httpx

        self._place = place
        self._clock = clock
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=SECONDS,
            trust_env=False,
            follow_redirects=False,
            headers={
                "Authorization": f"Bearer {place.token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
                "User-Agent": "entra-reconciler",
            },
        )

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def list(self, path: str, query: Mapping[str, str] | None = None) -> list[Body]:
        """Return every element of all pages.

        Raises:
            GitHubError: it cannot be read to its end.
        """
        found: list[Body] = []
        for page in range(1, PAGES + 1):
            asked = {**(query or {}), "per_page": str(PER_PAGE), "page": str(page)}
            answer = await self._send("GET", path, query=asked)
            found += _elements(_json(answer, self._about("GET", path)), self._about("GET", path))
            # Only whether there is more is taken from the answer: where to ask is for us to say.
            if "next" not in answer.links:
                return found
        raise GitHubUnavailable(f"{self._about('GET', path)} has more than {PAGES} pages; nothing was written")

    async def write(self, method: str, path: str, body: Body) -> Body:
        """Send a change, and return what GitHub says is there now.

        Raises:
            GitHubUnanswered: a POST was sent, and nobody knows whether it was carried out.
            GitHubError: it was not carried out.
        """
        answer = await self._send(method, path, body=body)
        said = _json(answer, self._about(method, path))
        if not isinstance(said, dict):
            raise GitHubUnavailable(f"{self._about(method, path)} was answered with something else than an object")
        return said

    # ------------------------------------------------------------------------------------------ sending

    async def _send(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Body | None = None
    ) -> httpx.Response:
        """Return a good answer. What GitHub did not carry out for now is sent again, as long as patience lasts."""
        about = self._about(method, path)
        for attempt in range(1, ATTEMPTS + 1):
            with _connected(about, creates=method == "POST"):
                answer = await self._client.request(method, self._url(path), params=query, json=body)
            if answer.is_success:
                return answer
            wait = _wait(answer, attempt, self._clock.now().timestamp())
            if wait is None:
                raise self._refused(answer, about)
            if method == "POST" and answer.status_code >= 500:
                raise GitHubUnanswered(f"{about} was answered with {answer.status_code}; it may have been carried out")
            if wait > LONGEST_WAIT or attempt == ATTEMPTS:
                break
            await self._clock.sleep(wait)
        raise GitHubUnavailable(f"{about} was not carried out ({self._said(answer)}); run again later")

    def _url(self, path: str) -> str:
        return f"{self._place.api}/repos/{self._place.repository}{path}"

    def _about(self, method: str, path: str) -> str:
        return f"GitHub: {method} {self._place.repository}{path}"

    def _refused(self, answer: httpx.Response, about: str) -> GitHubError:
        match answer.status_code:
            case 401:
                return GitHubForbidden(f"{about}: the token is not accepted ({self._said(answer)}); check GITHUB_TOKEN")
            case 403 | 404:
                return GitHubForbidden(
                    f"{about}: {self._said(answer)}; check the number and the repository, and give the job "
                    "`permissions: pull-requests: write` for a comment, `issues: write` for an issue"
                )
            case status if 300 <= status < 400:
                return GitHubError(f"{about}: the repository has moved ({status}); set GITHUB_REPOSITORY to its name")
            case _:
                return GitHubError(f"{about} was refused ({self._said(answer)})")

    def _said(self, answer: httpx.Response) -> str:
        """Return status and GitHub's own words, which must not hold the token."""
        try:
            body = answer.json()
        except ValueError:
            body = None
        words = body.get("message") if isinstance(body, dict) else None
        words = words.replace(self._place.token, "***") if isinstance(words, str) else ""
        return f"{answer.status_code} {words[:_SHOWN]}".rstrip()


@contextmanager
def _connected(about: str, *, creates: bool) -> Iterator[None]:
    """Make an error for people of a connection that fails."""
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        raise GitHubUnavailable(f"{about} could not be sent ({type(error).__name__}); run again later") from error
    except (httpx.TransportError, httpx.DecodingError) as error:
        kind = GitHubUnanswered if creates else GitHubUnavailable
        raise kind(f"{about} was sent, and no answer came ({type(error).__name__}); run again later") from error


def _wait(answer: httpx.Response, attempt: int, now: float) -> float | None:
    """Return for how long to wait before the same request may succeed; None when it never will."""
    headers = answer.headers
    used_up = headers.get("x-ratelimit-remaining") == "0"
    limited = answer.status_code == 429 or (answer.status_code == 403 and (used_up or "retry-after" in headers))
    if not limited and answer.status_code < 500:
        return None
    if re.fullmatch(r"[0-9]{1,6}", headers.get("retry-after", "")):
        return float(headers["retry-after"])
    if used_up and re.fullmatch(r"[0-9]{1,12}", headers.get("x-ratelimit-reset", "")):
        return max(1.0, float(headers["x-ratelimit-reset"]) - now)
    return float(2**attempt)


def _json(answer: httpx.Response, about: str) -> Json:
    try:
        said: Json = answer.json()
    except ValueError as error:
        raise GitHubUnavailable(f"{about} was answered with something else than JSON; run again later") from error
    return said


def _elements(said: Json, about: str) -> list[Body]:
    if not isinstance(said, list) or not all(isinstance(one, Mapping) for one in said):
        raise GitHubUnavailable(f"{about} was answered with something else than a list; nothing was written")
    return list(said)
