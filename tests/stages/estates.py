"""Small estates, what is live in them, and plans from both, for the tests of the single stages."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from reconciler import access
from reconciler.kinds import REGISTRY
from reconciler.kinds.blocks import everyone
from reconciler.model import (
    Acknowledgement,
    Action,
    Address,
    Body,
    Change,
    Document,
    Estate,
    Json,
    Management,
    Origin,
    Plan,
    Reading,
    Resource,
    State,
    Tenant,
    TenantPlan,
    Unreadable,
)
from reconciler.reconciling import Desired, compute

TODAY = date(2026, 11, 24)
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
HERE = Origin("tenants/contoso/tenant.yaml", 1, 1)
CONTOSO = Tenant(
    "contoso", "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01", "Contoso", "contoso.example", HERE, management=Management.HERE
)
FABRIKAM = Tenant(
    "fabrikam", "3f1e0000-0000-4000-8000-0000000000fa", "Fabrikam", "fabrikam.example", HERE, management=Management.HERE
)
DEFAULT = Address("contoso", "default")
OPEN, CLOSED = everyone("allowed"), everyone("blocked")
TRUST, COLLABORATION, DIRECT = "inboundTrust", "b2bCollaborationInbound", "b2bDirectConnectInbound"
CONSENT = "automaticUserConsentSettings"


def key(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def partner_at(number: int, tenant: str = "contoso") -> Address:
    return Address(tenant, "partner", key(number))


def trust(mfa: bool | None = None, compliant: bool | None = None, hybrid: bool | None = None) -> Body:
    return {
        "isMfaAccepted": mfa,
        "isCompliantDeviceAccepted": compliant,
        "isHybridAzureADJoinedDeviceAccepted": hybrid,
    }


def group(number: int, access_type: str = "allowed", applications: str = "allowed") -> Json:
    """A setting for one group and all applications."""
    return {
        "usersAndGroups": {"accessType": access_type, "targets": [{"target": key(number), "targetType": "group"}]},
        "applications": everyone(applications)["applications"],
    }


def default(tenant: str = "contoso", /, **blocks: Json) -> State:
    """A default that nobody touched, but for these blocks."""
    return {Address(tenant, "default"): Resource({**REGISTRY["default"].stock, **blocks})}


def partner(number: int, facts: Body | None = None, tenant: str = "contoso", /, **blocks: Json) -> State:
    """A partner that inherits everything, but for these blocks."""
    body = REGISTRY["partner"].project({**REGISTRY["partner"].stock, **blocks})
    return {partner_at(number, tenant): Resource(body, facts=facts or {})}


def says(address: Address, said: Body | None = None, *, line: int = 5, **more: Json) -> Document:
    """A document that says this, each property on a line of its own from `line` on."""
    said = dict(sorted((said or {}).items()))
    origins = {name: Origin("tenants/contoso/p.yaml", line + at, 3) for at, name in enumerate(said)}
    return Document(address, address.key[:8], Origin("tenants/contoso/p.yaml", 1, 1), said, origins, **more)


def estate(
    *documents: Document, tenants: Sequence[Tenant] = (CONTOSO,), organizations: Mapping[str, str] | None = None
) -> Estate:
    return Estate(
        {tenant.name: tenant for tenant in tenants},
        {document.address: document for document in documents},
        organizations or {},
    )


def wanted(*documents: Document, tenants: Sequence[Tenant] = (CONTOSO,), **more: Json) -> Desired:
    return Desired(estate(*documents, tenants=tenants), REGISTRY, more.pop("tree", TREE), TODAY, **more)


def read(*states: State, tenant: str = "contoso") -> Mapping[str, Reading | Unreadable]:
    """What was read of one tenant, in the order of addresses."""
    there = {address: resource for state in states for address, resource in state.items()}
    return {tenant: Reading(tenant, dict(sorted(there.items())))}


def planned(desired: Desired, *states: State) -> TenantPlan:
    """The plan for the one tenant of an estate."""
    [tenant] = compute(desired, read(*states)).tenants
    return tenant


def yes(rule: int, path: str, before: Json, after: Json) -> Acknowledgement:
    return Acknowledgement(rule, "reviewed", "ann", date(2026, 12, 24), HERE, path, before, after)


def after(state: State, change: Change) -> State:
    """What is there once a change is carried out, as the service would show it; it must rest on what is there."""
    address = change.address
    there = state.get(address)
    if change.action is Action.CREATE:
        assert there is None
        body = {**dict.fromkeys(REGISTRY[address.kind].blocks), **(change.after or {})}
        return {**state, address: Resource(body)}
    assert there is not None
    before = change.before or {}
    assert before == {name: there.body[name] for name in before}
    if change.action is Action.DELETE:
        assert before == {name: value for name, value in there.body.items() if value is not None}
        return {at: resource for at, resource in state.items() if at != address}
    return {**state, address: replace(there, body={**there.body, **(change.after or {})})}


def bodies(state: State) -> Mapping[Address, Body]:
    return {address: resource.body for address, resource in state.items()}


def in_force(state: State, keys: Sequence[str]) -> Sequence[Body]:
    """What applies to each of these organizations, and to the world."""
    return [access.world(state, "contoso"), *(access.settings(state, "contoso", one) for one in keys)]


def crowd(number: int, *, changing: int, seed: int = 1) -> tuple[Desired, Mapping[str, Reading | Unreadable]]:
    """An estate with that many partners, of which some differ from what is live, and the default too."""
    dice = random.Random(seed)
    live: dict[Address, Resource] = dict(default())
    documents = [says(DEFAULT, {TRUST: trust(True, False, False), COLLABORATION: CLOSED})]
    for at in range(1, number + 1):
        own = {TRUST: trust(dice.random() < 0.5), COLLABORATION: group(at % 50), DIRECT: CLOSED}
        live |= partner(at, **own)
        said = {**own, COLLABORATION: group(at % 50 + 100), TRUST: None} if at <= changing else own
        documents.append(says(partner_at(at), said, owner="ann"))
    return wanted(*documents), read(live)


def only(plan: Plan) -> TenantPlan:
    [tenant] = plan.tenants
    return tenant
