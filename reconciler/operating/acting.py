"""One request that a person asked for by hand: noted before it is sent and after, and sent once.

Nothing here retries: whether it may be sent again is for the person to say who sees what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.clock import Clock
from reconciler.errors import GraphError, SetupError, Unanswered
from reconciler.graph.client import Graph
from reconciler.model import Address, Body, Json, Request, Verdict, fingerprint

Note: TypeAlias = Callable[[str, Mapping[str, Json]], None]
"""Puts an event and its facts on disk, or raises SetupError."""


@dataclass(frozen=True, slots=True)
class Hand:
    """What it is carried out with; `run` tells its lines in the journal from those of others."""

    run: str
    note: Note
    clock: Clock


@dataclass(frozen=True, slots=True)
class Act:
    """What is about to be sent, in the words of the journal. `before` is the object as it was just read."""

    address: Address
    action: str
    request: Request
    before: Body


@dataclass(frozen=True, slots=True)
class Acted:
    """The acknowledgement. `remark` says that its outcome could not be noted, or ""."""

    body: Body | None
    remark: str = ""


async def act(graph: Graph, deed: Act, hand: Hand) -> Acted:
    """Send it, between two lines in the journal.

    Raises:
        SetupError: the intent could not be noted; nothing was sent.
        Unanswered: it was sent, and nobody knows whether it was carried out.
        GraphError: it was surely not carried out.
    """
    write = deed.request
    hand.note(
        "intent",
        {
            **_facts(deed, hand),
            "attempt": 1,
            "action": deed.action,
            "method": write.method,
            "path": write.path,
            "before": deed.before,
            "body": fingerprint(write.body),
        },
    )
    try:
        written = await graph.write(write.method, write.path, write.body)
    except GraphError as error:
        verdict = Verdict.UNKNOWN if isinstance(error, Unanswered) else Verdict.FAILED
        remark = _noted(deed, hand, verdict, str(error), error.request_id)
        raise (error.adding(remark) if remark else error) from error
    return Acted(written.body, _noted(deed, hand, Verdict.APPLIED, "", written.request_id))


def _noted(deed: Act, hand: Hand, verdict: Verdict, detail: str, request_id: str) -> str:
    """Note an outcome; return why it could not be, or "". What was done stays done."""
    ids = [request_id] if request_id else []
    facts = {**_facts(deed, hand), "verdict": verdict, "detail": detail, "attempts": 1, "requestIds": ids}
    try:
        hand.note("outcome", facts)
    except SetupError as error:
        return str(error)
    return ""


def _facts(deed: Act, hand: Hand) -> Mapping[str, Json]:
    return {"run": hand.run, "step": deed.action, "at": hand.clock.now().isoformat(), "address": str(deed.address)}
