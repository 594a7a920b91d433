import json
import re
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from pages import ROOT, Block, anchors, blocks, commands, links, pages
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

PAGES = pages()
YAML_BLOCKS = list(blocks("yaml"))
COMMAND_BLOCKS = list(blocks("sh", "console"))


class PlainConstructor(SafeConstructor):
    """Leaves dates as they are written, which is what JSON Schema judges."""


PlainConstructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.relative_to(ROOT)} links to {target}, which is not there"
        assert not anchor or anchor in anchors(there), f"{page.relative_to(ROOT)}: no heading for {target}"


@pytest.mark.parametrize("block", YAML_BLOCKS, ids=str)
def test_yaml_is_a_valid_document(block: Block) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = PlainConstructor
    document = yaml.load(block.text)

    if isinstance(document, Mapping) and "apiVersion" in document:
        jsonschema.Draft202012Validator(schema(document["kind"])).validate(document)


@cache
def schema(kind: str) -> Mapping[str, Any]:
    """Return the published schema of the documents of that kind."""
    for path in sorted((ROOT / "schemas").glob("*.json")):
        candidate = json.loads(path.read_text(encoding="utf-8"))
        if candidate.get("properties", {}).get("kind", {}).get("const") == kind:
            assert isinstance(candidate, dict)
            return candidate
    raise AssertionError(f"schemas/ has no schema for documents of kind {kind}")


@pytest.mark.parametrize("block", COMMAND_BLOCKS, ids=str)
def test_commands_can_be_typed(block: Block) -> None:
    for line in commands(block):
        words = [
            word for word in shlex.split(line, comments=True) if "=" not in word.partition(" ")[0] or word[0] == "-"
        ]
        match words:
            case ["make", *targets]:
                assert set(targets) <= make_targets(), f"{block}: {line}"
            case ["reconciler" | "entra-reconciler", *rest]:
                check_call(root_command(), rest, f"{block}: {line}")
            case [program, *_]:
                assert program in {"git", "cd", "curl"}, f"{block}: {line}"


@cache
def make_targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def root_command() -> click.Command:
    """Return the command line itself; imported late, because most pages are checked without it."""
    from reconciler.cli import cli

    return cli


def check_call(command: click.Command, words: list[str], place: str) -> None:
    """Assert that the words name a command, and only options that this command has."""
    context = click.Context(command)
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(context, words[0])
        assert inner is not None, f"{place}: there is no command {words[0]}"
        return check_call(inner, words[1:], place)
    known = {
        option for parameter in command.get_params(context) for option in (*parameter.opts, *parameter.secondary_opts)
    }
    said = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
    assert said <= known, f"{place}: no such option {sorted(said - known)}"
    return None


def test_index_names_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    unnamed = [
        page
        for page in PAGES
        if page.is_relative_to(ROOT / "docs") and page.parent.name != "adr" and page.name != "index.md"
        if str(page.relative_to(ROOT / "docs")) not in index
    ]

    assert not unnamed


def test_decisions_are_numbered_without_gaps() -> None:
    records = sorted(page.name for page in (ROOT / "docs" / "adr").glob("*.md"))

    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))


@pytest.mark.parametrize("record", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda record: str(record.name))
def test_decision_has_its_four_parts(record: Path) -> None:
    text = record.read_text(encoding="utf-8")

    assert text.startswith(f"# {record.name[:4]}: ")
    assert re.search(r"^Status: (accepted|replaced by \d{4})$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
