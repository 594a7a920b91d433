"""The blocks that cross-tenant access settings are made of: their stock values, and what is refused in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler.emulator.calls import Json
from reconciler.emulator.refusals import bad_request, invalid_property, shorten
from reconciler.emulator.switches import Switches

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

FLAGS: Mapping[str, tuple[str, ...]] = {
    "inboundTrust": ("isMfaAccepted", "isCompliantDeviceAccepted", "isHybridAzureADJoinedDeviceAccepted"),
    "automaticUserConsentSettings": ("inboundAllowed", "outboundAllowed"),
}
BOTH = ("usersAndGroups", "applications")
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "b2bCollaborationInbound": BOTH,
    "b2bCollaborationOutbound": BOTH,
    "b2bDirectConnectInbound": BOTH,
    "b2bDirectConnectOutbound": BOTH,
    "tenantRestrictions": (*BOTH, "devices"),
    "m365CollaborationInbound": ("users",),
    "m365CollaborationOutbound": ("usersAndGroups",),
    "appServiceConnectInbound": ("applications",),
}
REDEMPTION = "invitationRedemptionIdentityProviderConfiguration"
PRIMARY_PROVIDERS = ("externalFederation", "azureActiveDirectory", "socialIdentityProviders")
FALLBACK_PROVIDERS = ("emailOneTimePasscode", "microsoftAccount", "defaultConfiguredIdp")

_ACCESS = ("allowed", "blocked")
_EVERYONE = {"user": "AllUsers", "application": "AllApplications"}
_APPLICATION_WORDS = ("AllApplications", "Office365", "AllMicrosoftApps")


def everyone(access: str) -> dict[str, Json]:
    """Return the half of a setting that speaks of all users."""
    return {"accessType": access, "targets": [{"target": "AllUsers", "targetType": "user"}]}


def everything(access: str) -> dict[str, Json]:
    """Return the half of a setting that speaks of all applications."""
    return {"accessType": access, "targets": [{"target": "AllApplications", "targetType": "application"}]}


def whole(access: str) -> dict[str, Json]:
    """Return a setting that allows or blocks everyone and everything."""
    return {"usersAndGroups": everyone(access), "applications": everything(access)}


def flags(name: str, value: bool | None) -> dict[str, Json]:
    """Return a block of flags that all say the same."""
    return dict.fromkeys(FLAGS[name], value)


# ------------------------------------------------------------------------------------------ refusing


def checked(name: str, value: Json, switches: Switches, *, nulls: bool) -> Json:
    """Return the block `name` as it may be stored, None when it says nothing.

    `nulls` tells whether a flag may be null, which only means something where there is a default to inherit from.

    Raises:
        Refusal: 400, with the words of the service where they are known.
    """
    if not isinstance(value, Mapping):
        raise bad_request(f"Invalid value specified for property '{name}' of resource.")
    if all(member is None for member in value.values()) and name not in FLAGS:
        if switches.empty_block_refused:
            raise bad_request(f"Property '{name}' does not set anything.")
        return None
    if name in FLAGS:
        return _flags(name, value, nulls)
    if name == REDEMPTION:
        return _redemption(value)
    return _setting(name, value, switches)


def _flags(name: str, value: Mapping[str, Json], nulls: bool) -> dict[str, Json]:
    for member, flag in value.items():
        if member not in FLAGS[name]:
            raise invalid_property(member)
        if not isinstance(flag, bool) and not (nulls and flag is None):
            raise bad_request(f"Invalid value specified for property '{member}' of resource.")
    return dict(value)


def _redemption(value: Mapping[str, Json]) -> dict[str, Json]:
    for member, said in value.items():
        match member, said:
            case "primaryIdentityProviderPrecedenceOrder", [*order] if order:
                if len(set(map(str, order))) != len(order) or any(item not in PRIMARY_PROVIDERS for item in order):
                    raise bad_request(f"Invalid value specified for property '{member}' of resource.")
            case "fallbackIdentityProvider", str() if said in FALLBACK_PROVIDERS:
                continue
            case (("primaryIdentityProviderPrecedenceOrder" | "fallbackIdentityProvider"), _):
                raise bad_request(f"Invalid value specified for property '{member}' of resource.")
            case _:
                raise invalid_property(member)
    return dict(value)


def _setting(name: str, value: Mapping[str, Json], switches: Switches) -> dict[str, Json]:
    for half in value:
        if half not in SETTINGS[name]:
            raise invalid_property(half)
    if value.get("devices") is not None:
        raise bad_request("Property 'devices' is not supported.")
    return {half: None if said is None else _half(half, said, switches) for half, said in value.items()}


def _half(half: str, said: Json, switches: Switches) -> dict[str, Json]:
    if not isinstance(said, Mapping):
        raise bad_request(f"Invalid value specified for property '{half}' of resource.")
    for member in said:
        if member not in {"accessType", "targets"}:
            raise invalid_property(member)
    if said.get("accessType") not in _ACCESS:
        raise bad_request(f"Invalid value specified for property 'accessType' of '{half}'.")
    targets = said.get("targets")
    if not isinstance(targets, list) or not targets:
        raise bad_request(f"Property 'targets' of '{half}' must not be empty.")
    kept = [_target(half, target, switches) for target in targets]
    words = {target["target"] for target in kept}
    if switches.mixed_all_refused and words & set(_EVERYONE.values()) and len(words) > 1:
        raise bad_request(f"Targets of '{half}' mix all with some.")
    return {"accessType": said["accessType"], "targets": _echoed(kept, switches)}


def _target(half: str, target: Json, switches: Switches) -> dict[str, str]:
    if not isinstance(target, Mapping):
        raise bad_request(f"Invalid value specified for property 'targets' of '{half}'.")
    for member in target:
        if member not in {"target", "targetType"}:
            raise invalid_property(member)
    value, kind = target.get("target"), target.get("targetType")
    allowed = ("application",) if half == "applications" else ("user", "group")
    if kind not in allowed:
        raise bad_request(f"Invalid value specified for property 'targetType' of '{half}'.")
    if not isinstance(value, str) or not (_is_word(value, str(kind)) or GUID.fullmatch(value)):
        raise bad_request(f"Invalid target '{shorten(str(value))}' in '{half}'.")
    lower = switches.target_case == "lower" and GUID.fullmatch(value)
    return {"target": value.lower() if lower else value, "targetType": str(kind)}


def _is_word(value: str, kind: str) -> bool:
    return value in _APPLICATION_WORDS if kind == "application" else (value, kind) == ("AllUsers", "user")


def _echoed(targets: list[dict[str, str]], switches: Switches) -> list[dict[str, str]]:
    if not switches.duplicate_targets_kept:
        targets = [target for index, target in enumerate(targets) if target not in targets[:index]]
    if switches.target_order == "sorted":
        targets = sorted(targets, key=lambda target: (target["target"], target["targetType"]))
    return targets


def refuse_conflict(name: str, block: Json, switches: Switches) -> None:
    """Refuse a whole setting whose halves contradict each other.

    Raises:
        Refusal: 400.
    """
    if not switches.conflict_refused or name not in SETTINGS or not isinstance(block, Mapping):
        return
    people, applications = block.get("usersAndGroups"), block.get("applications")
    if not people or not applications:
        return
    contradiction = (
        applications["accessType"] == "allowed"
        if _says(people, "blocked", "AllUsers")
        else people["accessType"] == "allowed" and _says(applications, "blocked", "AllApplications")
    )
    if contradiction:
        raise bad_request(f"The settings of '{name}' conflict: users and applications cannot both be satisfied.")


def _says(half: Mapping[str, Json], access: str, word: str) -> bool:
    return half["accessType"] == access and any(target["target"] == word for target in half["targets"])
