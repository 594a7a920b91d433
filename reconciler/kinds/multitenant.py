"""The multitenant organization, and the templates by which the service sets up partners when a tenant joins it.

No kind: nothing here is ever written, and where it cannot be read nothing else suffers. Only the global cloud has it.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds.blocks import canonical_blocks
from reconciler.kinds.partner import KIND as PARTNER
from reconciler.model import Aside, AsideName, Body, Json

CLOUDS = ("global",)

_TEMPLATES = f"{PARTNER.endpoint.path.removesuffix('/partners')}/templates"

PATHS: Mapping[AsideName, str] = {
    "multitenant organization": "/tenantRelationships/multiTenantOrganization",
    "partner template": f"{_TEMPLATES}/multiTenantOrganizationPartnerConfiguration",
    "synchronization template": f"{_TEMPLATES}/multiTenantOrganizationIdentitySynchronization",
}

_BLOCKS: Mapping[AsideName, tuple[str, ...]] = {
    "partner template": (
        "automaticUserConsentSettings",
        "b2bCollaborationInbound",
        "b2bCollaborationOutbound",
        "b2bDirectConnectInbound",
        "b2bDirectConnectOutbound",
        "inboundTrust",
    ),
    "synchronization template": ("userSyncInbound",),
}
_LEVELS = ("newPartners", "existingPartners")


def paths(cloud: str) -> Mapping[AsideName, str]:
    """Return where to read, in a tenant of this cloud."""
    return PATHS if cloud in CLOUDS else {}


def told(name: AsideName, body: Body) -> Aside:
    """Return what an answer says.

    Raises:
        ValueError: when it has a shape that nobody has described to us.
    """
    if name == "multitenant organization":
        return _organization(name, body)
    blocks = canonical_blocks({block: body[block] for block in _BLOCKS[name] if block in body})
    return Aside(name, blocks, level=_level(body.get("templateApplicationLevel")))


def _organization(name: AsideName, body: Body) -> Aside:
    match body.get("state"), body.get("displayName"):
        case "inactive", _:
            return Aside(name)
        case str(state), (str() | None) as called:
            return Aside(name, {"displayName": called, "state": state})
        case _:
            raise ValueError("state or displayName is no text")


def _level(value: Json) -> tuple[str, ...]:
    """Return to whom a template applies; the service writes it as a list with commas."""
    if not isinstance(value, str):
        raise ValueError("templateApplicationLevel is no text")
    names = [name.strip() for name in value.split(",")]
    if any(name not in (*_LEVELS, "none") for name in names):
        raise ValueError(f"templateApplicationLevel {value[:80]!r} is not known to us")
    return tuple(level for level in _LEVELS if level in names)
