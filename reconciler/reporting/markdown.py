"""Plan, drift, report and findings as GitHub Markdown: what is dangerous first and always whole.

GitHub takes 65,536 characters a comment. What is ordinary gives way to its counts when it does not fit; when even
what is dangerous does not fit, nothing is shown at all rather than a part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.errors import SetupError
from reconciler.model import (
    Envelope,
    Finding,
    Impact,
    Outcome,
    Plan,
    Report,
    Severity,
    Standing,
    Step,
    TenantPlan,
    Verdict,
)
from reconciler.reporting import impacts, wording
from reconciler.reporting.escaping import code_span, fence, for_html, for_markdown, visible_lines
from reconciler.reporting.impacts import Named
from reconciler.reporting.text import PLAIN, PLAIN_DRIFT, lines_of

# GitHub's own limit is 65,536; what is left belongs to whoever posts the comment.
LIMIT = 60_000

_ICONS = {Severity.ERROR: "🛑", Severity.BLOCK: "🛑", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}
_ACKNOWLEDGED = "☑️"
_GOOD = (Verdict.APPLIED, Verdict.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class _Section:
    """Something ordinary: whole when it fits, else told by its counts."""

    whole: str
    counts: str


def marker(name: str) -> str:
    """Return the hidden first line by which a comment of ours is found again."""
    return f"<!-- entra-reconciler:{name} -->"


def plan_markdown(plan: Plan, envelope: Envelope | None = None, named: Named | None = None) -> str:
    """Return the plan as a pull-request comment: people are counted in it, and named only where somebody asked.

    Raises:
        SetupError: what is dangerous does not fit into a comment.
    """
    head = [marker("plan"), f"### {wording.plan_summary(plan)}"]
    head += [f"**{wording.REHEARSAL}**"] if envelope and envelope.rehearsal else []
    made = f"commit {code_span(envelope.commit)}, digest {code_span(envelope.digest)}" if envelope else ""
    tail = [*_named(named), *([f"<sub>{made}</sub>"] if made else [])]
    return _tenants(plan, head, tail, drift=False)


def drift_markdown(plan: Plan) -> str:
    """Return where live differs from Git, as the text of an issue or a comment.

    Raises:
        SetupError: what is dangerous does not fit.
    """
    head = [marker("drift"), f"### {wording.drift_summary(plan)}", wording.DRIFT_EXPLAINED]
    return _tenants(plan, head, [], drift=True)


def report_markdown(report: Report) -> str:
    """Return what became of every step; all that did not simply succeed comes first and whole.

    Raises:
        SetupError: what did not succeed does not fit.
    """
    bad = [outcome for outcome in report.outcomes if outcome.verdict not in _GOOD]
    good = [outcome for outcome in report.outcomes if outcome.verdict in _GOOD]
    head = [marker("apply"), f"### {wording.report_summary(report)}", wording.ending(report)]
    remarks = [f"> [!WARNING]\n> {for_markdown(remark)}" for remark in report.remarks]
    rows = [_outcomes("Look at these first", bad)] if bad else []
    done = [_Section(_outcomes("Done", good), f"**Done:** {wording.counted(len(good), 'step')}.")] if good else []
    return _fitted([*head, *remarks, *rows], done, [])


def findings_markdown(findings: Iterable[Finding]) -> str:
    """Return findings that belong to no plan; errors and blocks come first and whole.

    Raises:
        SetupError: the errors and blocks do not fit.
    """
    found = wording.by_weight(findings)
    pressing = [_finding(finding) for finding in found if wording.is_pressing(finding)]
    others = [finding for finding in found if not wording.is_pressing(finding)]
    section = _Section("\n\n".join(_finding(finding) for finding in others), wording.findings_summary(others))
    head = [marker("findings"), f"### {wording.findings_summary(found)}"]
    return _fitted([*head, *pressing], [section] if others else [], [])


# ---------------------------------------------------------------------------------------------- fitting


def _tenants(plan: Plan, head: Sequence[str], tail: Sequence[str], *, drift: bool) -> str:
    unknown = [part for tenant in plan.tenants for part in _unknown(tenant)]
    danger = [*unknown, *(part for tenant in plan.tenants for part in _danger(tenant, drift=drift))]
    first = ["#### Look at this first", *danger] if danger else []
    sections = [section for tenant in plan.tenants if (section := _ordinary(tenant, drift=drift))]
    sections = [*([] if drift else _people(plan)), *sections]
    table = _table(plan.tenants, drift=drift)
    short = _table([tenant for tenant in plan.tenants if _stands_out(tenant, drift=drift)], drift=drift)
    try:
        return _fitted([*head, table, *first], sections, tail)
    except SetupError:
        counts = "The table and the details name only the tenants with something to look at; the others did not fit."
        return _fitted([*head, short, counts, *first], [], tail)


def _fitted(always: Sequence[str], sections: Sequence[_Section], tail: Sequence[str]) -> str:
    """Return all parts, with as many of the sections whole as fit, from the first on."""
    chosen = [section.counts for section in sections]
    room = LIMIT - len(_joined([*always, *chosen, *tail]))
    if room < 0:
        raise SetupError(
            f"what must be seen does not fit into a comment of {LIMIT} characters; nothing was cut: "
            "read the plan as text or HTML, or make the change smaller"
        )
    for place, section in enumerate(sections):
        more = len(section.whole) - len(section.counts)
        if more <= room:
            room -= more
            chosen[place] = section.whole
    return _joined([*always, *chosen, *tail])


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


# ---------------------------------------------------------------------------------------------- tenants


def _table(tenants: Iterable[TenantPlan], *, drift: bool) -> str:
    rows = [_row(tenant, drift=drift) for tenant in tenants]
    if not rows:
        return ""
    head = "| Tenant | | State | Create | Update | Delete | Blocks | Warnings |\n|---|---|---|--:|--:|--:|--:|--:|"
    if drift:
        head = (
            "| Tenant | | State | Missing | Differs | Unwanted | Blocks | Warnings |\n|---|---|---|--:|--:|--:|--:|--:|"
        )
    return "\n".join([head, *rows])


def _row(tenant: TenantPlan, *, drift: bool) -> str:
    numbers = ["?" if number is None else str(number or "·") for number in wording.numbers(tenant)]
    state = wording.condition(tenant).value if drift else wording.state(tenant)
    loud = f"**{state}**" if state in ("blocked", "not read", "vanished", "drift", "unknown") else state
    return f"| {code_span(tenant.tenant)} | {for_markdown(tenant.display_name)} | {loud} | {' | '.join(numbers)} |"


def _stands_out(tenant: TenantPlan, *, drift: bool) -> bool:
    return bool([*_unknown(tenant), *_danger(tenant, drift=drift)])


def _unknown(tenant: TenantPlan) -> Iterator[str]:
    """Yield, loudly, that nothing is known about a tenant."""
    if tenant.standing in (Standing.UNREADABLE, Standing.VANISHED):
        yield f"> [!CAUTION]\n> {code_span(tenant.tenant)}: {for_markdown(wording.about(tenant))}"


def _danger(tenant: TenantPlan, *, drift: bool) -> Iterator[str]:
    """Yield what everyone must see of a tenant: errors and blocks, then dangerous steps."""
    findings = [finding for finding in wording.by_weight(tenant.findings) if wording.is_pressing(finding)]
    yield from (_finding(finding) for finding in findings)
    steps = [step for step in tenant.steps if wording.is_dangerous(step, drift=drift)]
    if steps:
        yield f"**{code_span(tenant.tenant)}: {_about_danger(drift)}**\n\n{_changes(steps, drift=drift)}"


def _about_danger(drift: bool) -> str:
    return "live grants more than Git wants" if drift else "deletes and widens"


def _ordinary(tenant: TenantPlan, *, drift: bool) -> _Section | None:
    """Return what may give way: other changes, warnings and notes, and what is to be said of the tenant."""
    steps = [step for step in tenant.steps if not wording.is_dangerous(step, drift=drift)]
    findings = [finding for finding in wording.by_weight(tenant.findings) if not wording.is_pressing(finding)]
    said = wording.about(tenant) if tenant.standing in (Standing.ELSEWHERE, Standing.OBSERVED) else ""
    if not steps and not findings and not said:
        return None
    counts = ", ".join(
        part
        for part in (
            wording.counted(len(steps), "other change") if steps else "",
            wording.findings_summary(findings).removeprefix("Findings: ").rstrip(".") if findings else "",
            tenant.standing.value if said else "",
        )
        if part
    )
    changes = _changes(steps, drift=drift) if steps else ""
    inside = [for_markdown(said), changes, *(_finding(finding) for finding in findings)]
    title = f"<code>{for_html(tenant.tenant)}</code>: {counts}"
    whole = f"<details><summary>{title}</summary>\n\n{_joined(inside)}\n</details>"
    return _Section(whole, f"{code_span(tenant.tenant)}: {counts} (did not fit; see the text or HTML report)")


# ---------------------------------------------------------------------------------------------- people


def _people(plan: Plan) -> Iterator[_Section]:
    """Yield what becomes of people, link by link, in numbers."""
    found = impacts.impacts_of(plan)
    if found:
        rows = [_impact(impact) for impact in found]
        yield _Section("\n".join(["#### People", "", *rows]), f"#### People\n\n{for_markdown(impacts.summary(found))}")


def _impact(impact: Impact) -> str:
    first, *others = (for_markdown(line) for line in impacts.lines(impact))
    return "\n".join([f"- {for_markdown(impacts.title(impact))}: {first}", *(f"  - {line}" for line in others)])


def _named(named: Named | None) -> Iterator[str]:
    if named:
        yield f"> [!WARNING]\n> {impacts.PERSONAL}"
        yield fence("\n".join(impacts.roll(named)), "text")


# ---------------------------------------------------------------------------------------------- parts

_SIGNED = re.compile(r"^( *)([+~!-]) ")


def _changes(steps: Iterable[Step], *, drift: bool) -> str:
    """Return steps as a block that GitHub colours: the sign stands first in every line."""
    pen = PLAIN_DRIFT if drift else PLAIN
    lines = (line for together in wording.together(steps) for line in lines_of(together, pen))
    return fence("\n".join(map(_signed, lines)), "diff")


def _signed(line: str) -> str:
    return _SIGNED.sub(lambda found: f"{found[2].replace('~', '!')} {found[1]}", line)


def _finding(finding: Finding) -> str:
    weight = " · ".join(part for part in (wording.weight(finding), wording.rule_of(finding)) if part)
    where = [str(finding.address) if finding.address else finding.tenant, finding.path, str(finding.origin or "")]
    places = " · ".join(code_span(place) for place in where if place)
    icon = _ACKNOWLEDGED if finding.answered else _ICONS[finding.severity]
    lines = [f"{icon} **{weight}** · {places}  ", for_markdown(finding.message)]
    lines += [f"- {for_markdown(detail)}" for detail in finding.details]
    if finding.answered:
        return "\n".join([*lines, "", f"✓ {for_markdown(wording.acknowledged_by(finding))}"])
    if finding.suggestion:
        suggestion = fence("\n".join(visible_lines(finding.suggestion)), "yaml")
        return "\n".join([*lines, "", wording.offer(finding), "", suggestion])
    return "\n".join(lines)


def _outcomes(title: str, outcomes: Iterable[Outcome]) -> str:
    head = f"**{title}**\n\n| Outcome | Tenant | What | Detail |\n|---|---|---|---|"
    return "\n".join([head, *(_outcome(alike[0], len(alike)) for alike in wording.alike(outcomes))])


def _outcome(outcome: Outcome, number: int) -> str:
    """Return the row of an outcome, or of as many people of one group to whom the same happened."""
    name, key = wording.subject(outcome.address, outcome.label)
    if number > 1:
        key = f"{key.rpartition('/')[0]}: {number} people"
    what = f"{outcome.action.value} {for_markdown(name)} {code_span(key) if key else ''}".rstrip()
    detail = for_markdown(outcome.detail or wording.VERDICTS[outcome.verdict])
    sent = f" ({outcome.attempts} attempts)" if outcome.attempts > 1 else ""
    ids = " ".join(code_span(request) for request in outcome.request_ids if request)
    ids = f" Request ids: {ids}" if ids and outcome.verdict not in _GOOD else ""
    return f"| **{outcome.verdict.value}**{sent} | {code_span(outcome.address.tenant)} | {what} | {detail}{ids} |"
