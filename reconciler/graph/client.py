"""Microsoft Graph for one tenant: reads, alone, in batches and page by page, and single writes. Knows no kind.

Reads are retried until their patience is over. A write is sent again only when the service refused to look at it;
without a trustworthy answer it is `Unanswered`, and whoever asked for it finds out by reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reconciler.errors import GraphError, Unanswered, Unavailable
from reconciler.graph import batching
from reconciler.graph.answers import Answer, Where, acknowledged, passing, read, refusal, understand
from reconciler.graph.pacing import Pace, Patience, Setback
from reconciler.graph.wire import Broken
from reconciler.model import Body, Identity, canonical_json

if TYPE_CHECKING:
    from reconciler.graph.exchange import Exchange
    from reconciler.graph.signing_in import SignIn

# Requests of one tenant under way at a time; with batches of 20 that is 160 reads. httpx is slow beyond 20
# connections, should the server speak HTTP/1.1 only.
AT_ONCE = 8
# Pages of one list. At Graph's hundred objects a page this is twice the largest estate that we promise to read (a
# hundred thousand), and a list whose links never end is found out within minutes.
MAX_PAGES = 2_000

NEXT = "@odata.nextLink"
BATCH = "/$batch"


@dataclass(frozen=True, slots=True)
class Written:
    """The service's acknowledgement of a write. `body` is None when it sent none."""

    status: int
    body: Body | None
    request_id: str


