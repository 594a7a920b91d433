"""What the files alone tell and may surprise, as findings of a plan and of `validate`. Pure; stands in nobody's way."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model import Estate, Finding, Hazard, Severity


def surprises(estate: Estate, tenant: str = "") -> Iterator[Finding]:
    """Yield a warning for each, of the links that begin in a tenant; else once for each place in the files."""
    places = set[tuple[str, str]]()
    for one in estate.hazards:
        place = (str(one.origin), one.message)
        if one.tenant == tenant or (not tenant and place not in places):
            places.add(place)
            yield _finding(one)


def _finding(one: Hazard) -> Finding:
    details = (one.hint,) if one.hint else ()
    return Finding(Severity.WARNING, one.tenant, one.message, details=details, origin=one.origin)
