"""The three workflows of this repository, really executed against the emulator and a small GitHub."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from foreign import CONTOSO, ROOT
from forges import Acted, Forge, forge, pins
from github_double import REPOSITORY, Double, served
from rehearsing import Emulator, commit, emulating, run

from reconciler.emulator import seeds
from reconciler.emulator.world import GitHub, World

LIVE = {"RECONCILER_TENANTS": "live"}
ON_THE_EMULATOR = "planned on an emulator of the example company, and not on live tenants"
ADATUM = ("adatum", f"/policies/crossTenantAccessPolicy/partners/{CONTOSO}")
TREY = ("fabrikam", "/policies/crossTenantAccessPolicy/partners/4097fab2-2dad-4c4a-af54-1bcd6b214988")
ONE_MORE = """\
  - {name: nod-publishers, tenantId: 72e194c0-6e83-4bba-84e4-d46b3792d171,
     domain: nodpublishers.example, owner: marketing}
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A repository at GitHub: what jobs work in, and what GitHub has seen of them."""

    forge: Forge
    double: Double
    base: str

    def branch(self, file: str, text: str) -> None:
        """Push a change of one file to the branch of the pull request."""
        self.forge.git("checkout", "--quiet", "-B", "change")
        path = self.forge.repository / file
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
        commit(self.forge.repository, "Change a file")

    @property
    def head(self) -> str:
        """The commit at the tip of what is checked out."""
        return self.forge.git("rev-parse", "HEAD")

    def pull_request(self, head: str = REPOSITORY, **more: Mapping[str, str]) -> Acted:
        said = {
            "number": 7,
            "pull_request": {
                "number": 7,
                "base": {"ref": "main", "sha": self.base},
                "head": {"ref": "change", "sha": self.head, "repo": {"full_name": head}},
            },
        }
        return self.forge.act("plan.yaml", "pull_request", said, **more)

    def look(self, emulator: Emulator) -> tuple[int, list[tuple[str, str]]]:
        """Run the schedule on live tenants, and return how it ended with state and text of every issue."""
        acted = self.forge.act("drift.yaml", "schedule", variables=LIVE, environment=runner(emulator))
        return acted.code, [(issue["state"], issue["body"]) for issue in self.double.issues]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    double = Double()
    with served(double) as address:
        made = forge(tmp_path / "forge", address)
        yield Stage(made, double, made.git("rev-parse", "HEAD"))


@contextmanager
def company(folder: Path) -> Iterator[Emulator]:
    """The example company, in whose tenants the applications trust the job, and no secret is known to it."""
    world = World.from_seed(seeds.parse((ROOT / "tests" / "company" / "portal.yaml").read_text(encoding="utf-8")))
    said: Any = seeds.seed_of(world)
    world.store.close()
    trusted = [{"issuer": world.github.issuer, "subject": world.github.subject}]
    for tenant in said["tenants"].values():
        for application in tenant["applications"]:
            application["federated"] = trusted
    folder.mkdir()
    (folder / "seed.json").write_text(json.dumps(said), encoding="utf-8")
    with emulating(folder, "--seed", str(folder / "seed.json")) as emulator:
        yield emulator


def runner(emulator: Emulator) -> dict[str, str]:
    """Return what the machine of a job has: the way to the tenants, and GitHub's word for the job."""
    return {
        **{name: emulator.environment[name] for name in ("RECONCILER_ENDPOINT", "SSL_CERT_FILE")},
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{emulator.url}/github/oidc/token",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": GitHub().bearer,
    }


# ---------------------------------------------------------------------------------------------- plan


def test_plan_is_commented_and_written_over(stage: Stage) -> None:
    first = stage.pull_request()
    assert first.jobs == {"rehearsal": "success", "comment": "success"}, first.output
    (comment,) = stage.double.comments
    assert "Plan: 3 to create" in comment["body"]
    assert f"{stage.head}, {ON_THE_EMULATOR}" in comment["body"]

    stage.branch("tenants/contoso/partners.yaml", ONE_MORE)
    second = stage.pull_request()

    assert second.code == 0, second.output
    (again,) = stage.double.comments
    assert again["id"] == comment["id"]
    assert "Plan: 4 to create" in again["body"]
    assert f"{stage.head}, {ON_THE_EMULATOR}" in again["body"]
    assert stage.double.writes == ["POST", "PATCH"]


def test_fork_gets_a_plan_and_no_comment(stage: Stage) -> None:
    acted = stage.pull_request(head="stranger/tenants", variables=LIVE)

    assert acted.jobs == {"rehearsal": "success"}, acted.output
    assert "Plan: 3 to create" in (stage.forge.kept / "plan-on-the-emulator" / "plan.md").read_text(encoding="utf-8")
    assert stage.double.requests == []


def test_live_plan_and_comment_run_no_code_of_the_branch(stage: Stage, tmp_path: Path) -> None:
    stage.branch("tenants/contoso/partners.yaml", ONE_MORE)
    stage.branch("reconciler/__init__.py", "raise SystemExit('code of the branch')\n")
    with company(tmp_path / "company") as emulator:
        acted = stage.pull_request(variables=LIVE, environment=runner(emulator))
        assert acted.jobs == {"rehearsal": "failure", "live": "success", "comment": "success"}, acted.output
        assert emulator.journal() == []

    (comment,) = stage.double.comments
    assert "Plan: 4 to create" in comment["body"]
    assert ON_THE_EMULATOR not in comment["body"]


