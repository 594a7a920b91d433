"""Very many objects for an emulator, put into its file past it: one by one they would take most of an hour."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from reconciler.emulator.calls import Body
from reconciler.emulator.words import words

MARK = "4711471"
"""Where the number of somebody stands in what is written for everybody."""

_NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count) "
_OBJECTS = """
INSERT INTO objects (tenant, kind, key, body)
SELECT :tenant, :kind, replace(:key, :mark, printf('%07d', n)), replace(:text, :mark, printf('%07d', n)) FROM numbers
"""
_WORDS = """
INSERT INTO words (tenant, kind, key, word)
SELECT :tenant, :kind, replace(:key, :mark, printf('%07d', n)), replace(:text, :mark, printf('%07d', n)) FROM numbers
"""

Fill: TypeAlias = Callable[[str, str, str, Body, int], None]
"""Puts so many objects of a kind into a tenant, by their key and body, each with its number in place of the mark."""


@contextmanager
def filling(path: Path) -> Iterator[Fill]:
    """Open the file of a world for as long as the block runs."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = -65536")

    def fill(tenant: str, kind: str, key: str, body: Body, count: int) -> None:
        for statement, text in ((_OBJECTS, json.dumps(body)), *((_WORDS, word) for word in sorted(words(body)))):
            named = {"count": count, "mark": MARK, "tenant": tenant, "kind": kind, "key": key, "text": text}
            connection.execute(_NUMBERS + statement, named)

    try:
        yield fill
    finally:
        connection.close()
