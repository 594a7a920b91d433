"""One step, carried out exactly or not at all: read, compare, note, write, and find out what became of it.

A create is never sent blindly a second time: it is looked up by its key first. Nothing here decides what to do; the
plan did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from reconciler.applying.journal import Journal
from reconciler.applying.places import LAGGING, WINDOW, Place
from reconciler.applying.requests import request
from reconciler.applying.verdicts import Result
from reconciler.clock import Clock
from reconciler.errors import (
    Conflict,
    Forbidden,
    GraphError,
    NotFound,
    PlanStale,
    Refused,
    SetupError,
    SignInFailed,
    Unanswered,
    Unavailable,
)
from reconciler.graph.client import Graph
from reconciler.live import agrees, at
from reconciler.model import Action, Below, Kind, Outcome, Part, Request, Resource, Step, Verdict, fingerprint, link_of

# Pauses in seconds before the reads that settle a write without an answer; together they outlast the replication lag
# that other clients report (tens of seconds).
SETTLING = (1.0, 2.0, 4.0, 8.0, 15.0)
# How often a change may be sent in all, and a create that was confirmed absent over the whole settling time.
MAX_ATTEMPTS = 5
MAX_CREATES = 3
# How many reads must agree before a change, which does no harm twice, is sent again.
MAX_READS = 3


@dataclass(frozen=True, slots=True)
class Bench:
    """What a step is carried out with.

    `stopping` is not 0 when a signal asked us to end soon. `since` is the moment of `clock.monotonic()` at which the
    tenant was read. `why_not` says why nothing further is begun, with an exit code: the run may have to end while it
    waits. `moved` says that what the step needs was written in this run, and may not have arrived everywhere.
    """

    kind: Kind
    graph: Graph
    clock: Clock
    journal: Journal
    run: str
    stopping: Callable[[], int]
    place: Place = field(default_factory=Place)
    since: float = 0.0
    why_not: Callable[[], tuple[str, int] | None] = lambda: None
    moved: bool = False


async def carry_out(step: Step, bench: Bench, *, ours: bool = False) -> Result:
    """Return what became of one step. `ours` says that an earlier step of this run wrote the same object.

    Verdicts: applied (acknowledged, or found done), superseded (it was so already, nothing was sent), blocked (what is
    there changed since the plan), failed (the service said no, or nothing was sent), unknown, not-started (the journal
    could not be written).
    """
    try:
        there = await _first_look(step, bench, ours=ours)
        if there is not None and _claims(step, bench, there):
            # Somebody may have claimed it, or another one for us, just before this run: that is not shown at once.
            await bench.clock.sleep(max(0.0, bench.since + WINDOW - bench.clock.monotonic()))
            if not await bench.place.still_claims(step.change.address, bench.graph):
                return _stale(step)
            there = await _find(step, bench, expected=True)
    except GraphError as error:
        halts = str(error) if isinstance(error, Forbidden | SignInFailed | Unavailable) else ""
        detail = f"it could not be read before the write: {error}"
        return _result(step, Verdict.FAILED, detail, cause=error.exit_code, halts=halts)
    if _done(step, there, bench.kind):
        return _result(step, Verdict.SUPERSEDED, "it was so already; nothing was sent")
    if not _unchanged(step, there, bench.kind) and not _begins(step, bench, there):
        return _stale(step)
    return await _unready(step, bench) or _halted(step, bench) or await _write(step, bench, there)


def _halted(step: Step, bench: Bench, so_far: GraphError | None = None) -> Result | None:
    """Return that the step is not begun, because the run was asked to end, or its time was over, while it waited."""
    halt = bench.why_not()
    if halt is None:
        return None
    told, cause = halt
    return _result(step, Verdict.NOT_STARTED, f"{told}; so far: {so_far}" if so_far else told, cause=cause)


async def _first_look(step: Step, bench: Bench, *, ours: bool) -> Resource | None:
    """Return what is there before the write."""
    change = step.change
    new = bench.place.is_new(change.address) and change.action is Action.UPDATE
    there = await _find(step, bench, expected=new or (ours and change.action is not Action.DELETE))
    if there is None and _once(step, bench.kind):
        # Nobody would refuse a second one: what the service does not show yet has to come to light first.
        await bench.clock.sleep(max(0.0, bench.since + WINDOW - bench.clock.monotonic()))
        there = await _find(step, bench)
    return there


def _claims(step: Step, bench: Bench, there: Resource) -> bool:
    """Whether the step makes ours what this run did not make, and what nobody is shown to have claimed."""
    endpoint = bench.kind.endpoint
    name = endpoint.claims if isinstance(endpoint, Part) else ""
    mine = step.change.address.key in bench.place.created
    return bool(name) and name in (step.change.after or {}) and there.body.get(name) is None and not mine


def _once(step: Step, kind: Kind) -> bool:
    """Whether a second try would make a second object."""
    return step.change.action is Action.CREATE and isinstance(kind.endpoint, Part) and kind.endpoint.once


def _begins(step: Step, bench: Bench, there: Resource | None) -> bool:
    """Whether a new configuration begins with values of the service's own, all of which are written anyway."""
    endpoint = bench.kind.endpoint
    whole = isinstance(endpoint, Part) and endpoint.whole
    return whole and there is not None and bench.place.is_new(step.change.address)


