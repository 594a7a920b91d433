import random
from collections.abc import Mapping

import filter_reading
import pytest

from reconciler.provisioning import (
    OPERATORS,
    Clause,
    FilterError,
    Group,
    Options,
    PatternTimeout,
    Value,
    compile_filter,
    input_filter,
)

VALUES: list[Value] = [
    None,
    "",
    "Sales",
    "sales",
    "Sale",
    "Sales;Legal",
    "10",
    "9",
    "-3",
    10,
    11,
    True,
    False,
    "True",
    "x, y",
]
WANTED = ["Sales", "sales", "ale", "es", "10", "9", "11", "True", "Sales;Legal", "Sales, 10", "None", "1.5"]
PATTERNS = ["^Sales$", "[0-9]+", "S.*s", "^(10|9)$", "l", "^$|x"]
ATTRIBUTES = ["department", "employeeId", "accountEnabled"]


def drawn_clause(chance: random.Random) -> filter_reading.Clause:
    operator = chance.choice(list(OPERATORS))
    if OPERATORS[operator].sides == 1:
        return chance.choice(ATTRIBUTES), operator, None
    return chance.choice(ATTRIBUTES), operator, chance.choice(PATTERNS if "REGEX" in operator else WANTED)


def drawn_filter(chance: random.Random) -> list[list[filter_reading.Clause]]:
    return [[drawn_clause(chance) for _ in range(chance.randint(1, 3))] for _ in range(chance.randint(0, 3))]


def groups_of(clauses: list[list[filter_reading.Clause]]) -> list[Group]:
    return [Group(f"group {number}", tuple(Clause(*clause) for clause in each)) for number, each in enumerate(clauses)]


@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_filters_read_like_the_table(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(1_000):
        clauses = drawn_filter(chance)
        ready = compile_filter(groups_of(clauses))
        for _ in range(5):
            user = {name: chance.choice(VALUES) for name in ATTRIBUTES if chance.random() < 0.8}
            expected = filter_reading.in_scope(clauses, user)

            assert ready.passes(user) is expected, f"seed {seed}: {clauses} of {user}"
            assert ready.explain(user).in_scope is expected


def passes(attribute_value: Value, operator: str, value: str | None = None, options: Options | None = None) -> bool:
    group = Group("g", (Clause("a", operator, value),))
    return compile_filter([group], options or Options()).passes({"a": attribute_value})


NULLS = {name: name == "IS NULL" for name in OPERATORS}


@pytest.mark.parametrize("operator", NULLS)
@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_empty_give(operator: str, nothing: str | None) -> None:
    value = "1" if OPERATORS[operator].sides == 2 else None

    assert passes(nothing, operator, value) is NULLS[operator]


def test_operators_are_read_in_any_case_and_spelled_in_one() -> None:
    ready = compile_filter([Group("g", (Clause("a", "not  equals", "x"), Clause("a", "greater_than_or_equals", "1")))])

    assert [clause.operator for clause in ready.groups[0].clauses] == ["NOT EQUALS", "Greater_Than_OR_EQUALS"]


def test_several_values_pass_no_comparison() -> None:
    assert not passes(["x"], "EQUALS", "x")
    assert not passes(["x"], "NOT EQUALS", "y")
    assert passes(["x"], "IS NOT NULL")
    assert passes([], "IS NULL")


def test_a_pattern_is_searched_unless_it_is_anchored() -> None:
    assert passes("a10b", "REGEX MATCH", "[1-9][0-9]")
    assert not passes("a10b", "REGEX MATCH", "[1-9][0-9]", Options(filter_pattern_searches=False))


@pytest.mark.parametrize(
    ("options", "value", "operator", "wanted"),
    [
        (Options(not_equals_on_null=True), None, "NOT EQUALS", "x"),
        (Options(not_ampersand_on_null=True), None, "!&", "x"),
        (Options(ends_with_ignores_case=True), "abC", "ENDS_WITH", "BC"),
        (Options(ampersand_splits_value=False), "x; y", "&", "y"),
    ],
)
def test_option_changes_the_verdict(options: Options, value: Value, operator: str, wanted: str) -> None:
    assert passes(value, operator, wanted, options)
    assert not passes(value, operator, wanted)


def test_input_filter_reads_absence_as_a_word() -> None:
    built_in = [
        Group("external", (Clause("alternativeSecurityIds", "EQUALS", "None"),)),
    ]
    pending = [Group("pending", (Clause("userState", "NOT EQUALS", "PendingAcceptance"),))]

    assert input_filter(built_in).passes({})
    assert input_filter(pending).passes({})
    assert not input_filter(pending).passes({"userState": "PendingAcceptance"})
    assert not compile_filter(pending).passes({})


def test_verdict_names_what_keeps_a_user_out() -> None:
    ready = compile_filter(
        [
            Group("sales", (Clause("department", "EQUALS", "Sales"), Clause("country", "IS NOT NULL"))),
            Group("all of Japan", (Clause("country", "EQUALS", "JP"),)),
        ]
    )

    verdict = ready.explain({"department": "Sales", "country": ""})

    assert not verdict.in_scope
    assert [str(result.clause) for result in verdict.failing] == ["country IS NOT NULL", "country EQUALS 'JP'"]


def test_verdict_of_a_user_in_scope_has_no_failing_clause() -> None:
    ready = compile_filter([Group("g", (Clause("a", "IS NULL"),)), Group("h", (Clause("a", "IS NOT NULL"),))])

    assert ready.explain({"a": "x"}).failing == ()


REFUSED: Mapping[str, tuple[Clause, str, str]] = {
    "unknown": (Clause("a", "EQUAL", "x"), "filters[0].clauses[0].operator: there is no operator 'EQUAL'", "'EQUALS'?"),
    "far": (Clause("a", "<", "x"), "no operator '<'", "there are EQUALS"),
    "unsupported": (Clause("a", "IsMemberOf", "x"), "no operator 'IsMemberOf'", "does not support it"),
    "without": (Clause("a", "EQUALS"), "filters[0].clauses[0].value: EQUALS needs a value", "IS NULL asks"),
    "with": (Clause("a", "IS NULL", "x"), "IS NULL takes no value", "remove it"),
    "nameless": (Clause("", "IS NULL"), "names no attribute", ""),
    "pattern": (Clause("a", "REGEX MATCH", "a(b"), "refused at its character 2: this ( is not closed", ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_filter_without_meaning_is_refused(case: str) -> None:
    clause, message, hint = REFUSED[case]

    with pytest.raises(FilterError) as error:
        compile_filter([Group("g", (clause,))])

    assert message in str(error.value)
    assert hint in error.value.hint


def test_group_without_clause_is_refused() -> None:
    with pytest.raises(FilterError, match=r"filters\[1\]: the group has no clause"):
        compile_filter([Group("g", (Clause("a", "IS NULL"),)), Group("h", ())])


def test_pattern_that_runs_for_ever_is_stopped_and_told() -> None:
    with pytest.raises(PatternTimeout, match=r"a REGEX MATCH .* was stopped after 0\.05 s"):
        passes("a" * 60 + "!", "REGEX MATCH", "^(a|aa)+$", Options(pattern_seconds=0.05))
