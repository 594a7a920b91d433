"""A partner: what applies to one other organization. A block that is null leaves the word to the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from reconciler.kinds.blocks import (
    B2BSetting,
    Connections,
    ConsentSettings,
    InboundTrust,
    Strict,
    TenantRestrictions,
    Travellers,
    Visitors,
    all_people,
    canonical_blocks,
    everyone,
)
from reconciler.model import Collection, Kind, Permissions


class PartnerSpec(Strict):
    """The settings of one entry of `/policies/crossTenantAccessPolicy/partners` that can be written."""

    refused: ClassVar[Mapping[str, str]] = {
        "isServiceProvider": "the service sets it for a service provider relation, and refuses it from an application",
        "isInMultiTenantOrganization": "the service sets it when a tenant joins the multitenant organization",
        "invitationRedemptionIdentityProviderConfiguration": "it is said once for all, in the DefaultConfiguration",
        "identitySynchronization": "it is a document of its own, of kind IdentitySynchronization",
    }

    inboundTrust: InboundTrust | None = Field(None, description="Claims of this organization that count here.")
    automaticUserConsentSettings: ConsentSettings | None = Field(
        None, description="Whether consent prompts are suppressed between the two tenants."
    )
    b2bCollaborationInbound: B2BSetting | None = Field(None, description="Who of theirs may be a guest here.")
    b2bCollaborationOutbound: B2BSetting | None = Field(None, description="Who of ours may be a guest there.")
    b2bDirectConnectInbound: B2BSetting | None = Field(
        None, description="Who of theirs may enter here without a guest account."
    )
    b2bDirectConnectOutbound: B2BSetting | None = Field(None, description="Who of ours may enter there so.")
    tenantRestrictions: TenantRestrictions | None = Field(
        None, description="What our people may do there with accounts of that tenant."
    )
    m365CollaborationInbound: Visitors | None = Field(
        None, description="Who of theirs may work with us in Microsoft 365."
    )
    m365CollaborationOutbound: Travellers | None = Field(
        None, description="Who of ours may work with them in Microsoft 365."
    )
    appServiceConnectInbound: Connections | None = Field(
        None, description="Which of their applications may connect to ours."
    )


KIND = Kind(
    name="partner",
    document="Partner",
    model=PartnerSpec,
    endpoint=Collection("/policies/crossTenantAccessPolicy/partners", key="tenantId"),
    permissions=Permissions(read="Policy.Read.All", write="Policy.ReadWrite.CrossTenantAccess"),
    canonical=canonical_blocks,
    needs=("policy",),
    fallback="default",
    protected=("isServiceProvider", "isInMultiTenantOrganization"),
    summary="What applies to one other organization.",
    stock=dict.fromkeys(PartnerSpec.model_fields),
    read_only=(
        "tenantId",
        "isServiceProvider",
        "isInMultiTenantOrganization",
        "tenantRestrictions.devices",
        "identitySynchronization",
        # In beta, which is read when something below partners is in beta.
        "blockServiceProviderOutboundAccess",
        "deletedDateTime",
        # Answered by v1.0 although its metadata does not declare it.
        "crossCloudMeetingConfiguration",
    ),
    examples=(
        {"inboundTrust": {"isMfaAccepted": True}},
        {"inboundTrust": None},
        {"automaticUserConsentSettings": {"inboundAllowed": True, "outboundAllowed": True}},
        {"b2bCollaborationInbound": everyone("blocked")},
        {
            "tenantRestrictions": everyone("allowed"),
            "m365CollaborationInbound": {"users": all_people("allowed")},
            "m365CollaborationOutbound": {
                "usersAndGroups": {
                    "accessType": "allowed",
                    "targets": [{"target": "5b1d6d3a-55c7-4c5e-8f39-9c3a2f1b7e21", "targetType": "group"}],
                }
            },
            "appServiceConnectInbound": {
                "applications": {
                    "accessType": "allowed",
                    "targets": [{"target": "214b1ac9-80e4-4bdf-be07-92a95008268e", "targetType": "application"}],
                }
            },
        },
        {
            "b2bDirectConnectInbound": {
                "usersAndGroups": {
                    "accessType": "allowed",
                    "targets": [{"target": "5b1d6d3a-55c7-4c5e-8f39-9c3a2f1b7e21", "targetType": "group"}],
                },
                "applications": {
                    "accessType": "allowed",
                    "targets": [{"target": "Office365", "targetType": "application"}],
                },
            }
        },
    ),
)
