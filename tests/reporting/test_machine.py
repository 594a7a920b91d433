from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonpatch
import pytest
from jsonschema import Draft202012Validator
from plans import BLOCKING, CREATED, DELETED, ENVELOPE, NARROWED, NOTE, PLAN, QUIET, REPORT, WIDENED

from reconciler.model import Report, Step
from reconciler.reporting import render_drift, render_findings, render_plan, render_report
from reconciler.reporting.documents import schemas
from reconciler.reporting.machine import patch_of

SCHEMAS = Path(__file__).parents[2] / "schemas"
DOCUMENTS = {
    "plan": [render_plan(PLAN, ENVELOPE, "json"), render_plan(QUIET, None, "json")],
    "drift": [render_drift(PLAN, "json"), render_drift(QUIET, "json")],
    "report": [render_report(REPORT, "json"), render_report(Report((), 0), "json")],
    "findings": [render_findings([BLOCKING, NOTE], "json"), render_findings([], "json")],
}


@pytest.mark.parametrize("name", schemas())
def test_committed_schemas_are_current(name: str) -> None:
    assert (SCHEMAS / name).read_text(encoding="utf-8") == schemas()[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_follow_their_schema(name: str) -> None:
    schema = json.loads((SCHEMAS / f"report-{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)

    for document in DOCUMENTS[name]:
        Draft202012Validator(schema).validate(json.loads(document))


def test_schema_refuses_unknown_members() -> None:
    schema = json.loads((SCHEMAS / "report-plan.schema.json").read_text(encoding="utf-8"))
    document = {**json.loads(DOCUMENTS["plan"][0]), "surprise": 1}

    assert not Draft202012Validator(schema).is_valid(document)


def test_patches_lead_to_after() -> None:
    for tenant in json.loads(DOCUMENTS["plan"][0])["tenants"]:
        for step in tenant["steps"]:
            assert jsonpatch.apply_patch(step["before"], step["patch"]) == step["after"]


@pytest.mark.parametrize("step", [NARROWED, CREATED, WIDENED, DELETED])
def test_every_action_has_a_patch(step: Step) -> None:
    assert patch_of(step.change)


def test_json_tells_what_stops() -> None:
    contoso = json.loads(DOCUMENTS["plan"][0])["tenants"][0]

    assert contoso["blocked"] is True
    assert [finding["stops"] for finding in contoso["findings"]] == [True, False, False, False]


def test_same_plan_same_bytes() -> None:
    assert render_plan(replace(PLAN), ENVELOPE, "json") == DOCUMENTS["plan"][0]
