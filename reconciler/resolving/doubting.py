"""What is odd about a link as it stands: another target than the files name, a job that the service gave up. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.kinds.synchronization import configuration, job, settings
from reconciler.model import MASKED, Address, Document, Finding, Severity, State
from reconciler.resolving.cycles import Status


def doubts(documents: Mapping[Address, Document], live: State) -> Iterator[Finding]:
    """Yield what stands in the way of links, and what a person should know of them."""
    for address, document in documents.items():
        if address not in live:
            continue
        if address.kind == settings.KIND.name:
            yield from _turned(document, live)
        if address.kind == job.KIND.name and not document.absent:
            yield from _given_up(document, live)


def _turned(document: Document, live: State) -> Iterator[Finding]:
    """Yield that a configuration leads elsewhere: who was synchronized there would be left behind by turning it."""
    address = replace(document.address, kind=configuration.KIND.name)
    there, wanted = live[document.address].body["targetTenantId"], document.said.get("targetTenantId")
    if wanted is None or there in (None, MASKED, wanted):
        return
    yield Finding(
        Severity.ERROR,
        address.tenant,
        f"link {address.key}: its configuration leads to the tenant {there}, and not to {wanted}; a configuration is "
        "never turned to another tenant, where it would know nobody",
        address,
        details=(
            "to keep both: give the link to the other tenant a name of its own",
            "to move: write the old target with `state: absent`, apply until nothing is left, then write the new one",
        ),
        origin=document.origins.get("targetTenantId") or document.origin,
    )


def _given_up(document: Document, live: State) -> Iterator[Finding]:
    """Yield that a job is to run which the service stopped, or keeps from working."""
    there = live[document.address]
    status = Status(there.facts.get("status") or {})
    if document.said.get("enabled") is not True or there.body["enabled"] or not status.quarantine:
        return
    since = status.quarantined_since or "a moment that is not told"
    yield Finding(
        Severity.WARNING,
        document.address.tenant,
        f"link {document.address.key}: the service disabled its job after a quarantine, and it is started again",
        document.address,
        details=(
            f"in quarantine since {since}, the service says: {status.quarantine}",
            "repair the cause first, or it ends there again",
        ),
        origin=document.origins.get("enabled") or document.origin,
    )
