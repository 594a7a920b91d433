"""What a check-up of the tenants finds, and who we turned out to be there. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from reconciler.model.states import Severity


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom we sign in. All but `form` is empty as long as no token came.

    `person` says that the token is a person's. `permissions` are in the token, `directory_roles` are the ids of a
    person's roles. `vouched` holds `iss`, `sub` and `aud` of what another issuer said of us, whether it was accepted
    or not. `ends` is the last moment of a certificate.
    """

    form: str
    application: str = ""
    person: bool = False
    permissions: tuple[str, ...] = ()
    directory_roles: tuple[str, ...] = ()
    vouched: Mapping[str, str] = field(default_factory=dict)
    ends: datetime | None = None


class Health(StrEnum):
    """How a check came out. What cannot be checked is never fine."""

    FINE = "fine"
    NOTE = "note"
    DOUBTFUL = "doubtful"
    UNKNOWN = "cannot check"
    MISSING = "missing"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, in one sentence. `remedy` are lines to paste into a shell or a browser."""

    health: Health
    tenant: str
    purpose: Literal["plan", "apply", ""]
    subject: str
    message: str
    details: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """How much it weighs, in the words of findings; None where there is nothing to find."""
        match self.health:
            case Health.FINE:
                return None
            case Health.NOTE:
                return Severity.NOTE
            case Health.DOUBTFUL | Health.UNKNOWN:
                return Severity.WARNING
            case Health.MISSING | Health.UNREACHABLE:
                return Severity.ERROR
