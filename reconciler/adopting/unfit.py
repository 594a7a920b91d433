"""Names that a document would be refused for: everybody names a tenant, a group and a person at will."""

from __future__ import annotations

from reconciler.loading.parsing import acts
from reconciler.loading.secrecy import looks_secret

_LONGEST = 256


def is_unfit(name: str) -> bool:
    """Whether a name may not stand in a file."""
    too_long = len(name) > _LONGEST
    return too_long or acts(name) or looks_secret(name) or looks_secret(name.replace(" ", "-").lower())
