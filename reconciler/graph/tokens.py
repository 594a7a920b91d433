"""What an access token says about itself, checked before it is used. The service checks its signature, not we."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from reconciler.errors import SignInFailed
from reconciler.graph.strict_json import parse
from reconciler.model import Body, Json

# How far a clock may be wrong before a token counts as expired.
SKEW = timedelta(minutes=5)

Bearer: TypeAlias = Literal["application", "person"]
"""Whom a token speaks for: an application with permissions of its own, or a person who works through one."""

_BEARERS: Mapping[Bearer, str] = {"application": "an application", "person": "a person"}


@dataclass(frozen=True, slots=True)
class Token:
    """An access token that is for us. `lifetime` is in seconds from when it was issued.

    `roles` are the permissions of the application, or those that a person lent to it; `directory_roles` are the ids of
    the roles that the person has in the directory, without which the permissions are worth nothing.
    """

    value: str = field(repr=False)
    bearer: Bearer
    application: str
    roles: tuple[str, ...]
    lifetime: float
    directory_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say. `applications` are the client ids that may be in it, by whom it may speak for."""

    tenant: str
    tenant_id: str
    applications: Mapping[Bearer, frozenset[str]]
    audiences: frozenset[str]


def checked(value: str, expected: Expected, moments: Iterable[datetime]) -> Token:
    """Return the token, if it is for this tenant, service and application, and not expired at every of `moments`.

    Several moments, because our clock may be wrong where the server's is right. No message shows the token.

    Raises:
        SignInFailed: it is not ours to use.
    """
    claims = _claims(value, expected.tenant)
    _check(expected, "tid", [claims.get("tid")], {expected.tenant_id}, "the tenant in tenant.yaml")
    audience = claims.get("aud")
    found = audience.rstrip("/") if isinstance(audience, str) else audience
    _check(expected, "aud", [found], expected.audiences, "Microsoft Graph")
    bearer = _bearer(claims, expected)
    applications = [claims[name] for name in ("appid", "azp") if name in claims] or [None]
    _check(expected, "appid", applications, expected.applications[bearer], "the application in tenant.yaml")
    expires, issued = _moment(claims, "exp", expected.tenant), _moment(claims, "iat", expected.tenant)
    if all(expires + SKEW <= moment for moment in moments):
        raise SignInFailed(f"{expected.tenant}: the token had expired at {expires:%Y-%m-%d %H:%M} UTC when it came")
    return Token(
        value,
        bearer,
        str(applications[0]).lower(),
        _permissions(claims, bearer, expected),
        (expires - issued).total_seconds(),
        _names(claims, "wids", expected),
    )


def _bearer(claims: Body, expected: Expected) -> Bearer:
    """Return whom the token speaks for, as long as somebody like that is expected.

    A person's token without lent permissions would otherwise pass for that of an application without any.
    """
    bearer: Bearer = "person" if "scp" in claims or claims.get("idtyp") == "user" else "application"
    if bearer not in expected.applications:
        (wanted,) = (_BEARERS[one] for one in expected.applications)
        raise SignInFailed(
            f"{expected.tenant}: the token speaks for {_BEARERS[bearer]}, but this form of signing in is for {wanted}; "
            "nothing was asked with it"
        )
    return bearer


def _permissions(claims: Body, bearer: Bearer, expected: Expected) -> tuple[str, ...]:
    if bearer == "application":
        return _names(claims, "roles", expected)
    lent = claims.get("scp")
    if not isinstance(lent, str):
        raise SignInFailed(f"{expected.tenant}: the token does not say its permissions in a way we know")
    return tuple(sorted(set(lent.split())))


def _names(claims: Body, name: str, expected: Expected) -> tuple[str, ...]:
    names = claims.get(name, [])
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise SignInFailed(f"{expected.tenant}: the token does not say its permissions in a way we know")
    return tuple(sorted(set(names)))


def _check(expected: Expected, name: str, found: Iterable[Json], wanted: Iterable[str], meaning: str) -> None:
    allowed = {value.lower() for value in wanted}
    for value in found:
        if not isinstance(value, str) or value.lower() not in allowed:
            shown = repr(value)[:80]
            raise SignInFailed(
                f"{expected.tenant}: the token is for another {name} ({shown}) than {meaning} "
                f"({', '.join(sorted(allowed))}); nothing was asked with it"
            )


def read_claims(value: str) -> Body | None:
    """Return what a JSON web token says, unverified, or None when it is none."""
    parts = value.split(".")
    try:
        if len(parts) != 3:
            raise ValueError("not three parts")
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = parse(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError:
        # The exception could quote the token.
        return None
    return claims if isinstance(claims, dict) else None


def _claims(value: str, tenant: str) -> Body:
    claims = read_claims(value)
    if claims is None:
        raise SignInFailed(f"{tenant}: the sign-in service sent a token that is not a JSON web token")
    return claims


def _moment(claims: Body, name: str, tenant: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**35:
        return datetime.fromtimestamp(value, UTC)
    raise SignInFailed(f"{tenant}: the token does not say its {name}")
