"""Workflow files, really executed: act runs their steps as processes of this machine, without containers.

What it cannot do here stands in: the actions that workflows use are replaced, under the very commits they are pinned
to, by a few lines that do the same with a folder. The checkout of a pull request is its branch, where GitHub has it
merged into the base. Environments, permissions, path filters and concurrency have no effect in act.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from foreign import FOREIGN, ROOT
from github_double import REPOSITORY, TOKEN
from rehearsing import commit

PATIENCE = 50.0

# By `uses: NAME@COMMIT`: inputs, and what the stand-in does. BRANCHES is the repository, KEPT the artifacts.
STAND_INS = {
    "actions/checkout": (
        ("ref", "path", "persist-credentials"),
        """
        git init --quiet "./$path"
        cd "./$path"
        git fetch --quiet "$BRANCHES" "${ref:-HEAD}"
        git checkout --quiet --force FETCH_HEAD
        """,
    ),
    "actions/setup-python": (("python-version",), "python --version"),
    "actions/upload-artifact": (
        ("name", "path", "overwrite", "retention-days", "include-hidden-files"),
        """
        mkdir -p "$KEPT/$name"
        while read -r file; do
            if [ -f "$file" ]; then cp "$file" "$KEPT/$name/"; fi
        done <<<"$path"
        """,
    ),
    "actions/download-artifact": (("name", "path"), 'mkdir -p "$path" && cp "$KEPT/$name"/* "$path/"'),
}


@dataclass(frozen=True, slots=True)
class Acted:
    """How a workflow ended, and which of its jobs ended how: success, failure, or absent because it was skipped."""

    code: int
    log: str

    @property
    def jobs(self) -> Mapping[str, str]:
        """Job → result, of the jobs that ran."""
        entries = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return {one["jobID"]: one["jobResult"] for one in entries if "jobResult" in one}

    @property
    def output(self) -> str:
        """What the steps printed, as a person reads it in the log."""
        entries = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return "".join(one["msg"] for one in entries if one.get("raw_output"))


@dataclass(frozen=True, slots=True)
class Forge:
    """A repository with our files in it, where jobs find it, and where artifacts are kept."""

    folder: Path
    github: str

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def kept(self) -> Path:
        return self.folder / "kept"

    def git(self, *arguments: str) -> str:
        """Run git in the repository, and return what it prints."""
        done = subprocess.run(["git", *arguments], cwd=self.repository, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def act(
        self,
        workflow: str,
        event: str,
        said: Mapping[str, Any] | None = None,
        *,
        variables: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Acted:
        """Run a workflow for an event, with repository variables, and with variables that its runner has."""
        payload = self.folder / "event.json"
        payload.write_text(json.dumps(said or {}), encoding="utf-8")
        given = {
            "BRANCHES": str(self.repository),
            "KEPT": str(self.kept),
            "GITHUB_API_URL": self.github,
            "GITHUB_REPOSITORY": REPOSITORY,
            # What a job installs is there already: if it were not, nothing would be fetched in a test.
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **(environment or {}),
        }
        command = [
            *(_act(), event, "--json", "--workflows", f".github/workflows/{workflow}", "--eventpath", str(payload)),
            *("--platform", "ubuntu-24.04=-self-hosted", "--pull=false", "--action-offline-mode", "--no-cache-server"),
            *("--no-skip-checkout", "--secret", f"GITHUB_TOKEN={TOKEN}"),
            *(word for each in self._stand_ins() for word in ("--local-repository", each)),
            *(word for each in (variables or {}).items() for word in ("--var", "=".join(each))),
            *(word for each in given.items() for word in ("--env", "=".join(each))),
        ]
        ran = subprocess.run(
            command,
            cwd=self.repository,
            env=self._clean(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Acted(ran.returncode, ran.stdout + ran.stderr)

    def _clean(self) -> Mapping[str, str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        folders = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), str(home))
        return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **folders}

    def _stand_ins(self) -> Iterator[str]:
        for name, pin in sorted(pins()):
            yield f"{name}@{pin}={self.folder / 'actions' / name}"


def forge(folder: Path, github: str) -> Forge:
    """Make a repository of what Git keeps here, as it is now, on its main branch."""
    made = Forge(folder, github)
    for name in _tracked():
        (made.repository / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, made.repository / name)
    made.git("init", "--quiet", "--initial-branch=main")
    # Jobs fetch commits by their id.
    made.git("config", "uploadpack.allowAnySHA1InWant", "true")
    made.git("remote", "add", "origin", f"https://github.com/{REPOSITORY}.git")
    commit(made.repository, "Describe the tenants")
    for name, (inputs, script) in STAND_INS.items():
        action = folder / "actions" / name / "action.yml"
        action.parent.mkdir(parents=True)
        action.write_text(json.dumps(_stand_in(name, inputs, script)), encoding="utf-8")
    return made


def pins() -> frozenset[tuple[str, str]]:
    """Return name and commit of every action that the workflows use."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yaml"))
    return frozenset(re.findall(r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40})", text))


def _stand_in(name: str, inputs: Iterable[str], script: str) -> Mapping[str, Any]:
    given = {each: f"${{{{ inputs.{each} }}}}" for each in inputs}
    step = {"shell": "bash", "run": dedent(script), "env": given}
    return {
        "name": name,
        "description": "A stand-in.",
        "inputs": {each: {"description": each, "default": ""} for each in inputs},
        "runs": {"using": "composite", "steps": [step]},
    }


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _act() -> str:
    found = shutil.which(FOREIGN / "python" / "bin" / "act")
    assert found, "act is not installed; run make interop, which installs it"
    return found
