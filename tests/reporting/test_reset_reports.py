"""How a reset is told: by its own verb, loud, and counted only where there is one."""

from plans import FABRIKAM, QUIET

from reconciler.model import (
    Action,
    Address,
    Change,
    Effect,
    Origin,
    Outcome,
    Plan,
    Report,
    Standing,
    Step,
    TenantPlan,
    Verdict,
)
from reconciler.reporting import render_drift, render_plan, render_report

ADDRESS = Address("fabrikam", "default")
RESET = Step(
    "ff66",
    Change(
        Action.RESET,
        ADDRESS,
        {"inboundTrust": {"isMfaAccepted": True}},
        {"inboundTrust": {"isMfaAccepted": False}},
        origin=Origin("tenants/fabrikam/default.yaml", 2, 1),
    ),
    Effect.NARROW,
)
PLAN = Plan((TenantPlan("fabrikam", FABRIKAM, "Fabrikam", Standing.PLANNED, steps=(RESET,)),))
DANGER = "Makes all of it what the service begins with"


def test_reset_has_its_own_verb_and_warns() -> None:
    text = render_plan(PLAN)

    assert "= default: reset, narrows access" in text
    assert DANGER in text
    assert text.endswith("Plan: 0 to create, 0 to update, 0 to delete, 1 to reset in 1 tenant.\n")


def test_nothing_to_reset_is_not_counted() -> None:
    assert "reset" not in render_plan(QUIET)


def test_reset_is_never_hidden_in_a_comment() -> None:
    page = render_plan(PLAN, None, "markdown")

    assert DANGER in page.partition("<details>")[0]
    assert "| changes | · | 1 | · | · | · |" in page


def test_reset_is_dangerous_on_a_page() -> None:
    page = render_plan(PLAN, None, "html")

    assert DANGER in page
    assert 'class="step reset"' in page


def test_drift_is_from_what_the_service_begins_with() -> None:
    assert "live differs from what the service begins with, which Git wants" in render_drift(PLAN)
    assert '<span class="action">= differs</span>' in render_drift(PLAN, "html")


def test_outcome_names_the_reset() -> None:
    report = Report((Outcome("ff66", ADDRESS, Action.RESET, Verdict.APPLIED),), 0)

    assert "= fabrikam: default: applied" in render_report(report)
