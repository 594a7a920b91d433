"""Who asks, by the bearer token. What somebody may do is decided with the route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.emulator.calls import Call, Json, Principal
from reconciler.emulator.clouds import GRAPH_HOSTS
from reconciler.emulator.refusals import unauthenticated

if TYPE_CHECKING:
    from reconciler.emulator.directory import Tenant
    from reconciler.emulator.world import World

GRAPH_APPLICATION = "00000003-0000-0000-c000-000000000000"
_GRAPHS = tuple(f"https://{host}" for host in GRAPH_HOSTS)


def is_graph(resource: str, base: str) -> bool:
    """Tell whether a token for `resource` is one for Graph, as it is reached under `base`."""
    return resource.rstrip("/") in {*_GRAPHS, GRAPH_APPLICATION, base.rstrip("/")}


def claimed_tenant(world: World, call: Call) -> str:
    """Return the tenant that the request is about, as far as can be told without judging it; "" otherwise."""
    if not call.is_graph:
        named = world.directory.named(call.path.split("/", 2)[1])
        return named.id if named else ""
    claims = world.signer.claims(call.token) if call.token else None
    tenant = str((claims or {}).get("tid", ""))
    return tenant if tenant in world.directory.tenants else ""


def principal(world: World, call: Call) -> Principal:
    """Return who asks.

    Raises:
        Refusal: 401, when the token is missing, expired, for somebody else, or not ours.
    """
    if not call.token:
        raise unauthenticated("Access token is empty.")
    claims = world.signer.claims(call.token)
    if claims is None:
        raise unauthenticated("Access token validation failure. Invalid signature.")
    _judge(world, call, claims)
    tenant = world.directory.tenants.get(str(claims.get("tid", "")))
    application = str(claims.get("appid", "")).lower()
    if tenant is None or application not in tenant.applications:
        raise unauthenticated("The identity of the calling application could not be established.")
    if "scp" in claims:
        return _lending(tenant, claims)
    roles = claims.get("roles", [])
    if not world.switches.roles_travel_in_token:
        roles = tenant.applications[application].roles
    return tenant.principal(application, frozenset(roles) - world.faults.revoked(tenant.id, application))


def _lending(tenant: Tenant, claims: Mapping[str, Json]) -> Principal:
    """Return the person who lent permissions to an application."""
    person = tenant.person(str(claims.get("name", "")))
    lent = frozenset(str(claims["scp"]).split())
    return replace(person, roles=lent, lent=True, directory_roles=frozenset(claims.get("wids", [])))


def _judge(world: World, call: Call, claims: Mapping[str, Json]) -> None:
    expiry = claims.get("exp")
    if not isinstance(expiry, int | float):
        raise unauthenticated("Access token validation failure. It has no expiry.")
    if world.faults.expired(call.token) or expiry <= world.clock.now().timestamp():
        raise unauthenticated("Lifetime validation failed, the token is expired.")
    if not is_graph(str(claims.get("aud", "")), call.base):
        raise unauthenticated("Access token validation failure. Invalid audience.")
