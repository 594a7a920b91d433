"""Plan, drift, outcomes and findings → str. Pure: no clock, network or environment; the same input, the same bytes.

Libraries that only one output needs are imported when that output is asked for, so that the others stay quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from reconciler.model import Coverage, Envelope, Explanation, Finding, Plan, Report
from reconciler.reporting.impacts import Named

Output: TypeAlias = Literal["text", "markdown", "html", "json"]


def render_plan(
    plan: Plan,
    envelope: Envelope | None = None,
    output: Output = "text",
    *,
    colour: bool = False,
    named: Named | None = None,
) -> str:
    """Return a plan for people or programs; `colour` matters to text alone. `named` are people to show by name."""
    match output:
        case "text":
            from reconciler.reporting.text import plan_text

            return plan_text(plan, envelope, colour=colour, named=named)
        case "markdown":
            from reconciler.reporting.markdown import plan_markdown

            return plan_markdown(plan, envelope, named)
        case "html":
            from reconciler.reporting.html import plan_html

            return plan_html(plan, envelope, named)
        case "json":
            from reconciler.reporting.machine import plan_json

            return plan_json(plan, envelope, named)


def render_drift(plan: Plan, output: Output = "text", *, colour: bool = False) -> str:
    """Return where live differs from Git: the same plan, told as what is now and what Git wants."""
    match output:
        case "text":
            from reconciler.reporting.text import drift_text

            return drift_text(plan, colour=colour)
        case "markdown":
            from reconciler.reporting.markdown import drift_markdown

            return drift_markdown(plan)
        case "html":
            from reconciler.reporting.html import drift_html

            return drift_html(plan)
        case "json":
            from reconciler.reporting.machine import drift_json

            return drift_json(plan)


def render_report(report: Report, output: Output = "text", *, colour: bool = False) -> str:
    """Return what became of every step of an apply."""
    match output:
        case "text":
            from reconciler.reporting.text import report_text

            return report_text(report, colour=colour)
        case "markdown":
            from reconciler.reporting.markdown import report_markdown

            return report_markdown(report)
        case "html":
            from reconciler.reporting.html import report_html

            return report_html(report)
        case "json":
            from reconciler.reporting.machine import report_json

            return report_json(report)


def render_findings(findings: Iterable[Finding], output: Output = "text", *, colour: bool = False) -> str:
    """Return findings that belong to no plan, such as those of `validate`."""
    match output:
        case "text":
            from reconciler.reporting.text import findings_text

            return findings_text(findings, colour=colour)
        case "markdown":
            from reconciler.reporting.markdown import findings_markdown

            return findings_markdown(findings)
        case "html":
            from reconciler.reporting.html import findings_html

            return findings_html(findings)
        case "json":
            from reconciler.reporting.machine import findings_json

            return findings_json(findings)


def render_coverage(found: Sequence[Coverage], output: Literal["text", "markdown", "json"] = "text") -> str:
    """Return how much of the tenants the files speak of."""
    from reconciler.reporting.coverage import coverage_json, coverage_markdown, coverage_text

    match output:
        case "text":
            return coverage_text(found)
        case "markdown":
            return coverage_markdown(found)
        case "json":
            return coverage_json(found)


def render_explanation(
    found: Explanation, output: Literal["text", "markdown", "json"] = "text", *, colour: bool = False
) -> str:
    """Return who gets from one tenant into another, and what stands in the way."""
    from reconciler.reporting.explanations import explanation_json, explanation_markdown, explanation_text

    match output:
        case "text":
            return explanation_text(found, colour=colour)
        case "markdown":
            return explanation_markdown(found)
        case "json":
            return explanation_json(found)
