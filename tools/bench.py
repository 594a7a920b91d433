"""The figures that we promise to keep, measured: prints a table, writes build/bench.json, fails when a bound is broken.

What each figure means stands in docs/explanation/speed.md. Machines differ and are busy, so bounds are on counts and on
ratios of medians. The tenants are served by an emulator in a process of its own, on real time.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import bench_estates as estates
import bench_meshes as meshes
import bench_previews as previews
from bench_estates import Company
from bench_meshes import Member
from rehearsing import ROOT, Emulator, emulating, environment, repository, run, start

OUT = ROOT / "build" / "bench"
RESULT = ROOT / "build" / "bench.json"

CONTOSO = Company("contoso", "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01", 1_000)
FABRIKAM = Company("fabrikam", "39429824-604b-49fc-a4b3-b89447a14fd9", 1_000)
NORTHWIND = Company("northwind", "d8312f06-9ddf-4ed9-9eaf-45ce8f79433c", 10_000)
PAIR = (CONTOSO, FABRIKAM)
SYNCED = tuple(replace(company, synced=True) for company in PAIR)

PAGE = 100
LATENCY = 0.05
PER_PARTNER = 0.000_5
PAGES = (CONTOSO.partners - 1) // PAGE
# What waits for what in one tenant: where to sign in, a token, the batch with the first page, then page after page, and
# in the end one batch about those who are to become partners.
DEPTH = 2 + 1 + PAGES + 1
# A service that does not expand the list is asked for it once more, and then for each policy alone, in batches.
BATCH = 20
BATCHES = CONTOSO.partners // BATCH
UNEXPANDED_DEPTH = DEPTH + 1 + 1
RUNS, LARGE_RUNS = 5, 3
USERS = 1_000_000
# So many users more, on either side of a pair.
DIRECTORY = 1_000_000
# People in scope of a link that is previewed.
PEOPLE = (10_000, 100_000)
# Some of what differs needs a yes in Git.
FINE, BLOCKED = 0, 3

MESH = meshes.members(30)
# Where to sign in, a token, the lists with everybody who is named, and all parts of all configurations side by side.
MESH_DEPTH = 4
# Seconds for a link, with a schema of 50 kB: most of that is the emulator's, which makes and encrypts it.
PER_LINK = 0.012
# Seconds after which an apply is given up.
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. Without a `bound` it only informs."""

    value: float
    unit: str
    bound: float | None
    ok: bool


def figure(value: float, unit: str, bound: float | None = None) -> Figure:
    return Figure(round(value, 3), unit, bound, bound is None or value <= bound)


def main() -> None:
    began = time.monotonic()
    shutil.rmtree(OUT, ignore_errors=True)
    figures: dict[str, Figure] = {}
    for name, found in _measured():
        figures[name] = found
        print(_line(name, found), flush=True)
    RESULT.write_text(json.dumps({name: asdict(one) for name, one in figures.items()}, indent=2) + "\n")
    print(f"\n{time.monotonic() - began:.0f} seconds; written to {RESULT.relative_to(ROOT)}")
    broken = [name for name, one in figures.items() if not one.ok]
    if broken:
        sys.exit(f"Broken: {', '.join(broken)}")


def _line(name: str, found: Figure) -> str:
    bound = "" if found.bound is None else f"at most {found.bound:g}"
    return f"{name:30} {found.value:>10.3f} {found.unit:14} {bound:14} {'' if found.ok else 'BROKEN'}".rstrip()


def _measured() -> Iterator[tuple[str, Figure]]:
    yield from _commands()
    yield from _evaluating()
    yield from _cycling()
    yield from _previewing()
    yield from _validating(estates.write(OUT / "many" / "tenants", [NORTHWIND], single=1))
    pair, small, large = (_repository(name, some) for name, some in _CHOSEN.items())
    seed = estates.seed(OUT / "seed.json", [*PAIR, NORTHWIND])
    with emulating(OUT / "emulator", "--seed", str(seed)) as emulator:
        yield from _planning(emulator, pair)
        yield from _growing(emulator, small, large)
    yield from _synchronized(_repository("synced", SYNCED))
    yield from _meshed(MESH)
    yield from _linking()


_CHOSEN: Mapping[str, Iterable[Company]] = {"pair": PAIR, "small": [CONTOSO], "large": [NORTHWIND]}


def _repository(name: str, companies: Iterable[Company]) -> Path:
    """Return the documents of these companies, in a Git repository of their own."""
    return repository(OUT / name, estates.write(OUT / "written" / name, companies)) / "tenants"


