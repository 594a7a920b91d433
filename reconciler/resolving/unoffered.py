"""Links whose configuration cannot be made, because the service offers nothing to make it from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model import Address, Finding, Link, Severity, Synchronizations, Tenant

_NEXT = (
    "not every cloud offers it to every tenant: ask whoever has bought the tenant, or Microsoft",
    "until then take the link out of the files, or say `management: observe` for this tenant",
)


def unoffered(tenant: Tenant, links: Iterable[Link], read: Synchronizations) -> Iterator[Finding]:
    """Yield the links that would be made where none can be."""
    for link in () if read.offered else links:
        if not link.absent and link.name not in read.ids:
            yield Finding(
                Severity.ERROR,
                tenant.name,
                f"{link.name} cannot be made: the cloud of {tenant.name} ({tenant.cloud}) does not offer the template "
                "of cross-tenant synchronization",
                Address(tenant.name, "configuration", link.name),
                details=_NEXT,
                origin=link.origin,
            )
