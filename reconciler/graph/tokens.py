"""What an access token says about itself, checked before it is used. The service checks its signature, not we."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from reconciler.errors import SignInFailed
from reconciler.graph.strict_json import parse
from reconciler.model import Body, Json

# How far a clock may be wrong before a token counts as expired.
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token that is for us. `lifetime` is in seconds from when it was issued."""

    value: str = field(repr=False)
    roles: tuple[str, ...]
    lifetime: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say."""

    tenant: str
    tenant_id: str
    client_id: str
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
    applications = [claims[name] for name in ("appid", "azp") if name in claims] or [None]
    _check(expected, "appid", applications, {expected.client_id}, "the application in tenant.yaml")
    expires, issued = _moment(claims, "exp", expected.tenant), _moment(claims, "iat", expected.tenant)
    if all(expires + SKEW <= moment for moment in moments):
        raise SignInFailed(f"{expected.tenant}: the token had expired at {expires:%Y-%m-%d %H:%M} UTC when it came")
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise SignInFailed(f"{expected.tenant}: the token does not say its permissions in a way we know")
    return Token(value, tuple(sorted(set(roles))), (expires - issued).total_seconds())


def _check(expected: Expected, name: str, found: Iterable[Json], wanted: Iterable[str], meaning: str) -> None:
    allowed = {value.lower() for value in wanted}
    for value in found:
        if not isinstance(value, str) or value.lower() not in allowed:
            shown = repr(value)[:80]
            raise SignInFailed(
                f"{expected.tenant}: the token is for another {name} ({shown}) than {meaning} "
                f"({', '.join(sorted(allowed))}); nothing was asked with it"
            )


def _claims(value: str, tenant: str) -> Body:
    parts = value.split(".")
    try:
        if len(parts) != 3:
            raise ValueError("not three parts")
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = parse(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError:
        # The exception could quote the token.
        claims = None
    if not isinstance(claims, dict):
        raise SignInFailed(f"{tenant}: the sign-in service sent a token that is not a JSON web token")
    return claims


def _moment(claims: Body, name: str, tenant: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**35:
        return datetime.fromtimestamp(value, UTC)
    raise SignInFailed(f"{tenant}: the token does not say its {name}")
