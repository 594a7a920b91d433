"""Dynamic groups of targets, asked for where something else is written about people, and of nobody else.

An estate in which nothing of the kind changes is not asked anything. What is not answered is said, and never nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.diffing import diff
from reconciler.graph.client import Graph
from reconciler.model import Action, Change, Reading, Unreadable, link_of
from reconciler.reading import read_dynamic_groups
from reconciler.reconciling.facing import face_of
from reconciler.reconciling.seeing import Desired, Readings


async def with_dynamic_groups(
    desired: Desired, readings: Readings, connected: Mapping[str, Graph | Unreadable]
) -> Readings:
    """Return the readings, those of targets with dynamic groups where a link writes something else from now on."""
    wanted = sorted(set(_written_into(desired, readings)))
    asked = {
        name: graph
        for name in wanted
        if isinstance(graph := connected.get(name), Graph) and isinstance(readings.get(name), Reading)
    }
    answers = await asyncio.gather(*(read_dynamic_groups(graph) for graph in asked.values()))
    found = dict(zip(asked, answers, strict=True))
    return {
        name: replace(one, dynamic=found[name]) if name in found and isinstance(one, Reading) else one
        for name, one in readings.items()
    }


def _written_into(desired: Desired, readings: Readings) -> Iterator[str]:
    """Yield the targets in which something else is written about people: by a new link, or by other mappings."""
    targets = {link.name: link.target for link in desired.estate.links}
    beginning = {link.source for link in desired.estate.links}
    for name in sorted(beginning & readings.keys()):
        reading = readings[name]
        if isinstance(reading, Reading) and reading.synchronizations is not None:
            face = face_of(desired.estate.tenants[name], desired, reading)
            for change in filter(_tells, diff(face.wanted, face.seen.live)):
                if target := targets.get(link_of(change.address.key)):
                    yield target


def _tells(change: Change) -> bool:
    kind, action = change.address.kind, change.action
    return (kind == "job" and action is Action.CREATE) or (kind == "mappings" and action is not Action.DELETE)
