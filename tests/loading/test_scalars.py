from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.loading.parsing import parse
from reconciler.loading.scalars import Page

# How an expression may be written, and what becomes of it.
WRITTEN = {
    "plain": "a:\n  b: x\n  c: Append([city])\n",
    "plain over two lines": "a:\n  c: Append([city],\n    [state])\n",
    "single quotes": "a: {c: 'Append([city], \"it''s\")'}\n",
    "single quotes over lines": "a:\n  c: 'Append([city],\n\n    [state])'\n",
    "double quotes": 'a: {c: "Append([city], \\"\\u00e9\\x41\\")"}\n',
    "double quotes over lines": 'a:\n  c: "Append([city], \\\n    [state])"\n',
    "literal": "a:\n  c: |\n    IIF(\n      [city],\n\n      [state])\n  d: 1\n",
    "folded": "a:\n  c: >-\n    IIF(\n    [city],\n\n    [state])\n",
    "line ends of Windows": "a:\r\n  c: |\r\n    IIF(\r\n      [city])\r\n",
}
ESCAPED = {'"': '\\"', "'": "''", "é": "\\u00e9", "A": "\\x41"}


@pytest.mark.parametrize("case", WRITTEN)
def test_every_character_is_found_where_it_stands(case: str) -> None:
    page, value = page_of(WRITTEN[case])
    lines = page.text.split("\n")

    for offset, character in enumerate(value):
        origin = page.character(("a", "c"), value, offset)
        rest = lines[origin.line - 1][origin.column - 1 :]
        blank = character in " \n" and (not rest.strip() or rest.startswith(" "))
        assert blank or rest.startswith((character, ESCAPED.get(character, character)))


def page_of(text: str) -> tuple[Page, str]:
    parsed = parse(text.encode(), "a.yaml")
    assert parsed.value
    value = parsed.value["a"]["c"]
    assert isinstance(value, str)
    return Page("a.yaml", parsed.text, parsed.place), value


def test_end_is_behind_the_last_character() -> None:
    page, value = page_of("a: {c: '[city'}\n")

    assert str(page.character(("a", "c"), value, len(value))) == "a.yaml:1:14"


@pytest.mark.parametrize("indicator", ["|2", ">+1"])
def test_place_that_cannot_be_followed_is_the_beginning(indicator: str) -> None:
    page, value = page_of(f"a:\n  c: {indicator}\n     x\n")

    assert str(page.character(("a", "c"), value, 1)) == "a.yaml:2:6"


@given(st.text(st.sampled_from("ab [](),\"'\\\n é"), min_size=1, max_size=30), st.data())
@example("\\", None)
def test_quoted_text_of_any_kind_is_followed(text: str, data: st.DataObject | None) -> None:
    page, value = page_of("a: {c: " + json.dumps(text, ensure_ascii=False) + "}\n")
    offset = data.draw(st.integers(0, len(text) - 1)) if data else 0
    escaped = json.dumps(text[:offset], ensure_ascii=False)

    assert value == text
    assert page.character(("a", "c"), value, offset).column == len("a: {c: ") + len(escaped)
