"""Identity synchronization: whether a partner may create people here. It hangs below the entry of the partner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from reconciler.kinds.blocks import Strict, canonical_blocks, unsaid
from reconciler.kinds.partner import KIND as PARTNER
from reconciler.model import Below, Body, Kind, Permissions


class SyncPermission(Strict):
    """Whether objects may be synchronized into this tenant."""

    isSyncAllowed: bool = Field(description="false stops it, and leaves what was made already.")


class SynchronizationSpec(Strict):
    """The settings of one `identitySynchronization` that can be written.

    What is not said is not ours: the default factories only make a property optional, and are never written out.
    """

    refused: ClassVar[Mapping[str, str]] = {"tenantId": "name says which partner is meant"}

    displayName: str = Field("", min_length=1, max_length=256, description="What the service calls it.")
    userSyncInbound: SyncPermission = Field(default_factory=unsaid(SyncPermission), description="Users of the partner.")
    groupSyncInbound: SyncPermission = Field(
        default_factory=unsaid(SyncPermission), description="Groups of the partner. Only in beta."
    )


def canonical(body: Body) -> Body:
    """Return `body` with every block in canonical form; absent properties stay absent, None stays None.

    Raises:
        ValueError: when a block has a shape that nobody has described to us.
    """
    name = body.get("displayName")
    if name is not None and not isinstance(name, str):
        raise ValueError("displayName is no text")
    blocks = canonical_blocks({block: value for block, value in body.items() if block != "displayName"})
    return {"displayName": name, **blocks} if "displayName" in body else blocks


KIND = Kind(
    name="identity-synchronization",
    document="IdentitySynchronization",
    model=SynchronizationSpec,
    endpoint=Below(
        f"{PARTNER.endpoint.path}/{{key}}/identitySynchronization",
        key="tenantId",
        parent=PARTNER.name,
        member="identitySynchronization",
    ),
    permissions=Permissions(read="Policy.Read.All", write="Policy.ReadWrite.CrossTenantAccess"),
    canonical=canonical,
    needs=(PARTNER.name,),
    summary="Whether a partner may create people of its own in this tenant.",
    stock=dict.fromkeys(SynchronizationSpec.model_fields),
    read_only=(
        "tenantId",
        # In beta.
        "deletedDateTime",
        "externalCloudAuthorizedApplicationId",
        "roleEnabledGroupSyncInbound",
    ),
    beta=("groupSyncInbound",),
    examples=(
        {"groupSyncInbound": {"isSyncAllowed": True}},
        {"userSyncInbound": {"isSyncAllowed": True}},
        {"userSyncInbound": {"isSyncAllowed": False}, "displayName": "Fabrikam"},
        {"displayName": "Fabrikam, people of the plant"},
    ),
)
