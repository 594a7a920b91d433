"""What came over the wire, or did not: the plain values between an exchange and those who understand it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer as it came: header names in small letters, each with all its values; content decoded."""

    status: int
    headers: Mapping[str, tuple[str, ...]]
    content: bytes


class Broken(Exception):
    """No whole answer. `sent` is False when surely nothing arrived; `hopeless`: trying again gives the same."""

    def __init__(self, reason: str, *, sent: bool = True, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.sent = sent
        self.hopeless = hopeless