def _probe(what: str, folder: Path, emulator: Emulator | None = None) -> Mapping[str, Any]:
    """Measure in a new process."""
    command = [sys.executable, str(ROOT / "tools" / "bench_probe.py"), what, str(folder)]
    done = subprocess.run(command, env=environment(emulator), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{what} in {folder} could not be measured:\n{done.stdout}{done.stderr}")
    measured: Mapping[str, Any] = json.loads(done.stdout)
    return measured


# ---------------------------------------------------------------------------------------------- what is measured


def _commands() -> Iterator[tuple[str, Figure]]:
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        _insist(run(["--help"], None, ROOT).code == 0, "`reconciler --help` failed")
        taken.append(time.perf_counter() - began)
    yield "help_seconds", figure(median(taken), "s")


def _evaluating() -> Iterator[tuple[str, Figure]]:
    """Let the provisioning engine compute what many users become, in a new process."""
    command = [sys.executable, str(ROOT / "tools" / "bench_evaluate.py"), str(USERS)]
    done = subprocess.run(command, env=environment(None), cwd=ROOT, capture_output=True, text=True, check=False)
    _insist(done.returncode == 0, f"users could not be evaluated:\n{done.stdout}{done.stderr}")
    measured: Mapping[str, float] = json.loads(done.stdout)
    yield "evaluate_over_json_loads", figure(measured["evaluate_over_json_loads"], "ratio", 6)
    yield "evaluate_growth_100x", figure(measured["evaluate_growth_100x"], "ratio", 110)
    yield "evaluate_peak_mib_growth", figure(measured["evaluate_peak_mib_growth"], "MiB", 16)
    yield "evaluate_users_per_second", figure(measured["evaluate_users_per_second"], "users/s")


def _cycling() -> Iterator[tuple[str, Figure]]:
    """Let the emulator run cycles after a few changes, in a small directory and in a large one, in a new process."""
    OUT.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(ROOT / "tools" / "bench_cycles.py"), str(DIRECTORY), str(OUT)]
    done = subprocess.run(command, env=environment(None), cwd=ROOT, capture_output=True, text=True, check=False)
    _insist(done.returncode == 0, f"cycles could not be run:\n{done.stdout}{done.stderr}")
    measured: Mapping[str, float] = json.loads(done.stdout)
    bounds = {"cost": 2, "statements": 1.05, "work": 1.25}
    for name, bound in bounds.items():
        named = f"incremental_cycle_{name}_over_changes"
        yield named, figure(measured[named], "ratio", bound)
    yield "incremental_cycle_peak_mib", figure(measured["incremental_cycle_peak_mib"], "MiB", 256)
    yield "incremental_cycle_directory_mib", figure(measured["incremental_cycle_directory_mib"], "MiB")
    yield "incremental_cycle_ms_per_change", figure(measured["incremental_cycle_ms_per_change"], "ms")


def _previewing() -> Iterator[tuple[str, Figure]]:
    """Preview a link with some thousand people, and with ten times as many."""
    few, many = (_previewed(count) for count in PEOPLE)
    count = PEOPLE[-1]
    yield "preview_peak_mib_growth", figure(many["peak"] - few["peak"], "MiB", 16)
    yield "preview_requests_over_pages", figure(many["requests"] / previews.pages(count), "ratio", 1.1)
    yield "preview_cost_growth_10x", figure(many["cpu"] / few["cpu"], "ratio", 11)
    yield "preview_peak_mib", figure(many["peak"], "MiB")
    yield "preview_people_per_second", figure(count / many["cpu"], "people/s")


def _previewed(count: int) -> Mapping[str, Any]:
    """Preview once, and insist that it is what it has to be."""
    there = OUT / f"preview-{count}"
    folder = previews.write(there / "tenants")
    state = previews.world(there / "world.db", count)
    with emulating(there / "emulator", "--db", str(state)) as emulator:
        measured = _probe("preview", folder, emulator)
        asked = sum(one["http"] for one in emulator.control("GET", "requests").values())
    try:
        previews.checked(measured["said"], count)
    except ValueError as error:
        _insist(claim=False, otherwise=str(error))
    state.unlink()
    return {**measured, "requests": asked}


def _validating(folder: Path) -> Iterator[tuple[str, Figure]]:
    measured = _probe("validate", folder)
    _insist(measured["files"] >= NORTHWIND.partners, "there are fewer documents than were to be measured")
    ratios = [ours / theirs for ours, theirs in zip(measured["ours"], measured["theirs"], strict=True)]
    yield "validate_over_yaml_parse", figure(median(ratios), "ratio", 2)
    yield "validate_ms_per_document", figure(median(measured["ours"]) / measured["files"] * 1000, "ms")


