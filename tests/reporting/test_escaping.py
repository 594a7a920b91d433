from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable

import pytest
from corpus import HOSTILE, HUGE, strings
from hypothesis import given
from hypothesis import strategies as st
from judges import acting, blocks, commands, filtered, html_in, inline_markup, read_back, tags

from reconciler.reporting.escaping import (
    LONGEST,
    code_span,
    fence,
    for_csv,
    for_file_name,
    for_html,
    for_json,
    for_log_line,
    for_markdown,
    for_terminal,
    quoted,
    visible,
    visible_lines,
)

SINKS = [for_terminal, for_log_line, for_markdown, code_span, for_html, for_json, for_csv, for_file_name, quoted]
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
PIECES = ["\\", "x1b", "u202e", "\ud800", "\x1b", '"', "`", "@", "#1", "|", " "]
any_text = st.lists(st.characters() | st.sampled_from(PIECES), max_size=12).map("".join)

_ESCAPE = re.compile(r"\\(?:\\|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")


def shown_as(text: str) -> str:
    """Return what was escaped, by a decoder of its own."""
    return _ESCAPE.sub(lambda found: chr(int(found[1] or found[2] or found[3], 16)) if found.lastindex else "\\", text)


# ---------------------------------------------------------------------------------------- visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b", r"\x1b"),
        ("\u202e", r"\u202e"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
        ("\r\n", r"\x0d\x0a"),
        (r"\x1b", r"\\x1b"),
        (r"CONTOSO\jane", r"CONTOSO\jane"),
        ("Müller & Söhne, 株式会社", "Müller & Söhne, 株式会社"),
    ],
)
def test_acting_characters_become_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@hostile
def test_nothing_acts_in_terminals(text: str) -> None:
    assert not acting(for_terminal(text))


@given(any_text)
def test_escaping_can_be_undone(text: str) -> None:
    assert shown_as(visible(text)) == text


@given(any_text)
def test_quoted_text_stays_quoted(text: str) -> None:
    inside = quoted(text)[1:-1]

    assert re.fullmatch(r'(\\.|[^"\\])*', inside)
    assert shown_as(inside.replace(r"\"", r"\x22")) == text


@pytest.mark.parametrize("sink", SINKS)
def test_different_texts_stay_different(sink: Callable[[str], str]) -> None:
    texts = [*HOSTILE.values(), HUGE, HUGE + "m", HUGE[:-1] + "n"]

    assert len({sink(text) for text in texts}) == len(texts)


def test_long_text_ends_with_digest() -> None:
    digest = hashlib.sha256(HUGE.encode()).hexdigest()

    assert visible(HUGE) == f"{HUGE[:LONGEST]}… (996000 more characters, sha256 {digest[:16]})"


def test_pasted_yaml_keeps_its_escapes() -> None:
    assert visible_lines('a: "\\x1b"\nb: \x1b\n') == ['a: "\\x1b"', "b: \\x1b"]


# ---------------------------------------------------------------------------------------- logs


@hostile
def test_no_log_line_commands(text: str) -> None:
    assert not commands(for_log_line(text))


def test_ordinary_colons_stay_in_logs() -> None:
    assert for_log_line("tenants/a.yaml:3:5: a::b #1") == "tenants/a.yaml:3:5: a::b #1"


# ---------------------------------------------------------------------------------------- Markdown


@hostile
def test_markdown_text_is_plain_paragraph(text: str) -> None:
    markdown = for_markdown(text)

    assert [kind for kind, _ in blocks(markdown)] == ["paragraph_open", "inline", "paragraph_close"]
    assert not inline_markup(markdown)


@hostile
def test_markdown_text_notifies_nobody(text: str) -> None:
    assert not filtered(for_markdown(text))


@hostile
def test_markdown_text_reads_as_written(text: str) -> None:
    assert shown_as(read_back(for_markdown(text))) == text


@hostile
def test_code_span_reads_as_written(text: str) -> None:
    assert shown_as(read_back(code_span(text))) == text


@hostile
def test_code_span_stays_in_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {code_span(text)} | {for_markdown(text)} |\n"

    assert [kind for kind, _ in blocks(table)].count("td_open") == 2
    assert not inline_markup(table)
    assert not html_in(table)


@given(any_text)
def test_any_code_span_is_inert(text: str) -> None:
    assert not inline_markup(f"a {code_span(text)} b")


@hostile
def test_fence_is_not_closed(text: str) -> None:
    markdown = fence("\n".join(visible_lines(text)), "diff")

    assert [kind for kind, _ in blocks(markdown)] == ["fence"]


# ---------------------------------------------------------------------------------------- HTML, JSON, CSV, files


@hostile
def test_html_gains_no_tags(text: str) -> None:
    assert tags(f'<p title="{for_html(text)}">{for_html(text)}</p>')[1:] == [("/p",)]
    assert not acting(for_html(text))


@hostile
def test_json_is_strict_unicode(text: str) -> None:
    again = json.loads(json.dumps(for_json({text: [text]})).encode("utf-8"))

    assert all(found.encode("utf-8") for found in strings(again))


@hostile
def test_spreadsheets_see_no_formula(text: str) -> None:
    [[cell]] = csv.reader(io.StringIO(for_csv(text)))

    assert cell.lstrip()[0] not in "=+-@＝＋－＠\t\r\n"
    assert not acting(cell)


@hostile
def test_file_names_stay_in_folder(text: str) -> None:
    name = for_file_name(text)

    assert re.fullmatch(r"[a-z0-9][a-z0-9._~-]{0,79}", name)
    assert ".." not in name
    assert name != "con"


@pytest.mark.parametrize("name", ["contoso", "plan-1.json", "a_b"])
def test_harmless_file_names_stay(name: str) -> None:
    assert for_file_name(name) == name
