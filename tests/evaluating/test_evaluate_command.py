import subprocess
import sys
from pathlib import Path

import pytest
from asking import MEGAN, Desk, desk

__all__ = ["desk"]

ROOT = Path(__file__).resolve().parents[2]

FILTER = """\
filters:
  - name: sales
    clauses:
      - {attribute: department, operator: EQUALS, value: Sales}
      - {attribute: displayName, operator: IS NOT NULL}
  - name: legal
    clauses: [{attribute: department, operator: equals, value: Legal}]
"""
MAPPINGS = """\
mappings:
  displayName: {expression: 'Append([displayName], " (Contoso)")'}
  employeeId: {expression: 'Redact([department])'}
  postalCode: {expression: 'Item([department], 1)'}
  mobile: {drop: true}
"""


# ---------------------------------------------------------------------------------------------- expressions


def test_value_is_printed(desk: Desk) -> None:
    answer = desk.evaluate('Append([displayName], " (Contoso)")')

    assert (answer.code, answer.out, answer.err) == (0, '"Megan Bowen (Contoso)"\n', "")


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        ("[displayName]", "Megan Bowen", "text"),
        ("[mobile]", "+49 1", "text"),
        ("[mail]", None, "null"),
        ("[accountEnabled]", True, "boolean"),
        ("[proxyAddresses]", ["smtp:a"], "list"),
        ("[manager]", {"id": "1"}, "object"),
        ("[extensionAttribute1]", 7, "integer"),
        ("[extensionAttribute2]", 7.5, "number"),
    ],
)
def test_json_has_value_and_type(expression: str, value: object, kind: str, desk: Desk) -> None:
    user = {
        **MEGAN,
        "accountEnabled": True,
        "proxyAddresses": ["smtp:a"],
        "manager": {"id": "1"},
        "onPremisesExtensionAttributes": {"extensionAttribute1": 7, "extensionAttribute2": 7.5},
    }

    assert desk.evaluate(expression, "--output", "json", user=user).json == {"value": value, "type": kind}


def test_user_may_lie_in_a_file(desk: Desk) -> None:
    name = desk.write("megan.json", '{"department": "Legal"}')

    assert desk.ask("evaluate", "[department]", "--user", name).out == '"Legal"\n'


def test_trace_shows_every_part(desk: Desk) -> None:
    answer = desk.evaluate('Join("; ", [department], ToLower([displayName]))', "--trace")

    assert answer.out.splitlines() == [
        'Join("; ", [department], ToLower([displayName])) = "Legal; megan bowen"',
        '├─ [department] = "Legal"',
        '└─ ToLower([displayName]) = "megan bowen"',
        '   └─ [displayName] = "Megan Bowen"',
    ]


def test_trace_for_machines_is_a_tree(desk: Desk) -> None:
    told = desk.evaluate("ToLower([department])", "--trace", "--output", "json").json

    assert (told["value"], told["type"]) == ("legal", "text")
    assert told["trace"]["parts"] == [
        {"text": "[department]", "value": "Legal", "type": "text", "needed": True, "parts": []}
    ]


def test_trace_of_a_failure_shows_where_it_fails(desk: Desk) -> None:
    answer = desk.evaluate("ToLower(Item([department], 1))", "--trace")

    assert answer.code == 1
    assert "Item([department], 1) fails: line 1, column 14" in answer.out


def test_trace_shows_which_branch_was_taken(desk: Desk) -> None:
    answer = desk.evaluate('IIF([department] = "Legal", "x", [mail])', "--trace")

    assert answer.out.splitlines()[1:] == [
        '├─ [department] = "Legal" = "True"',
        '│  └─ [department] = "Legal"',
        "└─ [mail] was not needed",
    ]


def test_name_of_graph_is_null_as_it_is_for_the_engine(desk: Desk) -> None:
    answer = desk.evaluate("[mobilePhone]")

    assert (answer.code, answer.out) == (0, "null\n")
    assert "note: line 1, column 1: 'mobilePhone'" in answer.err
    assert "the engine calls it 'mobile'" in answer.err


def test_hostile_value_stays_on_its_line(desk: Desk) -> None:
    user = {"displayName": "a\n::error::b\x1b[31m\u202e"}

    assert desk.evaluate("[displayName]", user=user).out == '"a\\x0a::error::b\\x1b[31m\\u202e"\n'
    assert desk.evaluate("[displayName]", "--output", "json", user=user).out.isascii()


