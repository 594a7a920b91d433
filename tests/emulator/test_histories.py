"""Histories of one person as files: what happens, what the target has in the end, and what the log says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cycling import Cycling, source_id
from ruamel.yaml import YAML
from sync_pair import CREDENTIALS, filtered, users_mapping
from worlds import CONTOSO, FABRIKAM

from reconciler.emulator.calls import Json
from reconciler.emulator.discarding import is_kept
from reconciler.emulator.seeds import seeded_id

FOLDER = Path(__file__).parent / "histories"
HISTORIES = [one for path in sorted(FOLDER.glob("*.yaml")) for one in YAML(typ="safe").load(path)]
PARTNER = f"policies/crossTenantAccessPolicy/partners/{CONTOSO}"
PERMISSION = f"{PARTNER}/identitySynchronization"
ADA = f"users/{source_id('ada')}"


def begun(said: dict[str, Any]) -> Cycling:
    guard = {"Enabled": False, "DeleteThresholdEnabled": True, "DeleteThresholdValue": said.get("threshold", 500)}
    settings = {"SyncAll": str(said.get("everybody", False)).lower(), "SyncNotificationSettings": json.dumps(guard)}
    configuration: dict[str, Json] = {"settings": settings}
    if "flowTypes" in said:
        configuration["flowTypes"] = said["flowTypes"]
    target = {"users": said.get("there", {}), "groups": said.get("groups there", {})}
    if "ada" in said:
        # Somebody else than the ada of every other history, assigned without a group.
        return Cycling(configuration=configuration, target=target, users={"ada": said["ada"]}, assigned=["ada"])
    return Cycling(configuration=configuration, target=target, assigned=said.get("assigned", ["sales"]))


def happen(cycling: Cycling, step: Any) -> None:
    """Let one step of a history happen."""
    match step:
        case "cycle" | "month":
            cycling.later(40 if step == "cycle" else 31 * 24 * 60)
        case "disable" | "enable":
            cycling.change("ada", accountEnabled=step == "enable")
        case {"department": _} | {"mail": _} | {"userType": _}:
            cycling.change("ada", **step)
        case {"leave": key}:
            cycling.leave(key)
        case {"join": key}:
            cycling.join(key)
        case {"delete": _}:
            cycling.does("DELETE", ADA)
        case {"purge": _}:
            cycling.does("DELETE", f"directory/deletedItems/{source_id('ada')}")
        case {"restore": _}:
            cycling.does("POST", f"directory/deletedItems/{source_id('ada')}/restore")
        case {"restart": scope}:
            cycling.restart(scope)
        case _:
            configure(cycling, step)


def configure(cycling: Cycling, step: Any) -> None:
    """Let one step happen that is about the configuration, or about the target."""
    principal = cycling.root.split("/")[2]
    match step:
        case {"filter": word}:
            schema = cycling.schema()
            users_mapping(schema)["scope"]["groups"].append(filtered("department", "EQUALS", word))
            assert cycling.put_schema(schema).status == 204
        case "assigned only":
            assert cycling.put(f"{cycling.root}/secrets", {"value": CREDENTIALS}).status == 204
        case "unassign group":
            (_, one), *_ = cycling.world.store.scan(CONTOSO, "appRoleAssignment", below=principal)
            cycling.does("DELETE", f"servicePrincipals/{principal}/appRoleAssignedTo/{one['id']}")
        case "delete group":
            cycling.does("DELETE", f"groups/{seeded_id(CONTOSO, 'group', 'sales')}")
        case "delete job":
            assert cycling.client.delete(cycling.job).status == 204
        case "delete configuration":
            cycling.does("DELETE", f"servicePrincipals/{principal}")
        case _:
            allow(cycling, step)


def allow(cycling: Cycling, step: str) -> None:
    """Let one of the two tenants take back what a link needs, or something happen to the user of the target."""
    match step:
        case "their refusal":
            there(cycling, "PATCH", PERMISSION, {"userSyncInbound": {"isSyncAllowed": False}})
        case "their consent ends":
            there(cycling, "PATCH", PARTNER, {"automaticUserConsentSettings": {"inboundAllowed": False}})
        case "their policy ends":
            there(cycling, "DELETE", PERMISSION)
            there(cycling, "DELETE", PARTNER)
        case "own consent ends":
            own = PARTNER.replace(CONTOSO, FABRIKAM)
            cycling.does("PATCH", own, {"automaticUserConsentSettings": {"outboundAllowed": False}})
        case _:
            theirs(cycling, step)


def theirs(cycling: Cycling, step: str) -> None:
    """Let somebody in the target do something to the user there."""
    key = str(shown(cycling)[1]["id"])
    match step:
        case "their block":
            there(cycling, "PATCH", f"users/{key}", {"accountEnabled": False})
        case "their delete":
            there(cycling, "DELETE", f"users/{key}")
        case "their restore":
            there(cycling, "POST", f"directory/deletedItems/{key}/restore")
        case "their purge":
            there(cycling, "DELETE", f"directory/deletedItems/{key}")
        case _:
            raise AssertionError(f"no history has the step {step!r}")


def there(cycling: Cycling, method: str, path: str, body: Json = None) -> None:
    cycling.does(method, path, body, tenant="fabrikam")


def shown(cycling: Cycling) -> tuple[str, dict[str, Json]]:
    """Return what the target has of ada: where, and the user."""
    user = cycling.there("ada")
    if user is not None:
        return ("live" if user.get("accountEnabled", True) else "blocked"), user
    everything = cycling.world.store.all(FABRIKAM, "deletedItem").values()
    binned = [one for one in everything if is_kept(cycling.world, one)]
    return ("bin", binned[0]) if binned else ("none", {})


@pytest.mark.parametrize("said", HISTORIES, ids=lambda said: said["history"])
def test_history_ends_as_the_file_says(said: dict[str, Any]) -> None:
    cycling = begun(said)
    for step in said["steps"]:
        happen(cycling, step)

    assert (shown(cycling)[0], [" ".join(one) for one in cycling.log("ada")]) == (said["target"], said["log"])
