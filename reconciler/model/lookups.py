"""What the directory says of organizations, and what stands in a file where only a person can say it. Asks nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Directory:
    """What was asked and answered: who stands behind a tenant id, and behind a domain, in lower case.

    What is missing here was not asked, of which nothing follows.
    """

    organizations: Mapping[str, Lookup] = field(default_factory=dict)
    domains: Mapping[str, Lookup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DynamicGroup:
    """A group whose members the service finds by a rule. The rule is text of whoever may write it there."""

    id: str
    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class DynamicGroups:
    """All dynamic groups of a tenant, or in `problem` why nobody can say which there are."""

    groups: tuple[DynamicGroup, ...] = ()
    problem: str = ""
