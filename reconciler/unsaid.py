"""What is set in a tenant without a word about it in the files. Values only; judges nothing and counts nothing."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model import Document, Json


def unsaid(document: Document | None, block: str, value: Json, stock: Json) -> list[str]:
    """Return the block, or those leaves of it as `block.leaf`, that are not stock and of which no file speaks."""
    if document is None or block not in document.said:
        return [block] if value != stock else []
    said = document.said[block]
    if not (isinstance(said, Mapping) and isinstance(value, Mapping)):
        return []
    usual = stock or {}
    return [f"{block}.{leaf}" for leaf in sorted(value) if leaf not in said and value[leaf] != usual.get(leaf)]
