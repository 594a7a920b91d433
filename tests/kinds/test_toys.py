"""A kind is added from outside: a mapping of kinds is all that the stages are given, and they know no other.

That the toys behave is shown by the conformance suite; here is that files and reports speak of them too.
"""

from __future__ import annotations

from pathlib import Path

import driving
import pytest
from specimen import ORGANIZATIONS, Specimen, Subject
from toys import SERVED, TOYS

from reconciler import planfile
from reconciler.errors import DocumentErrors
from reconciler.kinds import REGISTRY
from reconciler.loading.schemas import document_schemas
from reconciler.model import Address
from reconciler.reporting import Output, render_plan

PACKAGE = Path(__file__).resolve().parents[2] / "reconciler"
KINDS = {**TOYS, **REGISTRY}
PAPERS: driving.Documents = {
    "contoso/tenant.yaml": {
        "kind": "Tenant",
        "tenantId": "c0000000-0000-4000-8000-000000000001",
        "displayName": "Contoso",
        "domain": "contoso.example",
        "management": "here",
    },
    "contoso/greeting.yaml": {"kind": "Greeting", "spec": {"languages": ["JA", "de"]}},
    "contoso/hotlines/fabrikam.yaml": {
        "kind": "Hotline",
        "name": "fabrikam",
        "tenantId": ORGANIZATIONS["fabrikam"],
        "domain": "fabrikam.example",
        "spec": {"languages": ["de"]},
    },
    "contoso/branches/osaka.yaml": {"kind": "Branch", "name": "osaka", "spec": {"motto": "Come in"}},
}


def toy_tenant(folder: Path) -> Specimen:
    return Specimen(Subject(TOYS["hotline"], KINDS, SERVED), folder)


def test_package_knows_no_toy() -> None:
    modules = [path.read_text(encoding="utf-8").lower() for path in PACKAGE.rglob("*.py")]

    assert not any(word in text for text in modules for word in ("hotline", "greeting"))
    assert not TOYS.keys() & REGISTRY.keys()


def test_files_speak_of_toys(tmp_path: Path) -> None:
    estate = driving.estate(tmp_path / "tenants", PAPERS, KINDS)

    assert {str(address): document.said for address, document in estate.documents.items()} == {
        "contoso/branch/osaka": {"motto": "Come in"},
        "contoso/greeting": {"languages": ["de", "ja"]},
        f"contoso/hotline/{ORGANIZATIONS['fabrikam']}": {"languages": ["de"]},
    }


def test_toys_are_unknown_without_their_kinds(tmp_path: Path) -> None:
    with pytest.raises(DocumentErrors) as caught:
        driving.estate(tmp_path / "tenants", PAPERS)

    assert sum("kind cannot be" in str(problem) for problem in caught.value.problems) == 3


def test_slip_in_a_toy_is_told_like_any_other(tmp_path: Path) -> None:
    papers = {**PAPERS, "contoso/branches/osaka.yaml": {"kind": "Branch", "name": "osaka", "spec": {"moto": "Hi"}}}

    with pytest.raises(DocumentErrors, match=r"tenants/contoso/branches/osaka\.yaml:.*'moto'.*motto"):
        driving.estate(tmp_path / "tenants", papers, KINDS)


def test_toys_have_schemas() -> None:
    assert {"greeting.schema.json", "hotline.schema.json", "branch.schema.json"} <= document_schemas(KINDS).keys()


def test_toy_is_written_after_what_it_needs(tmp_path: Path) -> None:
    estate = driving.estate(tmp_path / "tenants", PAPERS, KINDS)
    plan = driving.Rehearsal(toy_tenant(tmp_path).world, estate, KINDS).plan()

    assert [step.change.address for step in plan.steps] == [
        Address("contoso", "branch", "osaka"),
        Address("contoso", "greeting"),
        Address("contoso", "hotline", ORGANIZATIONS["fabrikam"]),
    ]


@pytest.mark.parametrize("output", ["text", "markdown", "json", "html"])
def test_reports_speak_of_toys(output: Output, tmp_path: Path) -> None:
    world = toy_tenant(tmp_path).world
    plan = driving.Rehearsal(world, driving.estate(tmp_path / "tenants", PAPERS, KINDS), KINDS).plan()
    sealed = planfile.seal(plan, created=world.clock.now(), commit="")
    text = render_plan(sealed.plan, sealed.envelope, output)

    assert all(word in text for word in ("osaka", "motto", "languages"))
