"""What an apply prints when it carries out nothing, and that a rehearsal is called one."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from rehearsing import COMMAND, environment
from sites import REHEARSAL, Site, site


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


def test_apply_reports_in_json_also_when_there_is_nothing_to_do(here: Site) -> None:
    first = here.run("apply", "--yes", "--output", "json")
    again = here.run("apply", "--yes", "--output", "json")

    assert (first.json()["exitCode"], len(first.json()["outcomes"])) == (0, 3)
    assert (again.code, again.json()["exitCode"], again.json()["outcomes"]) == (0, 0, [])
    assert again.json()["summary"] == "Apply: there was nothing to do."


def test_apply_reports_in_json_also_when_all_is_blocked(here: Site) -> None:
    for name in ("contoso", "fabrikam"):
        text = (here.folder / f"tenants/{name}/tenant.yaml").read_text()
        here.write(f"{name}/tenant.yaml", text.replace("owner: identity-team\n", ""))
    for name in ("contoso/partners/fabrikam", "contoso/partners/trey", "fabrikam/partners/contoso"):
        text = (here.folder / f"tenants/{name}.yaml").read_text()
        here.write(f"{name}.yaml", text.replace("owner: identity-team\n", ""))

    applied = here.run("apply", "--yes", "--output", "json")

    assert (applied.code, applied.json()["exitCode"]) == (3, 3)
    assert [outcome["verdict"] for outcome in applied.json()["outcomes"]] == ["blocked"] * 3
    assert not here.committed()


def test_rehearsal_is_called_one(here: Site) -> None:
    planned = here.run("plan", "--output", "json")

    assert planned.stderr.splitlines() == [REHEARSAL]
    assert planned.json()["envelope"]["rehearsal"] is True


def test_plan_of_a_rehearsal_is_not_applied_to_tenants(here: Site) -> None:
    here.run("plan", "--out", "plan.json")
    outside = {name: value for name, value in environment(here.emulator).items() if name != "RECONCILER_ENDPOINT"}

    done = subprocess.run(
        [*COMMAND, "apply", "plan.json"], cwd=here.folder, env=outside, capture_output=True, text=True, check=False
    )

    assert done.returncode == 10
    assert "the plan was made for an emulator, and this run is for real tenants" in done.stderr
    assert REHEARSAL not in done.stderr
