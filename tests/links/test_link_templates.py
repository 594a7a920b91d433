"""The service's own mappings that a link was written for, and what happens when they become others."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import estate
from spine import Scene, brief, configuration, documents, link, scene, seed, told, users_of

from reconciler.kinds import ALL
from reconciler.kinds.synchronization.mappings import STOCK
from reconciler.model import Finding, Json, Plan, Severity
from reconciler.resolving import pinned

KNOWN = ALL["mappings"].footing(None)
OTHER = "0" * 32
DELTA = {"displayName": {"expression": 'Append([displayName], " (Contoso)")'}}


def standing(folder: Path, footing: str, **spec: Json) -> Scene:
    """Return a link that says for which template it was written, and its configuration as the service makes one."""
    said = documents(link(spec={"templateHash": footing, **spec}))
    return scene(folder, seed({"link": configuration()}), said)


def warnings(plan: Plan) -> list[Finding]:
    return [one for tenant in plan.tenants for one in tenant.findings if one.path == "templateHash"]


def test_link_that_was_written_for_the_template_has_nothing_to_say(tmp_path: Path) -> None:
    plan = standing(tmp_path, KNOWN).plan()

    assert not warnings(plan)
    assert not plan.steps


def test_other_template_is_told_and_changes_nothing(tmp_path: Path) -> None:
    one = standing(tmp_path, OTHER)
    one.put_schema(lambda schema: users_of(schema)["attributeMappings"].pop())

    plan = one.plan()

    [finding] = warnings(plan)
    assert finding.severity is Severity.WARNING
    assert "contoso-to-fabrikam was written for" in finding.message
    assert finding.origin is not None
    assert finding.origin.file.endswith("shared/links/contoso-to-fabrikam.yaml")
    assert any(KNOWN in detail for detail in finding.details)
    assert not plan.steps


def test_what_a_link_says_is_laid_over_what_is_there(tmp_path: Path) -> None:
    one = standing(tmp_path, OTHER, mappings=DELTA)
    one.put_schema(lambda schema: users_of(schema)["attributeMappings"].pop())
    before = len(users_of(one.schema())["attributeMappings"])

    plan = one.plan()
    assert brief(plan) == [
        "update contoso/job/contoso-to-fabrikam enabled",
        "update contoso/mappings/contoso-to-fabrikam mappings",
        "update contoso/job/contoso-to-fabrikam enabled",
    ]
    one.apply(plan)

    assert len(users_of(one.schema())["attributeMappings"]) == before
    assert not one.plan().steps


def test_link_that_says_no_template_takes_the_new_one(tmp_path: Path) -> None:
    one = scene(tmp_path, seed({"link": configuration()}))
    one.put_schema(lambda schema: users_of(schema)["attributeMappings"].pop())

    assert any("mappings" in step for step in brief(one.plan()))


def test_new_link_is_laid_over_what_the_service_gives(tmp_path: Path) -> None:
    one = scene(tmp_path, seed(), documents(link(spec={"templateHash": OTHER, "mappings": DELTA})))

    plan = one.plan()

    [finding] = warnings(plan)
    assert finding.message.startswith("the mappings that a new job gets are probably not those")
    assert not told(plan)
    assert "create contoso/job/contoso-to-fabrikam enabled" in brief(plan)


def test_links_of_one_template_are_told_once(tmp_path: Path) -> None:
    names = ("contoso", "fabrikam", "tailspin")
    links = [link("contoso", other, spec={"templateHash": OTHER}) for other in names[1:]]

    [finding] = warnings(scene(tmp_path, seed(None, *names), documents(*links)).plan())

    assert "contoso-to-fabrikam, contoso-to-tailspin were" in finding.message


@pytest.mark.parametrize(("footing", "known"), [(KNOWN, "changed: "), (OTHER, "how those were is not known; the new")])
def test_changed_attributes_are_named_as_far_as_they_are_known(footing: str, known: str, tmp_path: Path) -> None:
    said = estate(tmp_path, documents(link(spec={"templateHash": footing})), ALL)
    template = {**STOCK, "mappings": {**STOCK["mappings"], "mobile": {"expression": "[phone]"}}}

    [finding] = pinned(said.documents, ALL, template)

    assert finding.details[0].startswith(known)
    assert finding.details[0].endswith(": mobile")
