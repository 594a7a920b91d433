"""The commands about expressions as a user has them, run in the test's own process."""

from __future__ import annotations

import io
import json
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli import main

MEGAN = {"displayName": "Megan Bowen", "department": "Legal", "mobilePhone": "+49 1", "businessPhones": ["+49 30"]}


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder in which commands are typed; `user` is the path of a user in it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    def ask(self, *words: str, stdin: bytes = b"") -> Answer:
        self.monkeypatch.setattr(sys, "argv", ["reconciler", *words])
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as end:
            main()
        told = self.capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Answer(end.value.code, told.out, told.err)

    def evaluate(self, *words: str, user: object = MEGAN) -> Answer:
        return self.ask("evaluate", *words, "--user", "-", stdin=json.dumps(user).encode())


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.chdir(tmp_path)
    yield Desk(tmp_path, capsys, monkeypatch)
    for number, handler in handlers.items():
        signal.signal(number, handler)
