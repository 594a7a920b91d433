"""Small worlds to examine, and what a check-up says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from emulated import network, secrets, tenant_of

from reconciler.doctoring import Wanted, examine
from reconciler.emulator.world import World
from reconciler.kinds import REGISTRY
from reconciler.model import Address, Body, Check, Document, Estate, Health, Origin, Tenant

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
PLAN, APPLY = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"
ASKS = "CrossTenantInformation.ReadBasic.All"
READS = ("Policy.Read.All", "Organization.Read.All", ASKS)
WRITES = (*READS, "Policy.ReadWrite.CrossTenantAccess")
TRUST: Body = {"inboundTrust": {"isMfaAccepted": True}}
PLAIN: Body = {"automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": False}}
NOON = "2026-11-24T12:00:00Z"


def world(
    *,
    plan: Iterable[str] = READS,
    apply: Iterable[str] = WRITES,
    licences: Iterable[str] = ("P1",),
    application: Mapping[str, Any] | None = None,
    **members: Any,
) -> World:
    """Return a world of one tenant; `application` is laid over both of its applications."""
    both = [
        {"name": "plan", "appId": PLAN, "roles": list(plan), **(application or {})},
        {"name": "apply", "appId": APPLY, "roles": list(apply), **(application or {})},
    ]
    tenant = {"tenantId": CONTOSO, "displayName": "Contoso", "applications": both, "licences": list(licences)}
    return World.from_seed({"clock": NOON, "tenants": {"contoso": tenant}, **members})


def document(said: Body, kind: str = "partner", key: str = "39429824-604b-49fc-a4b3-b89447a14fd9") -> Document:
    """Return a document of contoso."""
    origin = Origin("tenants/contoso/partners/fabrikam.yaml", 1, 1)
    return Document(Address("contoso", kind, key), "fabrikam", origin, said)


def estate(tenant: Tenant, *documents: Document) -> Estate:
    """Return an estate of one tenant."""
    return Estate({tenant.name: tenant}, {one.address: one for one in documents})


def checkup(
    made: World,
    *documents: Document,
    tenant: Tenant | None = None,
    environment: Mapping[str, str] | None = None,
    tell: Callable[[str], None] | None = None,
) -> tuple[Check, ...]:
    """Return all checks of a world; `tell` is where a person reads codes."""
    mine = tenant or tenant_of(made, "contoso")
    wanted = Wanted(estate(mine, *documents), REGISTRY, made.clock.now())
    net = network(made, secrets(made) if environment is None else environment, tell=tell)
    return asyncio.run(examine(wanted, net.inspector))


def found(checks: Iterable[Check], subject: str, purpose: str = "plan") -> Check:
    """Return the one check of a subject."""
    (check,) = [one for one in checks if one.subject == subject and one.purpose in (purpose, "")]
    return check


def unwell(checks: Iterable[Check]) -> list[tuple[Health, str, str]]:
    """Return all that is not fine, without the credentials that nobody may read about."""
    return [
        (check.health, check.purpose, check.subject)
        for check in checks
        if check.health is not Health.FINE and check.subject != "credentials"
    ]
