"""One kind in a tenant of its own: what the conformance suite says about it, applies, and finds in the service.

Knows kinds only by what a Kind says of itself, so that it fits every one.
"""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType
from typing import get_args

import driving
from driving import Rehearsal
from pydantic import BaseModel, TypeAdapter

from reconciler.emulator.resources import Resource
from reconciler.emulator.world import World
from reconciler.kinds.blocks import GUID
from reconciler.model import Address, Below, Body, Collection, Json, Kind, Plan, Report, Singleton, TenantPlan

TENANT, TENANT_ID = "contoso", "c0000000-0000-4000-8000-000000000001"
ORGANIZATIONS = {
    "fabrikam": "fab00000-0000-4000-8000-000000000002",
    "tailspin": "7a150000-0000-4000-8000-00000000000A",
}
IDENTITY = "Organization.Read.All"


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind under test, the kinds it lives among, and what the emulated service has beside its own."""

    kind: Kind
    kinds: Mapping[str, Kind]
    extra: tuple[Resource, ...] = ()

    @property
    def comes_and_goes(self) -> bool:
        return isinstance(self.kind.endpoint, Collection)

    def __str__(self) -> str:
        return self.kind.name


@dataclass(slots=True)
class Specimen:
    """A tenant in which only the documents about one kind differ from test to test."""

    subject: Subject
    folder: Path
    undeclared: str = "report"
    reading: tuple[str, ...] = ()
    writing: tuple[str, ...] = ()
    world: World = field(init=False)

    def __post_init__(self) -> None:
        kinds = self.subject.kinds.values()
        reading = self.reading or tuple(kind.permissions.read for kind in kinds)
        writing = self.writing or (*reading, *(kind.permissions.write for kind in kinds))
        applications = [
            {"name": "plan", "roles": [IDENTITY, *reading]},
            {"name": "apply", "roles": [IDENTITY, *writing]},
        ]
        contoso: dict[str, Json] = {
            "tenantId": TENANT_ID,
            "domain": "contoso.example",
            "applications": applications,
            "objects": {self._parent: {key.lower(): {} for key in ORGANIZATIONS.values()}} if self._parent else {},
        }
        self.world = World.from_seed({"tenants": {TENANT: contoso}}, extra=self.subject.extra)

    @property
    def _parent(self) -> str:
        """The kind of the items below which objects of the kind are, or nothing."""
        endpoint = self.subject.kind.endpoint
        return endpoint.parent if isinstance(endpoint, Below) else ""

    # ------------------------------------------------------------------------------------------ saying

    def document(self, spec: Json, name: str = "fabrikam", **beside: Json) -> dict[str, Json]:
        """Return the document that says `spec` about an object of the kind."""
        kind = self.subject.kind
        said: dict[str, Json] = {"kind": kind.document, **beside}
        if spec is not None:
            said["spec"] = spec
        match kind.endpoint:
            case Collection(keyed_by="organization"):
                said |= {"name": name, "tenantId": ORGANIZATIONS[name], "domain": f"{name}.example"}
            case Collection():
                said |= {"name": name}
        return said

    def address(self, name: str = "fabrikam") -> Address:
        """Return where that object is."""
        match self.subject.kind.endpoint:
            case Singleton():
                key = ""
            case Collection(keyed_by="organization"):
                key = ORGANIZATIONS[name].lower()
            case _:
                key = name
        return Address(TENANT, self.subject.kind.name, key)

    def rehearse(self, *documents: Mapping[str, Json]) -> Rehearsal:
        """Return the tenant under these documents."""
        estate = driving.estate(self.folder, self._papers(documents), self.subject.kinds)
        return Rehearsal(self.world, estate, self.subject.kinds)

    def agreed(self, *documents: Mapping[str, Json]) -> tuple[Rehearsal, Plan]:
        """Return the same with every question of the guard answered, and the plan."""
        rehearsal, plan, _ = driving.agreed(self.rehearse(*documents), self.folder, self._papers(documents))
        return rehearsal, plan

    def apply(self, *documents: Mapping[str, Json]) -> Report:
        """Bring about what the documents say; all of it must succeed."""
        rehearsal, plan = self.agreed(*documents)
        report = rehearsal.apply(plan)
        assert report.exit_code == 0, (report, plan.tenants[0].findings)
        return report

    def plan(self, *documents: Mapping[str, Json]) -> TenantPlan:
        """Return what would be written, with every question of the guard answered."""
        _, plan = self.agreed(*documents)
        return plan.tenants[0]

    def _papers(self, documents: tuple[Mapping[str, Json], ...]) -> dict[str, Mapping[str, Json]]:
        tenant = {"kind": "Tenant", "tenantId": TENANT_ID, "displayName": "Contoso", "domain": "contoso.example"}
        papers: dict[str, Mapping[str, Json]] = {f"{TENANT}/{at}.yaml": said for at, said in enumerate(documents)}
        for name, key in ORGANIZATIONS.items() if self._parent else ():
            # They stay, and nothing is said about them: objects below an item are nothing without it.
            about = {"name": name, "tenantId": key, "domain": f"{name}.example", "spec": {}}
            papers[f"{TENANT}/{name}.yaml"] = {"kind": self.subject.kinds[self._parent].document, **about}
        return {f"{TENANT}/tenant.yaml": {**tenant, "management": "here", "undeclared": self.undeclared}, **papers}

    # ------------------------------------------------------------------------------------------ looking

    @property
    def served(self) -> Resource:
        """The service's side of the kind: found by its path, since names are everybody's own."""
        path = self.subject.kind.endpoint.path
        return next(one for one in self.world.resources.values() if one.path == path)

    def stored(self, name: str = "fabrikam") -> Body | None:
        """Return an object as the service keeps it, or None."""
        found = self.world.store.get(TENANT_ID, self.served.kind, self.address(name).key)
        return found if found is not None or self.served.key else self.served.stock

    def keep(self, name: str = "fabrikam", /, **changed: Json) -> None:
        """Change an object behind everybody's back, as the service itself does."""
        body = {**(self.stored(name) or self.served.fresh(self.address(name).key)), **changed}
        self.world.store.put(TENANT_ID, self.served.kind, self.address(name).key, body)

    def shows(self, name: str = "fabrikam") -> Body:
        """Return the managed blocks of an object in canonical form."""
        stored = self.stored(name)
        assert stored is not None
        return self.subject.kind.project(stored)

    def writes(self) -> int:
        """Return how many writes the service has received."""
        return len(self.world.store.journal())


