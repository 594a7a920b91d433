from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.provisioning import FUNCTIONS, ExpressionError, compile_expression, parse, render
from reconciler.provisioning.trees import (
    OPERATORS,
    Attribute,
    Call,
    Comparison,
    Node,
    Number,
    Omitted,
    Text,
    Word,
    attributes_of,
)

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.builds(
        Attribute, st.text(st.characters(exclude_characters="]", exclude_categories=["Cs"]), min_size=1, max_size=9)
    ),
    st.builds(Text, st.text(st.characters(exclude_categories=["Cs"]), max_size=12)),
    st.builds(Number, st.integers(-(10**12), 10**12).map(str)),
    st.builds(Number, st.integers(0, 2**40).map(lambda number: f"&H{number:X}")),
    st.builds(Number, st.from_regex(r"-?[0-9]{1,4}\.[0-9]{1,4}", fullmatch=True)),
    st.builds(Word, NAMES),
)


SLOTS = ["expression", "comparison", "omitted"]


@st.composite
def trees(draw: st.DrawFn, depth: int = 4) -> Node:
    """Draw a tree that the grammar can write, of whatever functions."""
    if depth == 0 or draw(st.booleans()):
        return draw(LEAVES)
    arguments = tuple(draw(slots(depth - 1)) for _ in range(draw(st.integers(0, 3))))
    return Call(draw(NAMES), () if arguments == (Omitted(),) else arguments)


@st.composite
def slots(draw: st.DrawFn, depth: int) -> Node:
    match draw(st.sampled_from(SLOTS)):
        case "omitted":
            return Omitted()
        case "comparison":
            return Comparison(draw(st.sampled_from(OPERATORS)), draw(trees(depth)), draw(trees(depth)))
        case _:
            return draw(trees(depth))


PIECES = st.sampled_from(
    [*FUNCTIONS, "(", ")", ",", "[", "]", '"', "\\", "=", "<>", "-1", "&HF", "[a]", '"x"', " ", "\n", "é", "\0", "'"]
)


@given(trees())
def test_rendered_tree_parses_to_itself(tree: Node) -> None:
    assert parse(render(tree)) == tree


@given(trees())
def test_canonical_text_is_canonical(tree: Node) -> None:
    text = render(tree)

    assert render(parse(text)) == text


def mistake(read: Callable[[str], object], text: str) -> ExpressionError | None:
    """Return why a text is refused; any other exception is a failure."""
    try:
        read(text)
    except ExpressionError as error:
        return error
    return None


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join)))
def test_parser_answers_or_says_why(text: str) -> None:
    error = mistake(parse, text)

    assert 0 <= error.at.offset <= len(text) if error else parse(render(parse(text))) == parse(text)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_compiler_answers_or_says_why(text: str) -> None:
    error = mistake(compile_expression, text)

    assert error.message if error else compile_expression(text).text == render(parse(text))


ESCAPES = {
    r'"a \"quoted\" word"': 'a "quoted" word',
    r'"back\\slash"': "back\\slash",
    r'"\\\""': '\\"',
    r'"\d stays"': "\\d stays",
    '"[a], (b"': "[a], (b",
    '"two\nlines"': "two\nlines",
    '""': "",
}


@pytest.mark.parametrize("written", ESCAPES)
def test_literal_means(written: str) -> None:
    assert parse(written) == Text(ESCAPES[written])


def test_quotes_nest_through_calls() -> None:
    tree = parse(r'Append("say \"(\"", Join(",", [a], "\\"))')

    assert tree == Call("Append", (Text('say "("'), Call("Join", (Text(","), Attribute("a"), Text("\\")))))


def test_empty_slots_are_arguments() -> None:
    assert parse("F(,[a],)") == Call("F", (Omitted(), Attribute("a"), Omitted()))
    assert parse("F( )") == Call("F", ())


def test_white_space_is_free() -> None:
    assert parse(' Append (\n[a] ,\t"b" ) ') == parse('Append([a],"b")')


def test_nodes_know_their_place() -> None:
    tree = parse('Append([a],\n  "b")')

    assert isinstance(tree, Call)
    assert str(tree.arguments[1].at) == "line 2, column 3"


def test_attributes_are_found_everywhere() -> None:
    assert attributes_of(parse('IIF([b] = "x", [a], Append([b], [c]))')) == ("a", "b", "c")


REFUSED: dict[str, tuple[str, str]] = {
    'Joim(",", [a])': ("line 1, column 1: there is no function 'Joim'", "did you mean 'Join'?"),
    "tolower([a])": ("there is no function 'tolower'", "did you mean 'ToLower'?"),
    "Xyzzy([a])": ("there is no function 'Xyzzy'", "lists them all"),
    "Left([a])": ("Left takes 2 arguments, not 1", "it is Left(String, NumChars)"),
    "Not([a], [b])": ("Not takes 1 argument, not 2", "it is Not(source)"),
    "Guid([a])": ("Guid takes no argument, not 1", "it is Guid()"),
    'InStr("a", "b", 1, vbTextCompare, 5)': ("at most 4 arguments, not 5", "start?, compareType?"),
    'Append(, "x")': ("source of Append is left out", "? marks what may be left out"),
    'Append([a], "x"': ("line 1, column 7: this ( is not closed", "close it with )"),
    'Append([a], "x"))': ("line 1, column 17: this ) closes nothing", "remove it"),
    'Append([a, "x")': ("line 1, column 8: this attribute is not closed", "close it with ]"),
    'Append([a],\n "x)': ("line 2, column 2: this text is not closed", 'write \\" for a quote'),
    "Append([a] [b])": ("line 1, column 12: '[b]' is not expected here", "a comma may be missing"),
    "Append([a], 'x')": ("line 1, column 13", "straight double quotes"),
    "Append([], [a])": ("line 1, column 8", "name the attribute"),
    '[a] = "b"': ("'=' is not expected here", "inside a condition only"),
    "IIF([a] = , [b], [c])": ("',' is not expected here", ""),
    "Foo": ("'Foo' is neither text nor attribute", 'write "Foo" or [Foo]'),
    "Append([a], $)": ("'$' is not expected here", "arguments are functions"),
    "9" * 41: ("line 1, column 1: this number has more than 40 characters", "write it as a text"),
    "  ": ("the expression is empty", "write [attribute]"),
    '"' + "x" * 9_999 + '"': ("has 10,001 characters; the service takes 10,000", "shorten it"),
    "Not(" * 101 + "[a]" + ")" * 101: ("nested more than 100 deep", ""),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:30])
def test_mistake_is_told_with_place_and_hint(text: str) -> None:
    message, hint = REFUSED[text]

    with pytest.raises(ExpressionError) as error:
        compile_expression(text)

    assert message in str(error.value)
    assert hint in error.value.hint


def test_the_longest_expression_is_taken() -> None:
    assert parse('"' + "x" * 9_998 + '"') == Text("x" * 9_998)


def test_the_deepest_expression_is_evaluated() -> None:
    deep = "Not(" * 100 + '"True"' + ")" * 100

    assert compile_expression(deep).evaluate({}) == "True"


def test_a_tree_too_deep_is_refused_without_a_text() -> None:
    tree: Any = Attribute("a")
    for _ in range(5_000):
        tree = Call("Not", (tree,))

    with pytest.raises(ExpressionError, match="nested more than 100 deep"):
        compile_expression(tree)
