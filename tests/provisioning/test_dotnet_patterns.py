import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.provisioning.errors import PatternError
from reconciler.provisioning.patterns import pattern

MATCHES = [
    (r"^\w+$", "é_1", True),
    (r"^\w+$", "‿", True),  # joins words in .NET, not in Python
    (r"^\w$", "½", False),  # a letter for Python, not for .NET
    (r"^\W$", "½", True),
    (r"^\s$", "\x1c", False),  # white space for Python only
    (r"^[^\W_]+$", "ab", True),
    (r"^[\w-[aeiou]]+$", "bcd", True),
    (r"^[\w-[aeiou]]+$", "bad", False),
    (r"^[^a-z-[Q]]$", "Q", False),
    (r"^[a-z-]+$", "a-z", True),
    (r"^[]a]+$", "]a", True),
    (r"^[+--]+$", "+,-", True),
    (r"^[a&&b]+$", "a&b", True),
    (r"^[[]$", "[", True),
    (r"^a{,3}$", "a{,3}", True),
    (r"^a{2,3}?$", "aaa", True),
    (r"^(?<a>x)(y)\k<a>\1\2$", "xyxyx", True),  # unnamed groups count first
    (r"^(?'q'x)$", "x", True),
    (r"a(?i)b", "aB", True),
    (r"(?i)ss", "ß", False),
    (r"a(?#no matter)b", "ab", True),
    (r"^\u0041\x42\cA\e\012$", "AB\x01\x1b\n", True),
    (r"^[\b]$", "\b", True),
    (r"a\Z", "a\n", True),
    (r"a\z", "a\n", False),
    (r"^\p{Lu}\P{Lu}$", "Aa", True),
    (r"^\p{IsGreek}$", "ἀ", False),  # a block for .NET, a script for Python
    (r"^\p{IsGreek}$", "α", True),
    (r"\B", "", True),
    (r"^(?:" + "a" * 1_200 + ")?b$", "a" * 1_200 + "b", True),
    (r"#a b", "#a b", True),
    (r"^(?>a+)b$", "aab", True),
    (r"(?<=a)b(?!c)", "abd", True),
]


@pytest.mark.parametrize(("source", "text", "found"), MATCHES)
def test_pattern_means_what_it_means_in_dotnet(source: str, text: str, found: bool) -> None:
    assert (pattern(source).compiled.search(text, timeout=1) is not None) is found


REFUSED = {
    "a++": (2, "nothing to repeat"),
    "*a": (0, "nothing to repeat"),
    "a|*b": (2, "nothing to repeat"),
    "a{3,1}": (0, "counts down"),
    "(a": (0, "this ( is not closed"),
    "a)": (1, "this ) closes nothing"),
    "a[b": (1, "this [ is not closed"),
    "[z-a]": (0, "cannot be compiled"),
    "a\\": (1, "ends with a \\"),
    r"a\y": (1, "means nothing in .NET"),
    r"\k<n>": (0, "no group 'n'"),
    "(?<a-b>x)": (0, "not reproduced here"),
    "(?(1)a|b)": (0, "not reproduced here"),
    "(?R)": (0, "not reproduced here"),
    "(?x) a": (0, "the options n and x"),
    "(?#open": (0, "this comment is not closed"),
    "[a-[b]c]": (6, "has to come last"),
    "(a{1000}){1000}": (9, "more than 100,000 repetitions"),
    "((a{100}){100}){100}": (15, "more than 100,000 repetitions"),
    "(ab){9999}" * 20: (34, "more than 100,000 repetitions"),
    r"\p{Alphabetic}": (0, "this \\p is not reproduced here"),
    r"\p{IsNowhere}": (0, "cannot be compiled"),
    "(" * 200: (100, "nested more than 100 deep"),
    "[a-" * 200: (300, "nested more than 100 deep"),
    "x" * 10_001: (0, "at most 10,000"),
}


@pytest.mark.parametrize("source", REFUSED, ids=lambda source: source[:20])
def test_refused_pattern_is_told_with_its_place(source: str) -> None:
    offset, message = REFUSED[source]

    with pytest.raises(PatternError) as error:
        pattern(source)

    assert (error.value.offset, message in str(error.value)) == (offset, True)


PIECES = st.sampled_from([*r"ab09[]()^-$|*+?.{}\\,:<>=!#&~ _", r"\w", r"\d", "(?<n>", "{2,3}", "(?:", "(?i)", "[^"])


@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_text_is_a_pattern_or_is_refused(source: str) -> None:
    try:
        compiled = pattern(source).compiled
    except PatternError:
        return
    try:
        compiled.search("ab09 é", timeout=0.5)
    except TimeoutError:
        return


REPLACED = [
    ("(a)(?<n>b)", "$2$1", "ba"),
    ("(a)(?<n>b)", "${n}${1}", "ba"),
    ("(a)(?<n>b)", "$$1", "$1"),
    ("ab", "[$&]", "[ab]"),
    ("ab", "[$0]", "[ab]"),
    ("(a)(b)", "$+", "b"),
    ("(a)b", "$7${other}", "$7${other}"),
    ("(a)|b", "<$1>", "<a><>"),
    ("ab", r"\1\n", r"\1\n"),
]


@pytest.mark.parametrize(("source", "replacement", "result"), REPLACED)
def test_replacement_reads_like_dotnet(source: str, replacement: str, result: str) -> None:
    ready = pattern(source)

    assert ready.compiled.sub(ready.replacement(replacement), "ab") == result


def test_long_literal_is_searched_in_no_time() -> None:
    assert pattern(r"\\" * 5_000).compiled.search("a" * 5_000, timeout=1) is None
