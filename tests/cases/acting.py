"""Case files: a live state, documents, and what is to come of them, in YAML that a reviewer can read.

    about       one sentence
    let         values with anchors, for use further down
    seed        what is live, in the language of the emulator's seeds
    documents   path → what the file says
    remembered  tenant → how many objects the last apply managed there
    answered    true: the guard's questions are answered with the lines that they offer
    apply       true: the plan is applied
    expect
      refused   texts that the messages about the files contain, one each; then nothing else is expected
      exit      the exit code of the plan with --detailed-exitcode
      standing  tenant → what could be done there, when it is not "planned"
      steps     in their order: `update contoso/partner/fabrikam inboundTrust; widen`
      findings  all but the notes, in their order: `block 7 contoso/default b2bCollaborationInbound; acknowledged`
      notes     texts that notes contain, details included; others may be there
      outcomes  in their order: `applied update contoso/partner/fabrikam`
      ended     the exit code of the apply
      after     address → blocks exactly as the service keeps them, null for an object that is gone

Partners are called by the names that the seed has for their organizations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import driving
from driving import Rehearsal
from ruamel.yaml import YAML

from reconciler import reconciling
from reconciler.emulator.world import World
from reconciler.errors import DocumentErrors
from reconciler.model import Address, Finding, Json, Outcome, Plan, Report, Severity, Standing, Step
from reconciler.repository import Record

FOLDER = Path(__file__).resolve().parent
COMPANY = FOLDER / "company.yaml"
WORDS = {"about", "let", "seed", "documents", "remembered", "answered", "apply", "expect"}
EXPECTED = {"refused", "exit", "standing", "steps", "findings", "notes", "outcomes", "ended", "after"}


def cases() -> list[Path]:
    """Return all case files, by name."""
    return sorted(path for path in FOLDER.glob("*.yaml") if path != COMPANY)


def case(path: Path) -> dict[str, Json]:
    """Return what a case file says, laid over the company."""
    said, company = _yaml(path), _yaml(COMPANY)
    unknown = {*(said.keys() - WORDS), *(said["expect"].keys() - EXPECTED)}
    assert not unknown, f"{path.name}: {unknown}"
    papers = {**company["documents"], **said.get("documents", {})}
    # null takes a file of the company away.
    documents = {name: paper for name, paper in papers.items() if paper is not None}
    return {**said, "seed": _over(company["seed"], said.get("seed") or {}), "documents": documents}


def _yaml(path: Path) -> dict[str, Json]:
    found: dict[str, Json] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return found


def _over(below: Json, above: Json) -> Json:
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    return {**below, **{name: _over(below.get(name), value) for name, value in above.items()}}


# ---------------------------------------------------------------------------------------------- playing one


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a case; `report` and `again` are there when it was applied."""

    world: World
    plan: Plan
    report: Report | None = None
    again: Plan | None = None


def refused(said: Mapping[str, Json], folder: Path) -> list[str]:
    """Return the messages about the files."""
    try:
        driving.estate(folder, said["documents"])
    except DocumentErrors as errors:
        return [str(problem) for problem in errors.problems]
    return []


def play(said: Mapping[str, Json], folder: Path) -> Played:
    """Make the world, load the files, plan, and apply where that is asked for."""
    world = World.from_seed(said["seed"])
    papers: driving.Documents = said["documents"]
    rehearsal = Rehearsal(world, driving.estate(folder, papers), records=_records(world, said.get("remembered", {})))
    plan = rehearsal.plan()
    if said.get("answered"):
        rehearsal, plan, _ = driving.agreed(rehearsal, folder, papers)
    if not said.get("apply"):
        return Played(world, plan)
    return Played(world, plan, rehearsal.apply(plan), rehearsal.plan())


def _records(world: World, remembered: Mapping[str, int]) -> dict[str, Record]:
    keys = {one.name: one.id for one in world.directory.organizations.values()}
    return {keys[name]: Record(name, driving.TREE, "", 0, managed) for name, managed in remembered.items()}


# ---------------------------------------------------------------------------------------------- in words


def shown(played: Played, expected: Mapping[str, Json]) -> dict[str, Json]:
    """Return what came of a case in the words of case files, for all that is expected and all that must be."""
    world, plan, report = played.world, played.plan, played.report
    findings = [found for tenant in plan.tenants for found in tenant.findings]
    told: dict[str, Json] = {
        "exit": reconciling.plan_exit_code(plan, detailed=True),
        "steps": [_step(step, world) for step in plan.steps],
        "findings": [_finding(found, world) for found in findings if found.severity is not Severity.NOTE],
        "standing": {one.tenant: str(one.standing) for one in plan.tenants if one.standing is not Standing.PLANNED},
        "notes": _matched(expected.get("notes", ()), findings),
    }
    if report is not None:
        told["outcomes"] = [_outcome(outcome, world) for outcome in report.outcomes]
        told["ended"] = report.exit_code
        told["after"] = {name: _kept(world, name, wanted) for name, wanted in expected.get("after", {}).items()}
    return told


def _step(step: Step, world: World) -> str:
    change = step.change
    return f"{change.action} {_place(change.address, world)} {', '.join(change.blocks)}".rstrip() + f"; {step.effect}"


def _finding(found: Finding, world: World) -> str:
    where = _place(found.address, world) if found.address else found.tenant
    words = [str(found.severity), str(found.rule) if found.rule else "", where, found.path]
    return " ".join(filter(None, words)) + ("; acknowledged" if found.acknowledged else "")


def _outcome(outcome: Outcome, world: World) -> str:
    return f"{outcome.verdict} {outcome.action} {_place(outcome.address, world)}"


def _place(address: Address, world: World) -> str:
    known = world.directory.organizations.get(address.key)
    return str(Address(address.tenant, address.kind, known.name if known else address.key))


def _matched(texts: Iterable[str], findings: Iterable[Finding]) -> list[str]:
    notes = ["\n".join((found.message, *found.details)) for found in findings if found.severity is Severity.NOTE]
    return [text for text in texts if any(text in note for note in notes)]


def _kept(world: World, name: str, wanted: Mapping[str, Json] | None) -> Json:
    tenant, kind, *rest = name.split("/")
    keys = {one.name: one.id for one in world.directory.organizations.values()}
    body = world.store.get(keys[tenant], kind, keys[rest[0]] if rest else "")
    return None if body is None else {block: body[block] for block in wanted or body}
