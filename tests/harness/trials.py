"""Trials: the real command against a served emulator, something befalls it, and it is run again until nothing is left.

It collects what the oracle needs, and judges nothing. One emulator serves many trials; its world begins anew for each.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
from breakages import Breakage, Stroke
from oracle import Command, Trial
from rehearsing import Emulator, Ran, emulating, finish, repository, start
from ruamel.yaml import YAML
from warmed import Forked, Warm

HERE = Path(__file__).resolve().parent
SMALL = HERE / "scenario.yaml"
# After this many runs without a fault something is wrong for good.
MOST_RUNS = 3


@dataclass(frozen=True, slots=True)
class Scenario:
    """Documents, and the world that they are applied to."""

    documents: Path
    seed: Mapping[str, Any]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must show nowhere."""
        tenants = self.seed["tenants"].values()
        return tuple(one["secret"] for tenant in tenants for one in tenant.get("applications", ()) if "secret" in one)


@dataclass(frozen=True, slots=True)
class Bench:
    """An emulator, a repository to copy from, and the plan that every trial begins with."""

    folder: Path
    scenario: Scenario
    emulator: Emulator
    warm: Warm
    template: Path
    plan: Mapping[str, Any] = field(default_factory=dict)


def small(folder: Path) -> Scenario:
    """Return the small scenario, with its documents below `folder`."""
    said = YAML(typ="safe").load(SMALL)
    for name, document in said["documents"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_json(document), encoding="utf-8")
    return Scenario(folder, json.loads(_json(said["seed"])))


def company(root: Path) -> Scenario:
    """Return the example company: what the demo plans."""
    seed = YAML(typ="safe").load(root / "tests" / "company" / "portal.yaml")
    return Scenario(root / "tenants", json.loads(_json(seed)))


def _json(value: Any) -> str:
    def moment(other: date | datetime) -> str:
        return other.isoformat()

    return json.dumps(value, default=moment, indent=1)


@contextmanager
def bench(folder: Path, scenario: Scenario, *arguments: str) -> Iterator[Bench]:
    """Start an emulator, make the plan, and keep both until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = folder / "seed.json"
    seed.write_text(_json(scenario.seed), encoding="utf-8")
    template = repository(folder / "template", scenario.documents)
    with (
        closing(Warm()) as warm,
        emulating(folder / "emulator", "--seed", str(seed), *arguments) as emulator,
    ):
        planned = warm.run(["plan", "--out", "plan.json", "--output", "json"], emulator, template)
        if planned.code != 0:
            raise RuntimeError(f"the scenario cannot be planned: {planned.stderr}{planned.stdout}")
        yield Bench(folder, scenario, emulator, warm, template, planned.json())


# ---------------------------------------------------------------------------------------------- one trial


@dataclass(slots=True)
class _Site:
    """One repository in which commands run one after the other."""

    bench: Bench
    folder: Path
    heard: int = 0
    read: int = 0

    @property
    def journal(self) -> Path:
        """The journal file of the tool."""
        return self.folder / ".reconciler" / "journal.jsonl"

    def seen(self, name: str, ran: Ran) -> Command:
        """Return a command that has ended, with what it left behind."""
        entries = self.bench.emulator.journal(self.heard)
        self.heard = entries[-1]["sequence"] if entries else self.heard
        lines = self._lines()
        return Command(name, ran.code, ran.stdout, ran.stderr, entries, lines)

    def run(self, name: str, *arguments: str) -> Command:
        """Run a command to its end, without faults."""
        return self.seen(name, self.bench.warm.run(arguments, self.bench.emulator, self.folder))

    def _lines(self) -> list[str]:
        if not self.journal.exists():
            return []
        data = self.journal.read_bytes()
        new, self.read = data[self.read :], len(data)
        return new.decode("utf-8", "replace").split("\n")

    def files(self) -> dict[str, str]:
        """Return what lies around the documents, without what Git keeps for itself."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and ".git" not in path.parts)
        ours = (path for path in found if "tenants" not in path.relative_to(self.folder).parts[:1])
        return {path.name: path.read_text("utf-8", "surrogateescape") for path in ours}


def carry_out(bench: Bench, folder: Path, *breakages: Breakage) -> Trial:
    """Let an apply run into the first breakage, the run after it into the second and so on, then run without faults."""
    bench.emulator.control("PUT", "state", bench.scenario.seed)
    before = bench.emulator.state()
    shutil.copytree(bench.template, folder)
    site = _Site(bench, folder)
    applies: list[Command] = []
    for number, breakage in enumerate(breakages):
        arguments = (
            ["apply", "plan.json", "--output", "json"] if number == 0 else ["apply", "--yes", "--output", "json"]
        )
        for rule in breakage.rules:
            bench.emulator.fault(rule)
        ran = befall(bench, folder, arguments, breakage)
        bench.emulator.clear_faults()
        applies.append(site.seen(f"run {number + 1} ({breakage.name})", ran))
    for number in range(MOST_RUNS):
        applies.append(site.run(f"run {len(applies) + 1} (no fault)", "apply", "--yes", "--output", "json"))
        # What a dead run had sent may still arrive while the next one reads; that one stops, and the next finishes.
        if applies[-1].code == 0 or number == MOST_RUNS - 1:
            break
    idle = site.run("the plan at the end", "plan", "--detailed-exitcode", "--output", "json")
    files = site.files()
    after = bench.emulator.state()
    shutil.rmtree(folder)
    return Trial(bench.plan, before, after, applies, idle, files, bench.scenario.secrets)


