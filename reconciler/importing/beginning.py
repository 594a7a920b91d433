"""First documents for links: short, with the reasons beside what is to be decided. Pure; writes no file.

What they say is safe to apply as it is: nothing is provisioned before somebody says `enabled: true`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.importing import handwriting
from reconciler.model import FILL_IN, Json, Tenant

_PAUSED = "Nothing is provisioned as long as this is false. Say true when a plan shows what you mean."
_MORE = "Also possible: access, mappings, filters in scope, groupSync, targetGroups, accidentalDeletion, notifications."
_PAIRS = (
    "{source.name}, {source.displayName}, {target.name} and {target.displayName} are filled in for each pair. "
    "A pair that is otherwise stands under except, with a reason."
)


def link(name: str, source: Tenant, target: Tenant) -> str:
    """Return a SyncLink that synchronizes one group from one tenant into another."""
    who = (
        f"Direct members of this security group of {source.name} appear in {target.name}. "
        "The group has to be there; its id may stand beside its name."
    )
    head = {"name": name, "source": source.name, "target": target.name, "owner": FILL_IN}
    group = f"XTS {source.display_name} to {target.display_name}"
    return _text([*handwriting.document("SyncLink", head), "spec:", *_settings(who, group)])


def topology(name: str, members: Sequence[Tenant]) -> str:
    """Return a Topology that links each of the tenants with each other."""
    who = "Direct members of the group appear in the target. Every source needs a security group for every target."
    head = {"name": name, "owner": FILL_IN, "shape": "mesh", "members": [member.name for member in members]}
    lines = [*handwriting.document("Topology", head), *handwriting.comment(_PAIRS), "link:"]
    return _text([*lines, *_settings(who, "XTS {source.name} to {target.name}")])


def _settings(who: str, group: str) -> Iterator[str]:
    scope: Json = {"assigned": {"groups": [{"name": group}]}}
    yield from handwriting.comment(_PAUSED, 1)
    yield from handwriting.block({"enabled": False}, 1)
    yield from handwriting.comment(who, 1)
    yield from handwriting.block({"scope": scope}, 1)
    yield from handwriting.comment(_MORE, 1)


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
