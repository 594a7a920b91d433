"""Everything that can befall a plan: one thing at a time at every write, then several things by chance, for long.

Over the small scenario of the tests and over the demo's plan, and, in this process, over the making of links, their
changes and their removal. It counts broken promises; the oracle finds them.
"""

from __future__ import annotations

import json
import queue
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import changed_links
import link_cases
import linked_trials
from breakages import MOMENTS, Breakage, Place, Stroke, kill, kill_at, pairs, places, schedule, singles
from changed_links import Course
from link_stages import linking
from linked_trials import Befalling, Stage
from oracle import Trial, Violation, judge, tally
from trials import Bench, Scenario, bench, carry_out, company, outage, small

# Two processes work for each case in turn, so this many cases keep as many processors busy.
WORKERS = 2
LINK = "link"


@dataclass(frozen=True, slots=True)
class Case:
    """What befalls the runs of one scenario; `seed` is that of a case drawn at random."""

    scenario: str
    name: str
    breakages: tuple[Breakage, ...] = ()
    outage: Stroke | None = None
    seed: int | None = None

    @property
    def title(self) -> str:
        """What tells it from all others."""
        return f"{self.scenario}: {self.name}"

    @property
    def family(self) -> str:
        """The name without the place."""
        return self.name.split("-at-")[0].rsplit("-", 2)[0] if self.seed is None else "by chance"


