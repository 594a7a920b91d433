"""Restarts that changes of a link need before they mean anything, and that must not be forgotten on the way. Pure.

A restart is asked of a job that runs. Of one that is paused it is owed, and kept as a mark, until the job is started.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.kinds.synchronization import configuration, job
from reconciler.kinds.synchronization.configuration import RESTART
from reconciler.kinds.synchronization.job import DEFAULT_SCOPE
from reconciler.model import Address, Document, Json, Kind, Part, Resource, State, link_of


def owing(wanted: State, live: State, documents: Mapping[Address, Document], kinds: Mapping[str, Kind]) -> State:
    """Return the wanted state with the restarts that it needs, and without a mark that nobody asks for any more."""
    found = dict(wanted)
    for address, document in documents.items():
        if address.kind != configuration.KIND.name or address not in live or address not in wanted:
            continue
        if "awaits" in document.said:
            # A link that goes asks for its restart itself.
            continue
        works = replace(address, kind=job.KIND.name)
        runs = works in wanted and wanted[works].body["enabled"] is True
        due = _is_due(address, wanted, live, kinds)
        if due and runs:
            found[works] = _with(wanted[works], "restart", DEFAULT_SCOPE)
        found[address] = _with(wanted[address], "awaits", RESTART if due and not runs else None)
    return found


def _is_due(address: Address, wanted: State, live: State, kinds: Mapping[str, Kind]) -> bool:
    """Whether a part of the configuration changes, or changed before, in a way that waits for a restart."""
    noted = live[address].body["awaits"] == RESTART
    for part, endpoint in _parts(address, kinds):
        before, after = live.get(part), wanted.get(part)
        for block, turn in endpoint.restarts.items():
            if before is None or after is None or after.body[block] != turn[1]:
                continue
            if noted or before.body[block] == turn[0]:
                return True
    return False


def _parts(address: Address, kinds: Mapping[str, Kind]) -> list[tuple[Address, Part]]:
    return [
        (Address(address.tenant, kind.name, link_of(address.key)), kind.endpoint)
        for kind in kinds.values()
        if isinstance(kind.endpoint, Part)
    ]


def _with(one: Resource, block: str, value: Json) -> Resource:
    return one if one.body[block] == value else replace(one, body={**one.body, block: value})
