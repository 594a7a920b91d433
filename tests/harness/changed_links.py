"""Links that work and are then changed or removed: worlds in which they do, and trials of what befalls a change.

The service runs its cycles between the runs, so that a removal comes to its end. A trial that something befell has to
end as the same one does that nothing befell. It judges by what the tenants say; it is not about making links.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from breakages import Place, lost_answer, lost_request
from driving import Documents, Rehearsal, agreed
from link_stages import IDS, documents, seed
from linked_trials import Befalling, Death, Stage, run, shown
from oracle import Command, Violation
from retelling import index, objects

from reconciler.emulator.seeds import seed_of
from reconciler.emulator.world import World

Json: TypeAlias = Mapping[str, Any]

NAME = "contoso-to-fabrikam"
FILE = f"shared/links/{NAME}.yaml"
PAIR = ("contoso", "fabrikam")
MAPPINGS = {"displayName": {"expression": 'Append([displayName], " (Contoso)")'}}
# Between the runs of a removal the service has time for a cycle, and reads that lag for what was written.
CYCLE, LAG = 45 * 60.0, 60.0
MOST_RUNS = 8
# So many plans in turn, with a cycle between them, have nothing to do when all is over: one may have begun too early.
IDLE = 3
# Which kind of a plan a request is about, by its path; the first that fits.
KINDS = {
    r"/appRoleAssignedTo(/|$)": "assignment",
    r"/schema$": "mappings",
    r"/secrets$": "settings",
    r"/synchronization/jobs(/|$)": "job",
    r"/identitySynchronization$": "identity-synchronization",
    r"/policies/crossTenantAccessPolicy/partners": "partner",
    r"/(servicePrincipals|applications)": "configuration",
}
# When something was sent is written at the end of notes.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TOLD = frozenset({"applied", "waiting", "unknown", "applied-unverified"})


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a change: every run with the plan it was given, what stood at the end, and what was left to do."""

    runs: Sequence[tuple[Json, Command]]
    end: Sequence[str]
    left: Sequence[str]

    @property
    def codes(self) -> list[int]:
        """How the runs ended."""
        return [command.code for _, command in self.runs]


# ---------------------------------------------------------------------------------------------- stages


def _working(folder: Path, scope: Any) -> tuple[World, Documents]:
    """Return a world in which a link of that scope works, and its files."""
    said = documents(PAIR, scope=scope)
    rehearsal, plan, said = agreed(Stage(folder, said, seed(*PAIR)).rehearsal(), folder, said)
    assert rehearsal.apply(plan).exit_code == 0
    for pause in (LAG, CYCLE):
        later(rehearsal.world, pause)
    return rehearsal.world, said


def _stage(folder: Path, world: World, said: Documents, lag: int) -> Stage:
    there = seed_of(world)
    switches = {**there.get("switches", {}), "read_lag_seconds": lag}
    return Stage(folder, said, {**there, "switches": switches})


def _with(said: Documents, **link: Any) -> Documents:
    changed = {name: deepcopy(dict(paper)) for name, paper in said.items()}
    changed[FILE] = {**{name: value for name, value in changed[FILE].items() if name != "acknowledge"}, **link}
    return {**changed, FILE: {name: value for name, value in changed[FILE].items() if value is not None}}


GROUPS = {"assigned": {"groups": [{"name": "Sync"}, {"name": "More"}]}}


def kept(folder: Path, lag: int = 0) -> Stage:
    """Return a link that goes, and whose people stay."""
    world, said = _working(folder, GROUPS)
    return _stage(folder, world, _with(said, spec=None, state="absent", people="keep"), lag)


def unassigned(folder: Path, lag: int = 0) -> Stage:
    """Return a link that goes with its people: everybody is unassigned first, and a cycle has to pass."""
    world, said = _working(folder, GROUPS)
    return _stage(folder, world, _with(said, spec=None, state="absent", people="deprovision"), lag)


def severed(folder: Path, lag: int = 0) -> Stage:
    """Return the same after the cycle that deleted them, where the rest of the link goes."""
    first = unassigned(folder)
    rehearsal, plan, _ = agreed(first.rehearsal(), folder, first.documents)
    assert rehearsal.apply(plan).exit_code == 0
    later(rehearsal.world, CYCLE)
    return _stage(folder, rehearsal.world, first.documents, lag)


def remapped(folder: Path, lag: int = 0) -> Stage:
    """Return a link that gets a mapping: the job is paused before and started after."""
    world, said = _working(folder, GROUPS)
    return _stage(folder, world, _with(said, spec={"scope": GROUPS, "mappings": MAPPINGS}), lag)


def narrowed(folder: Path, lag: int = 0) -> Stage:
    """Return a link for everybody that is to be for some: its job is restarted."""
    world, said = _working(folder, "all")
    return _stage(folder, world, _with(said, spec={"scope": GROUPS}), lag)


STAGES = (kept, unassigned, severed, remapped, narrowed)


# ---------------------------------------------------------------------------------------------- a trial


def later(world: World, seconds: float) -> None:
    """Let time pass, and what is due happen."""
    world.clock.wait(seconds)
    world.catch_up()


