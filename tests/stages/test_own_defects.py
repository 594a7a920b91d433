"""A defect of this program in the middle of an apply: what was written stays told, and other tenants do not pay."""

import asyncio
from collections.abc import Iterable, Mapping

import pytest
from estates import TRUST, partner_at, trust

from reconciler import applying
from reconciler.applying.verdicts import Result, exit_code
from reconciler.emulator.clock import VirtualClock
from reconciler.errors import GraphError
from reconciler.graph.client import Graph, Written
from reconciler.kinds import REGISTRY
from reconciler.model import Action, Body, Change, Effect, Json, Standing, Step, TenantPlan, Verdict

BEFORE, AFTER = {TRUST: trust(False)}, {TRUST: trust(True)}
FIRST = Step("1", Change(Action.UPDATE, partner_at(1), BEFORE, AFTER), Effect.WIDEN)
SECOND = Step("2", Change(Action.UPDATE, partner_at(2), BEFORE, AFTER), Effect.WIDEN, needs=("1",))


class Forgetful:
    """A journal that nobody reads."""

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        pass


class Looked(Graph):
    """A service that takes every write, and a client that breaks when several objects are asked for at once."""

    def __init__(self) -> None:
        self.written: list[str] = []

    async def get(self, path: str) -> Body:
        return {"tenantId": path.rpartition("/")[2], **BEFORE}

    async def get_all(self, paths: Iterable[str]) -> Mapping[str, Body | GraphError]:
        raise ZeroDivisionError

    async def write(self, method: str, path: str, body: Body | None = None) -> Written:
        self.written.append(path)
        return Written(204, None, "")


@pytest.mark.parametrize(
    ("steps", "verdicts"),
    [((FIRST,), [Verdict.UNVERIFIED]), ((FIRST, SECOND), [Verdict.UNVERIFIED, Verdict.UNKNOWN])],
)
def test_defect_while_looking_is_no_proof_and_no_loss(steps: tuple[Step, ...], verdicts: list[Verdict]) -> None:
    results = _applied(steps)

    assert [result.outcome.verdict for result in results] == verdicts
    assert "ZeroDivisionError in this program, which is a defect" in results[0].outcome.detail
    assert exit_code(results) == 7


def _applied(steps: tuple[Step, ...]) -> tuple[Result, ...]:
    plan = TenantPlan("contoso", "id", "Contoso", Standing.PLANNED, steps=steps)
    clock = VirtualClock()
    run = applying.Run("run", REGISTRY, clock, Forgetful(), lambda: 0, clock.monotonic() + 60, lambda outcome: None)
    return asyncio.run(applying.apply([plan], {"contoso": Looked()}, run))
