"""Which licences the documents call for, and which a tenant has. Pure.

Source: Microsoft's documentation of cross-tenant access; the service itself does not refuse settings without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.model import Address, Body, Document, Json

# Service plans are told apart by id: their names vary in case. P2 includes what P1 has.
PREMIUM = frozenset({"41781fb2-bc02-4b7c-bd55-b576c07bb09d", "eec0eb4f-6444-4f95-aba0-50c24d67f998"})

_EVERYBODY = frozenset({"AllUsers", "AllApplications"})
_HALVES = ("usersAndGroups", "applications")


def premium_uses(documents: Mapping[Address, Document], tenant: str) -> tuple[str, ...]:
    """Return what in a tenant's documents needs Entra ID P1, sorted, with the documents that say it."""
    found: dict[str, list[str]] = {}
    for address, document in sorted(documents.items()):
        if address.tenant == tenant and not document.absent:
            for use in sorted(set(_uses(document.said))):
                found.setdefault(use, []).append(document.label or str(address))
    return tuple(f"{use}: {_some(names)}" for use, names in sorted(found.items()))


def _some(names: list[str]) -> str:
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" and {more} more" if more > 0 else "")


def _uses(said: Body) -> Iterator[str]:
    for name, block in said.items():
        if not isinstance(block, Mapping):
            continue
        if name == "inboundTrust" and any(value is True for value in block.values()):
            yield "trusting claims of others"
        if name.startswith("b2bDirectConnect") and any(_lets_in(block.get(half)) for half in _HALVES):
            yield "direct connect (in both tenants)"
        if any(_is_specific(block.get(half)) for half in _HALVES):
            yield "rules for specific people or applications"


def _lets_in(half: Json) -> bool:
    return isinstance(half, Mapping) and half.get("accessType") == "allowed"


def _is_specific(half: Json) -> bool:
    targets = half.get("targets") if isinstance(half, Mapping) else None
    return isinstance(targets, Iterable) and any(
        isinstance(target, Mapping) and target.get("target") not in _EVERYBODY for target in targets
    )


def has_premium(skus: Iterable[Body]) -> bool:
    """Whether one of the subscriptions includes Entra ID P1 or P2, and is in force.

    Raises:
        ValueError: a subscription is described in a way that we do not know.
    """
    return any(_includes_premium(sku) for sku in skus)


def _includes_premium(sku: Body) -> bool:
    plans = sku.get("servicePlans")
    if not isinstance(plans, list) or not all(isinstance(plan, Mapping) for plan in plans):
        raise ValueError("a subscription does not say which service plans it includes")
    if sku.get("capabilityStatus") not in ("Enabled", "Warning"):
        return False
    return any(
        str(plan.get("servicePlanId", "")).lower() in PREMIUM and plan.get("provisioningStatus") == "Success"
        for plan in plans
    )
