"""What goes wrong while a command runs: what the user sees, and how the command ends."""

import os
import pty
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rehearsing import COMMAND, environment
from sites import FABRIKAM, PARTNERS, REHEARSAL, TREY, Site, finish, site, start

WRITES = ["POST", "PATCH", "DELETE"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


def test_everything_is_applied_once(here: Site) -> None:
    applied = here.run("apply", "--yes")
    again = here.run("apply", "--yes")

    assert (applied.code, again.code) == (0, 0)
    assert "3 to create" in applied.stderr
    assert "No changes. All 2 tenants are as Git says." in again.stderr
    assert len(here.committed()) == 3


def test_forbidden_list_is_not_empty(here: Site) -> None:
    here.emulator.fault({"match": {"path": f"*{PARTNERS}", "tenant": "contoso"}, "action": {"status": 403}})

    planned = here.run("plan", "--out", "plan.json")

    assert planned.code == 8
    assert "nothing is known about this tenant: contoso: " in planned.stdout
    assert "403" in planned.stdout
    assert "Plan: 1 to create, 0 to update, 0 to delete in 1 tenant; 1 not read." in planned.stdout


def test_readable_tenant_is_applied_beside_an_unreadable_one(here: Site) -> None:
    here.emulator.fault({"match": {"path": f"*{PARTNERS}", "tenant": "contoso"}, "action": {"status": 403}})

    applied = here.run("apply", "--yes")

    assert applied.code == 6
    assert here.committed() == [("POST", "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01")]
    assert "contoso could not be read, and was left alone" in applied.stdout


def test_unreadable_tenant_counts_for_plan_and_apply_alike_where_it_is_only_observed(here: Site) -> None:
    """Nothing would be written there; but whoever asks to have it watched is told when it is not."""
    text = (here.folder / "tenants/fabrikam/tenant.yaml").read_text()
    here.write("fabrikam/tenant.yaml", text.replace("management: here", "management: observe"))
    here.emulator.fault({"match": {"path": f"*{PARTNERS}", "tenant": "fabrikam"}, "action": {"status": 403}})

    planned = here.run("plan", "--out", "plan.json")
    applied = here.run("apply", "plan.json")
    again = here.run("apply", "--yes")

    assert (planned.code, applied.code, again.code) == (8, 6, 8)
    assert "fabrikam could not be read, and was left alone" in applied.stdout
    assert len(here.committed()) == 2


def test_throttling_for_ever_ends(here: Site) -> None:
    here.emulator.fault({"match": {"path": "/v1.0/*"}, "action": {"status": 429, "headers": {"Retry-After": "7"}}})

    planned = here.run("plan")

    assert planned.code == 9
    assert "429" in planned.stdout
    assert "2 not read" in planned.stdout


def test_wrong_domain_is_somebody_else(here: Site) -> None:
    text = (here.folder / "tenants/contoso/tenant.yaml").read_text()
    here.write("contoso/tenant.yaml", text.replace("contoso.example", "contosso.example"))

    planned = here.run("plan")

    assert planned.code == 3
    assert "contosso.example is not a verified domain of tenant" in planned.stdout
    assert "the directory does not say that contosso.example is its domain" in planned.stdout


def test_wrong_secret_says_what_to_do(here: Site) -> None:
    site = Site(here.folder, here.emulator)
    names = {name: value for name, value in here.emulator.environment.items() if "SECRET" not in name}
    site.emulator.environment = {**names, "RECONCILER_CLIENT_SECRET_CONTOSO": "wrong", "AZURE_CLIENT_SECRET": "wrong"}

    planned = site.run("plan")

    assert planned.code == 8
    assert "AADSTS7000215" in planned.stdout
    assert "wrong\n" not in planned.stdout + planned.stderr


def test_emulator_gone_in_the_middle(here: Site) -> None:
    second = {"match": {"method": WRITES, "path": "/v1.0/policies/*", "tenant": "contoso"}, "nth": 2}
    here.emulator.fault({**second, "phase": "after-commit", "action": "hold"})
    process = start(["apply", "--yes", "--output", "json"], here.emulator, here.folder)
    here.emulator.held()

    here.emulator.process.kill()
    ran = finish(process)

    assert ran.code == 7
    # The other tenant may have been finished and read back before.
    cut = [outcome["verdict"] for outcome in ran.json()["outcomes"] if outcome["address"]["tenant"] == "contoso"]
    assert sorted(cut) == ["applied-unverified", "unknown"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_apply_tells_what_it_did(here: Site, number: int, code: int) -> None:
    here.emulator.fault(
        {
            "match": {"method": WRITES, "path": "/v1.0/policies/*", "tenant": "contoso"},
            "nth": 1,
            "phase": "after-commit",
            "action": "hold",
        }
    )
    process = start(["apply", "--yes", "--output", "json"], here.emulator, here.folder)
    here.emulator.held()

    process.send_signal(number)
    here.emulator.release()
    ran = finish(process)

    assert ran.code == code
    assert "Finishing the request in flight" in ran.stderr
    outcomes = {outcome["address"]["key"]: outcome["verdict"] for outcome in ran.json()["outcomes"]}
    assert outcomes[min(TREY, FABRIKAM)] in ("applied", "applied-unverified")
    assert "not-started" in outcomes.values()
    assert here.run("apply", "--yes").code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_plan_changes_nothing(here: Site, number: int, code: int) -> None:
    here.emulator.fault({"match": {"path": "/v1.0/*"}, "nth": 1, "action": "hold"})
    process = start(["plan"], here.emulator, here.folder)
    here.emulator.held()

    process.send_signal(number)
    ran = finish(process)

    assert ran.code == code
    assert ran.stderr.split("\n") == [REHEARSAL, "", "Interrupted; nothing was written.", ""]


def test_run_in_the_background_of_a_script_ends_when_it_is_told_to(here: Site) -> None:
    """There, Ctrl-C is ignored, and everything that goes by it."""
    here.emulator.fault({"match": {"path": "/v1.0/*"}, "nth": 1, "action": "hold"})
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start(["plan"], here.emulator, here.folder)
    finally:
        signal.signal(signal.SIGINT, before)
    here.emulator.held()

    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)

    assert finish(process).code == 143


def test_changed_byte_is_found(here: Site) -> None:
    here.run("plan", "--out", "plan.json")
    plan = here.folder / "plan.json"
    plan.write_bytes(plan.read_bytes().replace(b'inboundAllowed":false', b'inboundAllowed":true ', 1))

    applied = here.run("apply", "plan.json")

    assert applied.code == 10
    assert "Error: plan.json: the plan file is not as it was written" in applied.stderr
    assert here.committed() == []


def test_edit_after_the_plan_is_found(here: Site) -> None:
    here.run("apply", "--yes")
    text = (here.folder / "tenants/contoso/partners/trey.yaml").read_text()
    here.write("contoso/partners/trey.yaml", text.replace("outboundAllowed: false", "outboundAllowed: true"))
    here.run("plan", "--out", "plan.json")
    here.emulator.portal("contoso", f"{PARTNERS}/{TREY}", {"automaticUserConsentSettings": {"inboundAllowed": True}})

    applied = here.run("apply", "plan.json")

    assert applied.code == 4
    assert "contoso was changed since the plan was made" in applied.stderr
    assert len(here.committed()) == 4


def test_changed_files_make_a_plan_stale(here: Site) -> None:
    here.run("plan", "--out", "plan.json")
    here.write("contoso/partners/trey.yaml", (here.folder / "tenants/contoso/partners/trey.yaml").read_text() + "# x\n")

    applied = here.run("apply", "plan.json")

    assert applied.code == 4
    assert "the documents are not the ones that the plan was made from; make a new plan" in applied.stderr


def test_full_disk_leaves_no_plan(here: Site) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))

    ran = subprocess.run(
        [*COMMAND, "plan", "--out", "plan.json"],
        cwd=here.folder,
        env=environment(here.emulator),
        capture_output=True,
        text=True,
        preexec_fn=small,
        check=False,
    )

    assert ran.returncode == 1
    assert "plan.json: the plan could not be written (File too large); it is not saved" in ran.stderr
    assert [path.name for path in here.folder.iterdir() if "plan" in path.name] == []