async def _unready(step: Step, bench: Bench) -> Result | None:
    """Ask what must be true before the write; return why it is not sent, or None."""
    endpoint, address = bench.kind.endpoint, step.change.address
    ask = endpoint.precheck if isinstance(endpoint, Part) else None
    question = ask(step.change, bench.kind.ids_of(address.key)) if ask else None
    if question is None:
        return None
    error = await _asked(question, bench)
    if error is None:
        return None
    if halted := _halted(step, bench, error):
        return halted
    if isinstance(error, Refused) and link_of(address.key) in bench.place.theirs:
        return _result(step, Verdict.WAITING, f"the other tenant does not let it: {error}", cause=0)
    return _result(step, Verdict.FAILED, f"it would not work: {error}", cause=error.exit_code)


async def _asked(question: Request, bench: Bench) -> GraphError | None:
    """Return why the service says no, after what was just changed had time to arrive."""
    error: GraphError | None = None
    for pause in (0.0, *LAGGING) if bench.moved else (0.0,):
        await bench.clock.sleep(pause)
        if error is not None and bench.why_not():
            break
        try:
            await bench.graph.write(question.method, question.path, question.body)
        except GraphError as refusal:
            error = refusal
        else:
            return None
    return error


async def _write(step: Step, bench: Bench, there: Resource | None) -> Result:
    """Send the write, as often as is safe, and put every intent and the outcome on disk."""
    ids: list[str] = []
    planned, earlier = step.change.action, 0
    for attempt in count(1):
        write = request(step, bench.kind, there, bench.clock.now())
        try:
            _note_intent(step, write, bench, there, attempt)
        except SetupError as error:
            return _unnoted(step, error, attempt - 1)
        result = await _send(step, write, bench, attempt - earlier, ids)
        if isinstance(result, Step) and not earlier:
            step, earlier = result, attempt
        elif isinstance(result, Step):
            return _noted(bench, _as_planned(_stale(step), planned, attempt), ids)
        elif result is not None:
            return _noted(bench, _as_planned(result, planned, earlier), ids)
        elif isinstance(bench.kind.endpoint, Part) and step.change.action is Action.UPDATE:
            now = await _looked_again(step, bench, attempt)
            if isinstance(now, Result):
                return _noted(bench, now, ids)
            there = now
    raise AssertionError("counting never ends")


