"""The kinds of resources we manage, one file each. To add one, write its file and name it here."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds import default, identity_synchronization, partner, policy
from reconciler.model import Kind

REGISTRY: dict[str, Kind] = {
    kind.name: kind for kind in (policy.KIND, default.KIND, partner.KIND, identity_synchronization.KIND)
}
"""Kinds by name. Stages take a mapping as an argument, so that a test can add a kind of its own."""


def by_document(kinds: Mapping[str, Kind]) -> Mapping[str, Kind]:
    """Return the same kinds by the word that documents use, such as `Partner`."""
    return {kind.document: kind for kind in kinds.values()}
