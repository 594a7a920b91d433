"""What became of one person on demand → str: step by step, with the user of the target, and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from reconciler.model.operations import OnDemandStep, Result, Verified
from reconciler.reporting.escaping import defuse, for_terminal
from reconciler.reporting.operations import VerificationDocument
from reconciler.reporting.statuses import json_text, told_entry, told_lines

Output: TypeAlias = Literal["text", "json"]

_NOTHING = "(nothing)"
_ENDS = {
    Result.SUCCESS: "was provisioned",
    Result.IN_SYNC: "is in sync already",
    Result.SKIPPED: "was skipped",
    Result.FAILURE: "could not be provisioned",
    Result.UNKNOWN: "may or may not have been provisioned: the answer is not one that this version understands",
}
_STYLES = {
    Result.SUCCESS: "32",
    Result.IN_SYNC: "32",
    Result.SKIPPED: "33",
    Result.FAILURE: "31",
    Result.UNKNOWN: "31",
}


def render_verification(done: Verified, output: Output = "text", *, colour: bool = False) -> str:
    """Return what became of a person, for people or programs; `colour` matters to text alone."""
    if output == "json":
        return json_text(_document(done))
    return "".join(f"{defuse(line)}\n" for line in _text(done, colour=colour))


def _text(done: Verified, *, colour: bool) -> Iterator[str]:
    for number, step in enumerate(done.said.steps, 1):
        yield from _step(number, step)
    if done.said.changes:
        yield "changed in the target"
        for name, before, after in done.said.changes:
            yield f"  {for_terminal(name)}: {for_terminal(before or _NOTHING)} → {for_terminal(after or _NOTHING)}"
    yield from _target(done)
    yield ""
    if done.said.reason:
        yield from told_lines("the service says", done.said.reason)
    way = f"{for_terminal(done.source)} → {for_terminal(done.target)}"
    line = f"{for_terminal(done.user)} {_ENDS[done.said.result]} ({way})."
    yield f"\x1b[{_STYLES[done.said.result]}m{line}\x1b[0m" if colour else line


def _step(number: int, step: OnDemandStep) -> Iterator[str]:
    yield f"{number}. {for_terminal(step.type or step.name)}: {for_terminal(step.status or 'unknown')}"
    if step.description:
        yield f"   {for_terminal(step.description)}"
    yield from (f"   - {for_terminal(words)}" for words in step.words)


def _target(done: Verified) -> Iterator[str]:
    yield f"the user of {for_terminal(done.target)}"
    if done.there is None:
        yield f"  not seen: {for_terminal(done.unseen)}"
        return
    width = max(len(name) for name in done.there) if done.there else 0
    for name, value in done.there.items():
        yield f"  {for_terminal(name).ljust(width)}  {for_terminal(value)}"


def _document(done: Verified) -> VerificationDocument:
    return {
        "format": "entra-reconciler/verification/v1",
        "exitCode": done.exit_code,
        "link": done.link,
        "source": done.source,
        "target": done.target,
        "user": done.user,
        "userId": done.user_id,
        "result": done.said.result,
        "action": done.said.action,
        "reason": told_entry(done.said.reason),
        "steps": [
            {
                "type": step.type,
                "name": step.name,
                "status": step.status,
                "description": step.description,
                "words": list(step.words),
                "details": dict(step.details),
            }
            for step in done.said.steps
        ],
        "changes": [{"attribute": name, "before": before, "after": after} for name, before, after in done.said.changes],
        "targetId": done.said.target_id,
        "there": dict(done.there) if done.there is not None else None,
        "unseen": done.unseen,
    }