@pytest.mark.parametrize(
    ("expression", "words", "caret"),
    [
        ('Apend([displayName], "x")', "did you mean 'Append'?", 1),
        ('append([displayName], "x")', "did you mean 'Append'?", 1),
        ('ToLower(Left("x", 1, 2))', "Left takes 2 arguments, not 3; it is Left(String, NumChars)", 9),
        ('Append([displayName], Left("x", 1)', "is not closed", 7),
        ("ToLower([department]))", "closes nothing", 22),
        ("ToLower([department)", "", 9),
        ('Append([displayName],\n  Lefft("x", 1))', "did you mean 'Left'?", 3),
        ("Item([department], 1)", "a multi-valued attribute is needed", 6),
        ('Append("' + "x" * 9_991 + '")', "10,001 characters", 1),
    ],
)
def test_error_points_at_its_place(expression: str, words: str, caret: int, desk: Desk) -> None:
    answer = desk.evaluate(expression)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Error: line ")
    assert words in answer.err
    assert answer.err.splitlines()[-1] == " " * (3 + caret) + "^"


def test_caret_finds_its_place_in_a_long_line(desk: Desk) -> None:
    answer = desk.evaluate('Append("' + "é\u202e" * 500 + '", Lefft([mail], 1))')

    line, caret = answer.err.splitlines()[-2:]
    assert line[caret.index("^") :].startswith("Lefft(")
    assert len(line) < 500


def test_one_character_too_many_is_refused(desk: Desk) -> None:
    longest = '"' + "x" * 9_998 + '"'

    assert desk.evaluate(longest).code == 0
    answer = desk.evaluate(longest + " ")
    assert answer.code == 1
    assert "10,001 characters" in answer.err


def test_pattern_that_runs_for_ever_is_stopped(desk: Desk) -> None:
    user = {"displayName": "a" * 40 + "!"}
    answer = desk.evaluate('Replace([displayName], , "^(a|aa|b?a)+c?$|(x+x+)+y", , "", , )', user=user)

    assert "may run for ever" in answer.err
    assert answer.code == 1
    assert "stopped after 1 s" in answer.err


# ---------------------------------------------------------------------------------------------- users


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[]", "a list, and one user is needed"),
        (b'"Megan"', "a single value, and one user is needed"),
        (b"{", "this is not JSON (line 1, column 2"),
        (b"", "this is not JSON"),
        (b"\xff", "this is not JSON (it is not UTF-8)"),
        (b'{"mail": 1, "mail": 2}', "a key is there twice"),
        (b'{"value": [{"mail": "a"}]}', "a page of several users, and one is needed"),
        (b'{"foo": 1, "bar": 2}', "this is no user: nothing that it has ('foo', 'bar')"),
        (b" " * 1_100_000, "larger than 1 MiB"),
    ],
)
def test_what_is_no_user_is_refused(content: bytes, words: str, desk: Desk) -> None:
    answer = desk.ask("evaluate", "[mail]", "--user", "-", stdin=content)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Error: standard input: ")
    assert words in answer.err


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_unreadable_user_is_named(name: str, desk: Desk) -> None:
    answer = desk.ask("evaluate", "[mail]", "--user", name)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"Error: {name}: cannot be read (")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "nothing to evaluate"),
        (("--trace", "--all-mappings"), "--trace is about an EXPRESSION"),
        (("[mail]", "--target", "a.json"), "--mappings and --target are for --all-mappings"),
        (("--all-mappings", "--target", "-"), "Standard input can be read once"),
    ],
)
def test_call_without_sense_is_refused(words: tuple[str, ...], told: str, desk: Desk) -> None:
    answer = desk.evaluate(*words)

    assert answer.code == 1
    assert told in answer.err


# ---------------------------------------------------------------------------------------------- filters


def test_filter_says_which_group_lets_in(desk: Desk) -> None:
    answer = desk.evaluate("--filter", desk.write("filter.yaml", FILTER))

    assert answer.code == 0
    assert answer.out.splitlines() == [
        "in scope: every clause of group 'legal' is true",
        "  group sales",
        "    false  department EQUALS 'Sales'  (\"Legal\")",
        '    true   displayName IS NOT NULL  ("Megan Bowen")',
        "  group legal",
        "    true   department EQUALS 'Legal'  (\"Legal\")",
    ]


def test_filter_says_which_clause_keeps_out(desk: Desk) -> None:
    told = desk.evaluate("--filter", desk.write("filter.yaml", FILTER), "--output", "json", user={}).json["filter"]

    assert told["inScope"] is False
    assert told["reason"] == (
        "in group 'sales' `department EQUALS 'Sales'` is false, the attribute is absent; "
        "in group 'legal' `department EQUALS 'Legal'` is false, the attribute is absent"
    )
    assert told["groups"][0]["clauses"][1] == {
        "attribute": "displayName", "operator": "IS NOT NULL", "actual": None, "passed": False,
    }  # fmt: skip


