"""From outcomes to an exit code: the one place that says how a run ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.model import Outcome, Verdict

CONFIRMED = frozenset({Verdict.APPLIED, Verdict.SUPERSEDED, Verdict.WAITING})
UNSURE = frozenset({Verdict.UNKNOWN, Verdict.UNVERIFIED})
PARTLY, UNSURE_CODE = 6, 7


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, and the exit code that its cause would have if nothing had been changed at all.

    `halts` says why no further write to the same tenant makes sense (no permission, no service, no journal), or "".
    """

    outcome: Outcome
    cause: int = 1
    halts: str = ""


def exit_code(results: Iterable[Result], *, interrupted: int = 0, elsewhere: int = 0) -> int:
    """Return the code of the whole run.

    `interrupted` is the number of the signal that ended it; `elsewhere` is the code of what went wrong beside the
    steps (a tenant that could not be read), or 0. Unsure beats partly, partly beats every single cause.
    """
    results = list(results)
    verdicts = {result.outcome.verdict for result in results}
    causes = [result.cause for result in results if result.outcome.verdict not in CONFIRMED | UNSURE]
    causes = [*causes, elsewhere] if elsewhere else causes
    if interrupted:
        return 128 + interrupted
    if verdicts & UNSURE:
        return UNSURE_CODE
    if causes and any(_wrote(result.outcome) for result in results):
        return PARTLY
    return next((code for code in causes if code), 1 if causes else 0)


def _wrote(outcome: Outcome) -> bool:
    """Whether the tenant is surely not as it was.

    A phase of a removal that waits for the next one has been written. A write that the service calls done already was
    not done when we looked just before it: a line that delivers twice answers the second delivery.
    """
    sent = outcome.attempts > 0
    return outcome.verdict is Verdict.APPLIED or (sent and outcome.verdict in (Verdict.WAITING, Verdict.SUPERSEDED))
