"""A link whose people join a group of the target, in a world in which cycles run: what tests do to either.

Import it by its name from any folder under tests/.
"""

from __future__ import annotations

from pathlib import Path

from spine import CONTOSO, FABRIKAM, LINK, Scene, configuration, documents, link, scene, seed

from reconciler.emulator.seeds import seeded_id
from reconciler.model import Json, Plan

PEOPLE = seeded_id(FABRIKAM, "group", "people")
GROUP = {"name": "Contoso people", "id": PEOPLE}
FILLS = {"targetGroups": [{"group": GROUP}]}


def filled(**said: Json) -> dict[str, Json]:
    """Return the seed of a link that works: four people are in scope, and the target has a group with two members."""
    start = seed({"link": configuration()})
    contoso, fabrikam = start["tenants"]["contoso"], start["tenants"]["fabrikam"]
    contoso["users"] = {name: {} for name in ("ada", "bob", "cyd", "dan")}
    contoso["groups"] = {"sync": {"displayName": "Sync to Fabrikam", "members": ["ada", "bob"]}}
    fabrikam["users"]["visitor"] = {"invited": "vi@tailspin.example"}
    fabrikam["groups"]["people"] = {"displayName": "Contoso people", "members": ["megan", "visitor"], **said}
    return start


def filling(folder: Path, start: Json = None, *, cycle: bool = True, **spec: Json) -> Scene:
    """Return the scene of a link that fills the group, after a cycle of the service."""
    there = scene(folder, start or filled(), documents(link(spec={**FILLS, **spec})))
    there.world.catch_up()
    if cycle:
        later(there)
    return there


def saying(there: Scene, **said: Json) -> None:
    """Let the link say something else beside its ends."""
    there.said = documents(link(**said))


def later(there: Scene, minutes: float = 41) -> None:
    """Let time pass, and what is due happen."""
    there.world.clock.wait(minutes * 60)
    there.world.catch_up()


def members(there: Scene, group: str = PEOPLE) -> list[str]:
    """Return who is in a group of the target, by display name."""
    ids = {key.partition("/")[2] for key in there.world.store.all(FABRIKAM, "member") if key.startswith(group)}
    return sorted(str(one["displayName"]) for key, one in there.world.store.all(FABRIKAM, "user").items() if key in ids)


def guest(there: Scene, name: str) -> str:
    """Return the id that somebody of the source has in the target."""
    upn = f"{name}_contoso.example#EXT#@"
    users = there.world.store.all(FABRIKAM, "user").items()
    return next(key for key, one in users if str(one["userPrincipalName"]).startswith(upn))


def assign(there: Scene, name: str) -> None:
    """Let somebody of the source come into scope."""
    body = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{user(name)}"}
    there.portal("POST", f"groups/{seeded_id(CONTOSO, 'group', 'sync')}/members/$ref", body)


def unassign(there: Scene, name: str) -> None:
    """Let somebody of the source leave the scope."""
    there.portal("DELETE", f"groups/{seeded_id(CONTOSO, 'group', 'sync')}/members/{user(name)}/$ref")


def take_out(there: Scene, key: str) -> None:
    """Let an administrator of the target take a member out of the group."""
    there.portal("DELETE", f"groups/{PEOPLE}/members/{key}/$ref", of="fabrikam")


def put_in(there: Scene, key: str) -> None:
    """Let an administrator of the target put somebody into the group."""
    body = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{key}"}
    there.portal("POST", f"groups/{PEOPLE}/members/$ref", body, of="fabrikam")


def user(name: str) -> str:
    """Return the id of somebody in the source."""
    return seeded_id(CONTOSO, "user", name)


def membership(there: Scene, name: str) -> str:
    """Return where the membership of somebody stands."""
    return f"fabrikam/membership/{LINK}/{PEOPLE}/{guest(there, name)}"


def moves(plan: Plan) -> list[str]:
    """Return what a plan does to memberships."""
    changes = [step.change for step in plan.steps if step.change.address.kind == "membership"]
    return [f"{change.action} {change.address}" for change in changes]


def said(plan: Plan, word: str) -> list[str]:
    """Return the findings that speak of something, with their details."""
    findings = [one for tenant in plan.tenants for one in tenant.findings if word in one.message]
    return [f"{one.severity}: {one.message}" + "".join(f" | {line}" for line in one.details) for one in findings]