@dataclass(slots=True)
class Result:
    """What came of all cases. `failures` name the cases, with all that was seen."""

    broken: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    runs: Counter[int] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    injected: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many were carried out."""
        return sum(self.families.values())

    def note(self, case: Case, done: Future[tuple[Trial, Sequence[Violation]]]) -> None:
        """Count one case; one that did not come to its end is a failure as well."""
        self.families[f"{case.scenario}: {case.family}"] += 1
        error = done.exception()
        if error is not None:
            self.broken["not converged"] += 1
            self._fail(case, [f"{type(error).__name__}: {error}"])
            return
        trial, found = done.result()
        self.codes[str(trial.applies[0].code)] += 1
        self.runs[len(trial.applies) - max(1, len(case.breakages))] += 1
        self.injected += sum(bool(entry["fault"]) for one in trial.applies for entry in one.entries)
        self.broken.update(tally(found))
        if found:
            self._fail(case, [f"{one.rule} {one.promise}: {one.text}" for one in found])

    def _fail(self, case: Case, seen: list[str]) -> None:
        self.failures.append({"scenario": case.scenario, "case": case.name, "seed": case.seed, "seen": seen})


# ---------------------------------------------------------------------------------------------- cases


def systematic(scenario: str, where: Sequence[Place]) -> Iterator[Case]:
    """Yield every single thing, at every write, and the death of the service at each."""
    for breakage in singles(where):
        yield Case(scenario, breakage.name, (breakage,))
    for place in where:
        for moment in MOMENTS[:2]:
            yield Case(scenario, f"outage-{moment}-{place}", outage=Stroke(place, moment))


def by_chance(scenario: str, where: Sequence[Place], seed: int) -> Case:
    """Return the case that a seed stands for."""
    dice = random.Random(seed)
    drawn: tuple[Breakage, ...]
    match dice.randrange(4):
        case 0:
            drawn = (kill_at(dice.uniform(0.02, 1.0)),)
        case 1:
            drawn = tuple(kill(dice.choice(where), dice.choice(MOMENTS)) for _ in range(2))
        case 2:
            drawn = (next(pairs(singles(where), dice)),)
        case _:
            drawn = (schedule(where, seed),)
    return Case(scenario, " then ".join(one.name for one in drawn), drawn, seed=seed)


def tried(case: Case, benches: queue.Queue[Bench], scenario: Scenario) -> tuple[Trial, Sequence[Violation]]:
    """Carry out one case, and judge it."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        if case.outage is not None:
            trial = outage(folder, scenario, case.outage)
        else:
            with _borrowed(benches) as one:
                trial = carry_out(one, folder / "repository", *case.breakages)
        return trial, [*judge(trial), *_ending(case, trial)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ending(case: Case, trial: Trial) -> Iterator[Violation]:
    codes = case.breakages[0].codes if len(case.breakages) == 1 else ()
    if codes and trial.applies[0].code not in codes:
        text = f"it ended with {trial.applies[0].code}, and {case.name} may end only with {sorted(codes)}"
        yield Violation("untrue exit code", "I5", text)


@contextmanager
def _borrowed(benches: queue.Queue[Bench]) -> Iterator[Bench]:
    one = benches.get()
    try:
        yield one
    finally:
        benches.put(one)


# ---------------------------------------------------------------------------------------------- soaking


@dataclass(frozen=True, slots=True)
class Wish:
    """What to do: `seconds` after which no case is begun, how many cases by chance, from which seed, and only which."""

    seconds: float
    cases: int
    seed: int
    only: str = ""


def soak(root: Path, wish: Wish, heard: Callable[[Result, int], None]) -> Mapping[str, Any]:
    """Carry out all cases, and return what came of them; `heard` is told after each, with how many there are in all."""
    began = time.monotonic()
    result = Result()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        scenarios = {"small": small(folder / "documents"), "demo": company(root), LINK: linking(folder / "link")}
        benches: dict[str, queue.Queue[Bench]] = {name: queue.Queue() for name in scenarios}
        where: dict[str, list[Place]] = {}
        for name, scenario in scenarios.items():
            for number in range(WORKERS):
                made = stack.enter_context(bench(folder / f"{name}-{number}", scenario))
                where[name] = places(made.plan)
                benches[name].put(made)
        inside = [one for one in _inside(folder) if wish.only in one[0].title]
        cases = list(_cases(where, wish))
        wanted = len(inside) + len(cases)
        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        for case, carried_out in inside:
            if time.monotonic() - began >= wish.seconds:
                break
            done = pool.submit(carried_out)
            wait([done])
            result.note(case, done)
            heard(result, wanted)
        left = iter(cases)
        running: dict[Future[tuple[Trial, Sequence[Violation]]], Case] = {}
        while True:
            room = WORKERS - len(running) if time.monotonic() - began < wish.seconds else 0
            for case in islice(left, room):
                running[pool.submit(tried, case, benches[case.scenario], scenarios[case.scenario])] = case
            if not running:
                break
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                result.note(running.pop(done), done)
                heard(result, wanted)
    return summary(result, wish, wanted, time.monotonic() - began)


def _inside(folder: Path) -> Iterator[tuple[Case, Callable[[], tuple[Trial, Sequence[Violation]]]]]:
    """Yield the cases that are carried out in this process, each with what does so."""
    for title, stage, befalling in link_cases.cases(folder):
        yield Case(f"links, {title}", linked_trials.names(befalling)), partial(_linked, stage, befalling)
    for title, stage, calm, one in changed_links.cases(folder):
        yield Case(f"changes, {title}", linked_trials.names([one])), partial(_changed, stage, calm, one)


def _linked(stage: Stage, befalling: Sequence[Befalling]) -> tuple[Trial, Sequence[Violation]]:
    """Carry out one case with links, and judge it."""
    trial = linked_trials.carry_out(stage, *befalling)
    return trial, link_cases.violations(trial)


def _changed(stage: Stage, calm: Course, one: Befalling) -> tuple[Trial, Sequence[Violation]]:
    """Carry out one change of a link, and judge it."""
    course = changed_links.befall(stage, one)
    commands = [command for _, command in course.runs]
    return Trial({}, {}, {}, commands, commands[-1]), changed_links.broken(course, calm)


def _cases(where: Mapping[str, Sequence[Place]], wish: Wish) -> Iterable[Case]:
    chosen = (case for name in where for case in systematic(name, where[name]))
    yield from (case for case in chosen if wish.only in case.title and (case.scenario != LINK or _ends(case)))
    names = sorted(where.keys() - {LINK})
    for number in range(wish.cases):
        name = names[(wish.seed + number) % len(names)]
        yield by_chance(name, where[name], wish.seed + number)


def _ends(case: Case) -> bool:
    """Whether a case kills or stops a process: what else befalls links is tried in this one."""
    return all(one.stroke is not None for one in case.breakages) and case.outage is None


def summary(result: Result, wish: Wish, wanted: int, seconds: float) -> dict[str, Any]:
    """Return the result as a JSON document; well is only what was done, and broke no promise."""
    counts = tally(()) | {name: count for name, count in result.broken.items() if count}
    return {
        "ok": not any(counts.values()) and bool(result.cases),
        "counts": counts,
        "cases": result.cases,
        "casesNotRun": wanted - result.cases,
        "disturbedWrites": result.injected,
        "seconds": round(seconds, 1),
        "seed": wish.seed,
        "exitCodes": dict(sorted(result.codes.items())),
        "runsUntilConverged": {str(number): count for number, count in sorted(result.runs.items())},
        "families": dict(sorted(result.families.items())),
        "failures": result.failures,
    }


def table(told: Mapping[str, Any]) -> str:
    """Return the counts for people."""
    rows = [f"  {name:<20}{count:>8}" for name, count in told["counts"].items()]
    late = f", {told['casesNotRun']} not begun for lack of time" if told["casesNotRun"] else ""
    head = f"{told['cases']} cases in {told['seconds']:.0f} s (seed {told['seed']}{late}); promises broken:"
    shown = [
        f"  {one['scenario']}: {one['case']}"
        + ("" if one["seed"] is None else f" (replay: --only none --cases 1 --seed {one['seed']})")
        + "".join(f"\n      {line}" for line in one["seen"][:5])
        for one in told["failures"][:20]
    ]
    return "\n".join([head, *rows, *shown]) + "\n"


def write(path: Path, told: Mapping[str, Any]) -> None:
    """Write the result as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
