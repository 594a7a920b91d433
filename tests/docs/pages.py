"""Markdown pages of the repository, cut into what can be checked: fenced blocks and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".", ".github", "changelog.d", "docs")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it starts, what it is said to be, and its text."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Return every Markdown page that people read, sorted."""
    shallow = (page for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))
    return sorted({*shallow, *(ROOT / "docs").rglob("*.md")})


def blocks(*languages: str) -> Iterator[Block]:
    """Yield the fenced blocks in one of `languages`, page by page."""
    for page in pages():
        for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
            if token.type == "fence" and token.info.strip() in languages and token.map:
                yield Block(page, token.map[0] + 1, token.info.strip(), token.content)


def saved(page: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of every block that the page says to save as a file."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    said = ""
    for token in tokens:
        if token.type == "inline":
            said = " ".join(token.content.split())
        elif token.type == "fence" and (name := re.search(r"Save this as `([^`]+)`", said)):
            yield name[1], token.content
            said = ""


def links(page: Path) -> Iterator[str]:
    """Yield the target of every link and image on the page."""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if isinstance(target, str):
                yield target


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    headings = (after.content for token, after in pairwise(tokens) if token.type == "heading_open")
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(block: Block) -> Iterator[str]:
    """Yield the command lines of a block: all lines of `sh`, and what follows a prompt in `console`."""
    text = block.text.replace("\\\n", " ")
    for line in text.splitlines():
        if block.language == "console":
            if line.startswith("$ "):
                yield line.removeprefix("$ ")
        elif line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()
