"""What a run asked of the network, counted. For people and for the benchmark; nothing is decided by it."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts up to now: `http` is every request sent, sign-in included; `inner` are requests within `batches`.

    `pages` are the pages of lists beyond the first, `retries` what had to be asked again, `waited` seconds of the
    clock that a request waited before it was sent or sent again, summed over all requests.
    """

    http: int = 0
    batches: int = 0
    inner: int = 0
    pages: int = 0
    retries: int = 0
    tokens: int = 0
    waited: float = 0.0

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


class Meter:
    """Counts for one tenant."""

    def __init__(self) -> None:
        self.total = Traffic()

    def add(
        self,
        *,
        http: int = 0,
        batches: int = 0,
        inner: int = 0,
        pages: int = 0,
        retries: int = 0,
        tokens: int = 0,
        waited: float = 0.0,
    ) -> None:
        """Count something that just happened."""
        self.total += Traffic(http, batches, inner, pages, retries, tokens, waited)