def test_tenants_that_cannot_be_read_are_commented_as_such(stage: Stage, tmp_path: Path) -> None:
    with company(tmp_path / "company") as emulator:
        wrong = {**runner(emulator), "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "wrong"}
        acted = stage.pull_request(variables=LIVE, environment=wrong)

    assert acted.jobs == {"rehearsal": "success", "live": "failure", "comment": "success"}, acted.output
    (comment,) = stage.double.comments
    assert comment["body"].count("**not read**") == 4
    assert ON_THE_EMULATOR not in comment["body"]


def test_plan_of_an_earlier_push_does_not_outlive_it(stage: Stage) -> None:
    stage.double.comment(7, "<!-- entra-reconciler:plan -->\n### Plan: of an earlier push")
    stage.branch("tenants/contoso/partners.yaml", "colour: red\n")
    acted = stage.pull_request()

    assert acted.jobs == {"rehearsal": "failure", "comment": "success"}, acted.output
    (comment,) = stage.double.comments
    assert comment["body"].splitlines()[1] == "### No plan"
    assert f"<sub>{stage.head}</sub>" in comment["body"]
    assert "tenants/contoso/partners.yaml" in acted.output


# ---------------------------------------------------------------------------------------------- apply


def kept(stage: Stage) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in stage.forge.kept.glob("apply-*/*")}


def test_merge_applies_on_the_emulator_where_no_tenants_are(stage: Stage) -> None:
    # GitHub's word is on offer, as in every job with `id-token: write`, and is not asked for.
    offered = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://localhost:1/", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "unused"}
    acted = stage.forge.act("apply.yaml", "push", {"ref": "refs/heads/main"}, environment=offered)

    assert acted.jobs == {"apply": "success"}, acted.output
    assert sorted(kept(stage)) == ["journal.jsonl", "plan.json", "plan.md", "report.md"]
    assert "of 10 steps 10 applied" in kept(stage)["report.md"]


def test_merge_applies_to_the_tenants_once(stage: Stage, tmp_path: Path) -> None:
    with company(tmp_path / "company") as emulator:
        for _ in range(2):
            acted = stage.forge.act("apply.yaml", "push", variables=LIVE, environment=runner(emulator))
            assert acted.jobs == {"apply": "success"}, acted.output
        assert len([entry for entry in emulator.journal() if entry["committed"]]) == 10


def test_apply_that_fails_leaves_its_papers(stage: Stage, tmp_path: Path) -> None:
    with company(tmp_path / "company") as emulator:
        emulator.fault({"match": {"method": ["POST", "DELETE"], "path": "/v1.0/policies/*"}, "action": {"status": 403}})
        acted = stage.forge.act("apply.yaml", "push", variables=LIVE, environment=runner(emulator))

    assert acted.jobs == {"apply": "failure"}
    assert sorted(kept(stage)) == ["journal.jsonl", "plan.json", "plan.md", "report.md"]
    assert "Look at these first" in kept(stage)["report.md"]


# ---------------------------------------------------------------------------------------------- drift


def test_drift_is_an_issue_until_it_is_gone(stage: Stage, tmp_path: Path) -> None:
    with company(tmp_path / "company") as emulator:
        assert run(["apply", "--yes"], emulator, stage.forge.repository).code == 0
        code, ((state, text),) = stage.look(emulator)
        assert (code, state) == (0, "open")
        assert "1 drift" in text

        trust = {"isMfaAccepted": True, "isCompliantDeviceAccepted": True, "isHybridAzureADJoinedDeviceAccepted": True}
        emulator.portal(*TREY, {"inboundTrust": trust})
        code, ((state, text),) = stage.look(emulator)
        assert (code, state) == (0, "open")
        assert "2 drift" in text

        assert run(["apply", "--yes"], emulator, stage.forge.repository).code == 0
        emulator.portal(*ADATUM, {"inboundTrust": {"isHybridAzureADJoinedDeviceAccepted": False}})
        code, ((state, text),) = stage.look(emulator)
        assert (code, state) == (0, "closed")
        assert "4 in sync" in text
        assert stage.double.writes == ["POST", "PATCH", "PATCH"]


def test_drift_of_emulated_tenants_is_called_so(stage: Stage) -> None:
    acted = stage.forge.act("drift.yaml", "schedule")

    assert acted.jobs == {"look": "success", "report": "success"}, acted.output
    (issue,) = stage.double.issues
    assert issue["title"] == "Emulated tenants differ from Git"
    assert "from an emulator of the example company, and not from live tenants" in issue["body"]


def test_unread_tenant_closes_no_issue(stage: Stage, tmp_path: Path) -> None:
    with company(tmp_path / "company") as emulator:
        assert run(["apply", "--yes"], emulator, stage.forge.repository).code == 0
        stage.look(emulator)
        emulator.portal(*ADATUM, {"inboundTrust": {"isHybridAzureADJoinedDeviceAccepted": False}})
        emulator.fault({"match": {"tenant": "northwind", "path": "*/partners"}, "action": {"status": 403}})

        code, ((state, text),) = stage.look(emulator)

    assert (code, state) == (1, "open")
    assert "2 unknown" in text


def test_every_action_is_pinned_once() -> None:
    names = [name for name, _ in pins()]

    assert sorted(names) == sorted(set(names))
