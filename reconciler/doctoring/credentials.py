"""Until when what we sign in with is good. Pure.

What the application itself says can be read with Application.Read.All alone, which nobody needs for anything else here;
so it is often not known, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from reconciler.doctoring.facts import Facts, application_path
from reconciler.errors import Forbidden, GraphError, NotFound, Unavailable
from reconciler.model import Body, Check, Health, Identity, Json

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret or certificate that an application may sign in with."""

    kind: Literal["secret", "certificate"]
    name: str
    ends: datetime


def credentials(facts: Facts, identity: Identity, now: datetime) -> Iterator[Check]:
    """Yield how long the identity's credentials are good, and which stand about that nobody needs."""
    if identity.ends is not None:
        yield _own_certificate(facts, identity.ends, now)
    if identity.person or "managed identity" in identity.form:
        return
    answer = facts.answers.get(application_path(identity.application))
    if answer is None or isinstance(answer, GraphError):
        yield _unread(facts, identity, answer)
        return
    try:
        found = sorted(_listed(answer), key=lambda one: (one.ends, one.kind, one.name))
    except ValueError as error:
        yield _check(facts, Health.UNKNOWN, f"until when its credentials are good cannot be checked: {error}")
        return
    yield from _judged(facts, identity, found, now)


def _own_certificate(facts: Facts, ends: datetime, now: datetime) -> Check:
    health = Health.DOUBTFUL if ends - now <= SOON else Health.FINE
    return _check(facts, health, f"the certificate we sign in with is good until {ends:%Y-%m-%d}{_left(ends, now)}")


def _unread(facts: Facts, identity: Identity, error: GraphError | None) -> Check:
    what = f"until when the credentials of application {identity.application} are good cannot be checked"
    match error:
        case Forbidden():
            return _check(facts, Health.UNKNOWN, f"{what}: the token lacks Application.Read.All")
        case NotFound():
            return _check(facts, Health.UNKNOWN, f"{what} here: it is registered in another tenant")
        case Unavailable():
            return _check(facts, Health.UNREACHABLE, f"{what}: {error}")
        case _:
            return _check(facts, Health.UNKNOWN, f"{what}: {error or 'it was not asked'}")


def _judged(facts: Facts, identity: Identity, found: list[Credential], now: datetime) -> Iterator[Check]:
    good = [one for one in found if one.ends > now]
    soon = [one for one in good if one.ends - now <= SOON]
    for one in soon:
        message = (
            f"the {one.kind} {one.name!r} ends on {one.ends:%Y-%m-%d}{_left(one.ends, now)}; make a new one before"
        )
        yield _check(facts, Health.DOUBTFUL, message)
    for one in found:
        if one.ends <= now:
            message = f"the {one.kind} {one.name!r} ended on {one.ends:%Y-%m-%d}; remove it"
            yield _check(facts, Health.NOTE, message)
    if identity.vouched and good:
        names = ", ".join(f"{one.kind} {one.name!r}" for one in good)
        message = f"the application also has {names}, which nobody needs where GitHub vouches for the job; remove it"
        yield _check(facts, Health.DOUBTFUL, message)
    if not soon:
        until = f"good until {good[0].ends:%Y-%m-%d} or longer" if good else "none that could end"
        yield _check(facts, Health.FINE, f"secrets and certificates of the application: {until}")


def _left(ends: datetime, now: datetime) -> str:
    days = (ends - now).days
    return f" (in {days} {'day' if days == 1 else 'days'})" if ends - now <= SOON else ""


def _listed(application: Body) -> Iterator[Credential]:
    for kind, listed in (("secret", "passwordCredentials"), ("certificate", "keyCredentials")):
        entries = application.get(listed)
        if not isinstance(entries, list):
            raise ValueError(f"the application does not say its {listed}")
        for entry in entries:
            yield _credential("secret" if kind == "secret" else "certificate", entry)


def _credential(kind: Literal["secret", "certificate"], entry: Json) -> Credential:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("endDateTime"), str):
        raise ValueError(f"a {kind} does not say when it ends")
    ends = datetime.fromisoformat(entry["endDateTime"])
    name = str(entry.get("displayName") or entry.get("keyId") or "without a name")
    return Credential(kind, name, ends if ends.tzinfo else ends.replace(tzinfo=UTC))


def _check(facts: Facts, health: Health, message: str) -> Check:
    return Check(health, facts.tenant.name, facts.purpose, "credentials", message)
