"""The parts of a sync configuration, one file each: a link needs all of them in its source tenant.

Facts: Microsoft's page on configuring cross-tenant synchronization with Microsoft Graph; the metadata of v1.0.
"""

from __future__ import annotations

from reconciler.kinds.synchronization import assignment, configuration, job, mappings, settings
from reconciler.model import Kind

SYNCHRONIZATION: dict[str, Kind] = {
    kind.name: kind for kind in (configuration.KIND, job.KIND, settings.KIND, mappings.KIND, assignment.KIND)
}
"""Kinds by name, in the order in which they are made."""
