"""Hostile text in every string of a plan or report, in every output, judged by parsers that are not ours."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from corpus import HOSTILE, HUGE, poisoned
from judges import acting, blocks, commands, filtered, html_in, inline_markup, tags
from plans import ENVELOPE, PLAN, REPORT

from reconciler.model import Plan, Report
from reconciler.reporting import Output, render_drift, render_findings, render_plan, render_report

hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
HARMLESS = "harmless "


def rendered(text: str, output: Output) -> list[str]:
    """Return the plan, the drift, the report and the findings with `text` in every string."""
    plan, report = poisoned(PLAN, text), poisoned(REPORT, text)
    findings = [finding for tenant in plan.tenants for finding in tenant.findings]
    return [
        render_plan(plan, poisoned(ENVELOPE, text), output),
        render_drift(plan, output),
        render_report(report, output),
        render_findings(findings, output),
    ]


@hostile
def test_text_never_acts(text: str) -> None:
    for page in rendered(text, "text"):
        assert not acting(page)
        assert not commands(page)


@hostile
def test_text_keeps_its_lines(text: str) -> None:
    harmless = rendered(HARMLESS, "text")

    for page, expected in zip(rendered(text, "text"), harmless, strict=True):
        # Only YAML that is offered for pasting has lines of its own; a line end before it makes one more.
        pasted = expected.count("To acknowledge, put") + expected.count("Suggested:")
        assert page.count("\n") - expected.count("\n") == text.count("\n") * pasted


@hostile
def test_markdown_keeps_its_structure(text: str) -> None:
    for page, expected in zip(rendered(text, "markdown"), rendered(HARMLESS, "markdown"), strict=True):
        assert blocks(page) == blocks(expected)
        assert html_in(page) == html_in(expected)
        assert inline_markup(page) == inline_markup(expected)


@hostile
def test_markdown_notifies_nobody(text: str) -> None:
    for page in rendered(text, "markdown"):
        assert not filtered(page)


@hostile
def test_html_keeps_its_tags(text: str) -> None:
    for page, expected in zip(rendered(text, "html"), rendered(HARMLESS, "html"), strict=True):
        assert tags(page) == tags(expected)
        assert not acting(page)


@hostile
def test_json_stays_inert(text: str) -> None:
    for page in rendered(text, "json"):
        assert page.isascii()
        assert not acting(page)
        assert not commands(page)
        assert json.dumps(json.loads(page), ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("output", ["text", "markdown", "html", "json"])
def test_different_names_look_different(output: Output) -> None:
    pages = [tuple(rendered(text, output)) for text in HOSTILE.values()]

    for views in zip(*pages, strict=True):
        assert len(set(views)) == len(pages)


def named(text: str) -> tuple[Plan, Report]:
    """Return a plan and a report with `text` in the name of one tenant, and in what the service said of two things."""
    tenant, *others, unread, elsewhere = PLAN.tenants
    outcome, *more = REPORT.outcomes
    plan = replace(PLAN, tenants=(replace(tenant, display_name=text), *others, replace(unread, reason=text), elsewhere))
    return plan, replace(REPORT, outcomes=(replace(outcome, detail=text), *more))


@pytest.mark.parametrize("output", ["text", "markdown", "html"])
def test_megabyte_name_is_cut(output: Output) -> None:
    plan, report = named(HUGE)

    assert len(render_plan(plan, None, output)) < 60_000
    assert len(render_report(report, output)) < 60_000


@pytest.mark.parametrize("output", ["text", "markdown", "html", "json"])
def test_cut_names_stay_different(output: Output) -> None:
    (plan, report), (other_plan, other_report) = named(HUGE + "a"), named(HUGE + "b")

    assert render_plan(plan, None, output) != render_plan(other_plan, None, output)
    assert render_report(report, output) != render_report(other_report, output)
