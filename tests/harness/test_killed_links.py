"""The real command, killed or stopped while it makes a link, and finished by the next; a process at a time.

`test_befallen_links` lets the same befall it in this process, at every write; here are journal, plan and lock on disk.
`make soak` does it at every write.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from breakages import MOMENTS, Breakage, Moment, Place, kill, places, stop
from link_cases import INSTANTIATE, WRITES
from link_stages import linking
from oracle import Trial, judge
from trials import Bench, bench, carry_out

Befallen = Callable[[Breakage], Trial]


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """An emulator of two tenants that nobody has linked yet, and the plan of the link between them."""
    folder = tmp_path_factory.mktemp("killed links")
    with bench(folder / "bench", linking(folder / "documents")) as made:
        yield made


@pytest.fixture
def befallen(rehearsal: Bench, tmp_path: Path) -> Befallen:
    return lambda breakage: carry_out(rehearsal, tmp_path / "repository", breakage)


def test_writes_are_those_of_the_link(rehearsal: Bench) -> None:
    assert places(rehearsal.plan) == WRITES


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_making_of_a_configuration_is_finished_by_the_next(moment: Moment, befallen: Befallen) -> None:
    """Nobody would refuse a second one."""
    trial = befallen(kill(INSTANTIATE, moment))

    assert trial.applies[0].code == -signal.SIGKILL
    assert judge(trial) == ()


@pytest.mark.parametrize(
    "breakage",
    [kill(Place("contoso", 5), "after"), stop(Place("contoso", 3), "after", signal.SIGTERM)],
    ids=lambda breakage: breakage.name,
)
def test_rest_of_a_link_is_finished_by_the_next(breakage: Breakage, befallen: Befallen) -> None:
    trial = befallen(breakage)

    assert judge(trial) == ()
    assert not breakage.codes or trial.applies[0].code in breakage.codes
