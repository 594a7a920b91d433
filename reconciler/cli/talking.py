"""What the command line says: the result on standard output, the talk on standard error, both safe for any log."""

from __future__ import annotations

import contextlib
import os
import sys

from reconciler.errors import SetupError
from reconciler.reporting.escaping import for_log_line


def open_closed_streams() -> None:
    """Put the null device where a standard stream is closed: what is told to nobody must not break a run.

    It also keeps the numbers of these streams from a file of ours, in which a stray message would land.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def say(line: str) -> None:
    """Write one line of talk. Nobody listening is no reason to end a run."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{for_log_line(line)}\n")
        sys.stderr.flush()


def show(text: str) -> None:
    """Write a rendered text, escaped already, as talk."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


def tell(result: str) -> bool:
    """Write a result, escaped already for its output; return whether somebody reads on.

    A reader who has closed the pipe has seen enough.

    Raises:
        SetupError: when it cannot be written, because the disk is full for example.
    """
    try:
        sys.stdout.write(result)
        sys.stdout.flush()
    except BrokenPipeError:
        _close_stdout()
        return False
    except OSError as error:
        _close_stdout()
        raise SetupError(f"the result could not be written to standard output ({error.strerror})") from error
    return True


def _close_stdout() -> None:
    """Let nothing be flushed at exit: what is left in the buffer would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def in_colour(stream: str = "stdout") -> bool:
    """Whether a stream is a terminal that wants colour (https://no-color.org)."""
    asked_not_to = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return getattr(sys, stream).isatty() and not asked_not_to
