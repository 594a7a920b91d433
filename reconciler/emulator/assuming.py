"""How an assumption is written down: as a field whose metadata say what it means. The assumptions are elsewhere."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, TypeVar

Setting = TypeVar("Setting", bool, str, int)
Evidence = Literal["captured", "practice", "report", "documented", "none"]


def assumed(
    default: Setting, assumption: str, *, otherwise: str, evidence: Evidence, choices: tuple[str, ...] = ()
) -> Setting:
    """Return a field of Switches: what it is set to, what that assumes, and what the other setting would mean."""
    described: Any = field(
        default=default,
        metadata={"assumption": assumption, "otherwise": otherwise, "evidence": evidence, "choices": choices},
    )
    setting: Setting = described
    return setting
