"""What the case files show of every block: that it is set, changed, given back and left alone. Reads files, plays none.

set         it was as nobody had touched it, and is now as a file says
changed     it was set, and is set otherwise now
given back  it was set, and null hands it back to the default; where nothing stands behind it, a file says what the
            service begins with
left alone  it was set, no file says anything of it, and it is as it was
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

from reconciler.kinds import REGISTRY
from reconciler.model import Json, Kind

Transition: TypeAlias = Literal["set", "changed", "given back", "left alone"]


class Shown(NamedTuple):
    """One transition of one block."""

    kind: str
    block: str
    transition: Transition


_LIVE_NAMES = {"identity-synchronization": "identitySynchronization"}


def possible(kind: Kind) -> Iterator[Shown]:
    """Yield every transition that a block of this kind can have."""
    for block in kind.blocks:
        for transition in get_args(Transition):
            if _can(kind, block, transition):
                yield Shown(kind.name, block, transition)


def _can(kind: Kind, block: str, transition: Transition) -> bool:
    field = kind.model.model_fields[block]
    if transition == "changed":
        # There is no third value.
        return field.annotation is not bool
    if transition == "given back":
        nullable = type(None) in get_args(field.annotation)
        return nullable or kind.stock[block] is not None
    return True


def shown(said: Mapping[str, Json]) -> Iterator[Shown]:
    """Yield what one case file shows, as far as it is applied."""
    applied = {line.split(" ", 1)[1] for line in said["expect"].get("outcomes", ()) if line.startswith("applied ")}
    for line in said["expect"].get("steps", ()):
        action, place, *blocks = line.partition(";")[0].replace(",", "").split(" ")
        if f"{action} {place}" in applied and action != "delete":
            yield from _written(said, place, blocks)
    for place, blocks in (said["expect"].get("after") or {}).items() if said.get("apply") else ():
        yield from _left(said, place, blocks or {})


def _written(said: Mapping[str, Json], place: str, blocks: list[str]) -> Iterator[Shown]:
    kind = REGISTRY[place.split("/")[1]]
    before, wanted = _live(said, place), _wanted(said, place)
    for block in blocks:
        was_set = _canonical(kind, before, block) not in (None, kind.stock[block])
        gone = _canonical(kind, wanted, block) in (None, kind.stock[block])
        yield Shown(kind.name, block, "given back" if gone else "changed" if was_set else "set")


def _left(said: Mapping[str, Json], place: str, after: Mapping[str, Json]) -> Iterator[Shown]:
    tenant, live_name, *rest = place.split("/")
    name = next((name for name, live in _LIVE_NAMES.items() if live == live_name), live_name)
    kind, place = REGISTRY[name], "/".join((tenant, name, *rest))
    before, wanted = _live(said, place), _wanted(said, place)
    for block in [name for name in after if name in kind.blocks]:
        value = _canonical(kind, before, block)
        if block not in wanted and value not in (None, kind.stock[block]) and value == _canonical(kind, after, block):
            yield Shown(kind.name, block, "left alone")


def _canonical(kind: Kind, body: Mapping[str, Json], block: str) -> Json:
    return kind.project({block: body.get(block)})[block]


def _live(said: Mapping[str, Json], place: str) -> Mapping[str, Json]:
    """Return what the seed says of an object."""
    tenant, kind, *rest = place.split("/")
    seed = said["seed"]["tenants"][tenant]
    key = said["seed"]["organizations"][rest[0]]["tenantId"] if rest else ""
    bodies: Mapping[str, Mapping[str, Json]] = {
        "default": {"": seed.get("default", {})},
        "partner": {one["tenantId"]: one for one in seed.get("partners", ()) if "tenantId" in one},
        **seed.get("objects", {}),
    }
    body: Mapping[str, Json] = bodies.get(_LIVE_NAMES.get(kind, kind), {}).get(key, {})
    return body


def _wanted(said: Mapping[str, Json], place: str) -> Mapping[str, Json]:
    """Return what the files say of an object, profiles left out."""
    tenant, kind, *rest = place.split("/")
    specs = [
        paper.get("spec") or {}
        for name, paper in said["documents"].items()
        if name.startswith(f"{tenant}/") and paper.get("kind") == REGISTRY[kind].document
        if not rest or paper.get("name") == rest[0]
    ]
    return {block: value for spec in specs for block, value in spec.items()}
