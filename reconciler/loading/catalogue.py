"""Every kind of document by its word. What people may write in one is said by its model, not here."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds import by_document
from reconciler.kinds.blocks import Strict
from reconciler.loading.link_shapes import (
    ACCEPTANCE,
    CONFIGURATION,
    LINK,
    TOPOLOGY,
    SyncAcceptance,
    SyncConfiguration,
    SyncLink,
    Topology,
)
from reconciler.loading.shapes import (
    PROFILE,
    PROFILED,
    SET,
    TENANT,
    AccessProfile,
    Entry,
    Named,
    Organization,
    PartnerSet,
    Profiled,
    Resettable,
    Shape,
    TenantFile,
)
from reconciler.model import Kind, Singleton

# What they ask for are resources of several kinds, so that they are none themselves.
_LINKS: Mapping[str, type[Strict]] = {
    LINK: SyncLink,
    CONFIGURATION: SyncConfiguration,
    ACCEPTANCE: SyncAcceptance,
    TOPOLOGY: Topology,
}


def shapes(kinds: Mapping[str, Kind]) -> Mapping[str, Shape]:
    """Return every kind of document by the word that stands behind `kind:`."""
    resources = {word: Shape(word, _entry(kind), kind) for word, kind in by_document(kinds).items()}
    found = {TENANT: Shape(TENANT, TenantFile), **resources}
    if PROFILED in resources:
        partner = resources[PROFILED].kind
        found |= {SET: Shape(SET, PartnerSet, partner), PROFILE: Shape(PROFILE, AccessProfile, partner)}
        found |= {word: Shape(word, model) for word, model in _LINKS.items()}
    return found


def _entry(kind: Kind) -> type[Strict]:
    if isinstance(kind.endpoint, Singleton):
        return Resettable if kind.endpoint.reset else Entry
    if kind.endpoint.keyed_by == "name":
        return Named
    return Profiled if kind.document == PROFILED else Organization
