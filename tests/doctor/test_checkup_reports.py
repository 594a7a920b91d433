"""How a check-up is shown."""

import json
from pathlib import Path

import jsonschema
import pytest

from reconciler.model import Check, Health, Severity
from reconciler.reporting.checkups import Output, render_checkup

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-checkup.schema.json"
HOSTILE = "\x1b[2J::error::|<script>\n`@everyone`"
EVERYTHING = tuple(
    Check(health, "contoso", "plan", "permissions", f"Words of {health.value}.", ("a detail",), ("az login",))
    for health in Health
)


@pytest.mark.parametrize("output", ["text", "markdown"])
def test_every_outcome_has_its_own_word(output: Output) -> None:
    shown = render_checkup(EVERYTHING, 8, output)

    for health in Health:
        assert f"1 {health.value}" in shown
        assert f"Words of {health.value}." in shown


@pytest.mark.parametrize("output", ["text", "markdown"])
def test_lines_to_paste_stand_alone(output: Output) -> None:
    shown = render_checkup(EVERYTHING[:1], 0, output)

    assert "az login" in shown.split("\n")


def test_json_is_as_its_schema_says() -> None:
    document = json.loads(render_checkup(EVERYTHING, 8, "json"))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert document["exitCode"] == 8
    assert document["checks"][0]["severity"] is None


def test_what_cannot_be_checked_weighs_as_a_warning() -> None:
    assert {check.health: check.severity for check in EVERYTHING} == {
        Health.FINE: None,
        Health.NOTE: Severity.NOTE,
        Health.DOUBTFUL: Severity.WARNING,
        Health.UNKNOWN: Severity.WARNING,
        Health.MISSING: Severity.ERROR,
        Health.UNREACHABLE: Severity.ERROR,
    }


def test_hostile_words_are_only_words() -> None:
    check = Check(Health.MISSING, HOSTILE, "plan", HOSTILE, HOSTILE, (HOSTILE,), (f"echo {HOSTILE}",))

    text, markdown = (render_checkup([check], 8, output) for output in ("text", "markdown"))

    assert "\x1b" not in text + markdown
    assert not [line for line in text.split("\n") if line.lstrip().startswith("::")]
    assert "<script>" not in markdown.split("```")[0]


def test_colour_is_only_where_it_is_wanted() -> None:
    assert "\x1b[31m" in render_checkup(EVERYTHING, 8, colour=True)
    assert "\x1b" not in render_checkup(EVERYTHING, 8)


def test_no_tenant_is_said() -> None:
    assert "no tenant" in render_checkup((), 0)
