"""What one place says about one resource. Several may speak of the same one; `merging` decides what they mean together.

People say it in a document of the resource, or a link implies it. Expands nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.loading.shapes import Organization
from reconciler.loading.validating import Row
from reconciler.model import Document, Json, Origin


@dataclass(frozen=True, slots=True)
class Part:
    """What one place says about one resource, expanded, and the place.

    Without a `row` a link asks for it. What it `implies` are single leaves, which stand beside others of their block.
    `place` is where the link asks, when that is not where the document begins.
    """

    document: Document
    row: Row | None = None
    implies: bool = False
    place: Origin | None = None

    def property_origin(self, name: str) -> Origin:
        """Return where a property is said, or else where the profile is named that says it."""
        if self.row is None:
            return self.place or self.document.origins.get(name, self.document.origin)
        spec = self.row.place.parts.get("spec") if isinstance(self.row.place.parts, Mapping) else None
        if spec and name in spec.parts:
            return Origin(self.row.written.file, *spec.inside([name]).key)
        return profile_origin(self.row)

    def origin(self, word: str) -> Origin:
        """Return where the place says a word beside the settings."""
        return self.row.origin(word) if self.row else self.place or self.document.origin

    def says(self, word: str) -> bool:
        """Whether the place mentions a word beside the settings itself."""
        return self.row is not None and self.row.says(word)

    def written(self, word: str) -> Json:
        """Return a word beside the settings as it is written, or None."""
        return getattr(self.row.entry, word) if self.row and self.row.says(word) else None

    @property
    def organization(self) -> Organization | None:
        """The organization that is named, when the document is about one."""
        return self.row.entry if self.row and isinstance(self.row.entry, Organization) else None


def profile_origin(row: Row) -> Origin:
    """Return where a row, or its set, names a profile."""
    inside_row = isinstance(row.place.parts, Mapping) and "profile" in row.place.parts
    return row.origin("profile") if inside_row else row.written.origin(["profile"])
