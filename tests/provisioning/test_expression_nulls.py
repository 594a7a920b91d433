"""Every function with null, with the empty text, and with arguments that are wrong."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from reconciler.provisioning import (
    FUNCTIONS,
    EvaluationError,
    ExpressionError,
    Options,
    Surroundings,
    Unknowable,
    User,
    Value,
    compile_expression,
)

# Function: (call about [a], what null gives, what the empty text gives); an error class where it fails.
CASES: dict[str, tuple[str, object, object]] = {
    "AltSecIdFromNetId": ("AltSecIdFromNetId([a])", None, ""),
    "Append": ('Append([a], "x")', None, "x"),
    "AppRoleAssignments": ("AppRoleAssignments([a])", Unknowable, Unknowable),
    "AppRoleAssignmentsComplex": ("AppRoleAssignmentsComplex([a])", None, EvaluationError),
    "AssertiveAppRoleAssignmentsComplex": ("AssertiveAppRoleAssignmentsComplex([a])", None, EvaluationError),
    "BitAnd": ("BitAnd([a], 1)", None, EvaluationError),
    "CBool": ("CBool([a])", None, "False"),
    "CDate": ("CDate([a])", None, EvaluationError),
    "Coalesce": ('Coalesce([a], "other")', "other", ""),
    "ConvertToBase64": ("ConvertToBase64([a])", None, ""),
    "ConvertToUTF8Hex": ("ConvertToUTF8Hex([a])", None, ""),
    "Count": ("Count([a])", None, EvaluationError),
    "CStr": ("CStr([a])", None, ""),
    "DateAdd": ('DateAdd("d", 1, [a])', None, EvaluationError),
    "DateDiff": ('DateDiff("d", [a], "2024-01-01")', None, EvaluationError),
    "DateFromNum": ("DateFromNum([a])", None, EvaluationError),
    "DefaultDomain": ("DefaultDomain()", Unknowable, Unknowable),
    "FormatDateTime": ('FormatDateTime([a], , "yyyy", "yy")', None, EvaluationError),
    "Guid": ("Guid()", Unknowable, Unknowable),
    "IgnoreFlowIfNullOrEmpty": ("IgnoreFlowIfNullOrEmpty([a])", None, None),
    "IIF": ('IIF([a] = "", "yes", "no")', "no", "no"),
    "InStr": ('InStr([a], "x")', None, 0),
    "IsNull": ("IsNull([a])", "True", "False"),
    "IsNullOrEmpty": ("IsNullOrEmpty([a])", "True", "True"),
    "IsPresent": ("IsPresent([a])", "False", "False"),
    "IsString": ("IsString([a])", "False", "True"),
    "Item": ("Item([a], 1)", None, EvaluationError),
    "Join": ('Join("-", "x", [a], "y")', "x-y", "x-y"),
    "Left": ("Left([a], 2)", "", ""),
    "Mid": ("Mid([a], 1, 2)", None, ""),
    "NormalizeDiacritics": ("NormalizeDiacritics([a])", None, ""),
    "Not": ("Not([a])", "True", "True"),
    "Now": ("Now()", Unknowable, Unknowable),
    "NumFromDate": ("NumFromDate([a])", None, EvaluationError),
    "PCase": ("PCase([a])", None, ""),
    "RandomString": ("RandomString(6, 0, 0, 0, 0)", Unknowable, Unknowable),
    "Redact": ("Redact([a])", None, ""),
    "RemoveDuplicates": ("RemoveDuplicates([a])", None, EvaluationError),
    "Replace": ('Replace([a], "x", , , "y", , )', None, ""),
    "SingleAppRoleAssignment": ("SingleAppRoleAssignment([a])", None, EvaluationError),
    "Split": ('Split([a], ",")', None, [""]),
    "StripSpaces": ("StripSpaces([a])", None, ""),
    "Switch": ('Switch([a], "default", "", "empty")', "empty", "empty"),
    "ToLower": ("ToLower([a])", None, ""),
    "ToUpper": ("ToUpper([a])", None, ""),
    "Word": ('Word([a], 1, " ")', "", ""),
}
USABLE = {name for name, function in FUNCTIONS.items() if not function.refused}


def result(expression: str, user: User) -> object:
    """Return the value, or the class of the error."""
    try:
        return compile_expression(expression).evaluate(user)
    except EvaluationError as error:
        return type(error)


def test_every_function_has_a_case() -> None:
    assert set(CASES) == USABLE


@pytest.mark.parametrize("name", CASES)
def test_null_gives(name: str) -> None:
    call, on_null, _ = CASES[name]

    assert result(call, {"a": None}) == on_null


@pytest.mark.parametrize("name", CASES)
def test_absent_is_null(name: str) -> None:
    call, on_null, _ = CASES[name]

    assert result(call, {}) == on_null


@pytest.mark.parametrize("name", CASES)
def test_empty_gives(name: str) -> None:
    call, _, on_empty = CASES[name]

    assert result(call, {"a": ""}) == on_empty


@pytest.mark.parametrize("name", sorted(USABLE))
def test_wrong_number_of_arguments_is_refused(name: str) -> None:
    count = len(FUNCTIONS[name].parameters) + 1
    if any(parameter.repeats for parameter in FUNCTIONS[name].parameters):
        count = 0
    call = f"{name}({', '.join(['[a]'] * count)})"

    with pytest.raises(ExpressionError, match=f"{name} takes"):
        compile_expression(call)


@pytest.mark.parametrize("name", sorted(USABLE))
def test_any_number_of_arguments_is_taken_or_refused(name: str) -> None:
    taken = []
    for count in range(10):
        with suppress(ExpressionError):
            compile_expression(f"{name}({', '.join(['[a]'] * count)})")
            taken.append(count)

    needed = len([parameter for parameter in FUNCTIONS[name].parameters if not parameter.optional])
    assert all(count >= needed for count in taken)


WRONG = {
    'Left([a], "x")': "NumChars of Left is 'x', and a whole number is needed",
    'Item("a", 1)': "attribute of Item is a literal",
    'Mid([a], "one", 2)': "start of Mid is 'one'",
    'BitAnd(1, "x")': "value2 of BitAnd is 'x'",
    "BitAnd(1, 1.5)": "value2 of BitAnd is 1.5",
    'CDate("yesterday")': "'yesterday' is no date",
    'DateAdd("w", 1, [a])': "there is no interval 'w'",
    'DateDiff("q", [a], [a])': "take one of yyyy, m, d",
    'FormatDateTime([a], "Sometimes", "yyyy", "yy")': "there is no date style 'Sometimes'",
    'FormatDateTime([a], [b], "yyyy", "yy")': "no literal text",
    'FormatDateTime([a], , "q", "yy")': "'q' is no standard date format",
    'FormatDateTime([a], , "\'open", "yy")': "not complete",
    'FormatDateTime([a], , , "yy")': "inputFormat of FormatDateTime is left out",
    'FormatDateTime([a], "yyyy", "yy")': "FormatDateTime takes 4 arguments, not 3",
    "RandomString(300, 0, 0, 0, 0)": "300 is not between 0 and 256",
    "RandomString(3, 2, 2, 0, 0)": "add up to more than the length",
    "RandomString(3, -1, 2, 0, 0)": "cannot be negative",
    'Split([a], "")': "the delimiter is empty",
    'ToLower([a], "Klingon!")': "'Klingon!' is no culture",
    'InStr([a], "x", 1, vbFuzzy)': "not one of vbBinaryCompare, vbTextCompare",
    "Append(foo, [a])": "'foo' is neither text nor attribute",
    'Append([a] = "b", "c")': "a comparison cannot be the source of Append",
    'IIF(foo = "b", "c", "d")': "'foo' is neither text nor attribute",
    'Switch([a], , "x", "1", "x", "2")': "the key 'x' twice",
    'Switch([a], , "x", "1", "y")': "an even number of arguments",
    "SelectUniqueValue([a], [b])": "cannot be used here",
    "Replace([a])": "only a source given together",
    'Replace([a], "x", "y", , "z")': "oldValue and regexPattern and replacementValue given together",
    'Replace([a], , "(", , "z")': "this ( is not closed",
    'Replace([a], , "(?<g>x)", "h", "z")': "the pattern has no group 'h'; it has 1, g",
    'Replace([a], , "x", , "$\'")': "not reproduced here",
}


@pytest.mark.parametrize("expression", WRONG)
def test_wrong_argument_is_told_at_once(expression: str) -> None:
    with pytest.raises(ExpressionError) as error:
        compile_expression(expression)

    assert WRONG[expression] in str(error.value)


FAILS: dict[str, tuple[User, str]] = {
    'Append([a], "x")': ({"a": ["x", "y"]}, "multi-valued, and one text is needed"),
    "Left([a], [n])": ({"a": "x", "n": "many"}, "NumChars of Left is 'many'"),
    "BitAnd([a], 1)": ({"a": True}, "True, and a whole number is needed"),
    "Mid([a], 0, 2)": ({"a": "x"}, "positions count from 1"),
    "Mid([a], 1, -2)": ({"a": "x"}, "cannot be negative"),
    "Item([a], 0)": ({"a": ["x"]}, "items count from 1"),
    'InStr([a], "x", 0)': ({"a": "x"}, "positions count from 1"),
    "CBool([a])": ({"a": ["x"]}, "not a single value"),
    'DateAdd("yyyy", 9000, [a])': ({"a": "2024-01-01"}, "between the years 1 and 9999"),
    "NumFromDate([a])": ({"a": "1500-01-01"}, "before the year 1601"),
    "DateFromNum(-5)": ({}, "-5 is no file time"),
    "Split([a], [b])": ({"a": "x", "b": ""}, "the delimiter is empty"),
    'Replace([a], , [p], , "")': ({"a": "x", "p": "("}, "the pattern is refused"),
    'Replace([a], , "(?<g>x)", [g], "")': ({"a": "x", "g": "h"}, "no group 'h'"),
    'Join("", [a])': ({"a": [["x"]]}, "multi-valued"),
    "AppRoleAssignmentsComplex([a])": ({"a": ["x"]}, "no role assignment"),
    "SingleAppRoleAssignment([a])": ({"a": [{"value": "x"}, {"value": "y"}]}, "2 role assignments"),
}


@pytest.mark.parametrize("expression", FAILS)
def test_wrong_user_fails_with_its_place(expression: str) -> None:
    user, message = FAILS[expression]

    with pytest.raises(EvaluationError) as error:
        compile_expression(expression).evaluate(user)

    assert message in str(error.value)
    assert str(error.value).startswith("line 1, column ")


MORE: dict[str, tuple[User, Value]] = {
    "[accountEnabled]": ({"accountEnabled": True}, True),
    '"fixed"': ({}, "fixed"),
    'Append([a], "!")': ({"a": 7}, "7!"),
    "Append([a], [b])": ({"a": "x"}, None),
    'Join("; ", [a], "end")': ({"a": ["x", "", "y"]}, "x; y; end"),
    'Join([s], "a", "b")': ({"s": None}, "ab"),
    "Left([a], -1)": ({"a": "all"}, "all"),
    "Left([a], 0)": ({"a": "all"}, ""),
    "Left([a], 99)": ({"a": "all"}, "all"),
    "Mid([a], 3, 99)": ({"a": "abcd"}, "cd"),
    "Mid([a], 9, 2)": ({"a": "abcd"}, ""),
    "Item([a], 3)": ({"a": ["x"]}, None),
    "Count([a])": ({"a": []}, 0),
    'InStr([a], "C", , vbTextCompare)': ({"a": "abc"}, 3),
    'InStr([a], "X", 1, vbTextCompare)': ({"a": "ßx"}, 2),
    'InStr([a], "a", 2)': ({"a": "aba"}, 3),
    'InStr([a], "C")': ({"a": "abc"}, 0),
    'InStr([a], "")': ({"a": "abc"}, 1),
    'Word([a], 0, " ")': ({"a": "abc"}, ""),
    'Word([a], 2, ",;")': ({"a": "a;;b"}, "b"),
    'Word([a], 2, "]^-")': ({"a": "a^b"}, "b"),
    'PCase([a], "-")': ({"a": "JEAN-LUC o'neill"}, "Jean-Luc o'neill"),
    "PCase([a])": ({"a": "o'neill \u200eb\x01c"}, "O'Neill \u200eB\x01C"),
    "ToUpper([a])": ({"a": "straße ı"}, "STRAßE ı"),
    'ToUpper([a], "tr-TR")': ({"a": "iı"}, "İI"),
    'ToLower([a], "az")': ({"a": "Iİ"}, "ıi"),
    "ToLower([a])": ({"a": "ΌΣΟΣ"}, "όσοσ"),
    'NormalizeDiacritics("Ærøskøbing Łódź đ")': ({}, "AEroeskoebing Lodz đ"),
    "NormalizeDiacritics([a])": ({"a": "Ёлкин が ά đ̄ 한"}, "Ёлкин が ά đ̄ 한"),
    "Not([a])": ({"a": True}, "False"),
    'Not("true")': ({}, "True"),
    "CStr([a])": ({"a": {"id": "m1"}}, "m1"),
    "CBool(0)": ({}, "False"),
    'CBool([a] = "x")': ({"a": "x"}, "True"),
    'IIF([a] <> "x", "yes", "no")': ({"a": None}, "no"),
    'IIF([a] > 9, "yes", "no")': ({"a": "10"}, "yes"),
    'IIF([a] > 9.5, "yes", "no")': ({"a": "10"}, "yes"),
    'IIF([a] > "9", "yes", "no")': ({"a": "1_0"}, "no"),
    'IIF([a] <= "b", "yes", "no")': ({"a": "a"}, "yes"),
    'IIF([accountEnabled], "yes", "no")': ({"accountEnabled": True}, "yes"),
    'IIF(IsPresent([a]), "yes", "no")': ({"a": "x"}, "yes"),
    'IIF("x" = "x", "yes", CDate([a]))': ({"a": "no date"}, "yes"),
    'Switch([a], , "x", "1")': ({"a": "X"}, None),
    'Switch([a], "d", [k], "1")': ({"a": "x", "k": "x"}, "1"),
    'Replace([a], , "x", , "$0y$$")': ({"a": "axb"}, "axy$b"),
    'Replace([a], , "(a)(?<n>b)(c)", , "$1$2$3")': ({"a": "abc"}, "acb"),
    'Replace([a], , "(?<g>b)|a", "g", "X")': ({"a": "ab"}, "aX"),
    'Replace([a], , "(?<g>\\\\d+)", "g", , [b])': ({"a": "", "b": "no 42"}, "42"),
    'Replace([a], , "(?<g>\\\\d+)", "g", , [b], )': ({"a": "kept", "b": "no 42"}, "kept"),
    "RemoveDuplicates([a])": ({"a": ["x", "X", "x", 1, True]}, ["x", "X", 1, True]),
    'FormatDateTime([a], , "HH:mm", "h:mm tt")': ({"a": "13:05"}, "1:05 PM"),
    'FormatDateTime([a], "NoCurrentDateDefault", "HH:mm", "yyyy")': ({"a": "13:05"}, "0001"),
    'FormatDateTime([a], "AllowWhiteSpaces", "yyyy-MM-dd", "yy")': ({"a": " 2020 - 01-02"}, "20"),
    "SingleAppRoleAssignment([a])": ({"a": []}, None),
    "ConvertToUTF8Hex([a])": ({"a": "\ud800"}, "EFBFBD"),
}


@pytest.mark.parametrize("formats", ['"HH:mm", "dd HH:mm"', '"d MMM", "d/M/yyyy"'])
def test_year_that_is_not_said_is_the_present_one(formats: str) -> None:
    call = f"FormatDateTime([a], , {formats})"
    user = {"a": "13:05" if "HH" in formats else "4 May"}
    today = Surroundings(now=lambda: datetime(2026, 11, 24, tzinfo=UTC))

    assert result(call, user) is Unknowable
    assert compile_expression(call, surroundings=today).evaluate(user) in ("24 13:05", "4/5/2026")


@pytest.mark.parametrize("expression", MORE)
def test_value_is(expression: str) -> None:
    user, value = MORE[expression]

    assert compile_expression(expression).evaluate(user) == value


def test_pattern_that_runs_for_ever_is_stopped_and_told() -> None:
    options = Options(pattern_seconds=0.05)
    expression = compile_expression('Replace([a], , "^(a|aa)+$", , "")', options)

    with pytest.raises(EvaluationError, match=r"the pattern was stopped after 0\.05 s"):
        expression.evaluate({"a": "a" * 60 + "!"})


@pytest.mark.parametrize(
    ("options", "expression", "value"),
    [
        (Options(split_trims=False), 'Split("a, b", ",")', ["a", " b"]),
        (Options(word_skips_empty=False), 'Word("a  b", 2, " ")', ""),
        (Options(comparison_ignores_case=True), 'IIF("A" = "a", "yes", "no")', "yes"),
        (Options(diacritics_of_latin_only=False), 'NormalizeDiacritics("\u0419")', "\u0418"),
        (Options(date_add_clamps=False), 'DateAdd("m", 1, "2023-01-31")', "3/3/2023 12:00:00 AM"),
        (Options(in_str_finds_empty=False), 'InStr("abc", "")', 0),
        (Options(iif_takes_null_functions=False), 'IIF(IsPresent("x"), "yes", "no")', "no"),
    ],
)
def test_option_changes_the_value(options: Options, expression: str, value: Value) -> None:
    assert compile_expression(expression, options).evaluate({}) == value
    assert compile_expression(expression).evaluate({}) != value


GROWING = {
    "ConvertToUTF8Hex(": ")",
    "ConvertToBase64(": ")",
    "Replace(": f', "a", , , "{"a" * 99}", , )',
    "Replace(Append(": f', "a"), , "a", , "{"a" * 99}", , )',
    'Join("axaxaxaxa", Split(': ', "a"))',
    'Replace(Append("", ': f'), , "(?=(.*))", , "{"$1" * 99}", , )',
}


@pytest.mark.parametrize("start", GROWING)
def test_text_that_would_grow_without_end_is_refused(start: str) -> None:
    expression = compile_expression(start * 40 + '"xaxax"' + GROWING[start] * 40)

    with pytest.raises(EvaluationError, match="longer than 1,000,000 characters"):
        expression.evaluate({})
