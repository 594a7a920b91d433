"""What the directory says of an organization, and what stands in a file where only a person can say it. Asks nobody."""

from __future__ import annotations

from dataclasses import dataclass

FILL_IN = "to-be-filled-in"
"""An owner that is still to be named: it loads, and every plan asks for it."""

FILL_IN_DOMAIN = "to-be-filled-in.invalid"
"""A domain that is still to be named. Nobody can own one that ends so (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Who stands behind a tenant id or a domain, or in `problem` why nobody can say."""

    tenant_id: str = ""
    domain: str = ""
    display_name: str = ""
    problem: str = ""
