"""The sentences that every output shares, and how things are counted and sorted. Unescaped: each sink escapes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import groupby

from reconciler.model import (
    Action,
    Address,
    Change,
    Effect,
    Finding,
    Outcome,
    Plan,
    Report,
    Severity,
    Standing,
    Step,
    TenantPlan,
    Verdict,
)

WEIGHTS: Mapping[Severity, int] = {Severity.ERROR: 0, Severity.BLOCK: 1, Severity.WARNING: 2, Severity.NOTE: 3}

EFFECTS: Mapping[Effect, str] = {
    Effect.NARROW: "narrows access",
    Effect.NEUTRAL: "neutral",
    Effect.WIDEN: "widens access",
}

DRIFT_EFFECTS: Mapping[Effect, str] = {
    Effect.NARROW: "live grants more than Git wants",
    Effect.NEUTRAL: "neutral",
    Effect.WIDEN: "live grants less than Git wants",
}

DANGERS: Mapping[Action, str] = {
    Action.DELETE: "Deletes the object with everything below, and a restore may be impossible.",
    Action.RESET: "Makes all of it what the service begins with; what is shown is all that differs from that.",
}
_BEHIND = "Deletes the object with everything below; the default applies then, and a restore may be impossible."
_LEAVES = "Takes people out of the group, and what it gives away from them; their accounts stay."
WAITING = "waiting: not all is as Git says yet, and nothing can be done about it now"
PASTE = "To acknowledge, put this beside the resource in Git and have it reviewed:"
SUGGESTED = "Suggested:"


class Condition(StrEnum):
    """How a tenant stands against Git. Only a tenant that was read whole can be in sync."""

    IN_SYNC = "in sync"
    DRIFT = "drift"
    WAITING = "waiting"
    UNKNOWN = "unknown"


def danger(change: Change) -> str:
    """Return what is dangerous about the action of a change, or nothing: a default stands behind partners alone."""
    if change.action is Action.DELETE and change.address.kind == "partner":
        return _BEHIND
    if change.action is Action.DELETE and change.address.kind == "membership":
        return _LEAVES
    return DANGERS.get(change.action, "")


def condition(tenant: TenantPlan) -> Condition:
    """Return how the tenant stands against Git."""
    if not is_known(tenant):
        return Condition.UNKNOWN
    if tenant.steps:
        return Condition.DRIFT
    return Condition.WAITING if tenant.waiting else Condition.IN_SYNC


def is_blocked(tenant: TenantPlan) -> bool:
    """Whether a finding keeps an apply from this tenant; where nothing is ever written, findings only inform."""
    return tenant.blocked and tenant.standing in (Standing.PLANNED, Standing.VANISHED)


def is_dangerous(step: Step, *, drift: bool = False) -> bool:
    """Whether a step must be seen by everyone: it deletes, resets or widens, or live grants more than Git wants."""
    if crowd(step):
        # People who join are told by a finding, with how many they are: they may be more than fit anywhere.
        return False
    if drift:
        return step.effect is Effect.NARROW
    return step.change.action in DANGERS or step.effect is Effect.WIDEN


def crowd(step: Step) -> str:
    """Return the link and the group of whom a step is one of many, or nothing: such steps are told together."""
    address = step.change.address
    return address.key.rpartition("/")[0] if address.kind == "membership" else ""


def together(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Yield the steps in their order, those about people of one group side by side."""
    for _, found in groupby(steps, key=lambda step: (step.change.action, crowd(step)) if crowd(step) else step.id):
        yield list(found)


