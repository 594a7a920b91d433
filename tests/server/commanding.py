"""The real command in a process of its own, and what it prints."""

import json
import os
import re
import shlex
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

COMMAND = [sys.executable, "-c", "from reconciler.cli import main; main()", "emulate"]
CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
SEED = f"""
tenants:
  contoso:
    tenantId: {CONTOSO}
    domain: contoso.example
"""


@dataclass(frozen=True)
class Running:
    """An emulator that accepts connections, and the lines that it printed."""

    process: subprocess.Popen[str]
    lines: tuple[str, ...]
    talk: str

    @property
    def variables(self) -> Mapping[str, str]:
        """What the lines set."""
        words = (shlex.split(line)[1].partition("=") for line in self.lines)
        return {name: value for name, _, value in words}

    def client(self) -> httpx.Client:
        """Return a client that knows only what the lines say."""
        context = ssl.create_default_context(cafile=self.variables["SSL_CERT_FILE"])
        return httpx.Client(base_url=self.variables["RECONCILER_ENDPOINT"], verify=context, timeout=30)

    def token(self, caller: httpx.Client, purpose: str = "APPLY") -> str:
        """Sign in to Contoso with the secret that was printed."""
        secret = self.variables[f"RECONCILER_{purpose}_CLIENT_SECRET_CONTOSO"]
        application = state(caller)["tenants"]["contoso"]["applications"]
        app_id = next(one["appId"] for one in application if one["name"] == purpose.lower())
        form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": secret,
            "scope": "https://graph.microsoft.com/.default",
        }
        answer = caller.post(f"/{CONTOSO}/oauth2/v2.0/token", data=form)
        token: str = answer.json()["access_token"]
        return token

    def end(self, number: signal.Signals) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=10)


def state(caller: httpx.Client) -> Any:
    """Return the whole world."""
    return caller.get("/emulator/state", headers={"X-Emulator": "control"}).json()


@contextmanager
def emulating(folder: Path, *arguments: str, seed: str = SEED, limit: str = "true") -> Iterator[Running]:
    """Run the emulator until the block ends, from when it accepts connections; `limit` is a shell's word before it."""
    file = folder / "seed.yaml"
    file.write_text(seed, encoding="utf-8")
    with subprocess.Popen(
        ["sh", "-c", f'{limit}; exec "$@"', "sh", *COMMAND, "--seed", str(file), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=clean_environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            talk = process.stderr.readline()
            assert talk.startswith("Standing in"), talk + process.stderr.read()
            lines = tuple(process.stdout.readline() for _ in range(4))
            yield Running(process, lines, talk)
        finally:
            process.kill()


def failing(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run an emulator that does not come up; return its exit code and what it says."""
    run = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=clean_environment(),
        timeout=30,
        check=False,
    )
    assert not run.stdout
    return run.returncode, run.stderr


def clean_environment() -> Mapping[str, str]:
    """Return our environment without what would lead a client anywhere, and with the package on the path."""
    kept = {name: value for name, value in os.environ.items() if not re.match("AZURE_|RECONCILER_|SSL_CERT", name)}
    return {**kept, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def read_json(path: Path) -> Any:
    """Return what a JSON file says."""
    return json.loads(path.read_text(encoding="utf-8"))
