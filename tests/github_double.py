"""A small GitHub with a memory: comments, issues and labels of one repository, by who holds which token.

It checks every body as GitHub's own description does, and refuses what it does not know. In the test's own process it
is a transport for httpx; `served` gives it a port.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jsonschema

REPOSITORY = "contoso/tenants"
TOKEN = "ghs_made-up-token"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
GITHUBS_LIMIT = 65_536

_TEXT = {"type": "string", "minLength": 1, "maxLength": GITHUBS_LIMIT}
_ISSUE = {
    "title": {"type": "string", "minLength": 1, "maxLength": 256},
    "body": {"type": "string", "maxLength": GITHUBS_LIMIT},
    "labels": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 50}},
    "state": {"enum": ["open", "closed"]},
    "state_reason": {"enum": ["completed", "not_planned", "reopened", None]},
}


def _object(properties: Mapping[str, Any], *required: str) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


COMMENT = _object({"body": _TEXT}, "body")
NEW_ISSUE = _object({name: _ISSUE[name] for name in ("title", "body", "labels")}, "title")
CHANGED_ISSUE = _object(_ISSUE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes back. `done` tells of a failure that the change was made all the same."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False


@dataclass(slots=True)
class Double:
    """The state, and what was asked. `failures` are given out first, one for each request."""

    user: Mapping[str, str] = field(default_factory=lambda: dict(BOT))
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    failures: list[Reply] = field(default_factory=list)
    drops_labels: bool = False

    def comment(self, number: int, body: str, user: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Let somebody comment."""
        made = {"id": 1000 + len(self.comments), "body": body, "user": dict(user or self.user), "issue": number}
        self.comments.append(made)
        return made

    def issue(self, title: str, body: str, *labels: str, user: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Let somebody open an issue."""
        made = {
            "number": 1 + len(self.issues),
            "title": title,
            "body": body,
            "state": "open",
            "user": dict(user or self.user),
            "labels": [{"name": label} for label in labels],
        }
        self.issues.append(made)
        return made

    @property
    def writes(self) -> list[str]:
        """The methods of all requests that were to change something."""
        return [method for method, _ in self.requests if method != "GET"]

    def answer(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        """Answer one request."""
        parts = urlsplit(url)
        self.requests.append((method, parts.path))
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None and not failure.done:
            return failure
        reply = self._checked(method, url, headers, content)
        return failure or reply

    def _checked(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        parts = urlsplit(url)
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return _refusal(401, "Bad credentials")
        if headers.get("accept") != "application/vnd.github+json":
            return _refusal(415, "Unsupported 'Accept' header")
        place = re.fullmatch(rf"/repos/{REPOSITORY}(/.+)", parts.path)
        if place is None:
            return _refusal(404, "Not Found")
        if method == "GET":
            return self._read(place[1], parts.query, url)
        try:
            return self._write(method, place[1], json.loads(content))
        except jsonschema.ValidationError as error:
            return _refusal(422, f"Validation Failed: {error.message[:80]}")

    def _read(self, path: str, query: str, url: str) -> Reply:
        asked = dict(parse_qsl(query))
        if found := re.fullmatch(r"/issues/([0-9]+)/comments", path):
            return _page([one for one in self.comments if one["issue"] == int(found[1])], asked, url)
        if path == "/issues":
            return _page([one for one in self.issues if _is_asked_for(one, asked)], asked, url)
        return _refusal(404, "Not Found")

    def _write(self, method: str, path: str, body: Any) -> Reply:
        match method, path.split("/")[1:]:
            case "POST", ["issues", number, "comments"]:
                jsonschema.validate(body, COMMENT)
                return Reply(201, self.comment(int(number), body["body"]))
            case "PATCH", ["issues", "comments", number]:
                jsonschema.validate(body, COMMENT)
                return _changed([one for one in self.comments if one["id"] == int(number)], body)
            case "POST", ["issues"]:
                jsonschema.validate(body, NEW_ISSUE)
                labels = [] if self.drops_labels else body.get("labels", [])
                return Reply(201, self.issue(body["title"], body.get("body", ""), *labels))
            case "PATCH", ["issues", number]:
                jsonschema.validate(body, CHANGED_ISSUE)
                return _changed([one for one in self.issues if one["number"] == int(number)], body)
            case _:
                return _refusal(404, "Not Found")


def _is_asked_for(issue: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    names = {label["name"] for label in issue["labels"]}
    return asked.get("state", "open") in (issue["state"], "all") and asked.get("labels", "") in names | {""}


def _page(found: list[dict[str, Any]], asked: Mapping[str, str], url: str) -> Reply:
    size, page = min(int(asked.get("per_page", "30")), 100), int(asked.get("page", "1"))
    more = len(found) > size * page
    link = {"Link": f'<{httpx.URL(url).copy_set_param("page", page + 1)}>; rel="next"'} if more else {}
    return Reply(200, found[size * (page - 1) : size * page], link)


def _changed(found: list[dict[str, Any]], body: Mapping[str, Any]) -> Reply:
    if not found:
        return _refusal(404, "Not Found")
    found[0].update(body)
    return Reply(200, found[0])


def _refusal(status: int, message: str) -> Reply:
    return Reply(status, {"message": message, "documentation_url": "https://docs.github.com/rest"})


# ---------------------------------------------------------------------------------------------- reaching it


def transport(double: Double) -> httpx.AsyncBaseTransport:
    """Return a transport that leads to it without a socket."""

    def handle(request: httpx.Request) -> httpx.Response:
        reply = double.answer(request.method, str(request.url), request.headers, request.read())
        if reply.status == 0:
            raise httpx.ReadError("cut off", request=request)
        return httpx.Response(reply.status, json=reply.body, headers=dict(reply.headers))

    return httpx.MockTransport(handle)


@contextmanager
def served(double: Double) -> Iterator[str]:
    """Serve it on a free port of this machine while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = double.answer(self.command, f"http://{self.headers['Host']}{self.path}", headers, content)
            said = json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PATCH = _serve

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Say nothing: what was asked is in `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
