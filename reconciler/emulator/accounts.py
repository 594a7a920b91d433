"""The applications that sign in to the emulator as objects of a directory: with their credentials, as Graph shows them.

Who they are and what they may do is in `directory`; what is written to these objects changes nothing of that.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from reconciler.emulator.calls import Json
from reconciler.emulator.committing import stamp
from reconciler.emulator.directory import Application, Tenant
from reconciler.emulator.directory_objects import APPLICATIONS, SERVICE_PRINCIPALS, Collection
from reconciler.emulator.registrations import principal_of, registered

# How Graph shows a secret of which nobody has said when it ends.
_NEVER = "2299-12-30T12:00:00Z"
_SINCE = "2026-01-01T00:00:00Z"


def registered_in(tenant: Tenant) -> Iterator[tuple[Collection, dict[str, Json]]]:
    """Yield the applications that sign in to a tenant, and their service principals, as nobody has changed them."""
    for one in tenant.applications.values():
        application = {
            **registered(
                one.name, tenant.object_id(f"application {one.app_id}"), one.app_id, tenant.organization, _SINCE
            ),
            "passwordCredentials": [_secret(tenant, one)],
            "keyCredentials": [_certificate(tenant, pem) for pem in one.certificates],
        }
        yield APPLICATIONS, APPLICATIONS.sparse(application)
        principal_id = tenant.service_principal_id(one.app_id)
        yield (
            SERVICE_PRINCIPALS,
            SERVICE_PRINCIPALS.sparse(principal_of(application, principal_id, tenant.organization, _SINCE)),
        )


def _secret(tenant: Tenant, one: Application) -> dict[str, Json]:
    """Return what Graph shows of a secret: never the secret itself."""
    return {
        "keyId": tenant.object_id(f"secret of {one.app_id}"),
        "displayName": f"secret of {one.name}",
        "hint": one.secret[:3],
        "secretText": None,
        "startDateTime": _SINCE,
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
