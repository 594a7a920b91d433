"""Two tenants after the first cycle of their link: ada and eve are in scope by a group, bob is not."""

from __future__ import annotations

import json
from pathlib import Path

from operated import CONTOSO, FABRIKAM, READING, Operated, documents, operated, seed

from reconciler.emulator.seeds import seeded_id
from reconciler.model import Json

ADA, BOB, EVE = (seeded_id(CONTOSO, "user", name) for name in ("ada", "bob", "eve"))
GROUP = seeded_id(CONTOSO, "group", "sync")


def cycled(folder: Path, reading: list[str] = READING) -> Operated:
    """Return the pair; `reading` is what the application that plans may read."""
    said = seed(reading=reading)
    source: Json = said["tenants"]["contoso"]
    source["users"] = {"ada": {"displayName": "Ada", "department": "Sales"}, "bob": {}, "eve": {}}
    source["groups"] = {"sync": {"displayName": "Sync", "members": ["ada", "eve"]}}
    source["servicePrincipals"]["to-fabrikam"]["assigned"] = ["sync"]
    there = operated(folder, said, documents(scope={"assigned": {"groups": [{"name": "Sync"}]}}))
    later(there)
    return there


def later(pair: Operated, minutes: float = 41) -> None:
    """Let time pass, and what is due happen."""
    pair.world.catch_up()
    pair.world.clock.wait(minutes * 60)
    pair.world.catch_up()


def change(pair: Operated, method: str, path: str, *, tenant: str = "contoso", **body: Json) -> None:
    """Let somebody change a tenant in the portal."""
    where = pair.world.directory.named(tenant)
    assert where is not None
    content = json.dumps(body).encode() if body else b""
    assert pair.world.portal(where, "Megan Bowen", method, path, content).status < 300


def join(pair: Operated, user: str) -> None:
    """Let a user join the group."""
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{user}"}
    change(pair, "POST", f"groups/{GROUP}/members/$ref", **reference)


def guests(pair: Operated) -> dict[str, Json]:
    """Return the users of the target whom the service made, by their name at home."""
    everybody = pair.world.store.all(FABRIKAM, "user").values()
    return {str(one["userPrincipalName"]).partition("_")[0]: one for one in everybody if one.get("creationType")}
