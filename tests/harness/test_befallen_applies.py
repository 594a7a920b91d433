"""What may befall an apply of the small scenario, and what must be true afterwards. `make soak` does it at length."""

import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from breakages import (
    MOMENTS,
    Breakage,
    Moment,
    Place,
    Stroke,
    kill,
    kill_at,
    lost_answer,
    lost_request,
    places,
    schedule,
    singles,
    stop,
)
from oracle import Trial, judge
from rehearsing import finish, run, start
from trials import Bench, bench, carry_out, outage, small, unheard

WRITES = [Place("contoso", number) for number in range(1, 7)] + [Place("fabrikam", number) for number in (1, 2)]
# A sample of what `make soak` lets befall every write.
SOME = {
    *(f"{status}-{phase}-contoso-1" for status in (503, 504) for phase in ("before", "after")),
    "429-contoso-2",
    "429-retry-after-contoso-4",
    "409-contoso-1",
    "403-contoso-3",
    "revoked-role-contoso-5",
    "expired-token-contoso-4",
    "garbage-html-contoso-6",
    "garbage-empty-undone-fabrikam-2",
    "truncated-contoso-2",
    "very-late-contoso-1",
    "duplicate-contoso-6",
    "stale-10s-contoso",
    "stale-600s-contoso",
    "flapping-contoso",
    "blackout-fabrikam-1",
}

Befallen = Callable[..., Trial]


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """An emulator with the small scenario, and its plan; every trial begins with a world of its own."""
    folder = tmp_path_factory.mktemp("harness")
    with bench(folder / "bench", small(folder / "documents")) as made:
        yield made


@pytest.fixture
def befallen(rehearsal: Bench, tmp_path: Path) -> Befallen:
    """Lets things befall an apply and the runs after it."""

    def call(*breakages: Breakage) -> Trial:
        return carry_out(rehearsal, tmp_path / "repository", *breakages)

    return call


def judged(breakage: Breakage, befallen: Befallen) -> None:
    """Let it happen, and hold the run to what it may say then."""
    trial = befallen(breakage)

    assert judge(trial) == ()
    assert not breakage.codes or trial.applies[0].code in breakage.codes


def test_no_write_of_the_scenario_is_left_out(rehearsal: Bench) -> None:
    assert places(rehearsal.plan) == WRITES


def test_every_breakage_of_the_sample_exists() -> None:
    assert {one.name for one in singles(WRITES)} >= SOME


# ---------------------------------------------------------------------------------------------- killed


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("place", WRITES, ids=str)
def test_killed_apply_is_finished_by_the_next(place: Place, moment: Moment, befallen: Befallen) -> None:
    """Killed before the write is carried out, after that and before the answer, and at the request that follows."""
    trial = befallen(kill(place, moment))

    assert trial.applies[0].code == -signal.SIGKILL
    assert judge(trial) == ()


@pytest.mark.parametrize(
    ("first", "second"), [(Place("contoso", 2), Place("contoso", 2)), (Place("contoso", 4), Place("fabrikam", 1))]
)
def test_second_run_may_be_killed_as_well(first: Place, second: Place, befallen: Befallen) -> None:
    assert judge(befallen(kill(first, "after"), kill(second, "before"))) == ()


def test_write_may_arrive_after_its_sender_is_dead(befallen: Befallen) -> None:
    assert judge(befallen(kill(Place("contoso", 4), "before", carry_on=True))) == ()


@pytest.mark.parametrize("case", range(3))
def test_killed_at_any_moment_leaves_nothing_half(case: int, case_seed: int, befallen: Befallen) -> None:
    seconds = random.Random(f"{case_seed} {case}").uniform(0.02, 0.9)

    assert judge(befallen(kill_at(seconds))) == (), f"killed after {seconds} s"


def test_plan_killed_while_it_is_saved_is_whole_or_the_old_one(rehearsal: Bench, tmp_path: Path) -> None:
    rehearsal.emulator.control("PUT", "state", rehearsal.scenario.seed)
    saved = tmp_path / "plan.json"
    saved.write_text("the old one")
    process = start(["plan", "--out", str(saved)], rehearsal.emulator, rehearsal.template)
    end = time.monotonic() + 30
    while [path.name for path in tmp_path.iterdir()] == ["plan.json"] and process.poll() is None:
        assert time.monotonic() < end
    process.kill()
    finish(process)

    if saved.read_text() != "the old one":
        assert run(["show", str(saved)], None, rehearsal.template).code == 0


@pytest.mark.parametrize(
    "breakage",
    [
        stop(Place("contoso", 1), "before", signal.SIGTERM),
        stop(Place("contoso", 4), "after", signal.SIGINT),
        stop(Place("contoso", 6), "next", signal.SIGTERM),
        stop(Place("contoso", 3), "before", signal.SIGINT, twice=True),
        stop(Place("fabrikam", 2), "after", signal.SIGTERM, twice=True),
    ],
    ids=lambda breakage: breakage.name,
)
def test_interrupted_apply_tells_what_it_did(breakage: Breakage, befallen: Befallen) -> None:
    judged(breakage, befallen)


# ---------------------------------------------------------------------------------------------- disturbed


@pytest.mark.parametrize("place", WRITES, ids=str)
def test_request_that_is_lost_is_sent_again(place: Place, befallen: Befallen) -> None:
    judged(lost_request(place), befallen)


@pytest.mark.parametrize("place", WRITES, ids=str)
def test_answer_that_is_lost_is_found_out(place: Place, befallen: Befallen) -> None:
    judged(lost_answer(place), befallen)


@pytest.mark.parametrize(
    "breakage", [one for one in singles(WRITES) if one.name in SOME], ids=lambda breakage: breakage.name
)
def test_fault_ends_honestly(breakage: Breakage, befallen: Befallen) -> None:
    judged(breakage, befallen)


@pytest.mark.parametrize("case", range(2))
def test_random_schedule_ends_honestly(case: int, case_seed: int, befallen: Befallen) -> None:
    judged(schedule(WRITES, case_seed + case), befallen)


def test_service_may_die_in_the_middle(tmp_path: Path) -> None:
    trial = outage(tmp_path, small(tmp_path / "documents"), Stroke(Place("contoso", 4), "after"))

    assert trial.applies[0].code == 7
    assert judge(trial) == ()


def test_report_that_nobody_reads_changes_nothing(rehearsal: Bench, tmp_path: Path) -> None:
    """Standard output is closed from the beginning: the work is done all the same, and standard error tells of it."""
    folder = tmp_path / "repository"
    rehearsal.emulator.control("PUT", "state", rehearsal.scenario.seed)
    shutil.copytree(rehearsal.template, folder)
    ran = unheard(rehearsal.emulator, folder, ["apply", "plan.json"])

    assert ran.code == 0
    assert ran.stderr.count("applied: ") == len(WRITES)
    assert run(["plan", "--detailed-exitcode"], rehearsal.emulator, folder).code == 0
