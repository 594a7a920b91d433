"""The default: what applies to every organization that has no entry of its own, and to every block left open there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, model_validator

from reconciler.kinds.blocks import (
    B2BSetting,
    Connections,
    InboundTrust,
    Redemption,
    Strict,
    TenantRestrictions,
    Travellers,
    Visitors,
    all_applications,
    all_people,
    canonical_blocks,
    everyone,
    unsaid,
)
from reconciler.model import Kind, Permissions, Singleton


class DefaultTrust(InboundTrust):
    """Whose claims we accept by default. Nothing stands behind the default, so nothing can be inherited."""

    @model_validator(mode="after")
    def _no_null(self) -> DefaultTrust:
        for name in sorted(self.model_fields_set):
            if getattr(self, name) is None:
                raise ValueError(f"{name} is null, but the default has nothing to inherit from; write true or false")
        return self


class DefaultSpec(Strict):
    """The settings of `/policies/crossTenantAccessPolicy/default` that can be written.

    What is not said is not ours: the default factories only make a property optional, and are never written out.
    """

    refused: ClassVar[Mapping[str, str]] = {
        "automaticUserConsentSettings": "the service keeps it false for the default; say it partner by partner",
        "isServiceDefault": "the service computes it",
    }

    inboundTrust: DefaultTrust = Field(
        default_factory=unsaid(DefaultTrust), description="Claims of other tenants that count here."
    )
    b2bCollaborationInbound: B2BSetting = Field(
        default_factory=unsaid(B2BSetting), description="Who may be a guest here."
    )
    b2bCollaborationOutbound: B2BSetting = Field(
        default_factory=unsaid(B2BSetting), description="Who of ours may be a guest elsewhere."
    )
    b2bDirectConnectInbound: B2BSetting = Field(
        default_factory=unsaid(B2BSetting), description="Who may enter here without a guest account."
    )
    b2bDirectConnectOutbound: B2BSetting = Field(
        default_factory=unsaid(B2BSetting), description="Who of ours may enter elsewhere so."
    )
    tenantRestrictions: TenantRestrictions = Field(
        default_factory=unsaid(TenantRestrictions),
        description="What our people may do elsewhere with accounts of other tenants.",
    )
    invitationRedemptionIdentityProviderConfiguration: Redemption = Field(
        default_factory=unsaid(Redemption), description="By which accounts invitations may be redeemed."
    )
    m365CollaborationInbound: Visitors = Field(
        default_factory=unsaid(Visitors), description="Whose people may work with us in Microsoft 365."
    )
    m365CollaborationOutbound: Travellers = Field(
        default_factory=unsaid(Travellers), description="Who of ours may work with others in Microsoft 365."
    )
    appServiceConnectInbound: Connections = Field(
        default_factory=unsaid(Connections), description="Which applications of others may connect to ours."
    )
    blockServiceProviderOutboundAccess: bool = Field(
        False, description="Our people cannot sign in elsewhere as service providers. Only in beta."
    )


KIND = Kind(
    name="default",
    document="DefaultConfiguration",
    model=DefaultSpec,
    endpoint=Singleton(
        "/policies/crossTenantAccessPolicy/default", reset="resetToSystemDefault", pristine="isServiceDefault"
    ),
    permissions=Permissions(read="Policy.Read.All", write="Policy.ReadWrite.CrossTenantAccess"),
    canonical=canonical_blocks,
    needs=("policy",),
    summary="What applies to every organization without an entry of its own.",
    stock={
        "inboundTrust": {
            "isMfaAccepted": False,
            "isCompliantDeviceAccepted": False,
            "isHybridAzureADJoinedDeviceAccepted": False,
        },
        "b2bCollaborationInbound": everyone("allowed"),
        "b2bCollaborationOutbound": everyone("allowed"),
        "b2bDirectConnectInbound": everyone("blocked"),
        "b2bDirectConnectOutbound": everyone("blocked"),
        "tenantRestrictions": everyone("blocked"),
        "invitationRedemptionIdentityProviderConfiguration": {
            "primaryIdentityProviderPrecedenceOrder": [
                "externalFederation",
                "azureActiveDirectory",
                "socialIdentityProviders",
            ],
            "fallbackIdentityProvider": "defaultConfiguredIdp",
        },
        "m365CollaborationInbound": {"users": all_people("blocked")},
        "m365CollaborationOutbound": {"usersAndGroups": all_people("allowed")},
        "appServiceConnectInbound": {"applications": all_applications("blocked")},
        "blockServiceProviderOutboundAccess": False,
    },
    beta=("blockServiceProviderOutboundAccess",),
    read_only=(
        "id",
        "isServiceDefault",
        "automaticUserConsentSettings",
        # Of a managed block: the service's own, and not supported by it yet.
        "tenantRestrictions.devices",
        # Answered by v1.0 although its metadata does not declare it.
        "crossCloudMeetingConfiguration",
        "protectedContentSharing",
    ),
    ordered=("invitationRedemptionIdentityProviderConfiguration.primaryIdentityProviderPrecedenceOrder",),
    examples=(
        {"blockServiceProviderOutboundAccess": True},
        {"inboundTrust": {"isMfaAccepted": False}},
        {
            "invitationRedemptionIdentityProviderConfiguration": {
                "primaryIdentityProviderPrecedenceOrder": ["azureActiveDirectory", "externalFederation"],
                "fallbackIdentityProvider": "emailOneTimePasscode",
            },
            "appServiceConnectInbound": {
                "applications": {
                    "accessType": "allowed",
                    "targets": [{"target": "214b1ac9-80e4-4bdf-be07-92a95008268e", "targetType": "application"}],
                }
            },
        },
        {
            "tenantRestrictions": {
                "usersAndGroups": all_people("allowed"),
                "applications": {
                    "accessType": "allowed",
                    "targets": [{"target": "Office365", "targetType": "application"}],
                },
            },
            "m365CollaborationInbound": {"users": all_people("allowed")},
            "m365CollaborationOutbound": {"usersAndGroups": all_people("blocked")},
        },
        {"b2bDirectConnectInbound": everyone("blocked")},
        {
            "b2bCollaborationOutbound": {
                "usersAndGroups": {
                    "accessType": "blocked",
                    "targets": [{"target": "6a0f3f0c-0d6e-4a5c-9f0a-0e3b5f4d7a10", "targetType": "group"}],
                },
                "applications": {
                    "accessType": "blocked",
                    "targets": [{"target": "AllApplications", "targetType": "application"}],
                },
            }
        },
    ),
)
