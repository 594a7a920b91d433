"""On what terms a job treats people: who is in scope, what flows, what it may do, and where its guard stops it.

Made of a schema and of settings, live or as files want them. Pure; judges nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reconciler.kinds.synchronization.mappings import users_of
from reconciler.model import MASKED, Body, Json
from reconciler.provisioning import (
    ATTRIBUTES,
    AttributeMapping,
    Clause,
    Flow,
    Group,
    ProvisioningError,
    ScopingFilter,
    Surroundings,
    attributes_of,
    compile_expression,
    compile_filter,
    compile_mappings,
    input_filter,
)

# What is asked of everybody, whatever is mapped: who they are, and what the built-in filter goes by.
SOURCE: Final = frozenset(
    {
        "accountEnabled",
        "creationType",
        "displayName",
        "externalUserState",
        "id",
        "mail",
        "userPrincipalName",
        "userType",
    }
)
TARGET: Final = SOURCE | {"assignedPlans", "onPremisesSyncEnabled", "proxyAddresses"}

# How somebody is found, whether they are to be, and who is above them: no properties of the user that is written.
NOT_WRITTEN: Final = frozenset({"alternativeSecurityIds", "IsSoftDeleted", "manager"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a job goes by. `unread` are mappings that this version cannot compute, by target attribute.

    `guard` is the threshold, None for no guard, MASKED where the service does not show it.
    """

    admits: ScopingFilter
    passes: ScopingFilter
    flow: Flow
    allowed: frozenset[str]
    syncs_all: bool
    guard: int | str | None
    unread: Mapping[str, str]
    sources: frozenset[str]
    targets: frozenset[str]

    @property
    def source_select(self) -> frozenset[str]:
        """Graph's properties that have to be read of people of the source."""
        return SOURCE | _selected(self.sources)

    @property
    def target_select(self) -> frozenset[str]:
        """Graph's properties that have to be read of users of the target."""
        return TARGET | _selected(self.targets - NOT_WRITTEN)

    @property
    def maps_managers(self) -> bool:
        """Whether managers flow, so that they have to be read."""
        return "manager" in self.targets


def terms(schema: Body, settings: Body, now: Callable[[], datetime]) -> Terms:
    """Return the terms of a job by its schema, as Graph shows it, and its settings, in our words.

    Raises:
        ValueError: for a schema that has no users, or filters that nobody can evaluate.
    """
    users = users_of(schema)
    scope = users.get("scope") or {}
    mappings, unread = _mappings(users["attributeMappings"], _careless(schema), Surroundings(now=now))
    try:
        admits = input_filter(_groups(scope.get("inputFilterGroups")))
        passes = compile_filter(_groups(scope.get("groups")))
    except ProvisioningError as error:
        raise ValueError(f"a filter cannot be evaluated: {error}") from error
    asked = {clause.attribute for one in (admits, passes) for group in one.groups for clause in group.clauses}
    flowing = {name for one in mappings if one.source is not None for name in attributes_of(one.source)}
    return Terms(
        admits=admits,
        passes=passes,
        flow=compile_mappings(mappings, surroundings=Surroundings(now=now)),
        allowed=frozenset(one.strip() for one in str(users.get("flowTypes") or "").split(",") if one.strip()),
        syncs_all=settings.get("scope") == "all",
        guard=_guard(settings.get("accidentalDeletion")),
        unread=unread,
        sources=frozenset(asked | flowing),
        targets=frozenset(one.target for one in mappings),
    )


def _guard(said: Json) -> int | str | None:
    if said == MASKED:
        return MASKED
    if not isinstance(said, Mapping) or not said.get("enabled"):
        return None
    threshold = said.get("threshold")
    return threshold if isinstance(threshold, int) else MASKED


def _careless(schema: Body) -> frozenset[str]:
    """Return the target attributes of which a change of case alone is none, as their definitions say."""
    rule: Body = next((one for one in schema.get("synchronizationRules") or () if one.get("editable")), {})
    named = (one for one in schema.get("directories") or () if one.get("name") == rule.get("targetDirectoryName"))
    users = (one for each in named for one in each.get("objects") or () if one.get("name") == "User")
    defined = (each for one in users for each in one.get("attributes") or ())
    return frozenset(str(each.get("name")) for each in defined if each.get("caseExact") is False)


def _mappings(
    items: Iterable[Body], careless: Collection[str], surroundings: Surroundings
) -> tuple[list[AttributeMapping], dict[str, str]]:
    """Return what of the mappings can be computed, and why the rest cannot."""
    found: list[AttributeMapping] = []
    unread: dict[str, str] = {}
    for item in items:
        target = str(item.get("targetAttributeName"))
        try:
            mapping = _mapping(target, item, case_exact=target not in careless)
            compile_mappings([mapping], surroundings=surroundings)
        except ProvisioningError as error:
            unread[target] = str(error)
        else:
            found.append(mapping)
    return found, unread


def _mapping(target: str, item: Body, *, case_exact: bool) -> AttributeMapping:
    expression = (item.get("source") or {}).get("expression")
    return AttributeMapping(
        target,
        compile_expression(expression).tree if expression else None,
        default=item.get("defaultValue"),
        flow_type=item.get("flowType") or "Always",
        flow_behavior=item.get("flowBehavior") or "FlowWhenChanged",
        matching=item.get("matchingPriority") or 0,
        case_exact=case_exact,
    )


def _groups(said: Json) -> Iterator[Group]:
    for group in said or ():
        yield Group(str(group.get("name") or ""), tuple(map(_clause, group.get("clauses") or ())))


def _clause(said: Body) -> Clause:
    values = (said.get("targetOperand") or {}).get("values") or [None]
    return Clause(str(said.get("sourceOperandName")), str(said.get("operatorName")), values[0])


def _selected(names: Iterable[str]) -> frozenset[str]:
    """Return the properties of Graph behind names of the engine; what Graph does not show has none."""
    return frozenset(found for name in names if (found := _graph(name)) and found != "manager")


def _graph(name: str) -> str:
    known = ATTRIBUTES.get(name)
    if known is not None:
        return known.graph.partition(".")[0]
    return name if name.startswith("extension_") else ""
