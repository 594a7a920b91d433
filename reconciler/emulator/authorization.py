"""The authorization policy of a tenant: above all, who may invite guests into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.emulator import permissions
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.refusals import bad_request
from reconciler.emulator.resources import Audited, Resource, Writing, known, overlay

INVITERS: Final = ("none", "adminsAndGuestInviters", "adminsGuestInvitersAndAllMembers", "everyone")
GUEST_ROLES: Final = (
    "a0b1b346-4d3e-4e8b-98f8-753987be4970",
    "10dae51f-b6af-4016-8d66-8c2a99b929b3",
    "2af84b1e-32c8-42b7-82bc-daa82404023b",
)
"""The roles that guests may have: that of a member, that of a guest, and that of a restricted guest."""


def _check(writing: Writing) -> Body:
    stock = writing.resource.stock
    body = known(writing)
    for name, value in body.items():
        if not _fits(name, value, stock[name]):
            raise bad_request(f"Invalid value specified for property '{name}' of resource 'AuthorizationPolicy'.")
        if isinstance(stock[name], Mapping):
            body[name] = overlay(writing.before[name], value, writing.switches)
    return body


def _fits(name: str, value: Json, standing: Json) -> bool:
    match name:
        case "allowInvitesFrom":
            return value in INVITERS
        case "guestUserRoleId":
            return value in GUEST_ROLES
        case "allowUserConsentForRiskyApps":
            return value is None or isinstance(value, bool)
        case "defaultUserRolePermissions":
            return isinstance(value, Mapping) and value.keys() <= standing.keys()
        case _:
            return isinstance(value, type(standing))


POLICY: Final = Resource(
    kind="authorizationPolicy",
    path="/policies/authorizationPolicy",
    stock={
        "id": "authorizationPolicy",
        "deletedDateTime": None,
        "allowInvitesFrom": "everyone",
        "allowedToSignUpEmailBasedSubscriptions": True,
        "allowedToUseSSPR": True,
        "allowEmailVerifiedUsersToJoinOrganization": False,
        "allowUserConsentForRiskyApps": None,
        "blockMsolPowerShell": False,
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "guestUserRoleId": GUEST_ROLES[1],
        "defaultUserRolePermissions": {
            "allowedToCreateApps": True,
            "allowedToCreateSecurityGroups": True,
            "allowedToCreateTenants": True,
            "allowedToReadBitlockerKeysForOwnedDevice": True,
            "allowedToReadOtherUsers": True,
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"],
        },
    },
    read=permissions.READ_AUTHORIZATION,
    write=permissions.WRITE_AUTHORIZATION,
    read_only=("id", "deletedDateTime", "displayName", "description"),
    check=_check,
    audited=Audited("AuthorizationPolicy", update="Update authorization policy"),
)