def _planning(emulator: Emulator, folder: Path) -> Iterator[tuple[str, Figure]]:
    """Plan two tenants of a thousand partners each, far away."""
    runs = [_far_away(emulator, folder, PAIR) for _ in range(RUNS)]
    bound = DEPTH * LATENCY + PER_PARTNER * sum(company.partners for company in PAIR)
    parsed = _probe("parse", folder, emulator)
    cpu = median(one["cpu"] for one in runs)
    yield "plan_requests_per_tenant", figure(max(one["requests"] for one in runs), "requests", 5)
    yield "plan_time_over_bound", figure(median(one["wall"] for one in runs) / bound, "ratio", 1.5)
    yield "plan_cpu_over_json", figure(cpu / median(parsed["json"]), "ratio", 100)
    yield "plan_peak_mib", figure(max(one["peak"] for one in runs), "MiB", 128)
    yield "plan_dependent_reads", figure(DEPTH, "reads")
    yield "plan_cpu_seconds", figure(cpu, "s")
    yield "plan_received_mib", figure(parsed["bytes"] / 1024**2, "MiB")
    yield "import_plan_seconds", figure(median(one["imports"] for one in runs), "s")


def _synchronized(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Plan the same with a policy below each partner: shown by the list of partners, and where that is refused."""
    policies = PER_PARTNER * sum(company.partners for company in SYNCED)
    seed = estates.seed(OUT / "synced.json", SYNCED)
    with emulating(OUT / "synced-emulator", "--seed", str(seed)) as emulator:
        runs = [_far_away(emulator, folder, SYNCED) for _ in range(RUNS)]
    yield "synced_requests_per_tenant", figure(max(one["requests"] for one in runs), "requests", 5)
    bound = DEPTH * LATENCY + policies
    yield "synced_time_over_bound", figure(median(one["wall"] for one in runs) / bound, "ratio", 1.5)
    seed = estates.seed(OUT / "unexpanded.json", SYNCED, {"expand_on_list": False})
    with emulating(OUT / "unexpanded-emulator", "--seed", str(seed)) as emulator:
        runs = [_far_away(emulator, folder, SYNCED, again=1 + BATCHES) for _ in range(RUNS)]
    requests = max(one["requests"] for one in runs)
    yield "unexpanded_requests_per_tenant", figure(requests, "requests", 5 + BATCHES)
    # Every policy is asked for and answered by itself, which is as much work as its partner.
    bound = UNEXPANDED_DEPTH * LATENCY + 2 * policies
    yield "unexpanded_time_over_bound", figure(median(one["wall"] for one in runs) / bound, "ratio", 1.5)


def _meshed(mesh: Sequence[Member]) -> Iterator[tuple[str, Figure]]:
    """Plan a mesh in which every link provisions already, far away."""
    folder = repository(OUT / "mesh", meshes.write(OUT / "written" / "mesh", mesh)) / "tenants"
    seed = meshes.seed(OUT / "mesh.json", mesh)
    links = len(mesh) * (len(mesh) - 1)
    with emulating(OUT / "mesh-emulator", "--seed", str(seed)) as emulator:
        runs = [_plan_mesh(emulator, folder, mesh) for _ in range(LARGE_RUNS)]
        parsed = _probe("parse", folder, emulator)
    yield "mesh30_plan_requests_over_budget", figure(max(one["over"] for one in runs), "ratio", 1)
    bound = MESH_DEPTH * LATENCY + PER_LINK * links
    yield "mesh30_plan_time_over_bound", figure(median(one["wall"] for one in runs) / bound, "ratio", 1.5)
    yield "mesh30_plan_received_mib", figure(parsed["bytes"] / 1024**2, "MiB")
    yield "mesh30_plan_cpu_over_json", figure(median(one["cpu"] for one in runs) / median(parsed["json"]), "ratio", 6)
    yield "mesh30_plan_cpu_seconds", figure(median(one["cpu"] for one in runs), "s")
    yield "mesh30_plan_peak_mib", figure(max(one["peak"] for one in runs), "MiB", 256)


def _plan_mesh(emulator: Emulator, folder: Path, mesh: Sequence[Member]) -> Mapping[str, Any]:
    """Plan once, and tell how much of the budget of requests the tenant takes that takes most."""
    for member in mesh:
        emulator.fault({"match": {"tenant": member.name, "batched": False}, "action": {"delay": LATENCY}})
    before = emulator.control("GET", "requests")
    measured = _plan(folder, emulator, mesh, code=FINE)
    counts = [_added(before, emulator.control("GET", "requests"), member) for member in mesh]
    emulator.clear_faults()
    return {**measured, "over": max(_over_budget(one, len(mesh) - 1) for one in counts)}


def _over_budget(used: Mapping[str, int], configurations: int) -> float:
    """Return the requests of a tenant ÷ those that it may take: in batches, and over HTTP."""
    inner = used["inner"] / (8 + 5 * configurations + used["pages"])
    return max(inner, used["http"] / (5 + used["inner"] / BATCH + used["pages"]))


def _linking() -> Iterator[tuple[str, Figure]]:
    """Make a hundred links from nothing. Our own waits are on the emulator's clock, which nobody waits for."""
    groups = [meshes.members(5, group=number) for number in range(1, 6)]
    links = sum(len(mesh) * (len(mesh) - 1) for mesh in groups)
    for number, mesh in enumerate(groups, 1):
        meshes.write(OUT / "written" / "linking", mesh, name=f"group-{number}")
    folder = repository(OUT / "linking", OUT / "written" / "linking")
    seed = meshes.seed(OUT / "linking.json", *groups, linked=False, clock="2026-11-24T08:00:00Z")
    with emulating(OUT / "linking-emulator", "--seed", str(seed)) as emulator:
        began = time.monotonic()
        process = start(["apply", "--yes", "--output", "json"], emulator, folder)
        _, said = process.communicate(timeout=LONGEST)
        wall = time.monotonic() - began
        _insist(process.returncode == FINE, f"the links could not be made: {said[-2000:]}")
        asked = [one["http"] + one["tokens"] for one in emulator.control("GET", "requests").values()]
    yield "apply_requests_per_link", figure(sum(asked) / links, "requests")
    yield "apply_100_links_seconds", figure(wall * 100 / links, "s")
    # Tenants are written side by side, and in each hardly anything is asked before the last answer is there.
    yield "apply_100_links_far_seconds", figure(wall * 100 / links + max(asked) * LATENCY, "s")


def _far_away(emulator: Emulator, folder: Path, companies: Iterable[Company], *, again: int = 0) -> Mapping[str, Any]:
    """Plan while every request takes its time; the emulator counts what reaches it, and the rules what they delay.

    `again` are the requests in each tenant beside the chain of dependent reads.
    """
    companies = list(companies)
    for company in companies:
        emulator.fault({"match": {"tenant": company.name, "batched": False}, "action": {"delay": LATENCY}})
    before = emulator.control("GET", "requests")
    measured = _plan(folder, emulator, companies)
    after = emulator.control("GET", "requests")
    delayed = [rule["fired"] for rule in emulator.control("GET", "faults")["faults"]]
    emulator.clear_faults()
    # One tenant never asks two things at a time in the chain, so what was delayed is the chain, link by link.
    links = DEPTH + again
    _insist(delayed == [links] * len(companies), f"expected {links} reads in each tenant, got {delayed}")
    counts = [_added(before, after, company) for company in companies]
    _insist(all(one["pages"] == PAGES for one in counts), f"pages were counted otherwise: {counts}")
    return {**measured, "requests": max(one["http"] - one["pages"] for one in counts)}


def _added(before: Mapping[str, Any], after: Mapping[str, Any], company: Company | Member) -> Mapping[str, int]:
    old = before.get(company.tenant_id, {})
    return {name: number - old.get(name, 0) for name, number in after[company.tenant_id].items()}


def _growing(emulator: Emulator, small: Path, large: Path) -> Iterator[tuple[str, Figure]]:
    """Plan one tenant with a thousand partners, and one with ten thousand, nearby."""
    few, many = [], []
    for _ in range(LARGE_RUNS):
        few += [_plan(small, emulator, [CONTOSO]) for _ in range(2)]
        many.append(_plan(large, emulator, [NORTHWIND]))
    growth = median(one["cpu"] for one in many) / median(one["cpu"] for one in few)
    yield "plan_cost_growth_10x", figure(growth, "ratio", 11)
    yield "plan_peak_10000_mib", figure(max(one["peak"] for one in many), "MiB", 256)


def _plan(
    folder: Path, emulator: Emulator, companies: Iterable[Company | Member], *, code: int = BLOCKED
) -> Mapping[str, Any]:
    """Plan once, and insist that the plan is the one that it has to be."""
    measured = _probe("plan", folder, emulator)
    expected = {company.name: company.steps for company in companies}
    _insist(measured["steps"] == expected, f"expected the steps {expected}, got {measured['steps']}")
    _insist(measured["code"] == code, f"expected exit code {code}, got {measured['code']}")
    return measured


def _insist(claim: bool, otherwise: str) -> None:
    """End at once when the thing measured is not the thing meant."""
    if not claim:
        sys.exit(f"Nothing can be measured: {otherwise}")


if __name__ == "__main__":
    main()
