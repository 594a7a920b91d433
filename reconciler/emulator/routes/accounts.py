"""What a tenant says of its subscriptions and of the applications in it: read only, and no more than check-ups read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from reconciler.emulator.calls import Answer, Call, Json, Route
from reconciler.emulator.committing import stamp
from reconciler.emulator.directory import Application, Tenant
from reconciler.emulator.refusals import bad_request, missing, shorten

if TYPE_CHECKING:
    from reconciler.emulator.world import World

_LICENCES = ("LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All")
_APPLICATIONS = ("Application.Read.All", "Directory.Read.All")

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
# How Graph shows a secret of which nobody has said when it ends.
_NEVER = "2299-12-30T12:00:00Z"


def _subscriptions(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    tenant = world.directory.tenants[call.tenant]
    value = [_subscription(tenant, licence) for licence in tenant.licences]
    return Answer(200, {"@odata.context": f"{call.base}/{call.version}/$metadata#subscribedSkus", "value": value})


def _subscription(tenant: Tenant, licence: str) -> dict[str, Json]:
    name, sku = _SKUS[licence]
    plans = [
        {"servicePlanName": plan, "servicePlanId": plan_id, "provisioningStatus": "Success", "appliesTo": "User"}
        for plan, plan_id in _PLANS[licence]
    ]
    return {
        "id": f"{tenant.id}_{sku}",
        "skuId": sku,
        "skuPartNumber": name,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": 0,
        "prepaidUnits": {"enabled": 100, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": plans,
    }


def _application(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    tenant, one = _found(world, call, caught["id"])
    whole: dict[str, Json] = {
        "id": tenant.object_id(f"application {one.app_id}"),
        "appId": one.app_id,
        "displayName": one.name,
        "passwordCredentials": [_secret(tenant, one)],
        "keyCredentials": [_certificate(tenant, pem) for pem in one.certificates],
    }
    return _shown(call, "applications", whole)


def _service_principal(world: World, call: Call, caught: Mapping[str, str]) -> Answer:
    tenant, one = _found(world, call, caught["id"])
    whole: dict[str, Json] = {
        "id": tenant.object_id(f"service principal {one.app_id.lower()}"),
        "appId": one.app_id,
        "displayName": one.name,
        "servicePrincipalType": "Application",
        "accountEnabled": True,
    }
    return _shown(call, "servicePrincipals", whole)


def _found(world: World, call: Call, app_id: str) -> tuple[Tenant, Application]:
    tenant = world.directory.tenants[call.tenant]
    one = tenant.applications.get(app_id.lower())
    if one is None:
        raise missing("Request_ResourceNotFound", app_id)
    return tenant, one


def _secret(tenant: Tenant, one: Application) -> dict[str, Json]:
    """Return what Graph shows of a secret: never the secret itself."""
    return {
        "keyId": tenant.object_id(f"secret of {one.app_id}"),
        "displayName": f"secret of {one.name}",
        "hint": one.secret[:3],
        "secretText": None,
        "startDateTime": "2026-01-01T00:00:00Z",
        "endDateTime": one.secret_ends or _NEVER,
    }


def _certificate(tenant: Tenant, pem: str) -> dict[str, Json]:
    found = x509.load_pem_x509_certificate(pem.encode())
    # The identifier that Graph shows, not a protection.
    thumbprint = hashlib.sha1(found.public_bytes(Encoding.DER), usedforsecurity=False).digest()
    return {
        "keyId": tenant.object_id(f"certificate {thumbprint.hex()}"),
        "displayName": found.subject.rfc4514_string(),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "key": None,
        "customKeyIdentifier": base64.b64encode(thumbprint).decode(),
        "startDateTime": stamp(found.not_valid_before_utc),
        "endDateTime": stamp(found.not_valid_after_utc),
    }


def _shown(call: Call, collection: str, whole: dict[str, Json]) -> Answer:
    names = [name.strip() for name in call.query["$select"].split(",")] if "$select" in call.query else list(whole)
    for name in names:
        if name not in whole:
            raise bad_request(f"Could not find a property named '{shorten(name)}'.", code="BadRequest")
    context = f"{call.base}/{call.version}/$metadata#{collection}/$entity"
    return Answer(200, {"@odata.context": context, **{name: whole[name] for name in names}})


ROUTES = (
    Route("GET", "/subscribedSkus", _subscriptions, _LICENCES),
    Route("GET", "/applications(appId='{id}')", _application, _APPLICATIONS),
    Route("GET", "/servicePrincipals(appId='{id}')", _service_principal, _APPLICATIONS),
)
