"""A clear no that follows a try without an answer: it does not prove that nothing was carried out."""

import asyncio
from collections.abc import Mapping, Sequence

from estates import TRUST, partner_at, trust

from reconciler.applying.sweeping import confirm
from reconciler.applying.verdicts import Result
from reconciler.applying.writing import Bench, carry_out
from reconciler.emulator.clock import VirtualClock
from reconciler.errors import Conflict, GraphError, NotFound, Unanswered
from reconciler.graph.client import Graph, Written
from reconciler.kinds import REGISTRY
from reconciler.model import Action, Body, Change, Effect, Json, Step, Verdict

KIND = REGISTRY["partner"]
ADDRESS = partner_at(1)
WANTED: Body = {TRUST: trust(True)}
ELSE: Body = {TRUST: trust(False)}
SILENCE, TAKEN, MISSING = Unanswered("no answer"), Conflict("taken", status=409), NotFound("missing", status=404)


class Forgetful:
    """A journal that nobody reads."""

    def record(self, event: str, facts: Mapping[str, Json]) -> None:
        pass


class Service(Graph):
    """Refuses one write after the other as told; shows `first` until all are refused, and `then` from there on."""

    def __init__(self, first: Body | None, then: Body | None, refusals: Sequence[GraphError]) -> None:
        self.first = first
        self.then = then
        self.refusals = list(refusals)

    async def get(self, path: str) -> Body:
        shown = self.first if self.refusals else self.then
        if shown is None:
            raise NotFound("not there", status=404)
        return {"tenantId": ADDRESS.key, **shown}

    async def get_all(self, paths: object) -> Mapping[str, Body | GraphError]:
        return {KIND.path(ADDRESS.key): NotFound("not there", status=404)}

    async def write(self, method: str, path: str, body: Body | None = None) -> Written:
        raise self.refusals.pop(0)


def tried(service: Service, action: Action, before: Body | None) -> Result:
    step = Step("step", Change(action, ADDRESS, before, WANTED), Effect.WIDEN)
    bench = Bench(KIND, service, VirtualClock(), Forgetful(), "run", lambda: 0)
    return asyncio.run(carry_out(step, bench))


def test_create_that_somebody_changed_since_may_have_been_ours() -> None:
    result = tried(Service(None, ELSE, [SILENCE, TAKEN]), Action.CREATE, None)

    assert (result.outcome.verdict, result.outcome.attempts) == (Verdict.UNKNOWN, 2)
    assert "an earlier try had no answer" in result.outcome.detail


def test_create_that_somebody_made_before_us_is_not_ours() -> None:
    assert tried(Service(None, ELSE, [TAKEN]), Action.CREATE, None).outcome.verdict is Verdict.BLOCKED


def test_change_of_what_is_gone_since_may_have_been_carried_out() -> None:
    result = tried(Service(ELSE, None, [SILENCE, MISSING]), Action.UPDATE, ELSE)

    assert (result.outcome.verdict, result.outcome.attempts) == (Verdict.UNKNOWN, 2)


def test_what_is_called_done_is_looked_at_like_what_was_done() -> None:
    """The service said that it exists, and showed it once; the looks at the end do not show it."""
    service = Service(None, WANTED, [TAKEN])
    result = tried(service, Action.CREATE, None)
    step = Step("step", Change(Action.CREATE, ADDRESS, None, WANTED), Effect.WIDEN)
    (confirmed,) = asyncio.run(confirm([step], [result], REGISTRY, service, VirtualClock(), lambda: 0))

    assert result.outcome.verdict is Verdict.SUPERSEDED
    assert confirmed.outcome.verdict is Verdict.UNVERIFIED
