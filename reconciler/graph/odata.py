"""Text inside a path of Microsoft Graph: quoted for OData, and encoded for a URL. Knows no path."""

from __future__ import annotations

from urllib.parse import quote


def literal(text: str) -> str:
    """Return a text as a string literal of a `$filter` or a function call, fit for a URL."""
    doubled = text.replace("'", "''")
    return f"'{quote(doubled, safe='')}'"


def segment(text: str) -> str:
    """Return a text as one segment of a path."""
    return quote(text, safe="@")
