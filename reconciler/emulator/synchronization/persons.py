"""A user of the source as the engine reads them: attributes by its names, and whether the job is to care for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.emulator import assigning, people
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.directory_objects import ASSIGNMENT, GROUPS, USERS
from reconciler.emulator.switches import Switches
from reconciler.emulator.synchronization import scopes
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
    def is_meant(self) -> bool:
        """Whether somebody is in scope but for the state of their account."""
        return self.assigned and self.admitted and self.passed

    @property
    def in_scope(self) -> bool:
        """Whether every question was answered with yes."""
        return self.active and self.is_meant

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
    whole = with_extensions(body)
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


def with_extensions(body: Body) -> dict[str, Json]:
    """Return all properties of a user, with those that applications have added to the directory."""
    added = {name: value for name, value in body.items() if name.startswith("extension_")}
    return {**USERS.whole(body), **added}


def is_assigned(world: World, tenant: str, principal: str, user: str) -> bool:
    """Tell whether a user is assigned, themselves or as a direct member of a group that is."""
    groups = (str(one["id"]) for one in assigning.groups_with(world, tenant, user) if one.get("securityEnabled", True))
    return any(_has_assignment(world, tenant, principal, one) for one in (user, *groups))


def _has_assignment(world: World, tenant: str, principal: str, assigned: str) -> bool:
    return any(True for _ in world.store.scan(tenant, ASSIGNMENT.kind, below=f"{principal}/{assigned}"))


def everybody_assigned(world: World, tenant: str, principal: str) -> dict[str, None]:
    """Return the ids of all users who are assigned, themselves or as direct members of groups that are, in order."""
    found: dict[str, None] = {}
    for one in assigning.assignments(world, tenant, principal):
        if one["principalType"] == "User":
            found[str(one["principalId"])] = None
        if one["principalType"] == "Group":
            found.update(dict.fromkeys(members_of(world, tenant, str(one["principalId"]))))
    return found


def members_of(world: World, tenant: str, group: str) -> Iterator[str]:
    """Yield the ids of the users who are direct members of a group that counts: one that is security-enabled."""
    body = world.store.get(tenant, GROUPS.kind, group) or {"securityEnabled": False}
    if body.get("securityEnabled", True):
        yield from (str(one["id"]) for kind, one in assigning.members(world, tenant, group) if kind is USERS)


@dataclass(frozen=True, slots=True)
class Scope:
    """The filters of an object mapping, ready to be asked any number of times."""

    admits: ScopingFilter
    passes: ScopingFilter

    @classmethod
    def of(cls, mapping: Body) -> Scope:
        """Return the filters of a mapping."""
        parts = (scopes.groups(mapping["scope"], part) for part in ("inputFilterGroups", "groups"))
        admits, passes = parts
        return cls(input_filter(admits), compile_filter(passes))

    def verdict(self, user: Mapping[str, Value], *, active: bool, assigned: bool, switches: Switches) -> Verdict:
        """Return whether a user is in scope; `assigned` is also whoever is one of everybody."""
        is_internal_guest = user.get("userType") == "Guest" and not user.get("alternativeSecurityIds")
        return Verdict(
            active=active,
            assigned=assigned,
            admitted=self.admits.passes(user) and not (is_internal_guest and switches.internal_guests_excluded),
            passed=self.passes.passes(user),
            filters={**_clauses(self.admits, user), **_clauses(self.passes, user)},
        )


def _clauses(asked: ScopingFilter, user: Mapping[str, Value]) -> dict[str, bool]:
    """Return what each clause gave, by its text in the log."""
    return {
        f"{name}.{one.clause.attribute} {one.clause.operator} '{one.clause.value or ''}'": one.passed
        for name, results in asked.explain(user).groups
        for one in results
    }
