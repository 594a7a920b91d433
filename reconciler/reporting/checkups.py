"""A check-up → str: for a terminal, as Markdown and as JSON. Pure; what is not known is never shown like what is fine.

Lines to paste are shown whole and one by one, so that they can be taken from a terminal or a page as they are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from reconciler.model import Check, Health
from reconciler.reporting.documents import CheckEntry, CheckupDocument
from reconciler.reporting.escaping import code_span, defuse, fence, for_json, for_markdown, for_terminal, visible_lines

Output: TypeAlias = Literal["text", "markdown", "json"]

_STYLES: Mapping[Health, str] = {
    Health.FINE: "32",
    Health.NOTE: "36",
    Health.DOUBTFUL: "33",
    Health.UNKNOWN: "33",
    Health.MISSING: "31",
    Health.UNREACHABLE: "31",
}


def render_checkup(checks: Iterable[Check], code: int, output: Output = "text", *, colour: bool = False) -> str:
    """Return the checks for people or programs; `code` is the exit code, `colour` matters to text alone."""
    found = list(checks)
    match output:
        case "text":
            return "".join(f"{defuse(line)}\n" for line in _text(found, colour=colour))
        case "markdown":
            return "\n".join(_markdown(found)) + "\n"
        case "json":
            return _json(found, code)


def summary(checks: Iterable[Check]) -> str:
    """Return the one line that counts the checks, each by how it came out."""
    counts = Counter(check.health for check in checks)
    if not counts:
        return "Check-up: the files speak of no tenant."
    return f"Check-up: {', '.join(f'{counts[health]} {health.value}' for health in Health if counts[health])}."


def _by_tenant(checks: Iterable[Check]) -> Mapping[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.tenant, []).append(check)
    return found


def _subject(check: Check) -> str:
    return f"{check.purpose}: {check.subject}" if check.purpose else check.subject


# ---------------------------------------------------------------------------------------------- text


def _text(checks: list[Check], *, colour: bool) -> Iterator[str]:
    for tenant, found in _by_tenant(checks).items():
        yield _styled(for_terminal(tenant), "1", colour=colour)
        for check in found:
            yield from _entry(check, colour=colour)
        yield ""
    yield _styled(summary(checks), "1", colour=colour)


def _entry(check: Check, *, colour: bool) -> Iterator[str]:
    word = _styled(f"{check.health.value:<12}", _STYLES[check.health], colour=colour)
    yield f"  {word}  {for_terminal(_subject(check))}: {for_terminal(check.message)}"
    for detail in check.details:
        yield f"                - {for_terminal(detail)}"
    if check.remedy:
        yield ""
        yield from (line for remedy in check.remedy for line in visible_lines(remedy))
        yield ""


def _styled(text: str, code: str, *, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


# ---------------------------------------------------------------------------------------------- Markdown


def _markdown(checks: list[Check]) -> Iterator[str]:
    yield "# Check-up"
    yield ""
    yield for_markdown(summary(checks))
    for tenant, found in _by_tenant(checks).items():
        yield from ("", f"## {for_markdown(tenant)}", "", "| | what | |", "| --- | --- | --- |")
        yield from (_row(check) for check in found)
        for check in found:
            if check.remedy:
                title = for_markdown(f"{_subject(check)} is {check.health.value}; to paste:")
                lines = [line for remedy in check.remedy for line in visible_lines(remedy)]
                yield from ("", title, "", fence("\n".join(lines), "sh"))


def _row(check: Check) -> str:
    details = "".join(f"<br>{for_markdown(detail)}" for detail in check.details)
    health = check.health.value if check.health is Health.FINE else f"**{check.health.value}**"
    return f"| {health} | {code_span(_subject(check))} | {for_markdown(check.message)}{details} |"


# ---------------------------------------------------------------------------------------------- JSON


def _json(checks: list[Check], code: int) -> str:
    document: CheckupDocument = {
        "format": "entra-reconciler/checkup/v1",
        "summary": summary(checks),
        "exitCode": code,
        "checks": [_check(check) for check in checks],
    }
    return json.dumps(for_json(document), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _check(check: Check) -> CheckEntry:
    return {
        "tenant": check.tenant,
        "purpose": check.purpose,
        "subject": check.subject,
        "health": check.health,
        "severity": check.severity,
        "message": check.message,
        "details": list(check.details),
        "remedy": list(check.remedy),
    }