def test_nobody_to_agree_writes_nothing(here: Site) -> None:
    applied = here.run("apply")

    assert applied.code == 1
    assert "nobody is there to agree to the plan; save it with `plan --out`, or say --yes" in applied.stderr
    assert here.committed() == []


@pytest.mark.parametrize(("answer", "code", "writes"), [("yes", 0, 3), ("no", 1, 0), ("y", 1, 0), ("", 1, 0)])
def test_only_yes_counts(here: Site, answer: str, code: int, writes: int) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [*COMMAND, "apply"]
    variables = environment(here.emulator)
    ran = subprocess.run(
        command, cwd=here.folder, env=variables, stdin=theirs, capture_output=True, text=True, check=False
    )
    os.close(ours)
    os.close(theirs)

    assert ran.returncode == code
    assert ("the plan was not agreed to; nothing was written" in ran.stderr) is bool(code)
    assert len(here.committed()) == writes


def test_second_apply_waits_for_nobody(here: Site) -> None:
    here.emulator.fault({"match": {"method": WRITES, "path": "/v1.0/policies/*"}, "nth": 1, "action": "hold"})
    first = start(["apply", "--yes"], here.emulator, here.folder)
    here.emulator.held()

    second = here.run("apply", "--yes")
    here.emulator.release()

    assert second.code == 5
    assert "another apply is running here" in second.stderr
    assert finish(first).code == 0


