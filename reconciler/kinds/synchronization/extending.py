"""Directory extensions in a schema: an attribute that a mapping or a filter names has to be defined before it is used.

The template defines none of them. Definitions are only added: one that nothing uses any more does no harm, and may have
been added by somebody else. Not for what a mapping gives.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from reconciler.model import Body, Json
from reconciler.provisioning.errors import ExpressionError
from reconciler.provisioning.parsing import parse
from reconciler.provisioning.trees import attributes_of

_EXTENSION = re.compile(r"extension_[0-9a-fA-F]{32}_\w+")


def defined(directories: Json, rule: Body, wanted: Body) -> list[Body]:
    """Return the directories of a schema with every extension in them that these mappings and filters use."""
    sources = {name for name in _read(wanted) if _EXTENSION.fullmatch(name)}
    targets = {name for name in wanted["mappings"] if _EXTENSION.fullmatch(name)}
    by_name = {rule.get("sourceDirectoryName"): sources, rule.get("targetDirectoryName"): targets}
    return [_with(one, by_name.get(one.get("name"), set())) for one in directories]


def _read(wanted: Body) -> Iterator[str]:
    """Yield the attributes of the source that mappings and filters read."""
    for mapping in wanted["mappings"].values():
        yield from _attributes(mapping.get("expression") or "")
    for group in wanted["filters"]:
        yield from (clause["attribute"] for clause in group["clauses"])


def _attributes(expression: str) -> Iterable[str]:
    try:
        return attributes_of(parse(expression)) if expression else ()
    except ExpressionError:
        # Only the service can read it; it was there before, and so were its attributes.
        return ()


def _with(directory: Body, names: Collection[str]) -> Body:
    return {**directory, "objects": [_with_object(one, names) for one in directory.get("objects") or ()]}


def _with_object(one: Body, names: Collection[str]) -> Body:
    if one.get("name") != "User":
        return one
    known = {str(each.get("name")) for each in one.get("attributes") or ()}
    new = [{"name": name, "type": "String"} for name in sorted(set(names) - known)]
    return {**one, "attributes": [*(one.get("attributes") or ()), *new]}
