import json
import re
from pathlib import Path

import expressions
import jsonschema
import pytest
from ruamel.yaml import YAML

from reconciler.evaluating import editors
from reconciler.provisioning import ATTRIBUTES, DEFAULT_MAPPINGS, FUNCTIONS, OPERATORS, assumptions, compile_expression

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```text\n(.+)\n(?:for (.+)\n)?gives (.+)\n```", PAGE)
SCHEMA = json.loads(editors.schemas()[editors.NAME])
TEST = """\
apiVersion: crosstenant/v1
kind: MappingTest
filters: [{clauses: [{attribute: extension_x, operator: is null}]}]
mappings:
  displayName: {expression: '[mail]', apply: onCreate}
  extension_00000000000000000000000000000000_x: {constant: a}
cases:
  - {name: a, user: {mail: a, anything: [1]}, inScope: true, created: {displayName: a}, fails: [mail]}
"""


@pytest.mark.parametrize(("expression", "user", "result"), EXAMPLES, ids=[one[0][:40] for one in EXAMPLES])
def test_example_of_the_page_gives_what_it_says(expression: str, user: str, result: str) -> None:
    assert compile_expression(expression).evaluate(json.loads(user or "{}")) == json.loads(result)


def test_first_words_of_the_page_are_an_expression() -> None:
    [first] = re.findall(r"## Writing.*?```text\n(.+?)\n```", PAGE, re.DOTALL)

    assert compile_expression(first).evaluate({"country": "DE", "displayName": "Megan"}) == "Megan (Germany)"


def test_page_has_every_example() -> None:
    assert len(EXAMPLES) == len([one for one in FUNCTIONS.values() if one.example])


def test_page_names_everything() -> None:
    assert all(f"`{one.signature}`" in PAGE for one in FUNCTIONS.values())
    assert all(f"| `{name}` |" in PAGE for name in (*OPERATORS, *ATTRIBUTES))


def test_assumptions_of_the_engine_are_listed() -> None:
    page = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")

    assert page.endswith(expressions.assumed())
    assert all(f"| `{one.name}` | " in page for one in assumptions())


def test_pages_and_schema_are_current() -> None:
    assert expressions.page() == PAGE
    assert (ROOT / "schemas" / editors.NAME).read_text(encoding="utf-8") == editors.schemas()[editors.NAME]


# ---------------------------------------------------------------------------------------------- schema


def objections(text: str) -> list[str]:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    value = YAML(typ="safe", pure=True).load(text)
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(value)]


def test_schema_takes_what_the_command_takes() -> None:
    assert objections(TEST) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("cases:", "case:"), ("apply: onCreate", "apply: never"), ("inScope: true", "inScope: 1"), ("user:", "usr:")],
)
def test_schema_refuses_what_is_misspelt(right: str, wrong: str) -> None:
    assert objections(TEST.replace(right, wrong))


def test_editor_is_told_functions_operators_and_attributes() -> None:
    clause, delta = (SCHEMA["$defs"][name]["properties"] for name in ("ClauseShape", "DeltaShape"))
    usable = [one for one in FUNCTIONS.values() if not one.refused]

    assert all(f"\n{one.signature}: " in delta["expression"]["description"] for one in usable)
    assert clause["operator"]["anyOf"][0]["enum"] == list(OPERATORS)
    assert "department" in clause["attribute"]["anyOf"][0]["enum"]
    assert "proxyAddresses" not in clause["attribute"]["anyOf"][0]["enum"]


def test_editor_is_offered_the_targets_of_mappings() -> None:
    offered = SCHEMA["properties"]["mappings"]["properties"]
    free = {one.target for one in DEFAULT_MAPPINGS if not one.matching}

    assert free <= offered.keys()
    assert "alternativeSecurityIds" not in offered or not ATTRIBUTES["alternativeSecurityIds"].not_target
