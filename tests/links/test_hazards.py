"""What works in a link and may still surprise is told where it stands, and stands in nobody's way."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from driving import Rehearsal, estate
from spine import documents, link, scene, seed

from reconciler.cli import cli
from reconciler.kinds import ALL
from reconciler.loading import load
from reconciler.model import Json, Severity
from reconciler.reconciling.surprises import surprises

CLAUSES: Json = [
    {"attribute": "department", "operator": "NOT EQUALS", "value": "IT"},
    {"attribute": "city", "operator": "REGEX MATCH", "value": "Oslo"},
]
SPEC: Json = {
    "scope": {"assigned": {"groups": [{"name": "Sync to Fabrikam"}]}, "filters": [{"clauses": CLAUSES}]},
    "mappings": {"displayName": {"expression": 'Switch([department], [displayName], "IT", [mail])'}},
}
NULL = "users without department are out of scope: NOT EQUALS is false on null"
PART = "the pattern 'Oslo' is not anchored, so a part of the value is enough"
BLANK = "when another attribute changes, Switch may evaluate to null in the service and blank the target"

TEXT = """\
apiVersion: crosstenant/v1
kind: SyncLink
name: contoso-to-fabrikam
source: contoso
target: fabrikam
owner: ann
spec:
  scope:
    assigned: {groups: [{name: Sync to Fabrikam}]}
    filters:
      - clauses:
          - {attribute: department, operator: NOT EQUALS, value: IT}
          - {attribute: city, operator: REGEX MATCH, value: Oslo}
  mappings:
    displayName:
      expression: IIF([city], Switch([department], [displayName], "IT", [mail]), "")
"""


def test_each_stands_at_its_place(tmp_path: Path) -> None:
    estate(tmp_path, documents(), ALL)
    (tmp_path / "shared/links/contoso-to-fabrikam.yaml").write_text(TEXT, encoding="utf-8")

    found = {str(one.origin).partition("yaml:")[2]: one.message for one in surprises(load(tmp_path, ALL))}

    assert found["12:13"] == NULL
    assert found["13:13"] == PART
    assert found["16:31"] == BLANK


def test_link_without_surprises_has_none(tmp_path: Path) -> None:
    assert not [*surprises(estate(tmp_path, documents(), ALL))]


def test_plan_warns_where_the_link_begins(tmp_path: Path) -> None:
    there = scene(tmp_path, seed(), documents(link(spec=SPEC)))

    plan = Rehearsal(there.world, estate(tmp_path, there.said, ALL), ALL).plan()

    warned = {tenant.tenant: {one.message for one in tenant.findings} & {NULL, PART, BLANK} for tenant in plan.tenants}
    assert warned == {"contoso": {NULL, PART, BLANK}, "fabrikam": set()}


def test_validate_warns_and_is_content(tmp_path: Path) -> None:
    estate(tmp_path, documents(link(spec=SPEC)), ALL)

    done = CliRunner().invoke(cli, ["validate", "--tenants", str(tmp_path)], standalone_mode=False)

    assert done.return_value == 0
    assert (NULL in done.stdout, PART in done.stdout, BLANK in done.stdout) == (True, True, True)
    assert {one.severity for one in surprises(load(tmp_path, ALL))} == {Severity.WARNING}
