"""A whole run in the test's own process: files and an emulated world go in, plans, reports and the world come out.

Import it by its name from any folder under tests/. Everything is real but the network: documents are written and
loaded, a plan goes through its file form before it is applied, and time is the world's, so that nobody waits. For
processes, signals and bytes on a wire there is the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import emulated
from ruamel.yaml import YAML

from reconciler import planfile, reconciling
from reconciler.applying import Run
from reconciler.emulator.world import World
from reconciler.graph.client import Graph
from reconciler.graph.connecting import Network
from reconciler.kinds import REGISTRY
from reconciler.loading import load
from reconciler.model import Address, Coverage, Estate, Finding, Json, Kind, Management, Plan, Report, Tenant
from reconciler.repository import Record

Documents = Mapping[str, Mapping[str, Json]]
"""What files say, by path below the folder; the line with the version may be left out."""

TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
VERSION = {"apiVersion": "crosstenant/v1"}
MINUTES = 30
# Answering findings shows no further ones after very few rounds; a folded question may fall apart once.
ROUNDS = 5


# ---------------------------------------------------------------------------------------------- documents


def write(folder: Path, documents: Documents) -> Path:
    """Write documents below `folder`, in place of all that were there, and return it."""
    for old in folder.rglob("*.yaml"):
        old.unlink()
    for name, said in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # JSON is YAML; it leaves no doubt about what is text.
        text = json.dumps({**VERSION, **said}, default=date.isoformat, indent=1, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
    return folder


def estate(folder: Path, documents: Documents, kinds: Mapping[str, Kind] = REGISTRY) -> Estate:
    """Return what the documents mean, after writing them below `folder`."""
    return load(write(folder, documents), kinds)


# ---------------------------------------------------------------------------------------------- runs


@dataclass(slots=True)
class Notes:
    """A journal in memory: pairs of an event and its facts."""

    lines: list[tuple[str, dict[str, Json]]] = field(default_factory=list)

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        self.lines.append((event, dict(facts)))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An estate and the world that it is about.

    Tenants whose file names no applications sign in as those of the world. `records` is what was last applied, by
    tenant id. `network` is how the world is reached.
    """

    world: World
    estate: Estate
    kinds: Mapping[str, Kind] = field(default_factory=lambda: REGISTRY)
    records: Mapping[str, Record] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)
    network: Callable[[World], Network] = emulated.network

    def plan(self) -> Plan:
        """Read all tenants and return what would be written."""
        network = self.network(self.world)
        return asyncio.run(reconciling.plan(self.desired(), network.reader))

    def coverage(self) -> list[Coverage]:
        """Read all tenants and return how much of them the files speak of."""
        return asyncio.run(reconciling.coverage(self.desired(), self.network(self.world).reader))

    def apply(self, plan: Plan | None = None) -> Report:
        """Carry out a plan, or a new one, as a later process would: from its file."""
        shown = self.plan() if plan is None else plan
        saved = planfile.decode(planfile.encode(planfile.seal(shown, created=self.world.clock.now(), commit="")))
        network = self.network(self.world)

        def connect(tenant: Tenant) -> Graph:
            return network.writer(tenant) if tenant.management is Management.HERE else network.reader(tenant)

        return asyncio.run(reconciling.apply(saved.plan, self.desired(), connect, self._run()))

    def _run(self) -> Run:
        clock = self.world.clock
        end = clock.monotonic() + MINUTES * 60
        return Run("run", self.kinds, clock, self.notes, lambda: 0, end, lambda outcome: None)

    def desired(self) -> reconciling.Desired:
        """Return what is wanted, as the command line would put it together."""
        tenants = {name: self._known(tenant) for name, tenant in self.estate.tenants.items()}
        estate = replace(self.estate, tenants=tenants)
        return reconciling.Desired(estate, self.kinds, TREE, self.world.clock.now().date(), self.records)

    def _known(self, tenant: Tenant) -> Tenant:
        served = self.world.directory.named(tenant.name)
        if tenant.auth or served is None:
            return tenant
        return replace(tenant, auth={one.name: one.app_id for one in served.applications.values()})


# ---------------------------------------------------------------------------------------------- saying yes


def agreed(rehearsal: Rehearsal, folder: Path, documents: Documents) -> tuple[Rehearsal, Plan, Documents]:
    """Answer every question of the guard with the lines that its finding offers, until none is left.

    Return the rehearsal with these files, its plan, and the files. What cannot be acknowledged still stands in it.
    """
    plan = rehearsal.plan()
    for _ in range(ROUNDS):
        questions = [found for tenant in plan.tenants for found in tenant.findings if found.stops and found.suggestion]
        if not questions:
            return rehearsal, plan, documents
        until = rehearsal.world.clock.now().date() + timedelta(days=30)
        documents = _answered(documents, rehearsal.estate, questions, until)
        rehearsal = replace(rehearsal, estate=estate(folder, documents, rehearsal.kinds))
        plan = rehearsal.plan()
    raise AssertionError(f"still asked after {ROUNDS} rounds: {[found.message for found in questions]}")


def _answered(documents: Documents, said: Estate, questions: list[Finding], until: date) -> Documents:
    """Return the documents with the suggestions pasted where they belong, and their gaps filled."""
    papers = deepcopy({name: dict(paper) for name, paper in documents.items()})
    for question in questions:
        lines = YAML(typ="safe").load(question.suggestion)["acknowledge"]
        yes = [{**line, "reason": "reviewed", "owner": "ann", "expires": until.isoformat()} for line in lines]
        place = _place(papers, said, question)
        place["acknowledge"] = [*place.get("acknowledge", ()), *yes]
    return papers


def _place(papers: dict[str, dict[str, Json]], said: Estate, question: Finding) -> dict[str, Json]:
    """Return where the answer belongs: the document of the resource or its row in a set, else the tenant's file."""
    document = said.documents.get(question.address) if question.address else None
    origin = document.origin if document else said.tenants[question.tenant].origin
    paper = papers[origin.file.partition("/")[2]]
    rows: list[dict[str, Json]] = paper.get("partners", [])
    return next((row for row in rows if question.address and _is_about(row, question.address, said)), paper)


def _is_about(row: Mapping[str, Json], address: Address, said: Estate) -> bool:
    ours = said.tenants.get(row["name"])
    return address.key == (ours.tenant_id if ours else str(row["tenantId"]).lower())