def befall(stage: Stage, *befalling: Befalling) -> Course:
    """Let a run after another be befallen, then run until nothing is left to do, also after a cycle."""
    rehearsal, said = stage.rehearsal(), stage.documents
    before = seed_of(rehearsal.world)
    runs: list[tuple[Json, Command]] = []
    idle = 0
    while len(runs) < MOST_RUNS and idle < IDLE:
        rehearsal, plan, said = agreed(rehearsal, stage.folder, said)
        one = befalling[len(runs)] if len(runs) < len(befalling) else None
        if not plan.steps and one is None:
            idle += 1
            later(rehearsal.world, CYCLE)
            continue
        idle = 0
        runs.append((shown(plan), run(rehearsal, one, plan, f"run {len(runs) + 1}")))
        if runs[-1][1].code == 0:
            later(rehearsal.world, LAG)
    last = rehearsal.plan()
    return Course(runs, _standing(rehearsal, before), [str(step.change.address) for step in last.steps])


def _standing(rehearsal: Rehearsal, before: Json) -> list[str]:
    """Return all that stands at the end in words without moments and ids of the service's own."""
    after = seed_of(rehearsal.world)
    known = index((), (before, after), {"tenants": []})
    told = [f"{one.address} {json.dumps(one.words, sort_keys=True)}" for one in objects(after, known)]
    for tenant in PAIR:
        for kind in ("user", "deletedItem"):
            found = rehearsal.world.store.all(IDS[tenant], kind).values()
            told += [f"{tenant} {kind} {one['displayName']}" for one in found]
    return sorted(told)


def told_of(path: str) -> str:
    """Return which kind of a plan a request is about."""
    return next(kind for pattern, kind in KINDS.items() if re.search(pattern, path.partition("?")[0]))


# ---------------------------------------------------------------------------------------------- a judgement


def broken(course: Course, calm: Course) -> list[Violation]:
    """Return the broken promises of a course; `calm` is the one that nothing befell."""
    found = [one for plan, command in course.runs for one in _run_broken(plan, command)]
    odd = [code for code in course.codes[1:] if code not in (0, 4)]
    found += [Violation("not converged", "I4", f"a run without a fault ended with {code}") for code in odd]
    # Whoever is killed after the last write leaves nothing to do.
    if course.left or course.codes[-1] not in (0, -9):
        found.append(Violation("not converged", "I4", f"{course.codes}, and left to do: {course.left}"))
    if course.end != calm.end:
        beside = sorted(set(course.end) ^ set(calm.end)) or "how often something is there"
        found.append(Violation("touched", "I11", f"it ended otherwise than without a fault: {beside}"))
    return found


def _run_broken(plan: Json, command: Command) -> Iterator[Violation]:
    steps = Counter(step["address"]["kind"] for tenant in plan["tenants"] for step in tenant["steps"])
    sent = _effects(command)
    for kind, count in (sent - steps).items():
        yield Violation("unplanned", "I3", f"{command.name}: {count} writes of {kind} more than the plan shows")
    if command.report is None:
        return
    outcomes = command.report["outcomes"]
    kinds = {step["id"]: step["address"]["kind"] for tenant in plan["tenants"] for step in tenant["steps"]}
    told = Counter(kinds[one["step"]] for one in outcomes if one["verdict"] in TOLD)
    for kind, count in (sent - told).items():
        yield Violation("unreported", "I1", f"{command.name}: {count} writes of {kind} more than it tells")
    if command.code == 0 and any(one["verdict"] not in {"applied", "superseded", "waiting"} for one in outcomes):
        yield Violation("false exit 0", "I5", f"{command.name}: 0, and not everything is confirmed")


def _effects(command: Command) -> Counter[str]:
    """Return how many different requests changed something, by kind; what does no harm twice may be sent again."""
    changed = {
        (entry["method"], entry["path"], MOMENT.sub("", json.dumps(entry["sent"], sort_keys=True)))
        for entry in command.entries
        if entry["committed"] and entry["before"] != entry["after"] and entry["path"]
    }
    return Counter(told_of(path) for _, path, _ in changed)


# ---------------------------------------------------------------------------------------------- cases


def writes(stage: Stage) -> list[Place]:
    """Return every write of a stage's first plan."""
    _, plan, _ = agreed(stage.rehearsal(), stage.folder, stage.documents)
    return [Place(tenant.tenant, number) for tenant in plan.tenants for number, _ in enumerate(tenant.steps, 1)]


def strokes(place: Place) -> list[Befalling]:
    """Return what befalls one write."""
    return [
        Death(place, "before"),
        Death(place, "inside"),
        Death(place, "after"),
        lost_answer(place),
        lost_request(place),
    ]


def cases(folder: Path) -> Iterator[tuple[str, Stage, Course, Befalling]]:
    """Yield everything that befalls changes of links, for `make soak`, each with the course that nothing befell."""
    for make in STAGES:
        for lag in (0, 30):
            stage = make(folder / f"{make.__name__} {lag}", lag)
            calm = befall(stage)
            for place in writes(stage):
                for one in strokes(place):
                    yield f"{make.__name__}: reads {lag} s late", stage, calm, one
