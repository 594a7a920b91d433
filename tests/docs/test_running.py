"""The commands in the pages, really typed: page by page, in order, against an emulator of the example company.

What they post goes to a GitHub of our own.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from github_double import REPOSITORY, TOKEN, Double, served
from lent import lent, portal
from pages import ROOT, Block, blocks, commands, saved
from rehearsing import Emulator, repository

from reconciler.cli import main

# These start what runs until it is stopped, or set up what is here already.
BESIDE = ("reconciler emulate", "make ", "git ", "cd ")
EXIT_CODE = re.compile(r"\(exit code (\d+)\)")


def typed() -> list[tuple[Path, list[Block]]]:
    """Return the pages in which the reconciler is called, with their blocks of commands."""
    pages: dict[Path, list[Block]] = {}
    for block in blocks("sh", "console"):
        pages.setdefault(block.page, []).append(block)
    return [
        (page, found)
        for page, found in pages.items()
        if any(not line.startswith(BESIDE) for block in found for line in commands(block))
    ]


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A GitHub for whom the variables of a job are set."""
    with served(Double()) as address:
        job = {"GITHUB_API_URL": address, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN}
        for name, value in job.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulator of the example company, its variables set, in a clone of the repository's tenants."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.chdir(repository(tmp_path / "clone", ROOT / "tenants"))
    with lent(portal()) as started:
        for name, value in started.environment.items():
            monkeypatch.setenv(name, value)
        yield started
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("github")
@pytest.mark.parametrize(("page", "found"), typed(), ids=lambda value: value.stem if isinstance(value, Path) else "")
def test_page_can_be_followed(
    page: Path,
    found: list[Block],
    emulator: Emulator,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, text in saved(page):
        Path(name).write_text(text, encoding="utf-8")
    for block in found:
        for line in commands(block):
            if line.startswith(BESIDE):
                continue
            code, told = run(line, emulator, capsys, monkeypatch)
            wanted = shown(block, line)
            assert code == expected_code(wanted), told
            check(block, [row for row in wanted if not EXIT_CODE.fullmatch(row)], told)


def expected_code(wanted: list[str]) -> int:
    """Return the exit code that a page shows below a command; none shown means that all is fine."""
    return next((int(match[1]) for row in wanted if (match := EXIT_CODE.fullmatch(row))), 0)


def run(
    line: str, emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str]:
    """Run one line as typed, and return how it ended and all that it printed; a file gets what is sent there."""
    typed_line, _, file = line.partition(" > ")
    words = [os.path.expandvars(word) for word in shlex.split(typed_line)]
    if words[0] == "curl":
        return post(words, emulator)
    assert words[0] == "reconciler", line
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr()
    assert isinstance(end.value.code, int)
    if file:
        Path(file).write_text(told.out, encoding="utf-8")
    return end.value.code, told.err + told.out


def post(words: list[str], emulator: Emulator) -> tuple[int, str]:
    """Do what curl would do, with the same words."""
    url = next(word for word in words if word.startswith(emulator.url))
    answer = emulator.client.post(url, content=words[words.index("--data") + 1])
    return (0 if answer.status_code == httpx.codes.OK and answer.json().get("status", 200) < 300 else 22), answer.text


def shown(block: Block, line: str) -> list[str]:
    """Return what the page shows below a command: nothing for `sh`."""
    if block.language != "console":
        return []
    _, _, rest = block.text.partition(f"$ {line}\n")
    return [row for row in rest.partition("\n$ ")[0].split("\n") if row.strip()]


def check(block: Block, wanted: list[str], told: str) -> None:
    """Insist that what the page shows was printed, in this order; `…` stands for anything."""
    rest = told.split("\n")
    for row in wanted:
        pattern = re.compile(".*".join(re.escape(part) for part in row.split("…")))
        at = next((index for index, printed in enumerate(rest) if pattern.fullmatch(printed)), None)
        assert at is not None, f"{block} shows {row!r}, and this was printed:\n{told}"
        rest = rest[at + 1 :]
