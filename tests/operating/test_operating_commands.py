"""status, logs, verify and restart as a user has them: the real command against the emulator's process."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import driving
import jsonschema
import pytest
import warmed
from lent import lent
from operated import LINK, READING, documents, seed
from rehearsing import Emulator, Ran, finish, repository, start

from reconciler.cli import cli
from reconciler.errors import SetupError
from reconciler.model import Body, Json

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


@dataclass(frozen=True)
class Desk:
    """A repository, the emulator of its tenants, and the command to run in it."""

    folder: Path
    emulator: Emulator

    def run(self, *arguments: str) -> Ran:
        return warmed.kept().run(arguments, self.emulator, self.folder)


@contextmanager
def desk(folder: Path, said: Mapping[str, Json], files: Mapping[str, Body] | None = None) -> Iterator[Desk]:
    """A repository with the files in it, and an emulator that begins with this world."""
    there = repository(folder / "checkout", driving.write(folder / "source", files or documents()))
    with lent(said) as emulator:
        yield Desk(there, emulator)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at which no test writes anything, and no cycle runs."""
    with desk(tmp_path_factory.mktemp("quiet"), seed("paused")) as there:
        yield there


def valid(name: str, text: str) -> Json:
    document = json.loads(text)
    schema = json.loads((SCHEMAS / f"report-{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def test_status_is_a_table(quiet: Desk) -> None:
    done = quiet.run("status")

    assert done.code == 0
    assert done.stdout.splitlines()[0].split() == ["link", "from", "to", "state", "last", "cycle", "next", "cycle"]
    assert done.stdout.splitlines()[1].split()[:4] == [LINK, "contoso", "fabrikam", "paused"]
    assert done.stdout.splitlines()[-1] == "Status: 1 paused."


def test_status_is_a_document(quiet: Desk) -> None:
    document = valid("status", quiet.run("status", "--output", "json", LINK).stdout)

    assert [one["state"] for one in document["links"]] == ["paused"]


def test_status_names_a_write_without_an_outcome(quiet: Desk) -> None:
    journal = quiet.folder / ".reconciler" / "journal.jsonl"
    journal.parent.mkdir(exist_ok=True)
    step = {"event": "intent", "run": "r1", "action": "create", "address": "fabrikam/partners/contoso", "at": "09:00"}
    told = {"event": "outcome", "run": "r1", "step": "1"}
    journal.write_text(
        "".join(f"{json.dumps(line)}\n" for line in ({**step, "step": "1"}, told, {**step, "step": "2"}))
    )
    try:
        done = quiet.run("status", "--output", "json")
    finally:
        journal.unlink()

    valid("status", done.stdout)
    assert done.stderr.count("No outcome is known of a write of run r1: create fabrikam/partners/contoso at 09:00") == 1


def test_watching_ends_after_its_looks(quiet: Desk) -> None:
    done = quiet.run("status", "--watch", "--count", "3", "--interval", "3600")

    assert (done.code, done.stdout.count("Status: 1 paused.")) == (0, 3)


def test_watching_gives_a_document_on_each_line(quiet: Desk) -> None:
    done = quiet.run("status", "--watch", "--count", "2", "--output", "json")

    assert [valid("status", line)["links"][0]["state"] for line in done.stdout.splitlines()] == ["paused", "paused"]


def test_watching_ends_when_it_is_interrupted(quiet: Desk) -> None:
    process = start(("status", "--watch", "--count", "100000", "--interval", "10"), quiet.emulator, quiet.folder)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    done = finish(process)

    assert done.code == 130
    assert done.stderr.splitlines()[-1] == "Interrupted; nothing was written."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("status", "--watch"), "--watch needs a terminal, --count to end, or --output json."),
        (("status", "--count", "2"), "--count is for --watch."),
        (("status", "contoso-to-fabricam"), "did you mean 'contoso-to-fabrikam'?"),
        (("logs", "nothing-like-it"), "is no link of these files; there is contoso-to-fabrikam"),
        (("logs", LINK, "--since", "soon"), "write a time before now"),
        (("provision", LINK, "--changed-since", "soon"), "write a time before now"),
        (("restart", LINK, "--scope", "default", "--yes", "other"), "--yes says 'other' and the link is"),
        (("restart", LINK, "--scope", "full", "--yes", LINK), "asks for --break-links as well: the service forgets"),
        (("restart", LINK, "--scope", "force-deletes"), "asks for --carry-out-held-deletions as well"),
        (("restart", LINK, "--scope", "default", "--break-links"), "--break-links is not for --scope default."),
    ],
)
def test_what_cannot_be_asked_is_said(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    folder = driving.write(tmp_path / "tenants", documents())

    with pytest.raises((click.UsageError, SetupError)) as said:
        cli.main([*arguments, "--tenants", str(folder)], standalone_mode=False)
    assert words in (said.value.message if isinstance(said.value, click.UsageError) else str(said.value))


@pytest.mark.parametrize(
    ("management", "words"),
    [
        ("observe", "contoso is only observed, so nothing is written there"),
        ("elsewhere", "to which nobody here signs in"),
    ],
)
def test_nothing_is_written_where_files_do_not_let_it(management: str, words: str, tmp_path: Path) -> None:
    folder = driving.write(tmp_path / "tenants", documents(source=management))

    with pytest.raises(SetupError, match=words):
        cli.main(["restart", LINK, "--scope", "default", "--tenants", str(folder)], standalone_mode=False)


def test_log_without_entries_is_no_error(quiet: Desk) -> None:
    told, lines = quiet.run("logs", LINK), quiet.run("logs", LINK, "--output", "json")

    assert (told.code, lines.code, lines.stdout) == (0, 0, "")
    assert told.stdout.startswith("Log of contoso-to-fabrikam: nothing.")


def test_detailed_exit_code_tells_of_a_paused_link(quiet: Desk) -> None:
    assert quiet.run("status", "--detailed-exitcode").code == 2


def test_missing_permission_ends_with_eight(tmp_path: Path) -> None:
    lacking = [role for role in READING if role != "Synchronization.Read.All"]
    with desk(tmp_path, seed(reading=lacking)) as there:
        done = there.run("status", "--detailed-exitcode")

    assert done.code == 8
    assert "takes Synchronization.Read.All" in done.stdout


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at which people are provisioned and the job is restarted."""
    with desk(tmp_path_factory.mktemp("busy"), seed()) as there:
        yield there


def test_restart_says_what_it_means_and_tells_what_became_of_it(busy: Desk) -> None:
    done = busy.run("restart", LINK, "--scope", "default", "--yes", LINK, "--output", "json")

    assert done.code == 0
    assert (
        "  - everybody in scope is looked at again, from the first to the last; who is linked stays linked"
        in done.stderr
    )
    assert done.stderr.splitlines()[-1] == "contoso-to-fabrikam was restarted with the scope default."
    assert [one["state"] for one in valid("status", done.stdout)["links"]] == ["waiting"]
    lines = (busy.folder / ".reconciler/journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["intent", "outcome"]


def test_person_is_provisioned_and_shown(busy: Desk) -> None:
    done = busy.run("verify", LINK, "--user", "ada@contoso.example", "--yes")

    assert done.code == 0
    assert "ada@contoso.example of contoso will be created or changed in fabrikam now" in done.stderr
    assert "ada_contoso.example#EXT#@fabrikam.example" in done.stdout
    assert done.stdout.splitlines()[-1] == "ada@contoso.example was provisioned (contoso → fabrikam)."


def test_skipped_person_ends_with_one(busy: Desk) -> None:
    done = busy.run("verify", LINK, "--user", "bob@contoso.example", "--yes", "--output", "json")

    assert (done.code, valid("verification", done.stdout)["result"]) == (1, "skipped")


def test_interrupted_restart_is_finished_and_told(tmp_path: Path) -> None:
    with desk(tmp_path, seed()) as there:
        there.emulator.fault({"match": {"path": "*/restart"}, "phase": "after-commit", "action": {"hold": True}})
        process = start(("restart", LINK, "--scope", "default", "--yes", LINK), there.emulator, there.folder)
        there.emulator.held()
        process.send_signal(signal.SIGINT)
        while "Finishing" not in (process.stderr.readline() if process.stderr else "Finishing"):
            pass
        there.emulator.release()
        done = finish(process)
        lines = (there.folder / ".reconciler/journal.jsonl").read_text(encoding="utf-8").splitlines()

    assert done.code == 130
    assert "contoso-to-fabrikam was restarted with the scope default." in done.stderr
    assert json.loads(lines[-1])["verdict"] == "applied"


@pytest.mark.parametrize(
    ("arguments", "switch"),
    [
        (("verify", LINK, "--user", "ada@contoso.example"), "--yes"),
        (("restart", LINK, "--scope", "default"), "--yes contoso-to-fabrikam"),
    ],
)
def test_nothing_is_sent_that_nobody_agreed_to(arguments: tuple[str, ...], switch: str, busy: Desk) -> None:
    before = by_hand(busy)
    done = busy.run(*arguments)

    assert (done.code, done.stdout, by_hand(busy)) == (1, "", before)
    assert f"nobody is there to agree; say {switch}; nothing was written" in done.stderr


def by_hand(there: Desk) -> list[str]:
    """Return the paths of all requests that a person asked for by hand."""
    return [row["path"] for row in there.emulator.journal() if row["path"].endswith(("/restart", "/provisionOnDemand"))]