def test_hostile_words_of_a_server_stay_words(here: Site) -> None:
    hostile = "</details>@everyone\x1b[31m\r::error::x"
    body = {"error": {"code": "Nope", "message": hostile}}
    here.emulator.fault({"match": {"path": f"*{PARTNERS}"}, "action": {"status": 403, "body": body}})

    for output in ("text", "markdown", "html", "json"):
        planned = here.run("plan", "--output", output)
        assert planned.code == 8
        assert "\x1b" not in planned.stdout + planned.stderr
        assert "\r" not in planned.stdout + planned.stderr
        if output in ("markdown", "html"):
            assert "</details>@everyone" not in planned.stdout


def test_hostile_name_is_a_name(here: Site) -> None:
    text = (here.folder / "tenants/contoso/partners/trey.yaml").read_text()
    here.write("contoso/partners/trey.yaml", text.replace("name: trey", 'name: "</details>@everyone"'))

    planned = here.run("plan", "--output", "markdown")

    assert planned.code in (0, 1)
    assert "</details>@everyone" not in planned.stdout


def test_closed_pipe_is_no_error(here: Site) -> None:
    command = f"{sys.executable} -c 'from reconciler.cli import main; main()' show --expanded | head -c 1"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=here.folder,
        env=environment(here.emulator),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_stream_changes_no_ending(here: Site, closed: str) -> None:
    command = f"{sys.executable} -c 'from reconciler.cli import main; main()' apply --yes {closed}"
    ran = subprocess.run(["bash", "-c", command], cwd=here.folder, env=environment(here.emulator), check=False)

    assert ran.returncode == 0
    assert len(here.committed()) == 3


def test_closed_stdin_agrees_to_nothing(here: Site) -> None:
    command = f"{sys.executable} -c 'from reconciler.cli import main; main()' apply <&-"
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=here.folder,
        env=environment(here.emulator),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert "nobody is there to agree to the plan" in ran.stderr
    assert here.committed() == []