def test_filter_without_groups_lets_everybody_in(desk: Desk) -> None:
    answer = desk.evaluate("--filter", desk.write("filter.yaml", "filters: []\n"))

    assert answer.out == "in scope: there are no groups, so everybody is in scope\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- name: a\n", "f.yaml:1:1: a document has to be a mapping; begin with `filters:`"),
        ("filter: []\n", "f.yaml:1:1: there is no property 'filter' here; did you mean filters?"),
        (FILTER.replace("IS NOT", "IS NOTT"), "f.yaml:5:44: there is no operator 'IS NOTT NULL'; did you mean"),
        (FILTER.replace("value: Sales", "value: 5"), "f.yaml:4:58: filters[0].clauses[0].value has to be text"),
        (FILTER.replace("EQUALS, value: Sales", "REGEX MATCH, value: '(a'"), "f.yaml:4:63: the pattern is refused"),
        (FILTER.replace(", value: Sales", ""), "f.yaml:4:9: EQUALS needs a value"),
        ("filters: [&a {}]\n", "anchors are not allowed"),
    ],
)
def test_wrong_filter_is_told_with_its_place(text: str, told: str, desk: Desk) -> None:
    answer = desk.evaluate("--filter", desk.write("f.yaml", text))

    assert (answer.code, answer.out) == (1, "")
    assert told in answer.err


def test_filter_with_an_endless_pattern_is_stopped(desk: Desk) -> None:
    text = "filters: [{clauses: [{attribute: mail, operator: REGEX MATCH, value: '^(a|aa|b?a)+c?$|(x+x+)+y'}]}]\n"
    answer = desk.evaluate("--filter", desk.write("f.yaml", text), user={"mail": "a" * 40 + "!"})

    assert (answer.code, answer.out) == (1, "")
    assert "stopped after 1 s" in answer.err


# ---------------------------------------------------------------------------------------------- mappings


def test_mappings_show_what_a_new_user_gets(desk: Desk) -> None:
    told = desk.evaluate("--all-mappings", "--output", "json").json["created"]

    assert told["values"]["displayName"] == "Megan Bowen"
    assert told["values"]["userType"] == "Member"
    assert told["values"]["mobile"] == "+49 1"
    assert told["failures"] == {}


def test_change_is_laid_over_the_mappings(desk: Desk) -> None:
    answer = desk.evaluate("--all-mappings", "--mappings", desk.write("m.yaml", MAPPINGS), "--output", "json")
    told = answer.json["created"]

    assert told["values"]["displayName"] == "Megan Bowen (Contoso)"
    assert "mobile" not in told["values"]
    assert list(told["failures"]) == ["postalCode"]


def test_redacted_value_is_not_shown(desk: Desk) -> None:
    words = ("--all-mappings", "--mappings", desk.write("m.yaml", MAPPINGS))

    assert desk.evaluate(*words, "--output", "json").json["created"]["values"]["employeeId"] == "[Redact]"
    assert '"[Redact]"' in desk.evaluate(*words).out


def test_update_writes_only_what_differs(desk: Desk) -> None:
    target = desk.write("target.json", '{"displayName": "Megan Bowen", "department": "Sales"}')
    told = desk.evaluate("--all-mappings", "--target", target, "--output", "json").json["updated"]

    assert told["values"]["department"] == "Legal"
    assert "displayName" not in told["values"]
    assert "userType" not in told["values"]


def test_mappings_are_shown_in_their_order(desk: Desk) -> None:
    target = desk.write("target.json", "{}")
    out = desk.evaluate("--all-mappings", "--target", target).out

    assert out.startswith(
        "a new target user gets\n  alternativeSecurityIds  (only the service knows)\n  IsSoftDeleted "
    )
    assert "the target user is updated with\n" in out
    assert out.index("displayName") < out.index("userType")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mappings: {displayName: {expression: 'Apend([a])'}}\n", "m.yaml:1:39: displayName: there is no function"),
        ("mappings: {displayNam: {}}\n", "m.yaml:1:12: displayNam: the template has no such mapping; did you mean"),
        ("mappings: {mail: {constant: a, drop: true}}\n", "m.yaml:1:29: mail: a mapping that is dropped cannot"),
        ("mappings: {mail: {constant: a, expression: '[a]'}}\n", "mail: expression and constant exclude each other"),
        ("mappings: {mail: {aply: always}}\n", "m.yaml:1:19: there is no property 'aply' in mappings.mail"),
        ("mappings: {mail: {apply: never}}\n", "mappings.mail.apply cannot be 'never'"),
    ],
)
def test_wrong_mappings_are_told_with_their_place(text: str, told: str, desk: Desk) -> None:
    answer = desk.evaluate("--all-mappings", "--mappings", desk.write("m.yaml", text))

    assert (answer.code, answer.out) == (1, "")
    assert told in answer.err


def test_everything_can_be_asked_at_once(desk: Desk) -> None:
    words = ("[mail]", "--filter", desk.write("f.yaml", FILTER), "--all-mappings", "--trace", "--output", "json")

    assert list(desk.evaluate(*words).json) == ["value", "type", "trace", "filter", "created"]


def test_help_loads_no_engine() -> None:
    script = (
        "import sys, reconciler.cli; print(sorted({'lark', 'regex', 'pydantic', 'ruamel.yaml'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True)

    assert done.stdout.strip() == "[]"
