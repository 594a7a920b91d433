"""Commands that nothing befalls, run in forks of one process that has imported everything already.

That is the same command in a process of its own, without the half second of work that Python needs to begin. What is
killed, stopped or disturbed starts from cold, by `rehearsing`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

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
    """The process that forks. One command at a time."""

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
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            call = {
                "arguments": arguments,
                "cwd": str(cwd),
                "environment": environment(emulator),
                "stdout": str(folder / "stdout"),
                "stderr": str(folder / "stderr"),
            }
            self._process.stdin.write(json.dumps(call) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            return Ran(code, (folder / "stdout").read_text("utf-8"), (folder / "stderr").read_text("utf-8"))

    def close(self) -> None:
        """End the process."""
        with self._process as process:
            process.kill()


@cache
def kept() -> Warm:
    """Return the process that this one keeps until it ends; it ends with its standard input."""
    warm = Warm()
    atexit.register(warm.close)
    return warm


def serve() -> None:
    """Run one command for each line of standard input, and print its exit code."""
    for module in MODULES:
        importlib.import_module(module)
    # Else the first collection in each fork would write to, and so copy, every page of it.
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(call: dict[str, Any]) -> None:
    """Be the command, to the end of this process."""
    from reconciler.cli import main

    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(call[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.chdir(call["cwd"])
    os.environ.clear()
    os.environ.update(call["environment"])
    sys.argv = ["reconciler", *call["arguments"]]
    main()


if __name__ == "__main__":
    serve()
