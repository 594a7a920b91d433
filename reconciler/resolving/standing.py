"""The live state in the form in which it is compared: with what comes by itself once it is planned. Pure.

A new job has settings and the service's own mappings as soon as it is there, so that a plan shows what differs from
those. What goes with a configuration that goes is not taken away by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.model import TEMPLATE, Address, Body, Document, Kind, Part, Resource, State


def standing(
    live: State, documents: Mapping[Address, Document], kinds: Mapping[str, Kind], template: Body | None
) -> State:
    """Return the live state with what the planned parts begin with, and without what goes along with others."""
    going = {address for address, document in documents.items() if document.absent}
    stays = {
        address: _based(one, kinds[address.kind], template)
        for address, one in live.items()
        if not _goes_along(address, going, kinds)
    }
    begins = {
        address: _based(
            Resource(_beginning(kinds[address.kind], template), document.label), kinds[address.kind], template
        )
        for address, document in documents.items()
        if not document.absent and address not in live and _arises(kinds[address.kind])
    }
    return dict(sorted({**stays, **begins}.items()))


def _based(resource: Resource, kind: Kind, template: Body | None) -> Resource:
    """Return the resource with what its wish is laid over, among its facts: a plan rests on that as well."""
    if not isinstance(kind.endpoint, Part) or not kind.endpoint.lay:
        return resource
    return replace(resource, facts={**resource.facts, TEMPLATE: kind.footing(template)})


def _arises(kind: Kind) -> bool:
    return isinstance(kind.endpoint, Part) and kind.endpoint.arises


def _goes_along(address: Address, going: set[Address], kinds: Mapping[str, Kind]) -> bool:
    """Whether the deletion of what it belongs to takes it away: a job is stopped and deleted by itself."""
    kind = kinds[address.kind]
    parent = kind.parent_of(address)
    if not isinstance(kind.endpoint, Part) or parent not in going:
        return False
    return not kind.endpoint.last


def _beginning(kind: Kind, template: Body | None) -> Body:
    """Return what a part is before anybody said anything about it."""
    shown = template if template is not None and isinstance(kind.endpoint, Part) and kind.endpoint.lay else kind.stock
    return {name: shown[name] for name in kind.blocks}
