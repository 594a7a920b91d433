"""Values that everything is made of: JSON and its one form, places in files, addresses of resources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value. Bodies are checked at the edges, so the middle only compares, copies and names their parts."""

Body: TypeAlias = Mapping[str, Json]
"""A JSON object in Graph's own property names."""


def canonical_json(value: Json) -> bytes:
    """Return the one way in which we write `value`: sorted keys, no spaces, UTF-8, no NaN.

    Raises:
        ValueError: for NaN, infinities and lone surrogates, which have no such form.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def fingerprint(value: Json) -> str:
    """Return 32 hexadecimal digits that stand for `value`: the same value, the same digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()[:32]


MASKED = "*"
"""What the service shows instead of a value that it does not tell: unknown, and nothing to compare with."""


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in a file that a person wrote: path below the repository, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """What a resource is known by: the tenant's name, the kind's name, and the kind's own key ("" for a singleton)."""

    tenant: str
    kind: str
    key: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.tenant, self.kind, self.key) if part)
