"""Plan, drift, report and findings for a terminal or a log: plain lines, in colour only where the caller says so.

Nothing is wrapped, aligned by width or left out: what stands here is all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.model import (
    Action,
    Envelope,
    Finding,
    Origin,
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
from reconciler.reporting.escaping import defuse, for_terminal, quoted, visible_lines
from reconciler.reporting.impacts import Named
from reconciler.reporting.rows import Block, Row, Word, blocks

SIGNS: Mapping[Action, str] = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.RESET: "="}

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_SIGN_STYLES = {"+": "green", "~": "yellow", "-": "red", "=": "red"}
_SEVERITY_STYLES = {
    Severity.ERROR: "red",
    Severity.BLOCK: "red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "cyan",
}
_VERDICT_STYLES = {
    Verdict.APPLIED: "green",
    Verdict.SUPERSEDED: "green",
    Verdict.FAILED: "red",
    Verdict.BLOCKED: "red",
    Verdict.UNKNOWN: "red",
}
_CONDITION_STYLES = {
    wording.Condition.IN_SYNC: "green",
    wording.Condition.DRIFT: "yellow",
    wording.Condition.WAITING: "yellow",
    wording.Condition.UNKNOWN: "red",
}


@dataclass(frozen=True, slots=True)
class _Pen:
    """Colours escaped text, or leaves it. `drift` says that before is what is now, and after what Git wants."""

    colour: bool
    drift: bool = False

    def __call__(self, text: str, *styles: str) -> str:
        if not self.colour or not text or not styles:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def sign(self, sign: str) -> str:
        return self(sign, _SIGN_STYLES[sign])


def plan_text(plan: Plan, envelope: Envelope | None = None, *, colour: bool = False, named: Named | None = None) -> str:
    """Return the plan as terminal text: tenant by tenant the changes, what is to be said of them, and a summary."""
    pen = _Pen(colour)
    tenants = (line for tenant in plan.tenants for line in _tenant(tenant, pen))
    return _joined(
        (*tenants, *_people(named, pen), *_origin_of_plan(envelope, pen)),
        pen(wording.plan_summary(plan), "bold"),
    )


def drift_text(plan: Plan, *, colour: bool = False) -> str:
    """Return where live differs from Git: what a plan would change, told as what is now and what Git wants."""
    pen = _Pen(colour, drift=True)
    lines = [line for tenant in plan.tenants for line in _drift(tenant, pen)]
    explained = [wording.DRIFT_EXPLAINED, ""] if any(tenant.steps for tenant in plan.tenants) else []
    return _joined([*lines, *explained], pen(wording.drift_summary(plan), "bold"))


def report_text(report: Report, *, colour: bool = False) -> str:
    """Return what became of every step, one by one, and how the run ended."""
    pen = _Pen(colour)
    lines = [line for outcome in report.outcomes for line in _outcome(outcome, pen)]
    remarks = [f"{pen('!', 'yellow')} {for_terminal(remark)}" for remark in report.remarks]
    gap = [""] if lines or remarks else []
    summary = f"{wording.report_summary(report)} {wording.ending(report)}"
    return _joined([*lines, *remarks, *gap], pen(summary, "bold"))


def findings_text(findings: Iterable[Finding], *, colour: bool = False) -> str:
    """Return findings that belong to no plan, the heaviest first."""
    pen = _Pen(colour)
    found = wording.by_weight(findings)
    lines = [line for finding in found for line in (*_finding(finding, pen), "")]
    return _joined(lines, pen(wording.findings_summary(found), "bold"))


def _joined(lines: Iterable[str], last: str) -> str:
    return "".join(f"{defuse(line)}\n" for line in (*lines, last))


# ---------------------------------------------------------------------------------------------- tenants


def _tenant(tenant: TenantPlan, pen: _Pen) -> Iterator[str]:
    yield _heading(tenant, pen)
    about = wording.about(tenant)
    if about:
        loud = tenant.standing in (Standing.UNREADABLE, Standing.VANISHED) or wording.is_blocked(tenant)
        yield f"  {pen('!', 'red', 'bold')} {pen(for_terminal(about), *(('red', 'bold') if loud else ('cyan',)))}"
    elif not tenant.steps:
        yield "  no changes"
    yield ""
    yield from _inside(tenant, pen)


def _drift(tenant: TenantPlan, pen: _Pen) -> Iterator[str]:
    yield _heading(tenant, pen)
    style = _CONDITION_STYLES[wording.condition(tenant)]
    yield f"  {pen(for_terminal(wording.about_drift(tenant)), style)}"
    yield ""
    yield from _inside(tenant, pen)


def _heading(tenant: TenantPlan, pen: _Pen) -> str:
    name, called = for_terminal(tenant.tenant), for_terminal(tenant.display_name)
    return f"{pen(name, 'bold')}  {called}  {pen(for_terminal(tenant.tenant_id), 'dim')}"


def _inside(tenant: TenantPlan, pen: _Pen) -> Iterator[str]:
    for steps in wording.together(tenant.steps):
        yield from (f"  {line}" for line in lines_of(steps, pen))
        yield ""
    for finding in wording.by_weight(tenant.findings):
        yield from (f"  {line}" for line in _finding(finding, pen))
        yield ""
    for impact in () if pen.drift else tenant.impacts:
        yield f"  {pen(for_terminal(impacts.title(impact)), 'bold')}"
        yield from (f"    {for_terminal(line)}" for line in impacts.lines(impact))
        yield ""


def _people(named: Named | None, pen: _Pen) -> Iterator[str]:
    if named:
        yield pen(impacts.PERSONAL, "yellow", "bold")
        yield from impacts.roll(named)
        yield ""


def _origin_of_plan(envelope: Envelope | None, pen: _Pen) -> Iterator[str]:
    if envelope:
        if envelope.rehearsal:
            yield pen(wording.REHEARSAL, "yellow")
        made = f"Made {envelope.created} from commit {envelope.commit or 'unknown'} by {envelope.tool}"
        yield pen(for_terminal(f"{made}, digest {envelope.digest}."), "dim")


# ---------------------------------------------------------------------------------------------- steps

PLAIN = _Pen(colour=False)
PLAIN_DRIFT = _Pen(colour=False, drift=True)


def lines_of(steps: Sequence[Step], pen: _Pen = PLAIN) -> Iterator[str]:
    """Yield changes that are told together: one with everything that differs, or many people of one group by id."""
    first, crowd = steps[0], wording.crowd(steps[0])
    if not crowd:
        yield from step_lines(first, pen)
        return
    yield from _title(first, crowd, pen)
    sign = pen.sign(SIGNS[first.change.action])
    yield from (f"    {sign} {for_terminal(step.change.address.key.rpartition('/')[2])}" for step in steps)


def step_lines(step: Step, pen: _Pen = PLAIN) -> Iterator[str]:
    """Yield one change with everything that differs, and where in Git each part is asked for."""
    yield from _title(step, step.change.address.key, pen)
    for block in blocks(step.change):
        yield from _block(block, pen)


def _title(step: Step, key: str, pen: _Pen) -> Iterator[str]:
    change = step.change
    name, key = wording.subject(replace(change.address, key=key), change.label)
    title = f"{for_terminal(name)}{f' ({for_terminal(key)})' if key else ''}"
    sign = SIGNS[change.action]
    yield f"{pen.sign(sign)} {pen(title, 'bold')}: {wording.doing(step, drift=pen.drift)}{_where(change.origin, pen)}"
    danger = wording.danger(change)
    if danger and not pen.drift:
        yield f"    {pen('!', 'red', 'bold')} {pen(danger, 'red')}"


def _block(block: Block, pen: _Pen) -> Iterator[str]:
    said = _turn(block, pen) if block.rows else _said(_change(block.before, block.after, pen))
    yield f"    {pen.sign(block.sign)} {for_terminal(block.name)}{said}{_where(block.origin, pen)}"
    for row in block.rows:
        yield f"        {pen.sign(row.sign)} {row_text(row, pen)}"


def _said(change: str) -> str:
    return f": {change}" if change else ""


def _turn(block: Block, pen: _Pen) -> str:
    """Return what the side without members says of the block as a whole."""
    if block.before:
        return f" ({'now' if pen.drift else 'was'}: {_word(block.before)})"
    return f" ({'wanted' if pen.drift else 'becomes'}: {_word(block.after)})" if block.after else ""


def row_text(row: Row, pen: _Pen = PLAIN) -> str:
    """Return one row without its sign."""
    above = ".".join(for_terminal(part) for part in row.path)
    if row.is_entry:
        kind = f" {for_terminal(row.kind)}" if row.kind else ""
        whose = ("wanted " if row.sign == "+" else "now ") if pen.drift else ""
        return f"{above}{': ' if above else ''}{whose}{_entry(row)}{kind}"
    name = ".".join(part for part in (above, for_terminal(row.name)) if part)
    return f"{name}: {_change(row.before, row.after, pen)}"


def _entry(row: Row) -> str:
    return f"{for_terminal(row.label)} ({for_terminal(row.name)})" if row.label else for_terminal(row.name)


def _change(before: Word | None, after: Word | None, pen: _Pen) -> str:
    match before, after:
        case Word(), Word() if pen.drift:
            return f"now {_word(before)}, wanted {_word(after)}"
        case Word(), Word():
            return f"{_word(before)} → {_word(after)}"
        case Word() as one, None:
            return _word(one)
        case None, Word() as one:
            return _word(one)
        case _:
            return ""


def _word(word: Word) -> str:
    return quoted(word.text) if word.literal else for_terminal(word.text)


def _where(origin: Origin | None, pen: _Pen) -> str:
    return f"  {pen(f'# {for_terminal(str(origin))}', 'dim')}" if origin else ""


# ---------------------------------------------------------------------------------------------- findings


def _finding(finding: Finding, pen: _Pen) -> Iterator[str]:
    style = "dim" if finding.answered else _SEVERITY_STYLES[finding.severity]
    weight = " ".join(part for part in (wording.weight(finding), wording.rule_of(finding)) if part)
    place = " ".join(for_terminal(part) for part in _place(finding))
    yield f"{pen(f'[{weight}]', style, 'bold')} {place}{_where(finding.origin, pen)}".rstrip(" ")
    yield f"    {for_terminal(finding.message)}"
    yield from (f"      - {for_terminal(detail)}" for detail in finding.details)
    if finding.answered:
        yield f"    {for_terminal(wording.acknowledged_by(finding))}"
    elif finding.suggestion:
        yield f"    {wording.offer(finding)}"
        yield from (f"        {line}" for line in visible_lines(finding.suggestion))


def _place(finding: Finding) -> Iterator[str]:
    yield str(finding.address) if finding.address else finding.tenant
    if finding.path:
        yield finding.path


# ---------------------------------------------------------------------------------------------- outcomes


def _outcome(outcome: Outcome, pen: _Pen) -> Iterator[str]:
    name, key = wording.subject(outcome.address, outcome.label)
    title = f"{for_terminal(name)}{f' ({for_terminal(key)})' if key else ''}"
    verdict = pen(outcome.verdict.value, _VERDICT_STYLES.get(outcome.verdict, "yellow"), "bold")
    sent = f", {outcome.attempts} attempts" if outcome.attempts > 1 else ""
    where = f"{for_terminal(outcome.address.tenant)}: {title}"
    detail = for_terminal(outcome.detail) if outcome.detail else wording.VERDICTS[outcome.verdict]
    yield f"{pen.sign(SIGNS[outcome.action])} {where}: {verdict}{sent}: {detail}"
    if outcome.verdict not in (Verdict.APPLIED, Verdict.SUPERSEDED):
        yield from _advice(outcome)


def _advice(outcome: Outcome) -> Iterator[str]:
    if outcome.detail:
        yield f"    {outcome.verdict.value}: {wording.VERDICTS[outcome.verdict]}"
    ids = ", ".join(for_terminal(request) for request in outcome.request_ids if request)
    if ids:
        yield f"    request ids for Microsoft's support: {ids}"
