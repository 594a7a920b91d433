"""What an answer of Microsoft Graph means: a body, an error of ours, or "ask again". Pure: sends and waits for nothing.

A status is believed only when the answer looks like Graph's: a 404 from somebody in between must never read as
"there is no such object".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from reconciler.errors import Conflict, Forbidden, GraphError, NotFound, Refused, Unanswered, Unavailable
from reconciler.graph.pacing import Setback, http_date, retry_after
from reconciler.graph.strict_json import parse
from reconciler.graph.wire import Raw
from reconciler.model import Body, Json

Error = TypeVar("Error", bound=GraphError)

MAX_MESSAGE = 300
_TOKEN = re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.?[\w-]*")
_PASSING = frozenset({408, 500, 502, 503, 504})
_REFUSALS: Mapping[int, type[GraphError]] = {404: NotFound, 409: Conflict}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, alone or out of a batch. `body` is JSON or None; `flaw` says why it cannot be believed, or ""."""

    status: int
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: Json = None
    flaw: str = ""

    @property
    def code(self) -> str:
        """Graph's `error.code`, or ""."""
        return _text(self._error.get("code"))

    @property
    def message(self) -> str:
        """Graph's `error.message` in one line, cut, or ""."""
        return shorten(_text(self._error.get("message")))

    @property
    def request_id(self) -> str:
        """What Microsoft's support asks for, or ""."""
        inner = next((self._error[name] for name in ("innerError", "innererror") if name in self._error), None)
        named = inner.get("request-id") if isinstance(inner, Mapping) else None
        return next(iter(self.headers.get("request-id", ())), "")[:100] or _text(named)[:100]

    @property
    def is_error(self) -> bool:
        """Whether the body is Graph's error envelope."""
        return bool(self.code)

    @property
    def is_challenge(self) -> bool:
        """Whether a Conditional Access policy wants claims that the token does not have."""
        return any("insufficient_claims" in value for value in self.headers.get("www-authenticate", ()))

    def wait(self, now: datetime) -> float | None:
        """Return the seconds that Retry-After asks for, by the server's own date when it says one."""
        return retry_after(self.headers.get("retry-after", ()), server_date(self.headers) or now)

    @property
    def fullness(self) -> float:
        """How full the service says its bucket is, or 0."""
        try:
            said = float(next(iter(self.headers.get("x-ms-throttle-limit-percentage", ())), "0"))
        except ValueError:
            return 0.0
        return said if math.isfinite(said) else 0.0

    @property
    def _error(self) -> Mapping[str, Json]:
        error = self.body.get("error") if isinstance(self.body, Mapping) else None
        return error if isinstance(error, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Where:
    """What was asked of whom, for people. `path` is shown without its query."""

    tenant: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.tenant}: {self.method} {self.path.partition('?')[0]}"

    def tell(self, answer: Answer, what: str) -> str:
        """Return a whole message: where, what, the service's own words, and what to ask support with."""
        said = f"{answer.status} {answer.code}".strip()
        words = f": {answer.message}" if answer.message else ""
        asked = f"; request id {answer.request_id}" if answer.request_id else ""
        return f"{self} {what} ({said}{words}{asked})"


def understand(raw: Raw) -> Answer:
    """Return the answer with its body parsed, or with the flaw that keeps it from being believed."""
    if not raw.content:
        return Answer(raw.status, raw.headers)
    kind = next(iter(raw.headers.get("content-type", ())), "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return Answer(raw.status, raw.headers, flaw=f"its body is {kind[:60] or 'of no type'} instead of JSON")
    try:
        body = parse(raw.content)
    except ValueError as error:
        return Answer(raw.status, raw.headers, flaw=f"its body is not sound JSON ({str(error)[:120]})")
    if not isinstance(body, dict):
        return Answer(raw.status, raw.headers, flaw="its body is not a JSON object")
    return Answer(raw.status, raw.headers, body)


def read(answer: Answer, where: Where, now: datetime) -> Body:
    """Return the body that was asked for.

    Raises:
        Setback: nothing can be concluded now.
        GraphError: the service said no, or nothing can be concluded at all.
    """
    if answer.status == 200 and not answer.flaw and isinstance(answer.body, dict) and "error" not in answer.body:
        return answer.body
    if (setback := passing(answer, where, now)) is not None:
        raise setback
    if (error := refusal(answer, where)) is not None:
        raise error
    what = answer.flaw or "it is not an answer to a read"
    trouble = _error(Unavailable, answer, where.tell(answer, f"cannot be concluded from: {what}"))
    if 300 <= answer.status < 400:
        raise trouble
    raise Setback(trouble, wait=answer.wait(now))


def acknowledged(answer: Answer, where: Where, now: datetime) -> Body | None:
    """Return the body of the answer to a write that was carried out.

    Raises:
        Setback: throttled: the service did not look at it.
        Unanswered: nobody knows whether it was carried out.
        GraphError: it was not.
    """
    match answer.status, answer.body:
        case 200 | 201 | 202, dict() as body if not answer.flaw:
            return body
        case 202 | 204, None if not answer.flaw:
            return None
        case 429, _:
            raise throttled(answer, where, now)
    if (error := refusal(answer, where)) is not None:
        raise error
    what = answer.flaw or "the answer does not say what became of it"
    raise _error(Unanswered, answer, where.tell(answer, f"may or may not have been carried out: {what}"))


def throttled(answer: Answer, where: Where, now: datetime) -> Setback:
    """Return what a 429 means."""
    wait = answer.wait(now)
    asked = f"; it asks to wait {wait:.0f} s" if wait else ""
    error = _error(Unavailable, answer, where.tell(answer, "was throttled") + asked)
    return Setback(error, throttled=True, wait=wait)


def passing(answer: Answer, where: Where, now: datetime) -> Setback | None:
    """Return what to tell of an answer that may be better next time, or None."""
    if answer.status == 429:
        return throttled(answer, where, now)
    if answer.status in _PASSING or answer.status > 504:
        error = _error(Unavailable, answer, where.tell(answer, "failed in the service"))
        return Setback(error, wait=answer.wait(now))
    return None


def refusal(answer: Answer, where: Where) -> GraphError | None:
    """Return the error for a clear no of the service, or None when this is not one."""
    match answer.status:
        case 401 | 403 if answer.is_challenge:
            what = "is not allowed: a policy asks for more than an application can show; exempt the application from it"
            return _error(Forbidden, answer, where.tell(answer, what))
        case 401:
            what = "was refused although the token is new; see that the application still exists in this tenant"
            return _error(Forbidden, answer, where.tell(answer, what))
        case 403:
            what = "is not allowed; grant the application the permission for it and plan again"
            return _error(Forbidden, answer, where.tell(answer, what))
        case status if 400 <= status < 500 and status != 408 and answer.is_error:
            return _error(_REFUSALS.get(status, Refused), answer, where.tell(answer, "was refused"))
    return None


def _error(kind: type[Error], answer: Answer, message: str) -> Error:
    return kind(message, status=answer.status, code=answer.code, request_id=answer.request_id)


def shorten(text: str) -> str:
    """Return what a service said, in one line, cut, and without anything that looks like a token."""
    line = _TOKEN.sub("[token]", " ".join(text.split()))
    return line if len(line) <= MAX_MESSAGE else line[:MAX_MESSAGE] + "…"


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def server_date(headers: Mapping[str, tuple[str, ...]]) -> datetime | None:
    """Return the moment at which the server says it answered, or None."""
    return http_date(next(iter(headers.get("date", ())), ""))
