import pytest

from reconciler.provisioning import (
    DEFAULT_MAPPINGS,
    AttributeMapping,
    Clause,
    Group,
    Surroundings,
    assumptions,
    lint_expression,
    lint_filter,
    lint_mappings,
    parse,
    trace,
)
from reconciler.provisioning.backtracking import dangerous

EXPRESSIONS = {
    "[userType]": ["unsupported-source"],
    "[samAccountName]": ["unsupported-source"],
    "[mobilePhone]": ["unknown-attribute"],
    "[netId]": ["unreadable-source"],
    "[extension_0123456789abcdef0123456789abcdef_team]": [],
    "[mail]": [],
    'Switch([state], , "a", "b")': ["switch-blanks"],
    'Switch(IsPresent([state]), , "True", "b")': ["switch-on-question", "switch-blanks"],
    'IIF(IsPresent([state]), "a", "b")': ["iif-and-null"],
    'IIF([state] = "", "a", "b")': ["iif-and-null"],
    'IIF([state] = "x", "a", "b")': [],
    'Replace([mail], , "(a+)+", , "x")': ["catastrophic-pattern"],
    'Replace([mail], , "a+", , "x")': [],
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_has_lints(expression: str) -> None:
    assert [lint.rule for lint in lint_expression(parse(expression))] == EXPRESSIONS[expression]


CLAUSES = {
    Clause("department", "NOT EQUALS", "Sales"): ["null-fails-filter"],
    Clause("department", "NOT REGEX MATCH", "^Sales$"): ["null-fails-filter"],
    Clause("mail", "REGEX MATCH", ".*@contoso.example"): ["unanchored-pattern"],
    Clause("mail", "REGEX MATCH", "^a|b$"): ["unanchored-pattern"],
    Clause("mail", "REGEX MATCH", "^a\\$"): ["unanchored-pattern"],
    Clause("mail", "REGEX MATCH", "^(?:a|b)$"): [],
    Clause("mail", "REGEX MATCH", "(?i)^[a|b]\\|$"): [],
    Clause("mail", "REGEX MATCH", "^(a|a)*$"): ["catastrophic-pattern"],
    Clause("employeeId", "Greater_Than", "ten"): ["not-a-number"],
    Clause("accountEnabled", "EQUALS", "True"): ["text-for-boolean"],
    Clause("manager", "IS NULL"): ["unsupported-filter"],
    Clause("userType", "EQUALS", "Member"): ["unsupported-filter"],
    Clause("employeeHireDate", "IS NULL"): ["unsupported-filter"],
    Clause("proxyAddresses", "Includes", "x"): ["unsupported-filter"],
    Clause("Department", "IS NULL"): ["unknown-attribute"],
    Clause("department", "EQUALS", "Sales"): [],
}


@pytest.mark.parametrize("clause", CLAUSES, ids=str)
def test_clause_has_lints(clause: Clause) -> None:
    assert [lint.rule for lint in lint_filter([Group("g", (clause,))])] == CLAUSES[clause]


def test_negation_beside_a_question_about_null_is_fine() -> None:
    negated, absent, present = (
        Clause("department", "NOT EQUALS", "Sales"),
        Clause("department", "IS NULL"),
        Clause("department", "IS NOT NULL"),
    )

    assert lint_filter([Group("g", (negated,)), Group("h", (absent,))]) == ()
    assert lint_filter([Group("g", (negated, present))]) == ()


def test_lint_says_where_and_what_next() -> None:
    (lint,) = lint_filter([Group("g", (Clause("department", "NOT EQUALS", "Sales"),))])

    assert str(lint) == (
        "filters[0].clauses[0]: users without department are out of scope: NOT EQUALS is false on null; "
        "add a group with department IS NULL to keep them in"
    )


def test_default_mappings_have_no_lint() -> None:
    assert lint_mappings(DEFAULT_MAPPINGS) == ()


@pytest.mark.parametrize("target", ["proxyAddresses", "otherMails", "targetAddress", "id", "netId"])
def test_unsupported_target_is_told(target: str) -> None:
    assert [lint.rule for lint in lint_mappings([AttributeMapping(target, parse("[mail]"))])] == ["unsupported-target"]


def test_lint_of_a_mapping_names_target_and_place() -> None:
    (lint,) = lint_mappings([AttributeMapping("mobile", parse('Append("x", [mobilePhone])'))])

    assert (lint.where, lint.hint) == ("mobile: line 1, column 13", "the engine calls it 'mobile'")


DANGEROUS = {
    "(a+)+": "(a+)+",
    r"^(\w*\s*)*$": r"(\w*\s*)*",
    "(a|aa)+": "(a|aa)+",
    r"(\w|\d)*": r"(\w|\d)*",
    "((a)+)*": "((a)+)*",
    "(.*,)*": "(.*,)*",
    "x(?:y(a+)+)?": "(a+)+",
    "(a+){2,}": "(a+){2,}",
    "(?i)(a*)*": "(a*)*",
    r"(\w+,)*": "",
    r"(\d+\.)+\d+": "",
    "(ab|ac)*": "",
    "(a+)?": "",
    "(a+){2}": "",
    r"[()\s-]+": "",
    r"(?<isd>\d* )(?<number>\d{10})": "",
    "(": "",
}


@pytest.mark.parametrize("source", DANGEROUS)
def test_dangerous_part_of_a_pattern(source: str) -> None:
    assert dangerous(source) == DANGEROUS[source]


def test_trace_shows_every_value_on_the_way() -> None:
    traced = trace(parse('IIF([country] = "USA", [country], CDate([d]))'), {"country": "USA", "d": "never"})

    assert (traced.value, traced.failure) == ("USA", None)
    assert [part.value for part in traced.parts] == ["True", "USA", None]


def test_trace_tells_what_was_not_needed() -> None:
    traced = trace(parse('IIF([country] = "USA", [country], CDate([d]))'), {"country": "USA", "d": "never"})

    assert [part.needed for part in traced.parts] == [True, True, False]
    assert [part.needed for part in traced.parts[2].parts] == [False]


def test_trace_shows_one_evaluation() -> None:
    chance = iter(range(1000))
    drawn = Surroundings(below=lambda most: next(chance) % most)

    traced = trace(parse("ToLower(Guid())"), {}, surroundings=drawn)

    assert traced.value == traced.parts[0].value


def test_trace_shows_what_fails_and_what_fails_with_it() -> None:
    traced = trace(parse("ToLower(CDate([d]))"), {"d": "never"})

    assert traced.failure is traced.parts[0].failure
    assert "'never' is no date" in str(traced.failure)
    assert traced.parts[0].parts[0].value == "never"


def test_trace_leaves_empty_slots_and_words_out() -> None:
    traced = trace(parse('InStr([a], "X", , vbTextCompare)'), {"a": "xX"})

    assert [part.text for part in traced.parts] == ["[a]", '"X"']
    assert traced.value == 1


def test_every_option_says_what_it_assumes() -> None:
    for option in assumptions():
        assert option.assumption.endswith(".")
        assert option.otherwise.endswith(".")


@pytest.mark.parametrize("source", ["(" + "a|" * 4_990 + "b)*", "(" + "a*" * 4_990 + ")*", "[" * 5_000, "(" * 5_000])
def test_long_pattern_is_looked_at_in_no_time(source: str) -> None:
    assert dangerous(source) in (source, "")
