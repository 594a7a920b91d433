from __future__ import annotations

from dataclasses import replace

import pytest
from plans import ACKNOWLEDGEMENT, BLOCKING, DELETED, ENGINEERING, ENVELOPE, FINANCE, PLAN, QUIET, REPORT

from reconciler.model import Plan, Report, Standing, TenantPlan, Verdict
from reconciler.reporting import render_drift, render_plan, render_report

TEXT = render_plan(PLAN, ENVELOPE)


def test_summary_counts_what_is_written() -> None:
    assert "Plan: 1 to create, 2 to update, 1 to delete in 1 tenant; 1 blocked; 1 not read" in TEXT.splitlines()[-1]


def test_empty_plan_says_no_changes() -> None:
    assert render_plan(QUIET).endswith("\nNo changes. The one tenant is as Git says.\n")


def test_unread_is_never_no_changes() -> None:
    unread = TenantPlan("contoso", FINANCE, "Contoso", Standing.UNREADABLE, reason="403")

    text = render_plan(Plan((unread,)))

    assert "No changes" not in text
    assert text.endswith("is not known. 0 of 1 tenant as Git says; 1 not read.\n")


def test_unread_tenant_is_loud() -> None:
    assert "! nothing is known about this tenant: partners could not be listed (403" in TEXT


def test_identifiers_wear_their_labels() -> None:
    assert f"Engineering ({ENGINEERING}) group" in TEXT


def test_changes_name_their_lines() -> None:
    assert "~ inboundTrust  # tenants/contoso/partners/fabrikam.yaml:7:3" in TEXT


def test_deleting_warns() -> None:
    assert "! Deletes the object with everything below" in TEXT


def test_blocks_offer_their_acknowledgement() -> None:
    lines = [line.strip() for line in TEXT.splitlines()]

    assert all(line.strip() in lines for line in ACKNOWLEDGEMENT.splitlines())


def test_acknowledged_blocks_say_by_whom() -> None:
    assert "acknowledged by procurement at tenants/contoso/partners.yaml:10:9 until 2027-01-31" in TEXT


def test_observed_tenants_are_not_counted_as_written() -> None:
    [_, fabrikam, *_] = PLAN.tenants

    assert render_plan(Plan((fabrikam,))).endswith(
        "No changes. 0 of 1 tenant as Git says; 1 difference only observed.\n"
    )


def test_colour_adds_nothing_but_codes() -> None:
    coloured = render_plan(PLAN, ENVELOPE, colour=True)
    codes = ("0", "1", "2", "31", "32", "33", "36", "31;1", "33;1", "32;1", "36;1", "2;1")
    for code in codes:
        coloured = coloured.replace(f"\x1b[{code}m", "")

    assert coloured == TEXT


# ---------------------------------------------------------------------------------------- drift


@pytest.mark.parametrize(
    ("tenant", "said"),
    [
        ("contoso", "drift: live differs from Git in 4 places"),
        ("fabrikam", "drift: live differs from Git in 1 place"),
        ("litware", "in sync: all that Git speaks of is as Git says"),
        ("northwind", "unknown: nothing is known about this tenant"),
        ("tailspin", "unknown: managed elsewhere"),
    ],
)
def test_drift_tells_each_condition(tenant: str, said: str) -> None:
    lines = render_drift(PLAN).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith(f"{tenant}  "))

    assert lines[place + 1].strip().startswith(said)


def test_drift_shows_now_and_wanted() -> None:
    assert "isMfaAccepted: now false, wanted true" in render_drift(PLAN)


def test_drift_names_wider_live() -> None:
    assert "live differs from Git; live grants more than Git wants" in render_drift(PLAN)


# ---------------------------------------------------------------------------------------- outcomes


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_keeps_its_name(verdict: Verdict) -> None:
    outcome = replace(REPORT.outcomes[0], verdict=verdict)
    text = render_report(Report((outcome,), exit_code=0))

    assert f"~ contoso: default: {verdict.value}" in text
    assert f"Apply: of 1 step 1 {verdict.value}." in text


def test_unknown_is_not_success() -> None:
    assert "1 applied, 1 applied-unverified, 1 unknown, 1 not-started. Exit code 7." in render_report(REPORT)


def test_interruption_is_told() -> None:
    assert "Interrupted by signal 15; exit code 143." in render_report(replace(REPORT, interrupted=15, exit_code=143))


def test_remarks_are_told() -> None:
    assert "! northwind could not be read, and was left alone: 403" in render_report(REPORT)


def test_every_change_and_finding_appears() -> None:
    assert BLOCKING.message in TEXT
    assert DELETED.change.address.key in TEXT
