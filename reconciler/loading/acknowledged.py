"""Acknowledgements as people write them → the model's. Judges none of them: that is the business of guarding."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.loading.parsing import Place
from reconciler.loading.shapes import Yes
from reconciler.model import Acknowledgement, Json


def acknowledgements(rows: tuple[Yes, ...], place: Place, file: str) -> tuple[Acknowledgement, ...]:
    """Return what was said yes to; `place` is that of the list."""
    return tuple(
        Acknowledgement(
            rule=row.rule,
            reason=row.reason,
            owner=row.owner,
            expires=row.expires,
            origin=place.inside([index]).origin(file),
            path=row.change.property if row.change else "",
            before=_plain(row.change.before) if row.change else None,
            after=_plain(row.change.after) if row.change else None,
            count_max=row.countMax,
        )
        for index, row in enumerate(rows)
    )


def _plain(value: Json) -> Json:
    """Return the value with lists where the parser has tuples, as canonical bodies have them."""
    match value:
        case Mapping():
            return {name: _plain(member) for name, member in value.items()}
        case tuple() | list():
            return [_plain(member) for member in value]
        case _:
            return value
