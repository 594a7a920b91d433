"""Which attributes of people a dynamic membership rule looks at. Who is a member is for the service to tell.

A rule is text of whoever may write rules in that tenant. What stands in quotes counts as well: where a text ends is for
the service to say, and an attribute too many costs a question, one too few would hide somebody.
"""

from __future__ import annotations

import re

from reconciler.provisioning.attributes import ATTRIBUTES

_NAMED = re.compile(r"\buser\s*\.\s*([a-z_][a-z0-9_]*)", re.IGNORECASE)
# The rule of a manager's people has a form of its own.
_REPORTS = re.compile(r"\bdirect\s+reports\b", re.IGNORECASE)
# Rules mostly use the engine's names, in any case; Graph's are understood as well.
_ENGINE = {one.graph.lower(): one.name.lower() for one in ATTRIBUTES.values() if one.graph}


def attributes_in(rule: str) -> frozenset[str]:
    """Return the attributes that a rule names, by the engine's names in lower case."""
    named = {name.lower() for name in _NAMED.findall(rule)}
    reports = {"manager"} if _REPORTS.search(rule) else set()
    return frozenset({*named, *(_ENGINE[name] for name in named if name in _ENGINE), *reports})
