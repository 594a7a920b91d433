"""What others wrote to judge files of this kind, let loose on ours."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
BIN = Path(sys.executable).parent
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yaml"))
FORMS = sorted(path for path in GITHUB.glob("ISSUE_TEMPLATE/*.yaml"))


def judge(*command: str | Path) -> None:
    """Run a checker from our environment; its own words are the failure."""
    name, *rest = command
    run = subprocess.run([BIN / name, *rest], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_there_are_workflows_to_judge() -> None:
    assert WORKFLOWS
    assert FORMS


def test_zizmor_finds_nothing() -> None:
    judge("zizmor", "--offline", "--no-progress", "--pedantic", ".")


def test_actionlint_finds_nothing() -> None:
    judge("actionlint", *WORKFLOWS)


@pytest.mark.parametrize("schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"])
def test_workflows_fit_the_schema(schema: str) -> None:
    judge("check-jsonschema", "--builtin-schema", schema, *WORKFLOWS)


def test_updates_fit_the_schema() -> None:
    judge("check-jsonschema", "--builtin-schema", "vendor.dependabot", GITHUB / "dependabot.yml")


def test_issue_forms_fit_the_schema() -> None:
    judge("check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", *FORMS)


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "bad.yaml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: pull_request_target\n"
        "jobs:\n"
        "  bad:\n"
        "    runs-on: ubuntu-24.04\n"
        "    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n",
        encoding="utf-8",
    )

    with pytest.raises(AssertionError, match="template-injection"):
        judge("zizmor", "--offline", "--no-progress", tmp_path)
