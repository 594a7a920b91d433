"""How the service says no: one exception, and Graph's error envelope around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class Refusal(Exception):
    """A request that is not carried out. Branch on `status`, then `code`; the message is for people."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class Dropped(Exception):
    """The connection is to be cut: nobody gets an answer. A proxy, or a test's transport, makes it real."""


class Omitted(Exception):
    """A part of a $batch gets no answer, while the others do."""


def bad_request(message: str, code: str = "Request_BadRequest") -> Refusal:
    """Return the refusal of a malformed or forbidden value."""
    return Refusal(400, code, message)


def invalid_property(name: str) -> Refusal:
    """Return the refusal of a property that the type does not have; names are case-sensitive."""
    return bad_request(f"Invalid property '{shorten(name)}'.")


def denied() -> Refusal:
    """Return the refusal of a caller who lacks a permission."""
    return Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def unauthenticated(message: str) -> Refusal:
    """Return the refusal of a missing, expired or foreign token."""
    return Refusal(
        401,
        "InvalidAuthenticationToken",
        message,
        headers={"WWW-Authenticate": 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common"'},
    )


def missing(code: str, what: str = "") -> Refusal:
    """Return the refusal of a request for something that is not there."""
    if code == "Directory_ObjectNotFound":
        return Refusal(404, code, "Unable to read the company information from the directory.")
    return Refusal(
        404, code, f"Resource '{shorten(what)}' does not exist or one of its queried properties is not present."
    )


def no_such_object(what: str) -> Refusal:
    """Return the refusal of a request for a directory object that is not there, or for something below it."""
    words = (
        f"Resource '{shorten(what)}' does not exist or one of its queried reference-property objects are not present."
    )
    return Refusal(404, "Request_ResourceNotFound", words)


def shorten(text: str, limit: int = 120) -> str:
    """Return `text`, cut where a hostile name would fill the answer."""
    return text if len(text) <= limit else text[:limit] + "…"


def envelope(refusal: Refusal, now: datetime, request_id: str, client_request_id: str) -> dict[str, Any]:
    """Return the body of an error answer; the date has no zone suffix and is UTC."""
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    error["innerError"] = {
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id,
    }
    return {"error": error}
