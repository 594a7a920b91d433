"""Live tenants as they are now, as a seed of the emulator: plain data, kept in memory or in a file, never written back.

Reads only, and knows no emulator. What cannot be read leaves its tenant unread, with the reason; nothing is made up in
its place. What Graph does not show is named in `Snapshot.assumed`.
"""

from __future__ import annotations

from reconciler.snapshotting.files import load, save
from reconciler.snapshotting.joining import join
from reconciler.snapshotting.pseudonyms import pseudonymized
from reconciler.snapshotting.shapes import Snapshot
from reconciler.snapshotting.taking import Wanted, take

__all__ = ["Snapshot", "Wanted", "join", "load", "pseudonymized", "save", "take"]
