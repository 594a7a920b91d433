"""What must be there after an apply, reckoned anew from what stood there and what the files say.

An account of its own: it shares no code with the package and compares meanings, so that a mistake of the package
cannot hide in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from drawing import FLAGS, OURS, SETTINGS, Drawn, Wish

from reconciler.emulator.store import Entry
from reconciler.emulator.world import World
from reconciler.model import Action, Json, Plan

Objects = dict[tuple[str, str], dict[str, Json]]
"""What a world keeps: raw bodies by tenant and key of the partner, "" for the default."""

PROTECTED = ("isServiceProvider", "isInMultiTenantOrganization")
# What the service itself changes when something else is written.
FOLLOWS = {"isServiceDefault"}


def kept(world: World) -> Objects:
    """Return all objects as the service keeps them."""
    found: Objects = {}
    for tenant in world.directory.tenants.values():
        stock = world.resources["default"].stock
        found[tenant.name, ""] = {**stock, **(world.store.get(tenant.id, "default") or {})}
        for key, body in world.store.all(tenant.id, "partner").items():
            found[tenant.name, key] = body
    return found


def fresh(world: World, key: str) -> dict[str, Json]:
    """Return a partner that nobody has configured."""
    return world.resources["partner"].fresh(key)


def differences(before: Objects, after: Objects, drawn: Drawn, applied: Mapping[str, bool], world: World) -> list[str]:
    """Return in words where the tenants are not what the files make of what stood there.

    `applied` tells of each tenant whether something was to be written there at all.
    """
    found: list[str] = []
    for place in sorted(before.keys() | after.keys() | drawn.wishes.keys()):
        tenant, key = place
        if not applied[tenant]:
            found += [f"{place} was touched"] if before.get(place) != after.get(place) else []
            continue
        wish = drawn.wishes.get(place)
        stood, stands = before.get(place), after.get(place)
        if _gone(wish, stood, drawn.undeclared[tenant], key):
            found += [f"{place} is still there"] if stands is not None else []
        elif stands is None:
            found += [f"{place} is not there"] if wish or stood else []
        elif wish is None and stood is None:
            found.append(f"{place} was made, and nobody asked for it")
        else:
            found += [f"{place} {words}" for words in _wrong(stood or fresh(world, key), stands, wish or Wish())]
    return found


def _gone(wish: Wish | None, stood: Mapping[str, Json] | None, undeclared: str, key: str) -> bool:
    if wish is not None:
        return wish.absent
    return bool(key and stood and undeclared == "delete" and not any(stood.get(name) for name in PROTECTED))


def _wrong(stood: Mapping[str, Json], stands: Mapping[str, Json], wish: Wish) -> Iterator[str]:
    for name in sorted(stood.keys() | stands.keys()):
        if name in FOLLOWS:
            continue
        spoken = name in wish.said and name not in wish.ignored
        wanted = _wanted(name, stood.get(name), wish.said[name]) if spoken else meaning(name, stood.get(name))
        same = wanted == meaning(name, stood.get(name))
        if same and json.dumps(stood.get(name)) != json.dumps(stands.get(name)):
            yield f"{name} was written although nothing about it changes: {stood.get(name)} → {stands.get(name)}"
        elif wanted != meaning(name, stands.get(name)):
            yield f"{name} is {stands.get(name)}, not {wanted}"


def _wanted(name: str, stood: Json, said: Json) -> Json:
    if name not in FLAGS or said is None:
        return meaning(name, said)
    return meaning(name, {**dict.fromkeys(FLAGS[name]), **(stood or {}), **said})


def meaning(name: str, value: Json) -> Json:
    """Return what a block says, however it is spelled; None is "nothing"."""
    if name in FLAGS:
        leaves = {leaf: (value or {}).get(leaf) for leaf in FLAGS[name]}
        return leaves if any(leaf is not None for leaf in leaves.values()) else None
    if name not in SETTINGS or value is None:
        return value
    halves = {half: _half(value.get(half)) for half in ("usersAndGroups", "applications")}
    return halves if any(halves.values()) else None


def _half(value: Json) -> Json:
    if value is None:
        return None
    targets = {(target["target"].lower(), target["targetType"]) for target in value["targets"]}
    return value["accessType"], sorted(targets)


# ---------------------------------------------------------------------------------------------- what was in force

STRANGER = "nobody in particular"


def surprises(before: Objects, after: Objects, world: World) -> list[str]:
    """Return in words what was in force between two writes and was so neither before the run nor after it."""
    stands = dict(before)
    names = {tenant.id: tenant.name for tenant in world.directory.tenants.values()}
    found: list[str] = []
    for entry in world.store.journal():
        tenant = names[entry.tenant]
        stands[tenant, entry.key] = dict(entry.after or {})
        keys = [entry.key] if entry.key else [key for name, key in stands if name == tenant and key] + [STRANGER]
        for key in keys:
            found += [
                f"after {entry.sequence}: {tenant} {key} {words}" for words in _odd(before, stands, after, tenant, key)
            ]
    return found


def _odd(before: Objects, stands: Objects, after: Objects, tenant: str, key: str) -> Iterator[str]:
    was, now, will = (in_force(objects, tenant, key) for objects in (before, stands, after))
    yield from (f"{name} is {now[name]}" for name in now if now[name] not in (was[name], will[name]))


def in_force(objects: Objects, tenant: str, key: str) -> dict[str, Json]:
    """Return what applies to an organization, flag by flag and setting by setting."""
    own, default = objects.get((tenant, key)) or {}, objects[tenant, ""]
    applies: dict[str, Json] = {}
    for name in SETTINGS:
        mine, theirs = meaning(name, own.get(name)) or {}, meaning(name, default.get(name)) or {}
        applies[name] = _closed(
            {half: mine.get(half) or theirs.get(half) for half in ("usersAndGroups", "applications")}
        )
    for name, leaves in FLAGS.items():
        mine, theirs = own.get(name) or {}, default.get(name) or {}
        for leaf in leaves:
            # Consent is never taken from the default.
            fallback = theirs.get(leaf) if name == "inboundTrust" else False
            applies[leaf] = fallback if mine.get(leaf) is None else mine[leaf]
    return applies


def _closed(setting: dict[str, Json]) -> Json:
    """Return "nobody" for every way of saying that nobody gets anywhere."""
    (people, who), (applications, what) = (setting[half] or ("", []) for half in ("usersAndGroups", "applications"))
    everyone, everything = ("allusers", "user") in who, ("allapplications", "application") in what
    nobody, nothing = everyone and people == "blocked", everything and applications == "blocked"
    if (nobody and (nothing or applications == "allowed")) or (nothing and people == "allowed"):
        return "nobody"
    return setting


# ---------------------------------------------------------------------------------------------- what was written


def unplanned(world: World, plan: Plan) -> list[str]:
    """Return in words the writes of the service's journal that the plan does not show, block by block."""
    shown: dict[tuple[str, str, str, Action], set[str]] = {}
    for step in plan.steps:
        address = step.change.address
        place = (OURS[address.tenant], address.kind, address.key, step.change.action)
        shown.setdefault(place, set()).update(step.change.blocks)
    actions = {"POST": Action.CREATE, "PATCH": Action.UPDATE, "DELETE": Action.DELETE}
    found: list[str] = []
    for entry in world.store.journal():
        blocks = shown.get((entry.tenant, entry.kind, entry.key, actions[entry.method]))
        if blocks is None:
            found.append(f"{entry.method} {entry.kind} {entry.key}")
        elif entry.method != "DELETE":
            found += [f"{entry.kind} {entry.key} {name}" for name in _written(world, entry) - blocks]
    return found


def _written(world: World, entry: Entry) -> set[str]:
    """Return the blocks that a write named or changed."""
    before = entry.before or fresh(world, entry.key)
    after = entry.after or {}
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return (changed | set(entry.sent or ())) - FOLLOWS - {"tenantId"}
