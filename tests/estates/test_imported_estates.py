"""Any tenant at all: import writes down what is there, so that a plan has nothing to do.

Each test is one draw; run it again with the seed from the header of the report and its own number.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import arriving
import pytest
from drawing import Drawn, draw
from furnishing import furnish

from reconciler.emulator.world import World
from reconciler.reconciling import plan_exit_code


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(metafunc.config.getoption("estates") // 4))


@pytest.fixture
def drawn(case_seed: int, number: int) -> Drawn:
    dice = random.Random(f"import:{case_seed}:{number}")
    found = draw(dice)
    furnish(found, dice)
    print(json.dumps({"seed": found.seed}, indent=1))
    return found


def test_plan_after_import_is_empty(drawn: Drawn, tmp_path: Path) -> None:
    world = World.from_seed(drawn.seed)
    for name in drawn.management:
        arriving.adopt(world, tmp_path / "tenants", name)
    imported = arriving.texts(tmp_path / "tenants")

    plan = arriving.plan(world, tmp_path / "tenants")

    assert not plan.steps
    assert plan_exit_code(plan, detailed=True) == 0
    assert not [found for tenant in plan.tenants for found in tenant.findings if found.stops]
    for name in drawn.management:
        assert not arriving.adopt(world, tmp_path / "tenants", name).files
        arriving.adopt(world, tmp_path / "again", name)
    assert arriving.texts(tmp_path / "again") == imported
    assert world.store.last_sequence() == 0
