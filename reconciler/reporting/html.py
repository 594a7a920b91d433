"""Plan, drift, report and findings as one self-contained HTML page: no script, nothing loaded, light and dark.

Whatever a template prints is made visible and escaped by the environment itself, so that no template can forget it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from reconciler.model import Envelope, Finding, Plan, Report, Standing, Verdict
from reconciler.reporting import impacts, wording
from reconciler.reporting.escaping import for_html, quoted, visible_lines
from reconciler.reporting.impacts import Named
from reconciler.reporting.rows import Word, blocks
from reconciler.reporting.text import SIGNS


def plan_html(plan: Plan, envelope: Envelope | None = None, named: Named | None = None) -> str:
    """Return the plan as a page; `named` are people to show by name."""
    summary, people = wording.plan_summary(plan), list(impacts.roll(named))
    return _page("plan.html.j2", plan=plan, envelope=envelope, drift=False, summary=summary, people=people)


def drift_html(plan: Plan) -> str:
    """Return where live differs from Git, as a page."""
    summary = wording.drift_summary(plan)
    return _page("plan.html.j2", plan=plan, envelope=None, drift=True, summary=summary, people=[])


def report_html(report: Report) -> str:
    """Return what became of every step, as a page."""
    counts = [
        (verdict, number)
        for verdict in Verdict
        if (number := sum(outcome.verdict is verdict for outcome in report.outcomes))
    ]
    return _page("report.html.j2", report=report, counts=counts, summary=wording.report_summary(report))


def findings_html(findings: Iterable[Finding]) -> str:
    """Return findings that belong to no plan, as a page."""
    found = wording.by_weight(findings)
    return _page("findings.html.j2", findings=found, summary=wording.findings_summary(found))


def _page(template: str, **values: object) -> str:
    style = (files(__package__) / "templates" / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _environment().get_template(template).render(style=Markup(style), style_digest=Markup(digest), **values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reconciler.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        blocks=blocks, impacts=impacts, wording=wording, shown=_shown, pasted=_pasted, signs=SIGNS, Standing=Standing
    )
    return environment


def _finalized(value: object) -> object:
    return for_html(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _shown(word: Word) -> Markup:
    """Return a value as people read it."""
    return escape(quoted(word.text)) if word.literal else for_html(word.text)


def _pasted(suggestion: str) -> Markup:
    """Return YAML that is offered for pasting."""
    return escape("\n".join(visible_lines(suggestion)))
