"""What a tenant would be if Git still said what was last applied there. Pure; judges nothing."""

from __future__ import annotations

from dataclasses import replace

from reconciler.guarding import Earlier
from reconciler.model import Document, Kind, Tenant
from reconciler.reconciling.seeing import PARTS, Desired, Seen, documents_of
from reconciler.resolving import leaning, resolve


def earlier(tenant: Tenant, desired: Desired, seen: Seen) -> Earlier | None:
    """Return what the files of the last apply ask for; None where nobody knows them.

    What belongs to sync configurations is given as it is there: links come and go in phases, of which one apply does
    not do all.
    """
    record, estate = desired.records.get(tenant.tenant_id), desired.applied.get(tenant.tenant_id)
    then = estate.tenants.get(tenant.name) if estate else None
    if record is None or estate is None or then is None or then.tenant_id != tenant.tenant_id:
        return None
    papers = [
        _in_version(document, seen.kinds[document.address.kind])
        for document in documents_of(estate, then).values()
        if document.address.kind not in PARTS
    ]
    parts = {address: one for address, one in seen.live.items() if address.kind in PARTS}
    whole = {address: one for address, one in seen.live.items() if address.kind not in PARTS}
    state = resolve(then, papers, whole, seen.kinds, held=leaning(then.name, estate.links))
    return Earlier(record.tree, {**parts, **state})


def _in_version(document: Document, kind: Kind) -> Document:
    """Return the document without the blocks that are not read now."""
    return replace(document, said={name: value for name, value in document.said.items() if name in kind.blocks})
