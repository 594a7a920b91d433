"""What the service tells of its own languages: functions, filter operators, and what an expression gives."""

from __future__ import annotations

import pytest
from sync_pair import Pair

from reconciler.emulator.calls import Json


@pytest.fixture
def pair() -> Pair:
    return Pair()


def ask(pair: Pair, expression: Json, **properties: Json) -> dict[str, Json]:
    given = [{"key": key, "value": value} for key, value in properties.items()]
    body = {
        "expression": expression,
        "targetAttributeDefinition": None,
        "testInputObject": {"definition": None, "properties": given},
    }
    answer = pair.client.post(f"{pair.job}/schema/parseExpression", body)
    assert answer.status == 200, answer.body
    return {name: value for name, value in answer.body.items() if "@" not in name}


def test_expression_is_parsed_and_evaluated(pair: Pair) -> None:
    told = ask(pair, 'Replace([preferredLanguage], "-", , , "_", , )', preferredLanguage="EN-US")

    assert (told["error"], told["parsingSucceeded"], told["evaluationSucceeded"]) == (None, True, True)
    assert told["evaluationResult"] == ["EN_US"]
    assert [one["key"] for one in told["parsedExpression"]["parameters"]] == ["source", "Find", "Replacement"]


def test_several_values_are_several_results(pair: Pair) -> None:
    assert ask(pair, 'Split([city], ",")', city="a,b")["evaluationResult"] == ["a", "b"]


def test_no_value_is_no_result(pair: Pair) -> None:
    told = ask(pair, "[city]")

    assert (told["evaluationSucceeded"], told["evaluationResult"]) == (True, [])


def test_lists_may_be_annotated(pair: Pair) -> None:
    properties = [{"key": "proxyAddresses", "value@odata.type": "#Collection(String)", "value": ["one", "two"]}]
    body = {"expression": "Item([proxyAddresses], 2)", "testInputObject": {"properties": properties}}

    assert pair.client.post(f"{pair.job}/schema/parseExpression", body).body["evaluationResult"] == ["two"]


@pytest.mark.parametrize("expression", ["Append(", "Glue([city])", "", None, "Append([city])"])
def test_expression_that_is_none_is_told_in_the_answer(pair: Pair, expression: Json) -> None:
    told = ask(pair, expression)

    assert (told["parsingSucceeded"], told["evaluationSucceeded"], told["parsedExpression"]) == (False, False, None)
    assert told["error"].keys() == {"code", "message", "target", "details", "innerError"}
    assert told["evaluationResult"] == []


def test_expression_that_fails_for_a_value_is_told_in_the_answer(pair: Pair) -> None:
    told = ask(pair, "Item([city], 1)", city="Oslo")

    assert (told["parsingSucceeded"], told["evaluationSucceeded"]) == (True, False)
    assert told["error"]["message"]


@pytest.mark.parametrize("value", [[["deep"]], {"id": {"id": []}}, {}])
def test_odd_values_break_nothing(pair: Pair, value: Json) -> None:
    told = ask(pair, "[city]", city=value)

    assert told["parsingSucceeded"] is True


def test_time_is_that_of_the_emulator(pair: Pair) -> None:
    now = pair.world.clock.now()

    assert ask(pair, 'FormatDateTime(Now(), , "M/d/yyyy h:mm:ss tt", "yyyy-MM-dd")')["evaluationResult"] == [
        now.strftime("%Y-%m-%d")
    ]


@pytest.mark.parametrize(
    "body", [{"expression": 5}, {"novelty": 1}, {"testInputObject": 5}, {"testInputObject": {"properties": [5]}}]
)
def test_question_that_makes_no_sense_is_refused(pair: Pair, body: Json) -> None:
    assert pair.client.post(f"{pair.job}/schema/parseExpression", body).status == 400


@pytest.mark.parametrize("brackets", ["", "()"])
def test_functions_are_listed_with_their_parameters(pair: Pair, brackets: str) -> None:
    functions = {one["name"]: one for one in pair.client.get(f"{pair.job}/schema/functions{brackets}").body["value"]}

    assert functions["Append"]["parameters"] == [
        {"allowMultipleOccurrences": False, "name": "source", "required": True, "type": "String"},
        {"allowMultipleOccurrences": False, "name": "suffix", "required": True, "type": "String"},
    ]
    assert functions["DefaultDomain"]["parameters"] == []
    assert functions["Join"]["parameters"][-1]["allowMultipleOccurrences"] is True


@pytest.mark.parametrize("brackets", ["", "()"])
def test_operators_are_listed_with_their_arity(pair: Pair, brackets: str) -> None:
    answer = pair.client.get(f"{pair.job}/schema/filterOperators{brackets}")
    operators = {one["name"]: one for one in answer.body["value"]}

    assert operators["EQUALS"] == {
        "name": "EQUALS",
        "arity": "Binary",
        "multivaluedComparisonType": "All",
        "supportedAttributeTypes": ["String", "Integer"],
    }
    assert operators["IS TRUE"]["arity"] == "Unary"
    assert operators["IS TRUE"]["supportedAttributeTypes"] == ["Boolean"]


def test_template_knows_the_languages_too(pair: Pair) -> None:
    path = f"{pair.root}/templates/Azure2Azure/schema"

    assert pair.client.get(f"{path}/functions").status == 200
    assert pair.client.get(f"{pair.root}/templates/other/schema/functions").status == 404
    assert pair.client.post(f"{path}/parseExpression", {"expression": "[mail]"}).body["parsingSucceeded"] is True
