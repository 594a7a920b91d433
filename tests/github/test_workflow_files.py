"""What the workflow files may do. GitHub alone enforces it, so it is read from the files."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

FOLDER = Path(__file__).resolve().parents[2] / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yaml"))
SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"


def workflow(file: Path) -> Mapping[str, Any]:
    read: Mapping[str, Any] = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    return read


def jobs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file in FILES:
        for name, job in workflow(file)["jobs"].items():
            yield f"{file.stem}/{name}", job


def steps() -> Iterator[Mapping[str, Any]]:
    for _, job in jobs():
        yield from job["steps"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_nothing_is_permitted_by_default(file: Path) -> None:
    assert workflow(file)["permissions"] == {}


def test_each_job_may_write_one_thing_at_most() -> None:
    written = {name: [right for right, level in job["permissions"].items() if level == "write"] for name, job in jobs()}

    assert {name: rights for name, rights in written.items() if rights} == {
        "apply/apply": ["id-token"],
        "drift/look": ["id-token"],
        "drift/report": ["issues"],
        "plan/live": ["id-token"],
        "plan/comment": ["pull-requests"],
    }


def test_who_may_sign_in_is_bound_to_an_environment() -> None:
    bound = {name: job.get("environment") for name, job in jobs() if "id-token" in job["permissions"]}

    assert bound == {"apply/apply": "production", "drift/look": "plan", "plan/live": "plan"}


def test_forks_neither_sign_in_nor_write() -> None:
    plan = workflow(FOLDER / "plan.yaml")

    assert set(plan["on"]) == {"pull_request"}
    for name, job in plan["jobs"].items():
        assert (SAME_REPOSITORY in job.get("if", "")) == (name != "rehearsal")


@pytest.mark.parametrize("name", ["apply", "drift"])
def test_run_is_never_cancelled_for_another(name: str) -> None:
    assert workflow(FOLDER / f"{name}.yaml")["concurrency"] == {"group": name, "cancel-in-progress": False}


def test_nothing_is_put_into_a_script() -> None:
    assert not [step["run"] for step in steps() if "${{" in step.get("run", "")]


def test_no_checkout_keeps_its_token() -> None:
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]

    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_actions_are_pinned_and_say_their_version(file: Path) -> None:
    used = re.findall(r"uses: (.+)", file.read_text(encoding="utf-8"))

    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in used)
