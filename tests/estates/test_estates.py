"""Any estate at all: an apply brings about what Git says, and touches nothing else.

Each test is one draw; run it again with the seed from the header of the report and its own number. `--estates` draws
more of them.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import driving
import pytest
from drawing import Drawn, draw
from driving import Rehearsal
from reckoning import differences, kept, surprises, unplanned

from reconciler import reconciling
from reconciler.emulator.world import World
from reconciler.model import Plan, Standing


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(metafunc.config.getoption("estates")))


@pytest.fixture
def drawn(case_seed: int, number: int) -> Drawn:
    found = draw(random.Random(f"{case_seed}:{number}"))
    print(json.dumps({"seed": found.seed, "documents": found.documents}, indent=1))
    return found


def applied(plan: Plan) -> dict[str, bool]:
    """Return of each tenant whether an apply may write there."""
    return {tenant.tenant: tenant.standing is Standing.PLANNED and not tenant.blocked for tenant in plan.tenants}


def test_apply_makes_live_what_git_says(drawn: Drawn, tmp_path: Path) -> None:
    world = World.from_seed(drawn.seed)
    before = kept(world)
    first = Rehearsal(world, driving.estate(tmp_path, drawn.documents))
    rehearsal, plan, _ = driving.agreed(first, tmp_path, drawn.documents)
    assert kept(world) == before

    report = rehearsal.apply(plan)
    written = world.store.last_sequence()
    again = rehearsal.plan()
    rehearsal.apply(again)

    writable = applied(plan)
    assert not differences(before, kept(world), drawn, writable, world)
    assert not unplanned(world, plan)
    assert not surprises(before, kept(world), world)
    assert written == sum(len(tenant.steps) for tenant in plan.tenants if writable[tenant.tenant])
    assert not [step for tenant in again.tenants if writable[tenant.tenant] for step in tenant.steps]
    assert world.store.last_sequence() == written
    blocked = any(reconciling.blocked(tenant) for tenant in plan.tenants)
    assert report.exit_code in ((3, 6) if blocked else (0,))