async def _looked_again(step: Step, bench: Bench, attempts: int) -> Resource | Result | None:
    """Return what is there before another try of a write that takes along what is not ours, or why there is none."""
    try:
        there = await _find(step, bench, expected=True)
    except GraphError as error:
        return _result(step, Verdict.FAILED, f"it could not be read before another try: {error}", attempts)
    if _done(step, there, bench.kind):
        return _result(step, Verdict.APPLIED, "reading shows that it was done", attempts)
    unchanged = _unchanged(step, there, bench.kind) or _begins(step, bench, there)
    return there if unchanged else _stale(step, attempts)


def _as_planned(result: Result, action: Action, earlier: int) -> Result:
    """Return the result in the words of the plan, with the tries under the other verb counted in."""
    outcome = result.outcome
    return replace(result, outcome=replace(outcome, action=action, attempts=outcome.attempts + earlier))


async def _send(step: Step, write: Request, bench: Bench, attempt: int, ids: list[str]) -> Result | Step | None:
    """Send the write once. Adds to `ids`.

    None means: surely not carried out, and worth another try. A step means: the same, to be sent by the other verb.
    """
    try:
        written = await at(bench.kind, bench.graph).write(write.method, write.path, write.body)
        ids.append(written.request_id)
        if step.change.action is Action.CREATE:
            bench.place.learn(bench.kind, step.change.address, written.body)
    except Unavailable as error:
        # Acknowledged, and yet it does not say what was made.
        return await _judge(step, bench, Unanswered(str(error)), attempt)
    except GraphError as error:
        ids.append(error.request_id)
        if error.lacks_permission:
            error = error.adding(f"to write {_called(bench.kind)} takes {bench.kind.permissions.write}")
        return await _judge(step, bench, error, attempt)
    return _result(step, Verdict.APPLIED, "", attempt)


def _called(kind: Kind) -> str:
    """Return what people call a kind: parts of a link have no document of their own."""
    return kind.document or f"the {kind.name} of a link"


_UNOFFERED = "this cloud does not offer the template that a configuration is made from"


async def _judge(step: Step, bench: Bench, error: GraphError, attempt: int) -> Result | Step | None:
    match error:
        case Unanswered():
            return await _settle(step, bench, error, attempt)
        case NotFound() | Forbidden() | Conflict() if _lags(step, bench, attempt):
            await bench.clock.sleep(LAGGING[attempt - 1])
            return None
        case Refused() if step.change.action is Action.CREATE and isinstance(bench.kind.endpoint, Part):
            return await _existing(step, bench, error, attempt)
        case NotFound():
            return await _missing(step, bench, error, attempt)
        case Conflict():
            return await _conflict(step, bench, error, attempt)
        case _:
            return _refused(step, error, attempt)


def _lags(step: Step, bench: Bench, attempt: int) -> bool:
    """Whether the service may just not have heard yet of the configuration that this run made."""
    new = bench.place.is_new(step.change.address) and not _once(step, bench.kind)
    return new and attempt <= len(LAGGING) and not bench.stopping()


async def _existing(step: Step, bench: Bench, error: Refused, attempts: int) -> Result:
    """Tell a create that was refused because the object is there already from one that was refused.

    What is there may have been made just before this run, and not be shown yet.
    """
    for pause in (0.0, *SETTLING):
        await bench.clock.sleep(0 if bench.stopping() else pause)
        try:
            there = await _find(step, bench)
        except GraphError:
            continue
        if there is not None and _done(step, there, bench.kind):
            return _result(
                step, Verdict.SUPERSEDED, "the service says that it exists, and it is as it shall be", attempts
            )
    return _refused(step, error, attempts)


async def _find(step: Step, bench: Bench, *, expected: bool = False) -> Resource | None:
    """Return the object as it is now, or None. When it is `expected`, a 404 may just mean: not yet visible.

    Of a configuration that this run made, the service may say for a while that nobody is allowed to look.
    """
    new, refusal = bench.place.is_new(step.change.address), None
    for pause in (0.0, *SETTLING) if expected or new else (0.0,):
        await bench.clock.sleep(pause)
        try:
            return await bench.place.look(bench.kind, step.change.address, bench.graph)
        except NotFound:
            refusal = None
            if not expected:
                break
        except (Forbidden, Conflict) as error:
            refusal = error
            if not new:
                break
    if refusal is not None:
        raise refusal
    return None


