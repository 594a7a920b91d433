"""Who would be created, adopted, updated, blocked, soft-deleted, restored, left alone or in conflict by the next cycle.

A model: the service has no dry run. A census of both tenants goes page by page into a private database on disk, and
everybody in it is judged by the engine; memory does not grow with people. Reads only, and renders nothing.
"""

from __future__ import annotations

from reconciler.previewing.judging import OWN
from reconciler.previewing.known import Seat
from reconciler.previewing.sourcing import Assigned
from reconciler.previewing.taking import Configured, Wish, of_one, preview

__all__ = ["OWN", "Assigned", "Configured", "Seat", "Wish", "of_one", "preview"]
