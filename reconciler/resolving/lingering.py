"""What a link that goes had asked for beside its configuration: needed to the end, and open when it has gone. Pure.

No file asks for it once the link is absent. Nothing takes it back by itself: whoever may create people here is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.access import CONSENT, SYNC_PERMISSIONS, SYNCHRONIZATION, allows_sync
from reconciler.model import Address, Body, Document, Finding, Link, Severity, State

PARTNER = "partner"


def leaning(tenant: str, links: Iterable[Link]) -> frozenset[Address]:
    """Return what the service needs in a tenant as long as it deletes people for links that go."""
    held: set[Address] = set()
    for link in links:
        if link.absent and link.people == "deprovision":
            held |= {Address(link.target, kind, link.source_id) for kind in (PARTNER, SYNCHRONIZATION)}
            held.add(Address(link.source, PARTNER, link.target_id))
    return frozenset(address for address in held if address.tenant == tenant)


def lingering(
    tenant: str, links: Iterable[Link], documents: Mapping[Address, Document], live: State
) -> Iterator[Finding]:
    """Yield what stays open in a tenant for links that go, and that no file asks for any more."""
    for link in links:
        if not link.absent:
            continue
        if link.target == tenant:
            yield from _open(link, link.source, _inbound(link, documents, live))
        if link.source == tenant:
            yield from _open(link, link.target, _outbound(link, documents, live))


def _inbound(link: Link, documents: Mapping[Address, Document], live: State) -> Iterator[tuple[Address, str]]:
    permission = Address(link.target, SYNCHRONIZATION, link.source_id)
    partner = Address(link.target, PARTNER, link.source_id)
    blocks = _unsaid(permission, documents, live)
    if any(allows_sync(blocks.get(name)) for name in SYNC_PERMISSIONS):
        yield permission, f"{link.source} may still create people here"
    if (_unsaid(partner, documents, live).get(CONSENT) or {}).get("inboundAllowed") is True:
        yield partner, f"people of {link.source} are still not asked when they come here"


def _outbound(link: Link, documents: Mapping[Address, Document], live: State) -> Iterator[tuple[Address, str]]:
    partner = Address(link.source, PARTNER, link.target_id)
    if (_unsaid(partner, documents, live).get(CONSENT) or {}).get("outboundAllowed") is True:
        yield partner, f"people of here are still not asked when they go to {link.target}"


def _unsaid(address: Address, documents: Mapping[Address, Document], live: State) -> Body:
    """Return what is there and that no document speaks of."""
    said = documents[address].said if address in documents else {}
    there = live[address].body if address in live else {}
    return {name: value for name, value in there.items() if name not in said}


def _open(link: Link, other: str, found: Iterator[tuple[Address, str]]) -> Iterator[Finding]:
    needed = ("it is needed until nothing is left of the link: take it back then",) if link.people != "keep" else ()
    for address, what in found:
        yield Finding(
            Severity.WARNING,
            address.tenant,
            f"link {link.name} is removed, and no file asks for this any more: {what}",
            address,
            details=(*needed, f"to take it back, write a document about {other} that says so"),
            origin=link.origin,
        )
