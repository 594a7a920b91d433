import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from github_double import REPOSITORY, TOKEN, Double, served

from reconciler.cli import cli
from reconciler.errors import ReconcilerError, SetupError
from reconciler.github.place import PUBLIC, place_of
from reconciler.github.texts import MOST, MOST_NOTE, text_of

MARKER = "<!-- entra-reconciler:plan -->"


@pytest.fixture
def double() -> Iterator[tuple[Double, str]]:
    there = Double()
    with served(there) as address:
        yield there, address


def run(address: str, *arguments: str) -> Result:
    environment = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": address}
    proxies = {name: None for name in os.environ if name.lower().endswith("_proxy")}
    return CliRunner().invoke(cli, ["github", *arguments], env={**proxies, **environment}, standalone_mode=False)


def markdown(folder: Path, text: str) -> str:
    file = folder / "plan.md"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_comment_is_posted_with_its_note(double: tuple[Double, str], tmp_path: Path) -> None:
    there, address = double
    file = markdown(tmp_path, f"{MARKER}\n### Plan\n")

    done = run(address, "comment", file, "--pull-request", "7", "--note", "On the emulator.")

    assert (done.exception, done.stdout, done.stderr) == (None, "", "The comment at pull request 7: created.\n")
    assert [one["body"] for one in there.comments] == [f"{MARKER}\n### Plan\n\nOn the emulator."]


def test_issue_is_opened_and_closed(double: tuple[Double, str], tmp_path: Path) -> None:
    there, address = double
    file = markdown(tmp_path, f"{MARKER}\ndrift\n")

    said = [run(address, "issue", file).stderr, run(address, "issue", file, "--close").stderr]

    assert said == ["The issue labelled entra-drift: opened.\n", "The issue labelled entra-drift: closed.\n"]
    assert there.issues[0]["state"] == "closed"


@pytest.mark.parametrize("text", ["", "### Plan", f"\n{MARKER}", f"> {MARKER}\n", f"{MARKER}\n{'x' * MOST}"])
def test_file_that_is_not_ours_or_too_long_is_not_posted(text: str, double: tuple[Double, str], tmp_path: Path) -> None:
    there, address = double

    done = run(address, "comment", markdown(tmp_path, text), "--pull-request", "7")

    assert isinstance(done.exception, SetupError)
    assert there.requests == []


def test_missing_file_and_foreign_bytes_are_told(double: tuple[Double, str], tmp_path: Path) -> None:
    (tmp_path / "bytes.md").write_bytes(MARKER.encode() + b"\n\xff")
    for name, words in (("none.md", "cannot be read"), ("bytes.md", "is not UTF-8")):
        done = run(double[1], "comment", str(tmp_path / name), "--pull-request", "7")
        assert words in str(done.exception)


def test_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run("http://127.0.0.1:9", "comment", markdown(tmp_path, MARKER), "--pull-request", "7")

    assert isinstance(done.exception, ReconcilerError)
    assert "could not be sent (ConnectError)" in str(done.exception)
    assert TOKEN not in str(done.exception)


def test_longest_text_and_note_fit_together() -> None:
    text = text_of(f"{MARKER}\n{'x' * (MOST - len(MARKER) - 1)}", "y" * MOST_NOTE)

    assert len(text.body) == MOST + MOST_NOTE + 2
    with pytest.raises(SetupError, match="note"):
        text_of(MARKER, "y" * (MOST_NOTE + 1))


GOOD = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY}


@pytest.mark.parametrize(
    "wrong",
    [
        {"GITHUB_TOKEN": " "},
        {"GITHUB_TOKEN": "two words"},
        {"GITHUB_REPOSITORY": ""},
        {"GITHUB_REPOSITORY": "contoso/.."},
        {"GITHUB_REPOSITORY": "contoso/tenants/../other"},
        {"GITHUB_API_URL": "http://api.github.com"},
        {"GITHUB_API_URL": "https://me@ghe.contoso.example"},
        {"GITHUB_API_URL": "https://ghe.contoso.example:99999999"},
        {"GITHUB_API_URL": "ghe.contoso.example"},
    ],
)
def test_environment_that_cannot_be_used_is_told(wrong: dict[str, str]) -> None:
    with pytest.raises(SetupError, match=f"^{next(iter(wrong))} ") as caught:
        place_of({**GOOD, **wrong})
    assert TOKEN not in str(caught.value)


def test_place_shows_no_token() -> None:
    place = place_of(GOOD)

    assert (place.api, place.token) == (PUBLIC, TOKEN)
    assert TOKEN not in repr(place)


def test_enterprise_address_keeps_its_path() -> None:
    address = "https://ghe.contoso.example/api/v3/"

    assert place_of({**GOOD, "GITHUB_API_URL": address}).api == "https://ghe.contoso.example/api/v3"
