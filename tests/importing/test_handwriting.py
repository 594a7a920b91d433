from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as some

from reconciler.importing import handwriting
from reconciler.importing.naming import slug
from reconciler.loading.parsing import acts, parse
from reconciler.loading.secrecy import leaks
from reconciler.loading.shapes import API_VERSION, NAME
from reconciler.model import Json

WORDS = some.text(max_size=40).filter(lambda word: not acts(word) and not list(leaks(word, "file")))
KEYS = some.from_regex(r"[a-z][A-Za-z0-9]{0,12}", fullmatch=True).filter(
    lambda key: key not in ("true", "false", "null")
)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(10**12), 10**12) | WORDS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def parsed(value: Json) -> Json:
    """Return a value as the parser of files gives it."""
    match value:
        case Mapping():
            return {name: parsed(member) for name, member in value.items()}
        case list():
            return tuple(parsed(member) for member in value)
        case _:
            return value


@given(some.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_back(value: dict[str, Json]) -> None:
    text = "\n".join(handwriting.block(value)) + "\n"

    found = parse(text.encode(), "file")

    assert not found.problems, text
    assert found.value == parsed(value)


@given(some.text(max_size=200))
def test_any_name_becomes_a_name_or_nothing(words: str) -> None:
    assert slug(words) == "" or NAME.fullmatch(slug(words))


def test_header_is_that_of_every_document() -> None:
    assert f"apiVersion: {API_VERSION}" == handwriting.HEADER


def test_long_block_is_written_below_each_other() -> None:
    value = {"spec": {name * 10: True for name in "abcdefghijk"}}

    assert list(handwriting.block(value))[:2] == ["spec:", "  aaaaaaaaaa: true"]