def befall(bench: Bench, folder: Path, arguments: Sequence[str], breakage: Breakage) -> Ran:
    """Run a command to its end while this happens to it."""
    emulator = replace(bench.emulator, environment={**bench.emulator.environment, **breakage.environment})
    if breakage.stroke is not None:
        return _struck(bench.warm, emulator, folder, arguments, breakage.stroke)
    if breakage.killed_after is None:
        return bench.warm.run(arguments, emulator, folder)
    # Also while Python begins: from cold.
    process = start(arguments, emulator, folder)
    with suppress(subprocess.TimeoutExpired):
        process.wait(breakage.killed_after)
    process.send_signal(signal.SIGKILL)
    return finish(process)


def _struck(warm: Warm, emulator: Emulator, folder: Path, arguments: Sequence[str], stroke: Stroke) -> Ran:
    """Hold the write, or the request after it, and send the signal meanwhile."""
    hold: dict[str, Any] = {"match": {"tenant": stroke.place.tenant, "write": True}, "action": "hold"}
    phase = "before-commit" if stroke.moment == "before" else "after-commit"
    emulator.fault({**hold, "nth": stroke.place.number, "times": 1, "phase": phase})
    process = warm.start(arguments, emulator, folder)
    held = _held(emulator, process)
    if held and stroke.moment == "next":
        emulator.fault({"match": {"tenant": stroke.place.tenant}, "action": "hold", "times": 1})
        emulator.control("POST", f"held/{held}/release")
        held = _held(emulator, process)
    if held:
        _strike(process, stroke)
    with suppress(httpx.HTTPStatusError):
        # Whoever was killed waits no longer.
        emulator.control("POST", "release", {"carryOn": stroke.carry_on or stroke.moment != "before"})
    return process.finish()


def _strike(process: Forked, stroke: Stroke) -> None:
    process.send_signal(stroke.number)
    if stroke.number is signal.SIGKILL:
        process.wait()
        return
    # It says that it has heard; only then may the request that it waits for go on.
    while (line := process.read_line()) and "Finishing the request" not in line:
        continue
    if stroke.twice:
        process.send_signal(stroke.number)
        process.wait()


def _held(emulator: Emulator, process: Forked) -> int:
    """Return the number of the request that is held, or 0 when the command ends without one."""
    while process.poll() is None:
        held = emulator.control("GET", "held")["held"]
        if held:
            number: int = held[0]["id"]
            return number
        time.sleep(0.01)
    return 0


# ---------------------------------------------------------------------------------------------- the emulator dies


def outage(folder: Path, scenario: Scenario, stroke: Stroke) -> Trial:
    """Let the emulator die at a write and come back with what it had; then run to the end."""
    database, port = folder / "world.db", _free_port()
    arguments = ("--db", str(database), "--port", str(port))
    applies: list[Command] = []
    with bench(folder / "first", scenario, *arguments) as first:
        before = first.emulator.state()
        site = _Site(first, first.template)
        phase = "before-commit" if stroke.moment == "before" else "after-commit"
        match = {"tenant": stroke.place.tenant, "write": True}
        first.emulator.fault({"match": match, "nth": stroke.place.number, "phase": phase, "action": "hold"})
        process = start(["apply", "plan.json", "--output", "json"], first.emulator, site.folder)
        first.emulator.held()
        first.emulator.process.kill()
        ran = finish(process)
        with emulating(folder / "second", "--seed", str(folder / "first" / "seed.json"), *arguments) as second:
            site.bench = replace(first, emulator=second)
            applies.append(site.seen("run 1 (the service dies)", ran))
            applies.append(site.run("run 2 (no fault)", "apply", "--yes", "--output", "json"))
            idle = site.run("the plan at the end", "plan", "--detailed-exitcode", "--output", "json")
            return Trial(first.plan, before, second.state(), applies, idle, site.files(), scenario.secrets)


def _free_port() -> int:
    """Return a port that the system gives to nobody by itself, so that nobody takes it while the emulator is down."""
    for number in random.sample(range(20_000, 32_000), 100):
        with closing(socket.socket()) as probing, suppress(OSError):
            probing.bind(("127.0.0.1", number))
            return number
    raise RuntimeError("no port below 32000 is free")


# ---------------------------------------------------------------------------------------------- nobody reads


def unheard(emulator: Emulator, folder: Path, arguments: Sequence[str]) -> Ran:
    """Run a command whose standard output nobody reads: the pipe is closed from the beginning."""
    with start(arguments, emulator, folder) as process:
        assert process.stdout is not None
        process.stdout.close()
        stderr = _drained(process)
    return Ran(process.returncode, "", stderr)


def _drained(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    read: Callable[[], str] = process.stderr.read
    timer = threading.Timer(30.0, process.kill)
    timer.start()
    try:
        return read()
    finally:
        timer.cancel()
