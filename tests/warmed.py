"""Commands in forks of one process that has imported everything already.

That is the same command in a process of its own, to be killed like any other, without the half second of work that
Python needs to begin. What may be killed while it begins starts from cold, by `rehearsing`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from rehearsing import ROOT, Emulator, Ran, environment

# Whatever a plan and an apply import when they run.
MODULES = (
    "reconciler.cli",
    "reconciler.applying",
    "reconciler.graph.connecting",
    "reconciler.graph.emulated_clock",
    "reconciler.graph.exchange",
    "reconciler.kinds",
    "reconciler.loading",
    "reconciler.planfile",
    "reconciler.reconciling",
    "reconciler.reporting",
    "certifi",
    "deepdiff",
    "h2",
    "httpx",
    "msal",
    "rich.console",
)


class Warm:
    """The process that forks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tools")))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: Sequence[str], emulator: Emulator, cwd: Path) -> Ran:
        """Run a command in `cwd` to its end."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            code = self.ask({"wait": self._begun(arguments, emulator, cwd, folder)})
            return Ran(code, (folder / "stdout").read_text("utf-8"), (folder / "stderr").read_text("utf-8"))

    def start(self, arguments: Sequence[str], emulator: Emulator, cwd: Path) -> Forked:
        """Start a command in `cwd`, for something to befall it."""
        folder = Path(tempfile.mkdtemp())
        os.mkfifo(folder / "stderr")
        return Forked(self, self._begun(arguments, emulator, cwd, folder), folder)

    def _begun(self, arguments: Sequence[str], emulator: Emulator, cwd: Path, folder: Path) -> int:
        """Start a command that writes what it says into `folder`, and return the number of its process."""
        streams = {name: str(folder / name) for name in ("stdout", "stderr")}
        pid: int = self.ask({"arguments": arguments, "cwd": str(cwd), "environment": environment(emulator), **streams})
        return pid

    def ask(self, call: Mapping[str, Any]) -> Any:
        """Let the process do something, and return what it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        with self._process as process:
            process.kill()


class Forked:
    """A command at work. Its standard error can be followed; its standard output is read at the end."""

    def __init__(self, warm: Warm, pid: int, folder: Path) -> None:
        self._warm, self._pid, self._folder = warm, pid, folder
        self._stderr = (folder / "stderr").open(encoding="utf-8")
        self._heard = ""
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs."""
        return self._ended("poll")

    def wait(self) -> None:
        """Return when it has ended."""
        self._ended("wait")

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it is known to have ended."""
        if self._code is None:
            os.kill(self._pid, number)

    def read_line(self) -> str:
        """Return the next line of standard error, or "" after the last."""
        line = self._stderr.readline()
        self._heard += line
        return line

    def finish(self) -> Ran:
        """Wait for its end, and return it."""
        with self._stderr:
            self._heard += self._stderr.read()
        code = self._ended("wait")
        assert code is not None
        stdout = (self._folder / "stdout").read_text("utf-8")
        shutil.rmtree(self._folder)
        return Ran(code, stdout, self._heard)

    def _ended(self, question: str) -> int | None:
        if self._code is None:
            self._code = self._warm.ask({question: self._pid})
        return self._code


@cache
def kept() -> Warm:
    """Return the process that this one keeps until it ends."""
    warm = Warm()
    atexit.register(warm.close)
    return warm


def serve() -> None:
    """Do what each line of standard input asks for, and print the answer: a process or how one ended, as JSON."""
    for module in MODULES:
        importlib.import_module(module)
    # Else the first collection in each fork would write to, and so copy, every page of it.
    gc.freeze()
    for line in sys.stdin:
        match json.loads(line):
            case {"wait": int() as pid}:
                answer = _end(pid, 0)
            case {"poll": int() as pid}:
                answer = _end(pid, os.WNOHANG)
            case call:
                answer = os.fork() or _become(call)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _end(pid: int, options: int) -> int | None:
    """Return how a process ended, or None while it runs."""
    ended, status = os.waitpid(pid, options)
    return os.waitstatus_to_exitcode(status) if ended else None


def _become(call: dict[str, Any]) -> NoReturn:
    """Be the command, to the end of this process."""
    from reconciler.cli import main

    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(call[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    # Those of the process before us believe that they write to files.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    os.chdir(call["cwd"])
    os.environ.clear()
    os.environ.update(call["environment"])
    sys.argv = ["reconciler", *call["arguments"]]
    main()
    raise AssertionError("a command ends its process")


if __name__ == "__main__":
    serve()
