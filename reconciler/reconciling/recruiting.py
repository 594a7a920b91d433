"""Whom links have in their targets, and who is in the groups that they fill: asked once all tenants were read.

Reads alone. Who joins and who leaves is said by `resolving`. People are told apart by a survey of the link, and what
counts of it is only what is sure: who is in scope and whose user is known, and who is not in scope any more although
the log of the job says that it brought them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from reconciler.graph.client import Graph
from reconciler.model import Address, Brought, Estate, Link, Memberships, Reading, Unreadable
from reconciler.reading import read_rosters
from reconciler.reconciling.seeing import Desired, Readings, groups_of
from reconciler.reconciling.surveying import Survey

Connected = Mapping[str, Graph | Unreadable]


def filling(estate: Estate, name: str) -> list[Link]:
    """Return the links that fill groups of a tenant."""
    names = {link for of in groups_of(estate, estate.tenants[name]).values() for link in of}
    return [link for link in estate.links if link.name in names and link.target == name]


async def recruited(
    desired: Desired, readings: Readings, connected: Connected, surveys: Mapping[str, Survey]
) -> Readings:
    """Return the readings, those of targets in which links fill groups with what there is to know about that."""
    found = await asyncio.gather(*(_tenant(name, desired, readings, connected, surveys) for name in readings))
    return dict(zip(readings, found, strict=True))


async def _tenant(
    name: str, desired: Desired, readings: Readings, connected: Connected, surveys: Mapping[str, Survey]
) -> Reading | Unreadable:
    reading, graph = readings[name], connected[name]
    groups = groups_of(desired.estate, desired.estate.tenants[name])
    if not groups or not isinstance(reading, Reading) or not isinstance(graph, Graph):
        return reading
    brought = {
        link.name: _brought(link, readings, connected, surveys.get(link.name)) for link in filling(desired.estate, name)
    }
    return replace(reading, memberships=Memberships(await read_rosters(groups, graph), brought))


def _brought(link: Link, readings: Readings, connected: Connected, survey: Survey | None) -> Brought:
    reading, source = readings.get(link.source), connected.get(link.source)
    if not isinstance(reading, Reading) or not isinstance(source, Graph):
        why = reading.reason if isinstance(reading, Unreadable) else "nobody here signs in there"
        return Brought(problem=f"{link.source} could not be read: {why}")
    read = reading.synchronizations
    if read is None or link.name in read.ambiguous:
        return Brought(problem="nobody can say which configuration is that of the link")
    if link.name not in read.ids or Address(link.source, "job", link.name) not in reading.state:
        # What was never made brought nobody.
        return Brought()
    return survey.brought if survey else Brought(problem="its people were not read")
