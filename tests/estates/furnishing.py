"""What a drawn estate has beside access settings: other clouds, synchronization, what only beta shows, an organization.

For imports, which have to take everything as it is. Documents are not drawn here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from drawing import Drawn, any_setting

from reconciler.model import Json

CLOUDS = ("microsoftonline.us", "partner.microsoftonline.cn")
PROVIDERS = ("externalFederation", "azureActiveDirectory", "socialIdentityProviders")
FALLBACKS = ("defaultConfiguredIdp", "emailOneTimePasscode", "microsoftAccount")
NAMES = ("Fabrikam", "people of the plant", "Ünïted: #1", "", "true", "2026-11-24", " padded ", "x" * 256, "a\nb")
# How the service may answer about what hangs below partners.
SPELLINGS: Mapping[str, Sequence[Json]] = {
    "expand_on_list": [True, True, False],
    "expanded_nothing": ["null", "null", "absent"],
}


def furnish(drawn: Drawn, dice: random.Random) -> None:
    """Add to the seed of an estate."""
    drawn.seed["switches"] |= {name: dice.choice(values) for name, values in SPELLINGS.items()}
    for tenant in drawn.seed["tenants"].values():
        tenant["default"] |= dict(_default(dice))
        for partner in tenant["partners"]:
            partner |= dict(_partner(dice))
        tenant["objects"] = {name: bodies for name, bodies in _objects(tenant, dice) if bodies}


def _default(dice: random.Random) -> Iterator[tuple[str, Json]]:
    if dice.random() < 0.3:
        yield "tenantRestrictions", any_setting(dice)
    if dice.random() < 0.3:
        order = dice.sample(PROVIDERS, dice.randint(1, 3))
        yield (
            "invitationRedemptionIdentityProviderConfiguration",
            {"primaryIdentityProviderPrecedenceOrder": order, "fallbackIdentityProvider": dice.choice(FALLBACKS)},
        )
    if dice.random() < 0.3:
        yield "blockServiceProviderOutboundAccess", dice.choice([True, False])


def _partner(dice: random.Random) -> Iterator[tuple[str, Json]]:
    if dice.random() < 0.3:
        yield "tenantRestrictions", any_setting(dice)
    for fact in ("isServiceProvider", "isInMultiTenantOrganization"):
        if dice.random() < 0.25:
            yield fact, True


def _objects(tenant: dict[str, Json], dice: random.Random) -> Iterator[tuple[str, dict[str, Json]]]:
    clouds = dice.sample(CLOUDS, dice.randint(0, 2))
    yield "policy", {"": {"allowedCloudEndpoints": clouds}} if clouds else {}
    synced = [partner["tenantId"] for partner in tenant["partners"] if dice.random() < 0.5]
    yield "identitySynchronization", {key: dict(_synchronization(dice)) for key in synced}
    if dice.random() < 0.4:
        yield "multiTenantOrganization", {"": {"displayName": dice.choice(NAMES), "state": "active"}}
        trust = {"inboundTrust": {"isMfaAccepted": True}}
        yield "multiTenantOrganizationPartnerConfiguration", {"": trust if dice.random() < 0.5 else {}}


def _synchronization(dice: random.Random) -> Iterator[tuple[str, Json]]:
    if dice.random() < 0.6:
        yield "displayName", dice.choice([None, *NAMES])
    for name in ("userSyncInbound", "groupSyncInbound"):
        if dice.random() < 0.6:
            yield name, {"isSyncAllowed": dice.choice([True, False, None])}
