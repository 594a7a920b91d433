"""What should be: the complete state of a tenant after an apply. Pure; nothing is compared here.

What Git does not mention is copied from the live state first, so that diff, plan and apply need no exceptions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from reconciler.model import (
    MASKED,
    Address,
    Body,
    Document,
    Json,
    Kind,
    Part,
    Resource,
    Singleton,
    State,
    Tenant,
    Undeclared,
)
from reconciler.resolving.doubting import doubts
from reconciler.resolving.gathering import dropped, gather
from reconciler.resolving.leaving import leave
from reconciler.resolving.lingering import leaning, lingering
from reconciler.resolving.naming import settle
from reconciler.resolving.owing import owing
from reconciler.resolving.pinning import pinned
from reconciler.resolving.standing import standing
from reconciler.resolving.unoffered import unoffered

__all__ = [
    "doubts",
    "dropped",
    "gather",
    "leaning",
    "leave",
    "lingering",
    "overlay",
    "pinned",
    "resolve",
    "settle",
    "standing",
    "unoffered",
]


def resolve(
    tenant: Tenant,
    documents: Iterable[Document],
    live: State,
    kinds: Mapping[str, Kind],
    template: Body | None = None,
    held: Collection[Address] = (),
) -> State:
    """Return what the tenant looks like once Git's word is done: live objects, with documents laid over them.

    `template` is the service's own mappings, where they were read. What is `held` never goes for being undeclared.
    """
    wanted = {document.address: document for document in documents}
    kept = {
        address: resource
        for address, resource in live.items()
        if address not in wanted
        and (address in held or not _goes(tenant, address, resource, wanted, kinds[address.kind]))
    }
    said = {
        address: _lay(document, live.get(address), kinds[address.kind], template)
        for address, document in wanted.items()
        if not document.absent
    }
    reset = {
        address: _begin_anew(document, live[address], kinds[address.kind])
        for address, document in wanted.items()
        if document.absent and address in live and isinstance(kinds[address.kind].endpoint, Singleton)
    }
    return dict(sorted(owing({**kept, **said, **reset}, live, wanted, kinds).items()))


def overlay(live: Body, said: Body) -> Body:
    """Lay what Git says over what is there; leaves that Git does not mention stay."""
    return {
        **live,
        **{
            name: overlay(live.get(name) or {}, value) if isinstance(value, Mapping) else value
            for name, value in said.items()
        },
    }


def _goes(
    tenant: Tenant, address: Address, undeclared: Resource, wanted: Mapping[Address, Document], kind: Kind
) -> bool:
    if isinstance(kind.endpoint, Part):
        # Only what hangs below a configuration of ours is ours to take away, and only where Git says that it is all.
        parent = kind.parent_of(address)
        return parent is not None and parent in wanted and kind.name in wanted[parent].exclusive
    if tenant.undeclared is not Undeclared.DELETE or isinstance(kind.endpoint, Singleton):
        return False
    return not any(undeclared.facts.get(name) for name in kind.protected)


def _begin_anew(document: Document, live: Resource, kind: Kind) -> Resource:
    """Return what always exists, and that Git wants gone, as the service begins with it."""
    body = live.body if kind.is_reset(live) else kind.beginning
    return Resource(body=body, label=document.label, origin=document.origin, facts=live.facts)


def _overlaid(before: Body, said: Body, kind: Kind) -> Body:
    """Return what is there, with what is said laid over it. What the service does not show is not compared.

    Where a body is written as a whole, writing anything writes that as well: then it is what the files say, and shown.
    """
    hidden = {name for name in said if before.get(name) == MASKED}
    shown = overlay(before, {name: value for name, value in said.items() if name not in hidden})
    written = isinstance(kind.endpoint, Part) and kind.endpoint.whole and shown != before
    return {**shown, **{name: said[name] for name in hidden}} if written else shown


def _ground(document: Document, before: Body, kind: Kind, template: Body | None) -> Body:
    """Return what a wish is laid over: the template it was written for, or where that is no more, what is there.

    So a template that changed changes nothing by itself; `pinning` tells of it.
    """
    changed = document.pin is not None and document.pin.footing != kind.footing(template)
    return before if changed else template or kind.stock


def _lay(document: Document, live: Resource | None, kind: Kind, template: Body | None) -> Resource:
    before: Mapping[str, Json] = live.body if live else dict.fromkeys(kind.blocks)
    ignored = document.lifecycle.ignore
    said = {name: value for name, value in document.said.items() if name not in ignored}
    if isinstance(kind.endpoint, Part) and kind.endpoint.lay and said:
        laid = kind.endpoint.lay(_ground(document, before, kind, template), said)
        after: Body = {**laid, **{name: before[name] for name in ignored}}
    else:
        after = _overlaid(before, said, kind)
    return Resource(
        # Where Git asks for nothing new, what is there is in canonical form already.
        body=before if after == before else kind.project(after),
        label=document.label,
        origin=document.origin,
        facts=live.facts if live else {},
    )