class Graph:
    """A signed-in client for one tenant; paths are below the version, and begin with a slash."""

    def __init__(
        self,
        tenant: str,
        base: str,
        sign_in: SignIn,
        pace: Pace,
        new_id: Callable[[], str],
        reads: Exchange,
        writes: Exchange | None = None,
    ) -> None:
        """`base` is origin and version; without `writes` everything goes through `reads`, which then guards itself."""
        self._tenant = tenant
        self._base = base
        self._sign_in = sign_in
        self._pace = pace
        self._new_id = new_id
        self._reads = reads
        self._writes = writes or reads
        self._gate = asyncio.Semaphore(AT_ONCE)

    @property
    def roles(self) -> tuple[str, ...]:
        """The application permissions that the token carries, sorted; nothing before the first request."""
        return self._sign_in.roles

    @property
    def identity(self) -> Identity:
        """As whom we are signed in; before the first request, as whom we would be."""
        return self._sign_in.identity

    @property
    def beta(self) -> Graph:
        """The same client for the beta version: it shares sign-in, pace and connections, and is closed with them."""
        base = f"{self._base.rpartition('/')[0]}/beta"
        other = Graph(self._tenant, base, self._sign_in, self._pace, self._new_id, self._reads, self._writes)
        other._gate = self._gate
        return other

    async def get(self, path: str) -> Body:
        """Return one object.

        Raises:
            GraphError: it cannot be had; NotFound only when the service itself says so.
        """
        return whole((await self._read_group((path,)))[path])

    async def get_all(self, paths: Iterable[str]) -> Mapping[str, Body | GraphError]:
        """Return several objects, by path, or for each the error that stood in the way."""
        groups = await asyncio.gather(*(self._read_group(group) for group in batching.batches(paths)))
        return {path: answer for group in groups for path, answer in group.items()}

    async def collect(self, path: str, first: Body) -> list[Body]:
        """Return all items of a list of which `first` is the first page: whole, in the service's order.

        Raises:
            GraphError: a page cannot be had or believed; then nothing of the list can be concluded.
        """
        return [item async for page in self.pages(path, first) for item in page]

    async def pages(self, path: str, first: Body | None = None) -> AsyncIterator[list[Body]]:
        """Yield a list page by page, so that nobody has to hold it whole. Only the end of it says that it was whole.

        Raises:
            GraphError: a page cannot be had or believed; then nothing of the list can be concluded.
        """
        where = Where(self._tenant, "GET", path)
        items, link = _page(await self.get(path) if first is None else first, where)
        yield items
        seen: set[str] = set()
        while link:
            if link in seen or len(seen) >= MAX_PAGES:
                raise Unavailable(f"{where}: its pages do not end; nothing can be concluded from the list")
            seen.add(link)
            self._pace.meter.add(pages=1)
            target = self._below_version(link, where)
            items, link = _page(whole((await self._read_group((target,)))[target]), where)
            yield items

    async def write(self, method: str, path: str, body: Body | None = None) -> Written:
        """Carry out one write.

        Raises:
            Unanswered: it was sent, and nobody knows whether it was carried out.
            GraphError: it was surely not carried out.
        """
        where = Where(self._tenant, method, path)
        content = None if body is None else canonical_json(body)
        patience = Patience(self._pace)
        while True:
            try:
                return await self._write(where, content, patience)
            except Setback as setback:
                if not await patience.bear({path: setback}):
                    raise setback.error from setback

    async def aclose(self) -> None:
        """Close all connections."""
        await self._reads.aclose()
        await self._writes.aclose()
        await self._sign_in.aclose()

    # ------------------------------------------------------------------------------------------ reading

    async def _read_group(self, paths: tuple[str, ...]) -> Mapping[str, Body | GraphError]:
        """Read what fits into one batch, and again what failed for the moment."""
        patience = Patience(self._pace)
        settled: dict[str, Body | GraphError] = {}
        left = paths
        while left:
            outcomes = await self._attempt(left, patience)
            setbacks = {path: outcome for path, outcome in outcomes.items() if isinstance(outcome, Setback)}
            again = await patience.bear(setbacks)
            for path, outcome in outcomes.items():
                if path not in again:
                    settled[path] = outcome.error if isinstance(outcome, Setback) else outcome
            left = tuple(path for path in left if path in again)
        return settled

    async def _attempt(self, paths: tuple[str, ...], patience: Patience) -> Mapping[str, Body | GraphError | Setback]:
        """Ask once for each path; with a new token once more for those that the old one did not open."""
        try:
            token = await self._sign_in.token()
            answers = await self._answers(paths, token, patience)
            refused = tuple(path for path in paths if path in answers and answers[path].status == 401)
            if refused:
                token = await self._sign_in.renew(token)
                answers = {**answers, **await self._answers(refused, token, patience)}
        except (GraphError, Setback) as error:
            return dict.fromkeys(paths, error)
        return {path: self._outcome(path, answers.get(path)) for path in paths}

    def _outcome(self, path: str, answer: Answer | None) -> Body | GraphError | Setback:
        where = Where(self._tenant, "GET", path)
        if answer is None:
            return Setback(Unavailable(f"{where}: the reply to the batch has no answer to it"))
        try:
            return read(answer, where, self._pace.clock.now())
        except (GraphError, Setback) as error:
            return error

    async def _answers(self, paths: tuple[str, ...], token: str, patience: Patience) -> Mapping[str, Answer]:
        if len(paths) == 1:
            where = Where(self._tenant, "GET", paths[0])
            return {paths[0]: await self._ask(self._reads, where, token, None, patience)}
        where = Where(self._tenant, "POST", BATCH)
        self._pace.meter.add(batches=1, inner=len(paths))
        content = canonical_json(batching.envelope(paths))
        answer = await self._ask(self._reads, where, token, content, patience)
        if answer.status == 401:
            return dict.fromkeys(paths, answer)
        return self._unpacked(answer, where, paths)

    def _unpacked(self, answer: Answer, where: Where, paths: tuple[str, ...]) -> Mapping[str, Answer]:
        now = self._pace.clock.now()
        if (setback := passing(answer, where, now)) is not None:
            raise setback
        if (error := refusal(answer, where)) is not None:
            # Whatever was wrong with the batch, it says nothing about an object: never "not found".
            raise error if answer.status == 403 else Unavailable(str(error), status=answer.status, code=answer.code)
        body = read(answer, where, now)
        try:
            return batching.unpack(body, paths)
        except ValueError as error:
            raise Setback(Unavailable(f"{where}: {error}")) from error

    # ------------------------------------------------------------------------------------------ writing

    async def _write(self, where: Where, content: bytes | None, patience: Patience) -> Written:
        token = await self._sign_in.token()
        answer = await self._send_write(where, token, content, patience)
        if answer.status == 401:
            token = await self._sign_in.renew(token)
            answer = await self._send_write(where, token, content, patience)
        body = acknowledged(answer, where, self._pace.clock.now())
        return Written(answer.status, body, answer.request_id)

    async def _send_write(self, where: Where, token: str, content: bytes | None, patience: Patience) -> Answer:
        return await self._ask(self._writes, where, token, content, patience, writing=True)

    # ------------------------------------------------------------------------------------------ asking

    async def _ask(
        self,
        exchange: Exchange,
        where: Where,
        token: str,
        content: bytes | None,
        patience: Patience,
        *,
        writing: bool = False,
    ) -> Answer:
        """Send one request when the tenant's pace allows it."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "client-request-id": self._new_id(),
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        async with self._gate:
            await self._pace.turn(patience.until, where)
            try:
                raw = await exchange.send(where.method, self._base + where.path, headers, content)
            except Broken as broken:
                raise _unheard(broken, where, writing=writing, request_id=headers["client-request-id"]) from broken
        answer = understand(raw)
        if answer.status != 429:
            self._pace.hear(answer.fullness)
        return answer

    def _below_version(self, link: str, where: Where) -> str:
        """Return the path of a link to the next page; the token goes nowhere but to our own host and version."""
        try:
            theirs, ours = urlsplit(link), urlsplit(self._base)
            same = (theirs.scheme, theirs.hostname, theirs.port or 443) == (
                ours.scheme,
                ours.hostname,
                ours.port or 443,
            )
        except ValueError:
            same = False
        if not same or not theirs.path.startswith(f"{ours.path}/") or "@" in theirs.netloc or "/.." in theirs.path:
            raise Unavailable(f"{where}: the link to its next page leads somewhere else ({link[:120]!r})")
        return theirs.path.removeprefix(ours.path) + (f"?{theirs.query}" if theirs.query else "")


def _unheard(broken: Broken, where: Where, *, writing: bool, request_id: str) -> GraphError | Setback:
    """Return what it means that no whole answer came."""
    if writing and broken.sent:
        return Unanswered(f"{where} was sent, but no whole answer came ({broken})", request_id=request_id)
    error = Unavailable(f"{where} got no whole answer ({broken})", request_id=request_id)
    return error if broken.hopeless else Setback(error)


def whole(answer: Body | GraphError) -> Body:
    """Return an answer of several that were asked for.

    Raises:
        GraphError: the one that stands in its place.
    """
    if isinstance(answer, GraphError):
        raise answer
    return answer


def _page(body: Body, where: Where) -> tuple[list[Body], str]:
    """Return the items of one page and the link to the next, or ""."""
    items, link = body.get("value"), body.get(NEXT, "")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Unavailable(f"{where}: a page is not a list of objects; nothing can be concluded from it")
    if not isinstance(link, str) or (NEXT in body and not link):
        raise Unavailable(
            f"{where}: a page has a link to the next that is not a link; nothing can be concluded from it"
        )
    return items, link
