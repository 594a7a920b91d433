"""The default made again what the service begins with: planned whole, sent once, believed when it shows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import driving
import pytest

from reconciler.applying.verdicts import Result
from reconciler.applying.writing import Bench, carry_out
from reconciler.emulator.world import World
from reconciler.errors import GraphError, PlanStale, Unanswered
from reconciler.graph.client import Graph, Written
from reconciler.kinds import REGISTRY, in_use
from reconciler.live import resource
from reconciler.model import Address, Body, Json, Plan, Standing, Verdict

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
TENANT = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}
PATH = "/policies/crossTenantAccessPolicy/default"
DOCUMENTS: driving.Documents = {
    "contoso/tenant.yaml": {"kind": "Tenant", **TENANT, "management": "here", "owner": "it"},
    "contoso/default.yaml": {"kind": "DefaultConfiguration", "state": "absent"},
}
TRUSTING = {"inboundTrust": {"isMfaAccepted": True}}


def world(default: Json, **more: Json) -> World:
    return World.from_seed({"tenants": {"contoso": {**TENANT, "default": default}}, **more})


def agreed(there: World, folder: Path) -> tuple[driving.Rehearsal, Plan]:
    """Return a rehearsal in which all questions are answered, and its plan."""
    rehearsal, plan, _ = driving.agreed(driving.Rehearsal(there, driving.estate(folder, DOCUMENTS)), folder, DOCUMENTS)
    return rehearsal, plan


def portal(there: World, body: bytes) -> None:
    contoso = there.directory.named("contoso")
    assert contoso is not None
    assert there.portal(contoso, "Megan Bowen", "PATCH", PATH, body).status == 204


def test_reset_is_one_request_without_a_body(tmp_path: Path) -> None:
    there = world(TRUSTING)
    rehearsal, plan = agreed(there, tmp_path)

    assert rehearsal.apply(plan).exit_code == 0
    [intent] = [facts for event, facts in rehearsal.notes.lines if event == "intent"]
    assert (intent["action"], intent["method"], intent["path"]) == ("reset", "POST", f"{PATH}/resetToSystemDefault")
    assert intent["before"]["inboundTrust"]["isMfaAccepted"] is True


def test_block_that_only_beta_shows_is_part_of_what_is_reset(tmp_path: Path) -> None:
    _, plan = agreed(world({"blockServiceProviderOutboundAccess": True}), tmp_path)

    assert [step.change.blocks for step in plan.steps] == [("blockServiceProviderOutboundAccess",)]


def test_cloud_without_beta_cannot_show_all_that_a_reset_does(tmp_path: Path) -> None:
    refuse = {"match": {"path": "/beta/*"}, "action": {"status": 404}}
    rehearsal = driving.Rehearsal(world(TRUSTING, faults=[refuse]), driving.estate(tmp_path, DOCUMENTS))

    [tenant] = rehearsal.plan().tenants

    assert tenant.standing is Standing.UNREADABLE


def test_edit_of_a_block_that_the_plan_does_not_show_makes_it_stale(tmp_path: Path) -> None:
    there = world(TRUSTING)
    rehearsal, plan = agreed(there, tmp_path)
    portal(
        there,
        b'{"m365CollaborationInbound": {"users": {"accessType": "allowed", "targets": '
        b'[{"target": "AllUsers", "targetType": "user"}]}}}',
    )

    with pytest.raises(PlanStale, match="m365CollaborationInbound"):
        rehearsal.apply(plan)


@pytest.mark.parametrize(
    ("action", "phase"),
    [
        ("drop", "before-commit"),
        ("drop", "after-commit"),
        ({"status": 503}, "before-commit"),
        ({"status": 503}, "after-commit"),
        ({"late": 5.0}, "before-commit"),
        ("duplicate", "before-commit"),
        ({"status": 429}, "before-commit"),
    ],
)
def test_reset_that_goes_astray_converges(action: Json, phase: str, tmp_path: Path) -> None:
    there = world(TRUSTING)
    rehearsal, plan = agreed(there, tmp_path)
    there.add_fault({"match": {"write": True}, "times": 1, "phase": phase, "action": action})

    assert rehearsal.apply(plan).exit_code == 0
    assert (there.store.get(CONTOSO, "default", "") or {})["isServiceDefault"] is True
    assert not rehearsal.plan().steps


def test_stale_view_after_the_reset_is_not_believed(tmp_path: Path) -> None:
    there = world(TRUSTING)
    rehearsal, plan = agreed(there, tmp_path)
    there.add_fault({"match": {"write": False, "path": "/*/policies/*"}, "action": {"stale": {"seconds": 600.0}}})

    report = rehearsal.apply(plan)

    assert [outcome.verdict for outcome in report.outcomes] == ["applied-unverified"]
    assert report.exit_code == 7


def test_refused_reset_is_told(tmp_path: Path) -> None:
    there = world(TRUSTING)
    rehearsal, plan = agreed(there, tmp_path)
    there.add_fault({"match": {"write": True}, "times": 1, "action": {"status": 400}})

    report = rehearsal.apply(plan)

    assert [outcome.verdict for outcome in report.outcomes] == ["failed"]


# ---------------------------------------------------------------------------------------------- just before the write

KIND = REGISTRY["default"].at("beta")
STOCK = {**KIND.stock, "isServiceDefault": True}
CHANGED = {**STOCK, "isServiceDefault": False, "inboundTrust": {**KIND.stock["inboundTrust"], "isMfaAccepted": True}}


@dataclass
class Service(Graph):
    """Shows one body before each look at it and the last one for ever, and may leave a write without an answer."""

    shown: list[Body]
    refusal: GraphError | None = None
    writes: list[tuple[str, str, Body | None]] = field(default_factory=list)

    @property
    def beta(self) -> Graph:
        return self

    async def get(self, path: str) -> Body:
        return self.shown[0] if len(self.shown) == 1 else self.shown.pop(0)

    async def write(self, method: str, path: str, body: Body | None = None) -> Written:
        self.writes.append((method, path, body))
        if self.refusal is not None:
            raise self.refusal
        return Written(204, None, "request")


def carried(shown: Sequence[Body], refusal: GraphError | None, folder: Path) -> tuple[Result, Service]:
    _, plan = agreed(world(TRUSTING), folder)
    [step] = plan.steps
    service = Service(list(shown), refusal)
    bench = Bench(KIND, service, World.from_seed({}).clock, driving.Notes(), "run", lambda: 0)
    return asyncio.run(carry_out(step, bench)), service


def test_default_that_is_reset_by_now_is_left_alone(tmp_path: Path) -> None:
    result, service = carried([STOCK], None, tmp_path)

    assert (result.outcome.verdict, service.writes) == (Verdict.SUPERSEDED, [])


def test_default_that_changed_beside_what_was_shown_is_not_reset(tmp_path: Path) -> None:
    result, service = carried([{**CHANGED, "blockServiceProviderOutboundAccess": True}], None, tmp_path)

    assert (result.outcome.verdict, service.writes) == (Verdict.BLOCKED, [])


def test_silence_is_settled_by_reading(tmp_path: Path) -> None:
    result, service = carried([CHANGED, CHANGED, STOCK], Unanswered("silence"), tmp_path)

    assert (result.outcome.verdict, len(service.writes)) == (Verdict.APPLIED, 1)


def test_word_of_the_service_counts_where_it_begins_otherwise() -> None:
    order = {"primaryIdentityProviderPrecedenceOrder": ["azureActiveDirectory"], "fallbackIdentityProvider": None}
    shown = {**STOCK, "invitationRedemptionIdentityProviderConfiguration": order}
    there = resource(KIND, Address("contoso", "default"), shown)

    assert KIND.is_reset(there)


def test_reset_is_planned_in_beta_because_it_speaks_of_every_block(tmp_path: Path) -> None:
    documents = driving.estate(tmp_path, DOCUMENTS).documents.values()

    assert {name: kind.version for name, kind in in_use(REGISTRY, documents).items() if kind.version == "beta"} == {
        "default": "beta"
    }
