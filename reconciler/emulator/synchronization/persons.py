"""A user of the source as the engine reads them: attributes by its names, and whether the job is to care for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.emulator import assigning, people
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.directory_objects import USERS
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization import scopes, settings
from reconciler.provisioning import ScopingFilter, Value, compile_filter, from_graph, input_filter

if TYPE_CHECKING:
    from reconciler.emulator.world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody is in scope, by each of the questions; `filters` says of each clause what it gave."""

    active: bool
    assigned: bool
    admitted: bool
    passed: bool
    filters: Mapping[str, bool]

    @property
    def in_scope(self) -> bool:
        """Whether every question was answered with yes."""
        return self.active and self.assigned and self.admitted and self.passed

    @property
    def reason(self) -> str:
        """Why somebody is skipped, in the service's words; nothing where nobody is."""
        if not (self.active and self.assigned):
            return "NotEffectivelyEntitled"
        return "" if self.in_scope else "EntrySynchronizationSkipped"

    def details(self) -> dict[str, str]:
        """Return the verdict as a step shows it."""
        return {
            "IsActive": str(self.active),
            "Assigned": str(self.assigned),
            "IsEffectivelyEntitledForProvisioning": str(self.active and self.assigned),
            "IsInProvisioningScopeDisplayName": str(self.in_scope),
            "ScopeEvaluationResult": json.dumps(dict(self.filters)),
        }


def seen(body: Body, *, assigned: bool) -> dict[str, Value]:
    """Return a user in the engine's names; what Graph does not show has the engine's own values."""
    whole = USERS.whole(body)
    marks = body.get("alternativeSecurityIds") or (
        [people.net_id(str(body["id"]))] if people.is_external(body) else None
    )
    return {
        **from_graph({name: value for name, value in whole.items() if value not in (None, [])}),
        "netId": people.net_id(str(body["id"])),
        "alternativeSecurityIds": marks,
        "userState": body.get("externalUserState"),
        "manager": body.get("manager"),
        "appRoleAssignments": ["msiam_access"] if assigned else None,
    }


def is_assigned(world: World, tenant: str, principal: str, user: str) -> bool:
    """Tell whether a user is assigned, themselves or as a direct member of a group that is."""
    groups = {str(one["id"]) for one in assigning.groups_with(world, tenant, user) if one.get("securityEnabled", True)}
    return any(
        one["principalId"] == user or one["principalId"] in groups
        for one in assigning.assignments(world, tenant, principal)
    )


def verdict(
    user: Mapping[str, Value], mapping: Body, given: list[Json], *, assigned: bool, switches: Switches
) -> Verdict:
    """Return whether a user is in scope of an object mapping under these settings."""
    is_internal_guest = user.get("userType") == "Guest" and not user.get("alternativeSecurityIds")
    admits = input_filter(scopes.groups(mapping["scope"], "inputFilterGroups"))
    passes = compile_filter(scopes.groups(mapping["scope"], "groups"))
    return Verdict(
        active=user.get("accountEnabled") is not False,
        assigned=assigned or settings.syncs_all(given),
        admitted=admits.passes(user) and not (is_internal_guest and switches.internal_guests_excluded),
        passed=passes.passes(user),
        filters={**_clauses(admits, user), **_clauses(passes, user)},
    )


def _clauses(asked: ScopingFilter, user: Mapping[str, Value]) -> dict[str, bool]:
    """Return what each clause gave, by its text in the log."""
    return {
        f"{name}.{one.clause.attribute} {one.clause.operator} '{one.clause.value or ''}'": one.passed
        for name, results in asked.explain(user).groups
        for one in results
    }
