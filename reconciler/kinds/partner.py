"""A partner: what applies to one other organization. A block that is null leaves the word to the default."""

from __future__ import annotations

from pydantic import Field

from reconciler.kinds.blocks import B2BSetting, ConsentSettings, InboundTrust, Strict, canonical_blocks, everyone
from reconciler.model import Collection, Kind, Permissions


class PartnerSpec(Strict):
    """The settings of one entry of `/policies/crossTenantAccessPolicy/partners` that can be written."""

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


KIND = Kind(
    name="partner",
    document="Partner",
    model=PartnerSpec,
    endpoint=Collection("/policies/crossTenantAccessPolicy/partners", key="tenantId"),
    permissions=Permissions(read="Policy.Read.All", write="Policy.ReadWrite.CrossTenantAccess"),
    canonical=canonical_blocks,
    fallback="default",
    protected=("isServiceProvider", "isInMultiTenantOrganization"),
    summary="What applies to one other organization.",
    stock=dict.fromkeys(PartnerSpec.model_fields),
    read_only=(
        "tenantId",
        "isServiceProvider",
        "isInMultiTenantOrganization",
        "tenantRestrictions",
        "m365CollaborationInbound",
        "m365CollaborationOutbound",
        "appServiceConnectInbound",
        "identitySynchronization",
        # Answered by v1.0 although its metadata does not declare it.
        "crossCloudMeetingConfiguration",
    ),
    examples=(
        {"inboundTrust": {"isMfaAccepted": True}},
        {"inboundTrust": None},
        {"automaticUserConsentSettings": {"inboundAllowed": True, "outboundAllowed": True}},
        {"b2bCollaborationInbound": everyone("blocked")},
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
