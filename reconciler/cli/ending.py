"""How a process ends: the one place where errors become messages for people and exit codes.

No traceback reaches a user. `RECONCILER_TRACEBACK=1` shows one, for a report of a defect.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from types import FrameType, TracebackType

import click

from reconciler.cli.talking import open_closed_streams, say
from reconciler.errors import DocumentErrors, ReconcilerError
from reconciler.reporting.wording import counted

USAGE = 1


class Ending:
    """A block whose end, good or bad, leaves an exit code in `code`; it swallows every exception."""

    def __init__(self) -> None:
        self.code = 0
        self._interrupted_by = int(signal.SIGINT)

    def __enter__(self) -> Ending:
        open_closed_streams()
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a letter must not end a run.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        signal.signal(signal.SIGTERM, self._terminate)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            self.code = self._code(error)
            for line in _words(error):
                say(line)
        return True

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        """End as Ctrl-C does, which asyncio knows how to do in an orderly way."""
        self._interrupted_by = number
        # Whoever starts us in the background of a script may have let Ctrl-C be ignored; to be told to end is not.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.raise_signal(signal.SIGINT)

    def _code(self, error: BaseException) -> int:
        match error:
            case ReconcilerError() | click.exceptions.Exit():
                return error.exit_code
            case SystemExit(code=int(code)):
                return code
            case KeyboardInterrupt() | click.Abort():
                return 128 + self._interrupted_by
            case _:
                return USAGE


def _words(error: BaseException) -> Iterator[str]:
    """Yield what a person is told, line by line."""
    match error:
        case DocumentErrors():
            yield from (str(problem) for problem in error.problems)
            yield f"{counted(len(error.problems), 'problem')} in the files; nothing was read or written"
        case ReconcilerError():
            yield f"Error: {error}"
        case click.exceptions.NoArgsIsHelpError():
            yield from error.format_message().split("\n")
        case click.UsageError():
            context = error.ctx
            yield f"Error: {error.format_message()}"
            if context is not None:
                yield f"Try `{context.command_path} --help`."
        case click.ClickException():
            yield f"Error: {error.format_message()}"
        case KeyboardInterrupt() | click.Abort():
            yield "Interrupted; nothing was written."
        case click.exceptions.Exit() | SystemExit():
            return
        case _:
            yield from _defect(error)


def _defect(error: BaseException) -> Iterator[str]:
    """Yield what can be said of an error that nobody expected, without values that may be secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "unknown place"
    yield f"Error: {type(error).__name__} at {place}. This is a defect of reconciler: please report it."
    if os.environ.get("RECONCILER_TRACEBACK") == "1":
        for entry in traceback.format_exception(error):
            yield from entry.rstrip("\n").split("\n")
    else:
        yield "RECONCILER_TRACEBACK=1 shows where it happened; read what it prints before you send it to anybody."
