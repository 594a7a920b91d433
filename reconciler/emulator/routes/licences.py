"""What a tenant says of its subscriptions: read only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from reconciler.emulator.calls import Answer, Call, Json, Route
from reconciler.emulator.directory import Licence, Tenant

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_LICENCES = ("LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All")

_PLANS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "P1": (("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d"),),
    "P2": (
        ("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d"),
        ("AAD_PREMIUM_P2", "eec0eb4f-6444-4f95-aba0-50c24d67f998"),
    ),
    "Governance": (("Entra_Identity_Governance", "e866a266-3cff-43a3-acca-0c90a7e00c8b"),),
}
_SKUS: Final[Mapping[str, tuple[str, str]]] = {
    "P1": ("AAD_PREMIUM", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4"),
    "P2": ("AAD_PREMIUM_P2", "84a661c4-e949-4bd2-a560-ed7766fcaf2b"),
    "Governance": ("Microsoft_Entra_ID_Governance", "cf6b0d46-4093-4546-a0ab-0b1546dcc10e"),
}


def _subscriptions(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    tenant = world.directory.tenants[call.tenant]
    value = [_subscription(tenant, licence) for licence in tenant.licences]
    return Answer(200, {"@odata.context": f"{call.base}/{call.version}/$metadata#subscribedSkus", "value": value})


def _subscription(tenant: Tenant, licence: Licence) -> dict[str, Json]:
    name, sku = _SKUS[licence.name]
    plans = [
        {"servicePlanName": plan, "servicePlanId": plan_id, "provisioningStatus": "Success", "appliesTo": "User"}
        for plan, plan_id in _PLANS[licence.name]
    ]
    return {
        "id": f"{tenant.id}_{sku}",
        "skuId": sku,
        "skuPartNumber": name,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": licence.used,
        "prepaidUnits": {"enabled": licence.seats, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": plans,
    }


ROUTES = (Route("GET", "/subscribedSkus", _subscriptions, _LICENCES),)
