"""Tenants that cannot be read any more when a plan is to be carried out, and those that are linked with them. Pure.

Half a link is judged otherwise than a whole one: what was planned for it follows no longer, though nobody changed it.
Such tenants are left alone like those that could not be read, and all others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.model import Link, Plan, Standing, TenantPlan


def without_lost(saved: Plan, current: Plan, links: Iterable[Link]) -> Plan:
    """Return the current plan, in which whoever is joined by links with a tenant lost since is unreadable as well."""
    shown = {tenant.tenant for tenant in saved.tenants if tenant.standing is Standing.UNREADABLE}
    lost = [one for one in current.tenants if one.standing is Standing.UNREADABLE and one.tenant not in shown]
    joined = {name: one for one in lost for name in _component(one.tenant, list(links))}
    return replace(current, tenants=tuple(_left(tenant, joined) for tenant in current.tenants))


def _component(name: str, links: Iterable[Link]) -> set[str]:
    """Return all tenants that are joined with one by links, over however many others."""
    found, pairs = {name}, [{link.source, link.target} for link in links]
    while grown := {end for pair in pairs if pair & found for end in pair} - found:
        found |= grown
    return found


def _left(tenant: TenantPlan, joined: Mapping[str, TenantPlan]) -> TenantPlan:
    lost = joined.get(tenant.tenant)
    if lost is None or tenant.standing is not Standing.PLANNED:
        return tenant
    return replace(
        tenant,
        standing=Standing.UNREADABLE,
        reason=lost.reason,
        exit_code=lost.exit_code,
        steps=(),
        findings=(),
        lost_with=lost.tenant,
    )
