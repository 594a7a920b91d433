"""What says that a report is inert: for each sink a parser that is not ours. Each returns what it objects to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Controls, formats, surrogates, private use, unassigned; separators of lines and paragraphs; spaces that are not one.
_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BREAK = "\u200b"


def acting(text: str) -> list[str]:
    """Return the characters that act instead of being read; line ends of the report itself are fine."""
    return [hex(ord(one)) for one in text if one != "\n" and (_acts(one) or (one != " " and _is_space(one)))]


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _CATEGORIES


def _is_space(character: str) -> bool:
    return unicodedata.category(character) == "Zs"


def commands(text: str) -> list[str]:
    """Return the lines that a CI runner takes for a command."""
    return [line for line in text.split("\n") if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, ...]] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, *(f"{name}={value}" for name, value in attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.seen.append((f"/{tag}",))
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def handle_comment(self, data: str) -> None:
        self.seen.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.seen.append(("declaration", decl))

    def unknown_decl(self, data: str) -> None:
        self.seen.append(("declaration", data))

    def handle_pi(self, data: str) -> None:
        self.seen.append(("instruction", data))

    def handle_data(self, data: str) -> None:
        if "code" not in self.open and "pre" not in self.open:
            self.text.append(data)


def tags(page: str) -> list[tuple[str, ...]]:
    """Return all tags with their attributes, comments and declarations, in order."""
    parser = _Tags()
    parser.feed(page)
    parser.close()
    return parser.seen


def prose(page: str) -> str:
    """Return the text outside code, as a reader or GitHub's filters see it."""
    parser = _Tags()
    parser.feed(page)
    parser.close()
    return "".join(parser.text)


_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_FILTERED = re.compile(r"@\w|#\d|\bGH-\d|\bhttps?://|\bwww\.\w|\b(?:mailto|xmpp):\w|:[\w+-]+:|\$", re.IGNORECASE)


def blocks(markdown: str) -> list[tuple[str, str]]:
    """Return the block structure: type and tag of every block token, with the HTML that stands in it."""
    return [(token.type, token.tag) for token in _PARSER.parse(markdown)]


def inline_markup(markdown: str) -> set[str]:
    """Return the types of inline tokens, code and text aside."""
    plain = {"text", "code_inline", "softbreak", "hardbreak"}
    return {token.type for token in _inline(markdown) if token.type not in plain}


def html_in(markdown: str) -> list[tuple[str, ...]]:
    """Return all tags, comments and declarations that GitHub would take for HTML."""
    tokens = [*_PARSER.parse(markdown), *_inline(markdown)]
    return [tag for token in tokens if token.type in ("html_block", "html_inline") for tag in tags(token.content)]


def filtered(markdown: str) -> list[str]:
    """Return what GitHub makes a mention, a reference, a link, an emoji or a formula of, after Markdown."""
    found = (_FILTERED.findall(text) for text in prose(_PARSER.render(markdown)).split("\n"))
    return [match for matches in found for match in matches]


def read_back(markdown: str) -> str:
    """Return what a reader sees of inline Markdown."""
    page = _Everything()
    page.feed(_PARSER.renderInline(markdown))
    page.close()
    return "".join(page.text).replace(_BREAK, "").replace("\u00a0", " ")


class _Everything(_Tags):
    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _inline(markdown: str) -> Iterator[Token]:
    for token in _PARSER.parse(markdown):
        yield from token.children or ()
