"""What was found out in a tenant, before anybody judges it; and where it was asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from reconciler.doctoring.granting import Where
from reconciler.errors import GraphError
from reconciler.model import Below, Body, Identity, Kind, Part, Tenant

Purpose: TypeAlias = Literal["plan", "apply"]

ORGANIZATION = "/organization?$select=id,displayName,verifiedDomains"
LICENCES = "/subscribedSkus"


def application_path(application: str) -> str:
    """Return where an application says until when its credentials are good."""
    return f"/applications(appId='{application}')?$select=appId,displayName,passwordCredentials,keyCredentials"


@dataclass(frozen=True, slots=True)
class Facts:
    """What one identity could find out in one tenant: `answers` by path, each whole or the error in its way.

    `failure` says why nothing could be asked at all; `identity` is None when there was nobody to sign in as.
    """

    tenant: Tenant
    purpose: Purpose
    where: Where
    identity: Identity | None = None
    failure: GraphError | None = None
    answers: Mapping[str, Body | GraphError] = field(default_factory=dict)


def with_paths(kinds: Mapping[str, Kind]) -> Mapping[str, Kind]:
    """Return the kinds that are read at a path of their own; others show as a part of these."""
    return {name: kind for name, kind in kinds.items() if not isinstance(kind.endpoint, Below | Part)}