def alike(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """Return the outcomes in their order, those of people of one group to whom the same happened side by side."""
    found: dict[object, list[Outcome]] = {}
    for number, one in enumerate(outcomes):
        several = one.address.kind == "membership" and not one.request_ids
        same = (one.address.key.rpartition("/")[0], one.action, one.verdict, one.detail, one.attempts)
        found.setdefault((one.address.tenant, same) if several else number, []).append(one)
    return list(found.values())


def is_pressing(finding: Finding) -> bool:
    """Whether a finding must be seen by everyone who reads the plan, acknowledged or not."""
    return finding.severity in (Severity.ERROR, Severity.BLOCK)


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with the heaviest first, what still blocks before what is acknowledged."""
    return sorted(findings, key=lambda found: (WEIGHTS[found.severity], not found.stops))


def weight(finding: Finding) -> str:
    """Return the word for how much a finding weighs."""
    return f"{finding.severity.value}, acknowledged" if finding.answered else finding.severity.value


def acknowledged_by(finding: Finding) -> str:
    """Return by whom, where and until when a finding is acknowledged, or nothing."""
    if finding.declared is not None:
        return (
            f"acknowledged by the link {finding.declared.link} at {finding.declared.origin}, which asks for just this"
        )
    if finding.acknowledged is None:
        return ""
    said = finding.acknowledged
    return f"acknowledged by {said.owner} at {said.origin} until {said.expires.isoformat()}: {said.reason}"


# ---------------------------------------------------------------------------------------------- sentences


def about(tenant: TenantPlan) -> str:
    """Return what a reader must know about a tenant before all else, or nothing."""
    match tenant.standing:
        case Standing.UNREADABLE:
            return f"nothing is known about this tenant: {tenant.reason}"
        case Standing.ELSEWHERE:
            return "managed elsewhere: nobody here signs in to it, so nothing is read, planned or written here"
        case Standing.OBSERVED:
            return "observed only: what differs is shown, and nothing is ever written here"
        case Standing.VANISHED:
            return f"vanished from the files: {tenant.reason}; nothing is read, planned or written here"
        case Standing.PLANNED:
            return _about_planned(tenant)


def _about_planned(tenant: TenantPlan) -> str:
    if is_blocked(tenant):
        return "blocked: nothing will be written here until the findings are settled"
    if tenant.waiting and not tenant.steps:
        return WAITING
    return ""


def is_known(tenant: TenantPlan) -> bool:
    """Whether the tenant was read, so that what is not shown is not there."""
    return tenant.standing in (Standing.PLANNED, Standing.OBSERVED)


def numbers(tenant: TenantPlan) -> list[int | None]:
    """Return how many creates, updates with resets, deletes, blocks and warnings; None is not known."""
    if not is_known(tenant):
        return [None] * (len(_COUNTED) + 2)
    actions = Counter(step.change.action for step in tenant.steps)
    counts = (sum(actions[each] for each in together) for together in _COUNTED)
    stops = sum(finding.stops for finding in tenant.findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in tenant.findings)
    return [*counts, stops, warnings]


_COUNTED = ((Action.CREATE,), (Action.UPDATE, Action.RESET), (Action.DELETE,))


def state(tenant: TenantPlan) -> str:
    """Return one or two words for how a tenant stands in a plan."""
    match tenant.standing:
        case Standing.UNREADABLE:
            return "not read"
        case Standing.PLANNED if is_blocked(tenant):
            return "blocked"
        case Standing.PLANNED:
            return "changes" if tenant.steps else "waiting" if tenant.waiting else "no changes"
        case _:
            return tenant.standing.value


REHEARSAL = "Rehearsal: an emulator stood in for Microsoft Graph, so this says nothing about the tenants themselves."


def plan_summary(plan: Plan) -> str:
    """Return the one line that says how much a plan does, and what stands in its way."""
    planned = [tenant for tenant in plan.tenants if tenant.standing is Standing.PLANNED and tenant.steps]
    counts = Counter(step.change.action for tenant in planned for step in tenant.steps)
    if not counts:
        return f"{_nothing(plan)}{_nothing_planned(plan)}"
    numbers = ", ".join(f"{counts[action]} to {action.value}" for action in Action if _is_told(action, counts))
    return f"Plan: {numbers} in {counted(len(planned), 'tenant')}{_beside(plan)}."


def _is_told(action: Action, counts: Counter[Action]) -> bool:
    """Whether a summary names it although there may be none: hardly anybody ever resets anything."""
    return action is not Action.RESET or counts[action] > 0


def _nothing(plan: Plan) -> str:
    """Return what no change means: of a tenant that was not read, nothing at all."""
    unread = any(tenant.standing is Standing.UNREADABLE for tenant in plan.tenants)
    return "Incomplete: whether there is anything to change is not known." if unread else "No changes."


def _nothing_planned(plan: Plan) -> str:
    if not plan.tenants:
        return " The files speak of no tenant."
    beside = _beside(plan).removeprefix("; ")
    read = sum(condition(tenant) is Condition.IN_SYNC for tenant in plan.tenants)
    if read == len(plan.tenants):
        return f" {_all(read)} as Git says.{f' But: {beside}.' if beside else ''}"
    return f" {read} of {counted(len(plan.tenants), 'tenant')} as Git says{f'; {beside}' if beside else ''}."


def _all(number: int) -> str:
    return "The one tenant is" if number == 1 else f"All {number} tenants are"


def _beside(plan: Plan) -> str:
    """Return what else a reader of the summary must know, each part after a semicolon."""
    standings = Counter(tenant.standing for tenant in plan.tenants)
    observed = sum(len(tenant.steps) for tenant in plan.tenants if tenant.standing is Standing.OBSERVED)
    parts = {
        "blocked": sum(is_blocked(tenant) for tenant in plan.tenants),
        "not read": standings[Standing.UNREADABLE],
        "only observed": observed,
        "managed elsewhere": standings[Standing.ELSEWHERE],
        "vanished from the files": standings[Standing.VANISHED],
        "waiting": sum(tenant.waiting for tenant in plan.tenants),
    }
    said = {"only observed": f"{counted(observed, 'difference')} only observed"}
    return "".join(f"; {said.get(name, f'{number} {name}')}" for name, number in parts.items() if number)


def drift_summary(plan: Plan) -> str:
    """Return the one line that says how many tenants are as Git says, are not, or are not known."""
    counts = Counter(condition(tenant) for tenant in plan.tenants)
    if not plan.tenants:
        return "Drift: the files speak of no tenant."
    told = [each for each in Condition if each is not Condition.WAITING or counts[each]]
    numbers = ", ".join(f"{counts[each]} {each.value}" for each in told)
    return f"Drift: of {counted(len(plan.tenants), 'tenant')} {numbers}."


DRIFT_EXPLAINED = (
    "Where live differs from Git, either somebody changed it outside Git, or a commit has not been applied yet. "
    "This report says what differs, not who changed it."
)

DIFFERENCES: Mapping[Action, str] = {
    Action.CREATE: "missing: Git wants it, and it is not there",
    Action.UPDATE: "live differs from Git",
    Action.DELETE: "unwanted: it is there, and Git wants it gone",
    Action.RESET: "live differs from what the service begins with, which Git wants",
}


def doing(step: Step, *, drift: bool = False) -> str:
    """Return what a step does and to what effect, or how live differs from Git."""
    if drift:
        return f"{DIFFERENCES[step.change.action]}; {DRIFT_EFFECTS[step.effect]}"
    return f"{step.change.action.value}, {EFFECTS[step.effect]}"


def about_drift(tenant: TenantPlan) -> str:
    """Return how a tenant stands against Git, in a sentence."""
    match condition(tenant):
        case Condition.IN_SYNC:
            return "in sync: all that Git speaks of is as Git says"
        case Condition.DRIFT:
            return f"drift: live differs from Git in {counted(len(tenant.steps), 'place')}"
        case Condition.WAITING:
            return WAITING
        case Condition.UNKNOWN:
            return f"unknown: {about(tenant)}"


def report_summary(report: Report) -> str:
    """Return the one line that counts the outcomes, each verdict by its own name."""
    counts = Counter(outcome.verdict for outcome in report.outcomes)
    if not report.outcomes:
        return "Apply: there was nothing to do."
    numbers = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict])
    return f"Apply: of {counted(len(report.outcomes), 'step')} {numbers}."


VERDICTS: Mapping[Verdict, str] = {
    Verdict.APPLIED: "written, and read back as wanted",
    Verdict.UNVERIFIED: "written, but not yet read back as wanted: run drift before relying on it",
    Verdict.WAITING: "has to wait for something outside; apply again later",
    Verdict.FAILED: "not carried out",
    Verdict.UNKNOWN: "nobody knows whether it was carried out: plan again to see what is there",
    Verdict.SKIPPED: "left out, because a step that it needs did not succeed",
    Verdict.BLOCKED: "not sent: a guard rule or a change since the plan stands in the way",
    Verdict.NOT_STARTED: "the run ended before its turn",
    Verdict.SUPERSEDED: "it was so already; nothing was sent",
}


def ending(report: Report) -> str:
    """Return how the run ended."""
    if report.interrupted:
        return f"Interrupted by signal {report.interrupted}; exit code {report.exit_code}."
    return f"Exit code {report.exit_code}."


def findings_summary(findings: Iterable[Finding]) -> str:
    """Return the one line that counts findings."""
    counts = Counter(finding.severity for finding in findings)
    if not counts:
        return "No findings."
    numbers = ", ".join(counted(counts[each], each.value) for each in sorted(counts, key=WEIGHTS.__getitem__))
    return f"Findings: {numbers}."


def subject(address: Address, label: str) -> tuple[str, str]:
    """Return how people call the object at an address, and the key behind that name ("" when it says no more)."""
    if label and address.key and label != address.key:
        return f"{address.kind} {label}", address.key
    return f"{address.kind} {label or address.key}".rstrip(), ""


def offer(finding: Finding) -> str:
    """Return what stands above the lines that a finding offers for pasting."""
    return PASTE if finding.severity is Severity.BLOCK else SUGGESTED


def rule_of(finding: Finding) -> str:
    """Return the guard rule behind a finding, or nothing."""
    return f"rule {finding.rule}" if finding.rule else ""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where there is not just one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
