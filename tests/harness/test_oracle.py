"""The oracle must see what is wrong: each kind of lie is told to it once."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from oracle import COUNTS, Command, Trial, judge, tally

CONTOSO, PARTNER, OTHER = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
OFF, ON = {"isMfaAccepted": False}, {"isMfaAccepted": True}
Document = dict[str, Any]


def where(kind: str, key: str = "") -> Document:
    return {"tenant": "contoso", "kind": kind, "key": key}


def step(name: str, action: str, kind: str, key: str, after: Document | None, *needs: str) -> Document:
    return {"id": name, "action": action, "address": where(kind, key), "after": after, "needs": list(needs)}


STEPS = [
    step("a", "create", "partner", PARTNER, {"inboundTrust": OFF}),
    step("b", "update", "default", "", {"inboundTrust": OFF}, "a"),
]


def plan(steps: list[Document], standing: str = "planned") -> Document:
    tenant = {"tenant": "contoso", "tenantId": CONTOSO, "standing": standing, "steps": steps}
    return {"format": "entra-reconciler/plan/v1", "tenants": [tenant]}


def world(default: Document, *partners: Document) -> Document:
    return {"tenants": {"contoso": {"default": default, "partners": list(partners)}}}


def entry(sequence: int, method: str, kind: str, key: str, before: Document | None, after: Document | None) -> Document:
    sent = None if after is None else {**after}
    changed = {**(before or {}), **(after or {})}
    return {
        "sequence": sequence,
        "tenant": CONTOSO,
        "principal": {"kind": "app"},
        "method": method,
        "kind": kind,
        "key": key,
        "before": before,
        "after": after,
        "sent": sent,
        "blocks": sorted(changed),
        "committed": True,
    }


CREATED = entry(1, "POST", "partner", PARTNER, None, {"tenantId": PARTNER, "inboundTrust": OFF})
RESETTING = step("b", "reset", "default", "", {"inboundTrust": OFF}, "a")
RESET = {**entry(2, "POST", "default", "", {"inboundTrust": ON}, {"inboundTrust": OFF}), "sent": None}
CHANGED = entry(2, "PATCH", "default", "", {"inboundTrust": ON}, {"inboundTrust": OFF})


def intent(name: str, address: str) -> str:
    return json.dumps({"event": "intent", "run": "r1", "step": name, "address": address})


def outcome(name: str, address: str, verdict: str = "applied") -> str:
    return json.dumps({"event": "outcome", "run": "r1", "step": name, "address": address, "verdict": verdict})


FIRST, SECOND = f"contoso/partner/{PARTNER}", "contoso/default"
LINES = (intent("a", FIRST), outcome("a", FIRST), intent("b", SECOND), outcome("b", SECOND))


def report(first: str = "applied", second: str = "applied", code: int = 0, interrupted: int = 0) -> str:
    outcomes = [
        {"step": "a", "address": where("partner", PARTNER), "verdict": first, "attempts": 1},
        {"step": "b", "address": where("default"), "verdict": second, "attempts": 1},
    ]
    document = {"format": "entra-reconciler/report/v1", "exitCode": code, "interrupted": interrupted}
    return json.dumps({**document, "outcomes": outcomes})


def command(**others: Any) -> Command:
    told: Document = {"stdout": report(), "stderr": "", "entries": (CREATED, CHANGED), "lines": LINES, **others}
    return Command("run 1", told.pop("code", 0), **told)


AGAIN = Command("run 2", 0, "", "nothing to do")
IDLE = Command("the plan", 0, json.dumps(plan([])), "")
ALONE = {"tenantId": OTHER, "inboundTrust": ON}


def trial(*applies: Command, **others: Any) -> Trial:
    told: Document = {
        "plan": plan(STEPS),
        "before": world({"inboundTrust": ON}, ALONE),
        "after": world({"inboundTrust": OFF, "isServiceDefault": False}, ALONE, {"tenantId": PARTNER}),
        "applies": applies or (command(), AGAIN),
        "idle": IDLE,
        "secrets": ("hush-hush",),
        **others,
    }
    return Trial(**told)


def counts(seen: Trial) -> set[str]:
    return {name for name, count in tally(judge(seen)).items() if count}


def test_honest_run_is_believed() -> None:
    assert judge(trial()) == ()


def test_honest_reset_is_believed() -> None:
    assert judge(trial(command(entries=(CREATED, RESET)), AGAIN, plan=plan([STEPS[0], RESETTING]))) == ()


def test_killed_run_that_the_next_one_names_is_believed() -> None:
    killed = command(code=-9, stdout="", lines=LINES[:3])
    names = Command("run 2", 0, "", f"an earlier run (r1) was cut off while it wrote: {SECOND}")

    assert judge(trial(killed, names)) == ()


def test_half_a_line_of_a_killed_run_is_no_harm() -> None:
    killed = command(code=-9, stdout="", entries=(CREATED,), lines=(*LINES[:2], '{"event": "int'))
    rest = Command("run 2", 0, report("superseded"), "", (CHANGED,), LINES[2:])

    assert judge(trial(killed, rest)) == ()


def test_write_that_the_service_calls_done_already_is_told() -> None:
    """A line that delivers twice answers the second delivery."""
    assert judge(trial(command(stdout=report(first="superseded")), AGAIN)) == ()


def altered(entry_: Document, **others: Any) -> Document:
    return {**deepcopy(entry_), **others}


HIDDEN = altered(CHANGED, sequence=3, key="", sent={"inboundTrust": OFF, "b2bCollaborationInbound": None})
LIES: Mapping[str, tuple[str, Callable[[], Trial]]] = {
    "told as applied and never written": (
        "lost",
        lambda: trial(command(entries=(CREATED,)), AGAIN),
    ),
    "written and told as failed": (
        "unreported",
        lambda: trial(command(stdout=report(second="failed", code=6), code=6), AGAIN),
    ),
    "written and told as superseded without a request": (
        "unreported",
        lambda: trial(command(stdout=report(first="superseded").replace('"attempts": 1', '"attempts": 0')), AGAIN),
    ),
    "written without a report": ("unreported", lambda: trial(command(stdout="", code=1), AGAIN)),
    "written without an intent on disk": ("unreported", lambda: trial(command(lines=LINES[:2]), AGAIN)),
    "killed, and the file says it failed": (
        "unreported",
        lambda: trial(command(code=-9, stdout="", lines=(*LINES[:3], outcome("b", SECOND, "failed"))), AGAIN),
    ),
    "killed, and the next run says nothing": (
        "unreported",
        lambda: trial(command(code=-9, stdout="", lines=LINES[:3]), AGAIN),
    ),
    "created twice": (
        "duplicated",
        lambda: trial(command(entries=(CREATED, altered(CREATED, sequence=2), altered(CHANGED, sequence=3))), AGAIN),
    ),
    "two partners with one id": (
        "duplicated",
        lambda: trial(after=world({"inboundTrust": OFF}, ALONE, {"tenantId": PARTNER}, {"tenantId": PARTNER.upper()})),
    ),
    "another object": (
        "unplanned",
        lambda: trial(command(entries=(CREATED, CHANGED, altered(CREATED, sequence=3, key=OTHER))), AGAIN),
    ),
    "a tenant that is only observed": ("unplanned", lambda: trial(plan=plan(STEPS, "observed"))),
    "another block in the body": ("unplanned", lambda: trial(command(entries=(CREATED, CHANGED, HIDDEN)), AGAIN)),
    "another value": (
        "unplanned",
        lambda: trial(command(entries=(CREATED, altered(CHANGED, sent={"inboundTrust": ON}))), AGAIN),
    ),
    "another block by the way": (
        "unplanned",
        lambda: trial(
            command(entries=(CREATED, altered(CHANGED, blocks=["inboundTrust", "tenantRestrictions"]))), AGAIN
        ),
    ),
    "a reset of more than the plan shows": (
        "unplanned",
        lambda: trial(
            command(entries=(CREATED, altered(RESET, blocks=["inboundTrust", "tenantRestrictions"]))),
            AGAIN,
            plan=plan([STEPS[0], RESETTING]),
        ),
    ),
    "sent in vain, and not in the plan": (
        "unplanned",
        lambda: trial(command(entries=(CREATED, CHANGED, altered(HIDDEN, committed=False))), AGAIN),
    ),
    "exit code 0 with one write missing": (
        "false exit 0",
        lambda: trial(command(entries=(CREATED,), stdout=report(second="superseded")), AGAIN),
    ),
    "exit code 0 with an unknown outcome": (
        "false exit 0",
        lambda: trial(command(stdout=report(second="unknown", code=0)), AGAIN),
    ),
    "exit code 9 after a write": ("untrue exit code", lambda: trial(command(stdout="", code=9), AGAIN)),
    "exit code 6 with an unknown outcome": (
        "untrue exit code",
        lambda: trial(command(stdout=report(second="unknown", code=6), code=6), AGAIN),
    ),
    "exit code 1 with all confirmed": (
        "untrue exit code",
        lambda: trial(command(stdout=report(code=1), code=1), AGAIN),
    ),
    "exit code 0 of a run that was interrupted": (
        "untrue exit code",
        lambda: trial(command(stdout=report(interrupted=15)), AGAIN),
    ),
    "the report names another exit code": ("untrue exit code", lambda: trial(command(stdout=report(code=7)), AGAIN)),
    "the next run fails": ("not converged", lambda: trial(command(), replace(AGAIN, code=6))),
    "the next plan is not empty": (
        "not converged",
        lambda: trial(idle=replace(IDLE, stdout=json.dumps(plan(STEPS[:1])))),
    ),
    "the next plan cannot be made": ("not converged", lambda: trial(idle=replace(IDLE, code=9, stdout=""))),
    "the next plan writes": ("not converged", lambda: trial(idle=replace(IDLE, entries=(CHANGED,)))),
    "against the order of the plan": (
        "out of order",
        lambda: trial(command(entries=(altered(CHANGED, sequence=1), altered(CREATED, sequence=2))), AGAIN),
    ),
    "before what it needs": (
        "out of order",
        lambda: trial(command(entries=(altered(CREATED, committed=False), CHANGED), code=7), AGAIN),
    ),
    "a stranger's block": (
        "touched",
        lambda: trial(after=world({"inboundTrust": OFF}, {**ALONE, "inboundTrust": OFF})),
    ),
    "a stranger's block of our object": (
        "touched",
        lambda: trial(after=world({"inboundTrust": OFF, "tenantRestrictions": {}}, ALONE)),
    ),
    "an object that went": ("touched", lambda: trial(after=world({"inboundTrust": OFF}))),
    "an object that came": (
        "touched",
        lambda: trial(after=world({"inboundTrust": OFF}, ALONE, {"tenantId": CONTOSO})),
    ),
    "half a line in the journal file": ("torn", lambda: trial(command(lines=(*LINES, '{"event": "int')), AGAIN)),
    "half a line in the middle": ("torn", lambda: trial(command(code=-9, stdout="", lines=('{"ev', *LINES)), AGAIN)),
    "a secret on standard error": ("leaked", lambda: trial(command(stderr="the secret is hush-hush"), AGAIN)),
    "a secret in a file": ("leaked", lambda: trial(files={"plan.json": "hush-hush"})),
    "a token": ("leaked", lambda: trial(command(stderr="Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJncmFwaCJ9.x"), AGAIN)),
    "an escape sequence": ("leaked", lambda: trial(command(stderr="Prose\x1b[31mware"), AGAIN)),
    "text that runs backwards": ("leaked", lambda: trial(files={"plan.json": "\u202e"})),
}


@pytest.mark.parametrize("lie", LIES)
def test_oracle_sees_through(lie: str) -> None:
    count, told = LIES[lie]

    assert count in counts(told())


def test_every_promise_is_broken_once() -> None:
    assert {count for count, _ in LIES.values()} == set(COUNTS)
