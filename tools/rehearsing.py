"""An emulator in a process of its own, and the real command run against it: shared by demo, harness and benchmark.

Not part of the package: it drives what a user would type, from outside.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-c", "from reconciler.cli import main; main()")
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """Return standard output as JSON."""
        return json.loads(self.stdout)


@dataclass(slots=True)
class Emulator:
    """A running emulator. `environment` is what its users have to set."""

    url: str
    environment: Mapping[str, str]
    process: subprocess.Popen[str]
    client: httpx.Client = field(repr=False)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control plane, and return its JSON."""
        answer = self.client.request(method, f"/emulator/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        """Return every write that was received after `since`."""
        entries: list[dict[str, Any]] = self.control("GET", f"journal?since={since}")["entries"]
        return entries

    def portal(
        self, tenant: str, path: str, body: Mapping[str, Any] | None, who: str = "Megan Bowen", method: str = "PATCH"
    ) -> None:
        """Let a person change something by hand."""
        call = {"tenant": tenant, "who": who, "method": method, "path": path, "body": body}
        answer = self.control("POST", "portal", call)
        if answer["status"] >= 300:
            raise RuntimeError(f"the portal refused: {answer}")

    def fault(self, rule: Mapping[str, Any]) -> str:
        """Add a fault rule, and return its id."""
        name: str = self.control("POST", "faults", rule)["id"]
        return name

    def clear_faults(self) -> None:
        """Take all fault rules away."""
        self.control("DELETE", "faults")

    def held(self, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many requests are held, and return them."""
        held: list[dict[str, Any]] = self.control("GET", f"held?count={count}")["held"]
        return held

    def release(self) -> None:
        """Let every held request go on."""
        self.control("POST", "release")

    def state(self) -> dict[str, Any]:
        """Return the whole world, as a seed."""
        state: dict[str, Any] = self.control("GET", "state")
        return state


@contextmanager
def emulating(folder: Path, *arguments: str, cwd: Path = ROOT) -> Iterator[Emulator]:
    """Run `reconciler emulate` with these arguments while the block runs; its files go below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    # Where it is killed, it leaves nothing elsewhere.
    trusted = [] if {"--db", "--ca-file"} & set(arguments) else ["--ca-file", str(folder / "ca.pem")]
    command = [*COMMAND, "emulate", "--ready-file", str(ready), *trusted, *arguments]
    with (folder / "emulator.log").open("w") as log:
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=log, text=True)
    try:
        told = _wait(ready, process, folder / "emulator.log")
        environment = {"RECONCILER_ENDPOINT": told["url"], "SSL_CERT_FILE": told["caFile"], **told["environment"]}
        with httpx.Client(
            base_url=told["url"], verify=_context(told["caFile"]), headers={"X-Emulator": "control"}, timeout=PATIENCE
        ) as client:
            yield Emulator(told["url"], environment, process, client)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _context(ca_file: str) -> Any:
    import ssl

    return ssl.create_default_context(cafile=ca_file)


def _wait(ready: Path, process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if ready.exists():
            told: dict[str, Any] = json.loads(ready.read_text())
            return told
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"the emulator did not start: {log.read_text()}")


def start(arguments: Sequence[str], emulator: Emulator | None, cwd: Path) -> subprocess.Popen[str]:
    """Start the real command in `cwd`, and return the process."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(emulator),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> Ran:
    """Wait for a started command, and return how it ended."""
    stdout, stderr = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, stdout, stderr)


def run(arguments: Sequence[str], emulator: Emulator | None, cwd: Path) -> Ran:
    """Run the real command in `cwd` to its end."""
    return finish(start(arguments, emulator, cwd))


def environment(emulator: Emulator | None) -> dict[str, str]:
    """Return this process's environment with the emulator's, and without anything that could sign in elsewhere."""
    foreign = ("AZURE_", "ARM_", "RECONCILER_", "ACTIONS_", "SSL_CERT_", "GITHUB_")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**mine, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **(emulator.environment if emulator else {})}


def repository(folder: Path, tenants: Path) -> Path:
    """Make a Git repository with a copy of `tenants` in it, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(tenants, folder / "tenants", dirs_exist_ok=True)
    git = ["git", "-c", "user.name=demo", "-c", "user.email=demo@contoso.example", "-c", "commit.gpgsign=false"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], cwd=folder, check=True)
    commit(folder, "Describe the tenants")
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit everything in the repository at `folder`."""
    git = ["git", "-c", "user.name=demo", "-c", "user.email=demo@contoso.example", "-c", "commit.gpgsign=false"]
    subprocess.run([*git, "add", "--all"], cwd=folder, check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", message], cwd=folder, check=True)