# ---------------------------------------------------------------------------------------------- about a model


def inheriting(kind: Kind) -> list[str]:
    """Return the blocks that may be null."""
    return [name for name, info in sorted(kind.model.model_fields.items()) if NoneType in get_args(info.annotation)]


def flags(kind: Kind) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the blocks whose leaves are flags, with these."""
    for name, info in sorted(kind.model.model_fields.items()):
        for candidate in (info.annotation, *get_args(info.annotation)):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel) and _all_flags(candidate):
                yield name, tuple(candidate.model_fields)


def _all_flags(model: type[BaseModel]) -> bool:
    return all(bool in (info.annotation, *get_args(info.annotation)) for info in model.model_fields.values())


def as_said(kind: Kind, example: Body) -> Body:
    """Return the canonical form of what a person writes."""
    return kind.canonical(TypeAdapter(kind.model).validate_python(_tuples(example)).model_dump(exclude_unset=True))


def _tuples(value: Json) -> Json:
    """Return the value as the parser of documents has it."""
    match value:
        case Mapping():
            return {name: _tuples(member) for name, member in value.items()}
        case list():
            return tuple(_tuples(member) for member in value)
        case _:
            return value


def scrambled(value: Json, dice: random.Random, ordered: Container[str] = (), path: str = "") -> Json:
    """Return the same value said otherwise: other order, other case of identifiers, everything in a list twice.

    The lists that `ordered` names, as `block.leaf`, stay as they are.
    """
    if path in ordered:
        return value
    match value:
        case Mapping():
            names = list(value)
            dice.shuffle(names)
            return {name: scrambled(value[name], dice, ordered, f"{path}.{name}".lstrip(".")) for name in names}
        case list() | tuple():
            twice = [scrambled(member, dice) for member in (*value, *value)]
            dice.shuffle(twice)
            return twice
        case str() if GUID.fullmatch(value):
            return value.upper() if dice.random() < 0.5 else value.lower()
        case _:
            return value
