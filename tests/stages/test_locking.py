import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.errors import LockHeld
from reconciler.locking import lock

HOLD = """
import sys
from pathlib import Path
from reconciler.locking import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""

# Twenty processes try twenty times each; whoever is not alone inside finds the file of another there.
COMPETE = """
import os, sys
from pathlib import Path
from reconciler.errors import LockHeld
from reconciler.locking import lock
path, inside = Path(sys.argv[1]), Path(sys.argv[2])

def compete():
    for _ in range(20):
        try:
            with lock(path):
                os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
                os.sched_yield()
                inside.unlink()
                os.write(1, b"won\\n")
        except LockHeld:
            os.sched_yield()
        except OSError:
            os.write(1, b"not alone\\n")

children = []
for _ in range(20):
    child = os.fork()
    if child == 0:
        compete()
        os._exit(0)
    children.append(child)
print([os.waitpid(child, 0)[1] for child in children] == [0] * 20)
"""


def started(script: str, *arguments: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    told = rf"another apply is running here \(process {os.getpid()}\)"
    with lock(tmp_path / "lock"), pytest.raises(LockHeld, match=told):
        lock(tmp_path / "lock").__enter__()


def test_lock_is_free_again_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with lock(tmp_path / "lock"):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_number_of_an_earlier_holder_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("123456789012\n")

    with lock(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lock(tmp_path / "lock"):
        raise RuntimeError
    with lock(tmp_path / "lock"):
        pass


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_lock_is_free_again_when_its_holder_dies(end: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with started(HOLD, path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockHeld, match=f"process {holder.pid}"):
            lock(path).__enter__()
        holder.send_signal(end)
        holder.wait()

    with lock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_twenty_times_twenty_are_never_two_inside(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COMPETE, *map(str, (tmp_path / "lock", tmp_path / "inside"))]

    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    assert lines.pop() == "True"
    assert set(lines) == {"won"}
    assert lines


def test_text_of_somebody_else_in_the_file_is_not_repeated(tmp_path: Path) -> None:
    with lock(tmp_path / "lock"):
        (tmp_path / "lock").write_text("\x1b[31m::error::")
        with pytest.raises(LockHeld, match=r"\(process unknown\)"):
            lock(tmp_path / "lock").__enter__()


def test_folder_of_the_lock_is_made(tmp_path: Path) -> None:
    with lock(tmp_path / "a" / "b" / "lock"):
        pass


def test_link_in_the_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "lock").symlink_to(tmp_path / "mine")

    with pytest.raises(LockHeld, match="cannot be had"):
        lock(tmp_path / "lock").__enter__()
    assert (tmp_path / "mine").read_text() == "mine"


def test_place_that_cannot_be_locked_counts_as_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LockHeld, match="cannot be had"):
        lock(tmp_path / "file" / "lock").__enter__()


FULL = """
import resource, sys
from pathlib import Path
from reconciler.errors import LockHeld
from reconciler.locking import lock
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    with lock(Path(sys.argv[1])):
        print("held")
except LockHeld as error:
    print(error)
"""


def test_full_disk_counts_as_held(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", FULL, tmp_path / "lock"], capture_output=True, text=True, check=True)

    assert run.stdout.endswith("the lock cannot be had (File too large); nothing was written\n")