def _done(step: Step, there: Resource | None, kind: Kind) -> bool:
    """Whether every block that the step touches is as it shall be."""
    change = step.change
    if change.action is Action.DELETE:
        return there is None
    if change.action is Action.RESET:
        return there is not None and kind.is_reset(there)
    wanted = kind.shown(change.after or {})
    # What is only done, and shown nowhere, was never done already.
    return there is not None and bool(wanted or not change.after) and agrees(there.body, wanted)


def _unchanged(step: Step, there: Resource | None, kind: Kind) -> bool:
    """Whether every block that the step touches is as the plan knew it."""
    change = step.change
    if change.action is Action.CREATE or there is None:
        return change.action is Action.CREATE and there is None
    before = change.before or {}
    if change.action is Action.DELETE:
        return all(before.get(name) == value for name, value in there.body.items())
    if change.action is Action.RESET:
        return there.body == {**kind.beginning, **before}
    return agrees(there.body, before)


async def _settle(step: Step, bench: Bench, error: Unanswered, attempts: int) -> Result | None:
    """Find out by reading what became of a write without an answer; None means: surely not done, send it again."""
    creating, once = step.change.action is Action.CREATE, _once(step, bench.kind)
    seen = 0
    for pause in LAGGING if once else SETTLING if creating else SETTLING[:MAX_READS]:
        await bench.clock.sleep(0 if bench.stopping() else pause)
        try:
            there = await _find(step, bench)
        except GraphError:
            continue
        if _done(step, there, bench.kind):
            return _result(step, Verdict.APPLIED, f"no answer came ({error}); reading shows that it was done", attempts)
        if not _unchanged(step, there, bench.kind):
            return _result(step, Verdict.UNKNOWN, f"no answer came ({error}); reading shows a third value", attempts)
        seen += 1
    again = attempts < (MAX_CREATES if creating else MAX_ATTEMPTS) and not bench.stopping() and not once
    if again and seen == (len(SETTLING) if creating else MAX_READS):
        return None
    shown = "reading shows it not done so far" if seen else "it could not be read either"
    return _result(step, Verdict.UNKNOWN, f"no answer came ({error}); {shown}", attempts)


async def _conflict(step: Step, bench: Bench, error: Conflict, attempts: int) -> Result | Step | None:
    """409: somebody made it, an earlier try of ours did, or a deletion has not been carried out everywhere yet."""
    for pause in SETTLING:
        try:
            there = await _find(step, bench)
        except GraphError as unread:
            return _result(step, Verdict.UNKNOWN, f"{error}; it could not be read: {unread}", attempts)
        if _done(step, there, bench.kind):
            return _result(
                step, Verdict.SUPERSEDED, "the service says that it exists, and it is as it shall be", attempts
            )
        if there is not None or bench.stopping():
            break
        await bench.clock.sleep(pause)
    if there is not None and step.change.action is Action.CREATE:
        doubtful = _refused(step, error, attempts) if attempts > 1 else _stale(step, attempts)
        return _changing(step, bench, there) or doubtful
    if attempts < MAX_CREATES and not bench.stopping() and step.change.action is Action.CREATE:
        return None
    return _refused(step, error, attempts)


def _changing(step: Step, bench: Bench, there: Resource) -> Step | None:
    """Return the change that has the same effect as a create, of an object that was made and says nothing yet."""
    change = step.change
    after = change.after or {}
    if not isinstance(bench.kind.endpoint, Below) or any(there.body.get(name) is not None for name in after):
        return None
    return replace(step, change=replace(change, action=Action.UPDATE, before=dict.fromkeys(after)))


