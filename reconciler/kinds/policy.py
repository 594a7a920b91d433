"""The policy itself: which other clouds of Microsoft its tenant works with. Everything else hangs below it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reconciler.kinds.blocks import Strict
from reconciler.model import Body, Json, Kind, Permissions, Singleton


class PolicySpec(Strict):
    """The settings of `/policies/crossTenantAccessPolicy` that can be written."""

    allowedCloudEndpoints: tuple[
        Literal["microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn"], ...
    ] = Field((), description="The other clouds whose tenants may become partners; an empty list is none.")


def canonical(body: Body) -> Body:
    """Return `body` with clouds as a sorted set; absent properties stay absent, None stays None.

    Raises:
        ValueError: when a block has a shape that nobody has described to us.
    """
    return {name: None if value is None else _clouds(name, value) for name, value in sorted(body.items())}


def _clouds(name: str, value: Json) -> Json:
    match value:
        case list() | tuple() if all(isinstance(cloud, str) for cloud in value):
            return sorted(set(value))
        case _:
            raise ValueError(f"{name} is not a list of clouds")


KIND = Kind(
    name="policy",
    document="CrossTenantAccessPolicy",
    model=PolicySpec,
    endpoint=Singleton("/policies/crossTenantAccessPolicy"),
    permissions=Permissions(read="Policy.Read.All", write="Policy.ReadWrite.CrossTenantAccess"),
    canonical=canonical,
    summary="Which other clouds of Microsoft the tenant works with.",
    stock={"allowedCloudEndpoints": []},
    read_only=("id", "displayName", "description", "deletedDateTime"),
    examples=(
        {"allowedCloudEndpoints": ["partner.microsoftonline.cn"]},
        {"allowedCloudEndpoints": []},
        {"allowedCloudEndpoints": ["partner.microsoftonline.cn", "microsoftonline.us"]},
    ),
)
