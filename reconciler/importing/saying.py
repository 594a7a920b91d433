"""What a document can say of a live object, in the words of its kind. Knows no file and no name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from reconciler.model import Body, Json, Kind, Singleton


@dataclass(frozen=True, slots=True)
class Said:
    """The settings of an object in the order in which people read them, and the blocks that no document can hold."""

    spec: Body
    unsayable: tuple[str, ...] = ()


def say(kind: Kind, body: Body) -> Said:
    """Return all that somebody set: of what always exists where it differs from stock, else all that is not null."""
    wanted = {name: value for name, value in body.items() if _is_set(kind, name, value)}
    sayable = dict(form for name, value in wanted.items() for form in _sayable(kind, name, value))
    spec = _dumped(kind, sayable)
    while spec is None and sayable:
        # Right one by one, and wrong together.
        sayable.pop(max(sayable))
        spec = _dumped(kind, sayable)
    said = spec or {}
    return Said(said, tuple(sorted(wanted.keys() - said.keys())))


def _is_set(kind: Kind, name: str, value: Json) -> bool:
    stock = kind.stock.get(name) if isinstance(kind.endpoint, Singleton) else None
    return bool(value != stock)


def _sayable(kind: Kind, name: str, value: Json) -> list[tuple[str, Json]]:
    """Return the block as a document may say it, without its nulls where these are not allowed; or nothing."""
    return [(name, form) for form in _forms(value) if _means(kind, name, form, value)][:1]


def _forms(value: Json) -> Iterator[Json]:
    yield value
    if isinstance(value, Mapping):
        yield {leaf: member for leaf, member in value.items() if member is not None}


def _means(kind: Kind, name: str, said: Json, live: Json) -> bool:
    """Whether saying it asks for exactly what is there."""
    dumped = _dumped(kind, {name: said})
    again = kind.canonical(dumped).get(name) if dumped else None
    if isinstance(live, Mapping) and isinstance(again, Mapping):
        return {**live, **again} == live
    return bool(again == live)


def _dumped(kind: Kind, spec: Body) -> Body | None:
    try:
        model = kind.model.model_validate(_as_parsed(spec))
    except ValidationError:
        return None
    said: Body = model.model_dump(exclude_unset=True)
    return said


def _as_parsed(value: Json) -> Json:
    """Return the value with tuples where canonical bodies have lists, as the parser of files has them."""
    match value:
        case Mapping():
            return {name: _as_parsed(member) for name, member in value.items()}
        case list() | tuple():
            return tuple(_as_parsed(member) for member in value)
        case _:
            return value
