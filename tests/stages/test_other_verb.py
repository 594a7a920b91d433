"""PUT that should have been PATCH, and the other way round: the service and our last look at it may disagree."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from reconciler.applying.verdicts import Result
from reconciler.applying.writing import Bench, carry_out
from reconciler.clock import Clock
from reconciler.emulator.clock import VirtualClock
from reconciler.errors import Conflict, GraphError, NotFound
from reconciler.graph.client import Graph, Written
from reconciler.kinds import REGISTRY
from reconciler.model import Action, Address, Body, Change, Effect, Json, Step, Verdict

KIND = REGISTRY["identity-synchronization"]
KEY = "fab00000-0000-4000-8000-000000000002"
ADDRESS = Address("contoso", KIND.name, KEY)
YES, NO = {"userSyncInbound": {"isSyncAllowed": True}}, {"userSyncInbound": {"isSyncAllowed": False}}
NOTHING: Body = {"userSyncInbound": None}


@dataclass(slots=True)
class Notes:
    lines: list[Mapping[str, Json]] = field(default_factory=list)

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        self.lines.append({"event": event, **facts})


class Service(Graph):
    """Shows one thing before each write and another after, and refuses the verbs that it is told to."""

    def __init__(self, *shown: Body | None, **refusals: GraphError) -> None:
        self.shown = list(shown)
        self.refusals = dict(refusals)
        self.writes: list[tuple[str, Body | None]] = []

    async def get(self, path: str) -> Body:
        body = self.shown[0] if len(self.shown) == 1 else self.shown.pop(0)
        if body is None:
            raise NotFound("not there", status=404)
        return {"tenantId": KEY, "displayName": None, **body}

    async def write(self, method: str, path: str, body: Body | None = None) -> Written:
        self.writes.append((method, body))
        if method in self.refusals:
            raise self.refusals[method]
        return Written(204, None, f"request {len(self.writes)}")


def step(action: Action, before: Body | None, after: Body) -> Step:
    return Step("step", Change(action, ADDRESS, before, after), Effect.WIDEN)


def outcome(service: Service, planned: Step) -> tuple[Result, Notes]:
    clock: Clock = VirtualClock()
    notes = Notes()
    return asyncio.run(carry_out(planned, Bench(KIND, service, clock, notes, "run", lambda: 0))), notes


CREATE, UPDATE = step(Action.CREATE, None, YES), step(Action.UPDATE, NO, YES)
TAKEN, MISSING = Conflict("taken", status=409), NotFound("missing", status=404)


def test_object_that_says_nothing_is_changed_instead() -> None:
    service = Service(None, NOTHING, PUT=TAKEN)
    result, notes = outcome(service, CREATE)

    assert [method for method, _ in service.writes] == ["PUT", "PATCH"]
    assert (result.outcome.verdict, result.outcome.action, result.outcome.attempts) == (
        Verdict.APPLIED,
        Action.CREATE,
        2,
    )
    assert [line["method"] for line in notes.lines if line["event"] == "intent"] == ["PUT", "PATCH"]


@pytest.mark.parametrize(("there", "verdict"), [(YES, Verdict.SUPERSEDED), (NO, Verdict.BLOCKED)])
def test_object_that_says_something_is_adopted_or_left_alone(there: Body, verdict: Verdict) -> None:
    service = Service(None, there, PUT=TAKEN)
    result, _ = outcome(service, CREATE)

    assert result.outcome.verdict is verdict
    assert [method for method, _ in service.writes] == ["PUT"]


def test_object_that_is_shown_and_missing_is_made_whole() -> None:
    service = Service({**NO, "displayName": "Fabrikam"}, PATCH=MISSING)
    result, _ = outcome(service, UPDATE)

    assert service.writes[1:] == [("PUT", {"displayName": "Fabrikam", **YES})]
    assert (result.outcome.verdict, result.outcome.action) == (Verdict.APPLIED, Action.UPDATE)


def test_object_that_is_gone_is_not_made_again() -> None:
    service = Service(NO, None, PATCH=MISSING)
    result, _ = outcome(service, UPDATE)

    assert (result.outcome.verdict, len(service.writes)) == (Verdict.FAILED, 1)


def test_verbs_are_not_swapped_for_ever() -> None:
    service = Service(None, NOTHING, PUT=TAKEN, PATCH=MISSING)
    result, _ = outcome(service, CREATE)

    assert [method for method, _ in service.writes] == ["PUT", "PATCH"]
    assert result.outcome.verdict is Verdict.BLOCKED
