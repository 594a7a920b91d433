"""People who changed are provisioned ahead of the next cycle: who is due, who is sent, and what is told of each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest
from cycled import ADA, BOB, EVE, GROUP, change, cycled, guests, join, later
from driving import Notes
from operated import FABRIKAM, LINK, READING, Operated

from reconciler import operating
from reconciler.errors import Forbidden, GraphError, SetupError, Unavailable
from reconciler.model.haste import End, Haste, Queue
from reconciler.model.operations import LinkState, Result
from reconciler.model.people import Fate
from reconciler.operating.recent import gathered
from reconciler.reconciling.queueing import queue
from reconciler.reporting.hastes import render_haste, render_queue

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-provisioned.schema.json"


@pytest.fixture
def pair(tmp_path: Path) -> Operated:
    """A pair of tenants after the first cycle, with ada in scope by a group."""
    return cycled(tmp_path)


def due(pair: Operated, since: datetime | None = None) -> Queue:
    pair.world.clock.wait(60)
    return asyncio.run(queue(pair.estate, LINK, pair.network.reader, pair.world.clock.now, since))


def hastened(
    pair: Operated, waiting: Queue, notes: Notes | None = None, stopping: Callable[[], bool] = lambda: False
) -> Haste:
    async def hastening() -> Haste:
        link, tenant = operating.choose_one(pair.estate, LINK)
        graph = pair.network.writer(tenant)
        hand = operating.Hand("run", (notes or Notes()).record, pair.world.clock)
        try:
            return await operating.hasten(waiting, graph, pair.estate, tenant, link, hand, stopping)
        finally:
            await graph.aclose()

    return asyncio.run(hastening())


def fates(waiting: Queue) -> dict[str, Fate | None]:
    return {one.name.partition("@")[0]: one.forecast.fate if one.forecast else None for one in waiting.due}


# ------------------------------------------------------------------------------------------ who is due


def test_nobody_is_due_after_a_cycle(pair: Operated) -> None:
    assert due(pair).due == ()


def test_joiner_and_mover_are_provisioned_before_the_cycle(pair: Operated) -> None:
    join(pair, BOB)
    change(pair, "PATCH", f"users/{ADA}", department="Legal")
    waiting = due(pair)
    assert (fates(waiting), set(guests(pair))) == ({"bob": Fate.CREATE, "ada": Fate.UPDATE}, {"ada", "eve"})

    done = hastened(pair, waiting)

    assert [one.said.result for one in done.people if one.said] == [Result.SUCCESS, Result.SUCCESS]
    assert (done.exit_code, set(guests(pair))) == (0, {"ada", "bob", "eve"})
    assert guests(pair)["ada"]["department"] == "Legal"


def test_second_run_sends_nobody(pair: Operated) -> None:
    join(pair, BOB)
    hastened(pair, due(pair))

    again = due(pair)
    assert (again.sent, fates(again)) == ((), {"bob": Fate.IN_SYNC})


def test_who_goes_is_left_to_the_cycle(pair: Operated) -> None:
    change(pair, "DELETE", f"groups/{GROUP}/members/{ADA}/$ref")
    change(pair, "PATCH", f"users/{EVE}", accountEnabled=False)
    waiting = due(pair)

    assert fates(waiting) == {"ada": Fate.REMOVE, "eve": Fate.BLOCK}
    assert (waiting.sent, [bool(one.why_not) for one in waiting.left]) == ((), [True, True])
    assert "Left to the next cycle:" in render_queue(waiting)


def test_who_is_not_in_scope_is_not_sent(pair: Operated) -> None:
    change(pair, "PATCH", f"users/{BOB}", department="Legal")
    waiting = due(pair)

    assert (fates(waiting), waiting.sent, waiting.left) == ({"bob": Fate.SKIP}, (), ())
    assert "The link does nothing for 1 of them" in render_queue(waiting)


def test_time_may_be_named(pair: Operated) -> None:
    since = pair.world.clock.now()
    pair.world.clock.wait(60)
    join(pair, BOB)
    later(pair)

    assert (due(pair).due, set(fates(due(pair, since)))) == ((), {"bob"})


def test_manager_who_stays_is_no_change(pair: Operated) -> None:
    change(pair, "PUT", f"users/{ADA}/manager/$ref", **{"@odata.id": f"https://graph.microsoft.com/v1.0/users/{EVE}"})
    later(pair)
    change(pair, "PATCH", f"users/{ADA}", department="Legal")
    (done,) = hastened(pair, due(pair)).people

    assert done.said is not None
    assert done.said.changes == (("department", "Sales", "Legal"),)


# ------------------------------------------------------------------------------------------ what is told


def test_every_request_is_in_the_journal(pair: Operated) -> None:
    join(pair, BOB)
    notes = Notes()
    hastened(pair, due(pair), notes)

    assert [event for event, _ in notes.lines] == ["intent", "outcome"]


def test_whoever_has_no_answer_is_unknown_and_the_rest_is_not_sent(pair: Operated) -> None:
    join(pair, BOB)
    change(pair, "PATCH", f"users/{ADA}", department="Legal")
    waiting = due(pair)
    pair.world.faults.add(
        {"match": {"method": "POST", "path": "**/provisionOnDemand"}, "phase": "after-commit", "action": {"drop": True}}
    )
    done = hastened(pair, waiting)

    assert ([one.end for one in done.people], done.exit_code) == ([End.UNANSWERED, End.NOT_SENT], 7)
    assert "no answer came for the one before" in render_haste(done)


def test_run_that_is_asked_to_end_sends_nobody_else(pair: Operated) -> None:
    join(pair, BOB)
    done = hastened(pair, due(pair), stopping=lambda: True)

    assert ([one.end for one in done.people], set(guests(pair))) == ([End.NOT_SENT], {"ada", "eve"})


def test_rate_of_the_service_is_kept(pair: Operated) -> None:
    join(pair, BOB)
    change(pair, "PATCH", f"users/{ADA}", department="Legal")
    waiting, before = due(pair), pair.world.clock.monotonic()
    hastened(pair, waiting)

    assert pair.world.clock.monotonic() - before >= 2


def test_document_keeps_its_schema(pair: Operated) -> None:
    join(pair, BOB)
    change(pair, "PATCH", f"users/{EVE}", accountEnabled=False)
    document = json.loads(render_haste(hastened(pair, due(pair)), "json"))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert {one["fate"]: one["result"] for one in document["people"]} == {"create": "success", "block": None}


# ------------------------------------------------------------------------------------------ what stands in the way


def test_unread_audits_are_not_nobody(tmp_path: Path) -> None:
    pair = cycled(tmp_path, [role for role in READING if role != "AuditLog.Read.All"])

    with pytest.raises(Forbidden, match=r"AuditLog\.Read\.All"):
        due(pair)


def test_unread_target_sends_nobody(pair: Operated) -> None:
    join(pair, BOB)
    pair.world.faults.add({"match": {"tenant": FABRIKAM, "path": "/v1.0/*"}, "action": {"status": 403}})
    waiting = due(pair)

    assert (fates(waiting), waiting.sent) == ({"bob": Fate.UNKNOWN}, ())
    assert waiting.exit_code == 8


def test_page_that_fails_ends_it(pair: Operated) -> None:
    with pytest.raises(Unavailable, match="does not say what it is about"):
        gathered([{"activityDisplayName": "Update user", "result": "success"}])


@pytest.mark.parametrize("state", ["paused", "quarantine"])
def test_nobody_is_hurried_where_cycles_do_not_run(state: str, pair: Operated) -> None:
    pair.let(code="Paused" if state == "paused" else "Quarantine", schedule="Disabled" if state == "paused" else None)

    with pytest.raises((SetupError, GraphError), match=f"its job is {LinkState(state)}"):
        due(pair)
