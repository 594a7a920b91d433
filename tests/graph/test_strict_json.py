import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.graph.strict_json import parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_sound_json_is_read_as_it_is(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        parse(content)
    except ValueError:
        return


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"a": 1} x',
        b'{"a": 1, "a": 1}',
        b'[{"b": {"a": 1, "a": 2}}]',
        b"NaN",
        b"-Infinity",
        b"[1e999]",
        b"9" * 101,
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\\udc00\\ud800"',
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000,
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        '{"a": 1}'.encode("utf-16"),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_two_readers_could_read_differently_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(content)


def test_pair_of_surrogates_is_one_character() -> None:
    assert parse(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_depth_up_to_the_limit_is_fine() -> None:
    assert parse(b"[" * 64 + b"]" * 64)