async def _creating(step: Step, bench: Bench) -> Step | None:
    """Return the create that has the same effect as a change, of an object that is shown but not really there yet."""
    change = step.change
    if change.action is not Action.UPDATE or not isinstance(bench.kind.endpoint, Below):
        return None
    try:
        there = await _find(step, bench)
    except GraphError:
        return None
    if there is None or not _unchanged(step, there, bench.kind):
        return None
    said = {name: value for name, value in there.body.items() if value is not None}
    return replace(
        step, change=replace(change, action=Action.CREATE, before=None, after={**said, **(change.after or {})})
    )


async def _missing(step: Step, bench: Bench, error: NotFound, attempts: int) -> Result | Step:
    creating = await _creating(step, bench)
    if creating is not None:
        return creating
    if step.change.action is Action.DELETE:
        verdict = Verdict.APPLIED if attempts > 1 else Verdict.SUPERSEDED
        return _result(step, verdict, "the service says that it is gone", attempts)
    if attempts > 1:
        return _refused(step, error, attempts)
    if step.change.action is Action.CREATE and _once(step, bench.kind):
        return _result(step, Verdict.FAILED, f"{_UNOFFERED}: {error}", attempts, cause=error.exit_code)
    return _result(step, Verdict.FAILED, f"it is not there any more: {error}", attempts, cause=PlanStale.exit_code)


def _refused(step: Step, error: GraphError, attempts: int) -> Result:
    if attempts > 1:
        # An earlier try had no answer, so this refusal does not prove that nothing happened.
        return _result(step, Verdict.UNKNOWN, f"an earlier try had no answer, and now: {error}", attempts)
    halts = str(error) if isinstance(error, Forbidden | SignInFailed | Unavailable) else ""
    return _result(step, Verdict.FAILED, str(error), attempts, cause=error.exit_code, halts=halts)


def _unnoted(step: Step, error: SetupError, attempts: int) -> Result:
    verdict = Verdict.UNKNOWN if attempts else Verdict.NOT_STARTED
    return _result(step, verdict, f"{error}; nothing is written without it", attempts, halts=str(error))


def _stale(step: Step, attempts: int = 0) -> Result:
    detail = "what is there changed since the plan was made; nothing was written over it; plan again"
    return _result(step, Verdict.BLOCKED, detail, attempts, cause=PlanStale.exit_code)


def _note_intent(step: Step, write: Request, bench: Bench, there: Resource | None, attempt: int) -> None:
    bench.journal.record(
        "intent",
        {
            "run": bench.run,
            "step": step.id,
            "attempt": attempt,
            "at": bench.clock.now().isoformat(),
            "address": str(step.change.address),
            "action": step.change.action,
            "method": write.method,
            "path": write.path,
            "before": {**there.facts, **there.body} if there else None,
            "body": fingerprint(write.body),
        },
    )


def _noted(bench: Bench, result: Result, ids: list[str]) -> Result:
    outcome = replace(result.outcome, request_ids=tuple(name for name in ids if name))
    try:
        note_outcome(bench.journal, bench.run, outcome, bench.clock)
    except SetupError as error:
        return replace(result, outcome=replace(outcome, detail=f"{outcome.detail} ({error})".strip()), halts=str(error))
    return replace(result, outcome=outcome)


def note_outcome(journal: Journal, run: str, outcome: Outcome, clock: Clock) -> None:
    """Put an outcome on disk."""
    journal.record(
        "outcome",
        {
            "run": run,
            "step": outcome.step,
            "at": clock.now().isoformat(),
            "address": str(outcome.address),
            "verdict": outcome.verdict,
            "detail": outcome.detail,
            "attempts": outcome.attempts,
            "requestIds": list(outcome.request_ids),
        },
    )


def _result(step: Step, verdict: Verdict, detail: str, attempts: int = 0, *, cause: int = 1, halts: str = "") -> Result:
    change = step.change
    return Result(
        Outcome(step.id, change.address, change.action, verdict, detail, attempts, change.label), cause, halts
    )
