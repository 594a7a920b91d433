"""Sync configurations that no link claims: told of in every plan of a tenant where links begin, and never touched."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.guarding import words
from reconciler.guarding.case import Case
from reconciler.model import MASKED, Address, Finding, Severity, Undeclared

# For more of them, import writes the files.
SUGGESTED = 5


def find(case: Case) -> Iterator[Finding]:
    """Yield one note about all of them."""
    if case.tenant.undeclared is Undeclared.IGNORE:
        return
    found = sorted(
        address
        for address, one in case.live.items()
        if address.kind == "configuration" and one.facts.get("unclaimed") and address in case.desired
    )
    if found:
        yield Finding(
            Severity.NOTE,
            case.tenant.name,
            f"{words.counted(len(found), 'sync configuration')} there that no link claims, left alone",
            details=words.lines([_told(case, address) for address in found]),
            suggestion=_suggestion(case, found),
        )


def _told(case: Case, address: Address) -> str:
    there = case.live[address]
    name = f"{there.label or 'a configuration without a name'} (application {there.facts.get('appId')})"
    if there.facts.get("foreign"):
        return f"{name}: belongs to the Microsoft 365 admin center, which nobody may take over"
    job = case.live.get(Address(address.tenant, "job", address.key))
    if job is None:
        return f"{name}: has no job yet"
    return f"{name}: {'provisions' if job.body['enabled'] else 'is paused, and provisions'} to {_target(case, address)}"


def _target(case: Case, address: Address) -> str:
    settings = case.live.get(Address(address.tenant, "settings", address.key))
    target = settings.body["targetTenantId"] if settings else None
    if target in (None, MASKED):
        return "a tenant that it does not tell"
    label = case.organizations.get(str(target), "")
    return f"{label} ({target})" if label else str(target)


def _suggestion(case: Case, found: list[Address]) -> str:
    offered = [text for address in found[:SUGGESTED] if (text := case.suggest(address, ()))]
    if len(found) > SUGGESTED:
        more = len(found) - SUGGESTED
        offered.append(f"# and {more} more: `reconciler import {case.tenant.name}` writes files for what has none\n")
    return "\n".join(offered)
