import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from privileges import without_privileges

from reconciler.applying.journal import JournalFile, unanswered
from reconciler.errors import SetupError


@contextmanager
def opened(path: Path) -> Iterator[JournalFile]:
    journal = JournalFile(path)
    try:
        yield journal
    finally:
        journal.close()


def write(path: Path, *events: tuple[str, str, str]) -> None:
    """Record events of runs and steps."""
    with opened(path) as journal:
        for event, run, step in events:
            journal.record(event, {"run": run, "step": step})


def entries(path: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def test_line_is_there_when_record_returns(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with opened(path) as journal:
        journal.record("intent", {"step": "1"})

        assert path.read_bytes() == b'{"event":"intent","step":"1"}\n'


DIE = """
import os, signal, sys
from pathlib import Path
from reconciler.applying.journal import JournalFile
journal = JournalFile(Path(sys.argv[1]))
for step in range(50):
    journal.record("intent", {"run": "r", "step": str(step)})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_lines_outlive_their_writer(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"

    run = subprocess.run([sys.executable, "-c", DIE, path], check=False)

    assert run.returncode == -signal.SIGKILL
    assert [entry["step"] for entry in unanswered(path)] == [str(step) for step in range(50)]


def test_file_only_grows_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "journal.jsonl"
    write(path, ("intent", "a", "1"))
    write(path, ("intent", "b", "1"))

    assert [entry["run"] for entry in entries(path)] == ["a", "b"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# ---------------------------------------------------------------------------------------------- cut off


def test_intent_without_an_outcome_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, ("intent", "a", "1"), ("outcome", "a", "1"), ("intent", "a", "2"), ("intent", "b", "1"))

    assert [(entry["run"], entry["step"]) for entry in unanswered(path)] == [("a", "2"), ("b", "1")]


def test_second_try_of_a_step_is_one_intent(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, ("intent", "a", "1"), ("intent", "a", "1"), ("outcome", "a", "1"))

    assert unanswered(path) == []


def test_outcome_of_another_run_settles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, ("intent", "a", "1"), ("outcome", "b", "1"))

    assert len(unanswered(path)) == 1


def test_settled_intents_are_named_no_more(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    write(path, ("intent", "a", "1"), ("settled", "", ""), ("intent", "b", "2"))

    assert [entry["run"] for entry in unanswered(path)] == ["b"]


def test_no_journal_leaves_nothing_open(tmp_path: Path) -> None:
    assert unanswered(tmp_path / "journal.jsonl") == []


def test_journal_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        unanswered(tmp_path)


@pytest.mark.parametrize("cut", range(1, 40))
def test_half_a_line_swallows_nothing(cut: int, tmp_path: Path) -> None:
    """A run was killed while it wrote its second line, at any byte; the next run adds lines of its own."""
    path = tmp_path / "journal.jsonl"
    write(path, ("intent", "a", "1"), ("intent", "a", "2"))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"\n") + 1 + cut])

    write(path, ("intent", "b", "1"))

    named = [(entry["run"], entry["step"]) for entry in unanswered(path)]
    assert [one for one in named if one != ("a", "2")] == [("a", "1"), ("b", "1")]


@pytest.mark.parametrize(
    "torn", [b"\xff\xfe", b"[1]", b"7", b"null", b"[" * 100_000, b"{}", b"\0" * 9], ids=lambda torn: str(torn[:9])
)
def test_what_is_no_entry_is_passed_over(torn: bytes, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(torn)
    write(path, ("intent", "a", "1"))

    assert [entry["run"] for entry in unanswered(path)] == ["a"]


# ---------------------------------------------------------------------------------------------- hostile text

HOSTILE = [
    "\n::add-mask::x",
    "\r\x1b]0;owned\x07",
    "\x85 \x9b31m \u2028\u2029",
    "\u202e\u2066\u200b",
    "\ud800 \udfff",
    '"}\n{"event":"settled"}',
    "\0\x0b\x0c\x1c\x1d\x1e",
    "x" * 1_000_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_on_one_line_of_plain_characters(text: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with opened(path) as journal:
        journal.record("intent", {"run": "a", "step": "1", "before": {text: [text]}, "detail": text})
        journal.record("outcome", {"run": "b", "step": "1", "detail": text})

    content = path.read_bytes()
    assert len(content.decode("ascii").splitlines()) == 2
    assert all(32 <= byte < 127 or byte == 10 for byte in content)
    assert entries(path)[0]["detail"] == text
    assert len(unanswered(path)) == 1


# ---------------------------------------------------------------------------------------------- no room, no right

FILL = """
import json, resource, sys
from pathlib import Path
from reconciler.applying.journal import JournalFile
from reconciler.errors import SetupError
path, room = Path(sys.argv[1]), int(sys.argv[2])
journal = JournalFile(path)
journal.record("intent", {"run": "a", "step": "1"})
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, resource.RLIM_INFINITY))
try:
    journal.record("intent", {"run": "a", "step": "2"})
except SetupError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.record("outcome", {"run": "a", "step": "1"})
"""


@pytest.mark.parametrize("room", [0, 1, 20, 39])
def test_full_disk_is_told_and_spoils_no_later_line(room: int, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"

    run = subprocess.run([sys.executable, "-c", FILL, path, str(room)], capture_output=True, text=True, check=True)

    assert run.stdout == f"{path}: the journal cannot be written (File too large)\n"
    assert [(entry["event"], entry["step"]) for entry in entries(path)] == [("intent", "1"), ("outcome", "1")]
    assert unanswered(path) == []


def test_link_in_the_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "journal.jsonl").symlink_to(tmp_path / "mine")

    with pytest.raises(SetupError, match="cannot be opened"):
        JournalFile(tmp_path / "journal.jsonl")
    assert (tmp_path / "mine").read_text() == "mine"


def test_pipe_in_the_place_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "journal.jsonl")

    with pytest.raises(SetupError, match="not a regular file"):
        JournalFile(tmp_path / "journal.jsonl")


def test_device_in_the_place_is_refused() -> None:
    with pytest.raises(SetupError, match="not a regular file"):
        JournalFile(Path("/dev/full"))


def test_folder_in_the_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Is a directory"):
        JournalFile(tmp_path)


def test_folder_that_must_not_be_written_to_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)

    with without_privileges(), pytest.raises(SetupError, match="Permission denied"):
        JournalFile(folder / "journal.jsonl")


def test_refused_file_is_not_kept_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "journal.jsonl")
    before = len(os.listdir("/proc/self/fd"))

    with pytest.raises(SetupError):
        JournalFile(tmp_path / "journal.jsonl")

    assert len(os.listdir("/proc/self/fd")) == before


def test_pipe_or_link_in_the_place_of_the_journal_is_not_read(tmp_path: Path) -> None:
    """From a pipe that nobody writes to, an apply would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SetupError, match="it is not a regular file"):
        unanswered(tmp_path / "pipe")
    with pytest.raises(SetupError, match="Too many levels of symbolic links"):
        unanswered(tmp_path / "link")
