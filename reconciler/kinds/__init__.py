"""The kinds of resources we manage, one file each. To add one, write its file and name it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.kinds import default, identity_synchronization, membership, partner, policy
from reconciler.kinds.synchronization import SYNCHRONIZATION
from reconciler.model import Below, Document, Kind, Singleton

REGISTRY: dict[str, Kind] = {
    kind.name: kind for kind in (policy.KIND, default.KIND, partner.KIND, identity_synchronization.KIND)
}
"""Kinds that have documents of their own, by name. Stages take a mapping as an argument, so that a test can add one."""

ALL: dict[str, Kind] = {**REGISTRY, **SYNCHRONIZATION, membership.KIND.name: membership.KIND}
"""Those, the parts of sync configurations, which links are made of, and the memberships of people whom links bring."""


def in_use(kinds: Mapping[str, Kind], documents: Iterable[Document]) -> Mapping[str, Kind]:
    """Return the kinds as one tenant needs them: v1.0, or beta where a document of it names a block that only beta has.

    A reset speaks of every block. A list and what hangs below its items are read together, so that both are in beta as
    soon as one is.
    """
    named = {document.address.kind for document in documents if _needs_beta(kinds[document.address.kind], document)}
    joined = {
        frozenset({kind.name, kind.endpoint.parent}) for kind in kinds.values() if isinstance(kind.endpoint, Below)
    }
    named |= {name for pair in joined if pair & named for name in pair}
    return {name: kind.at("beta" if name in named else "v1.0") for name, kind in kinds.items()}


def _needs_beta(kind: Kind, document: Document) -> bool:
    if document.absent and isinstance(kind.endpoint, Singleton):
        return bool(kind.beta)
    return any(name in kind.beta and name not in document.lifecycle.ignore for name in document.said)


def by_document(kinds: Mapping[str, Kind]) -> Mapping[str, Kind]:
    """Return the same kinds by the word that documents use, such as `Partner`."""
    return {kind.document: kind for kind in kinds.values() if kind.document}
