from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from plans import BLOCKING, CREATED, DELETED, ENVELOPE, FINANCE, NARROWED, PLAN, REPORT, WARNING, WIDENED

from reconciler.errors import SetupError
from reconciler.model import Address, Plan, Standing, Step, TenantPlan, Verdict
from reconciler.reporting import render_drift, render_findings, render_plan, render_report
from reconciler.reporting.markdown import LIMIT

PAGE = render_plan(PLAN, ENVELOPE, "markdown")


def many(step: Step, number: int) -> list[Step]:
    """Return as many steps like `step`, each for a partner of its own."""
    return [
        replace(
            step,
            id=f"{place:08}",
            change=replace(step.change, address=Address("contoso", "partner", f"key-{place:05}"), label=""),
        )
        for place in range(number)
    ]


def plan_of(steps: Iterable[Step]) -> Plan:
    return Plan(
        (TenantPlan("contoso", FINANCE, "Contoso", Standing.PLANNED, steps=tuple(steps), findings=(BLOCKING,)),)
    )


def test_marker_comes_first() -> None:
    assert PAGE.startswith("<!-- entra-reconciler:plan -->\n")


def test_danger_stands_before_details() -> None:
    first_details = PAGE.index("<details>")

    for dangerous in (BLOCKING.message, DELETED.change.address.key, "widens access", "nothing is known about"):
        assert PAGE.index(dangerous) < first_details


def test_ordinary_changes_stand_in_details() -> None:
    assert PAGE.index("partner northwind") > PAGE.index("<details>")


def test_ordinary_changes_give_way() -> None:
    page = render_plan(plan_of([*many(CREATED, 1000), WIDENED]), None, "markdown")

    assert len(page) <= LIMIT
    assert "`contoso`: 1000 other changes (did not fit" in page
    assert BLOCKING.message in page
    assert "widens access" in page


def test_dangerous_changes_all_stay() -> None:
    page = render_plan(plan_of([*many(CREATED, 1000), *many(DELETED, 100)]), None, "markdown")

    assert len(page) <= LIMIT
    assert all(f"- partner key-{place:05}: delete" in page for place in range(100))


def test_too_much_danger_is_refused() -> None:
    with pytest.raises(SetupError, match="does not fit"):
        render_plan(plan_of(many(DELETED, 1000)), None, "markdown")


def test_many_quiet_tenants_give_way() -> None:
    quiet = [TenantPlan(f"tenant-{number}", FINANCE, "Quiet", Standing.PLANNED) for number in range(2000)]
    page = render_plan(Plan((*PLAN.tenants, *quiet)), None, "markdown")

    assert len(page) <= LIMIT
    assert "the others did not fit" in page
    assert BLOCKING.message in page
    assert "`northwind`" in page


def test_drift_puts_wider_live_first() -> None:
    page = render_drift(PLAN, "markdown")

    assert page.index("live grants more than Git wants") < page.index("<details>")
    assert page.index(NARROWED.change.origins["b2bCollaborationInbound"].file) < page.index("<details>")


def test_unsettled_outcomes_come_first() -> None:
    page = render_report(REPORT, "markdown")

    assert page.index("**unknown**") < page.index("**Done**") < page.index("**applied** |")


def test_settled_outcomes_give_way() -> None:
    done = [replace(REPORT.outcomes[0], detail="x" * 100, step=str(number)) for number in range(1000)]
    page = render_report(replace(REPORT, outcomes=(*done, *REPORT.outcomes)), "markdown")

    assert len(page) <= LIMIT
    assert "**Done:** 1001 steps." in page
    assert "**unknown**" in page


def test_too_many_unsettled_outcomes_are_refused() -> None:
    failed = [replace(REPORT.outcomes[0], verdict=Verdict.FAILED, detail="x" * 100)] * 1000

    with pytest.raises(SetupError, match="does not fit"):
        render_report(replace(REPORT, outcomes=tuple(failed)), "markdown")


def test_warnings_give_way_to_blocks() -> None:
    page = render_findings([*[replace(WARNING, message="w" * 200)] * 1000, BLOCKING], "markdown")

    assert len(page) <= LIMIT
    assert BLOCKING.message in page
    assert "Findings: 1000 warnings." in page
