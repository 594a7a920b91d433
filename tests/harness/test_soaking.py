from concurrent.futures import Future
from typing import Any

import pytest
from breakages import Place
from oracle import COUNTS, Command, Trial, Violation
from soaking import Case, Result, Wish, by_chance, summary, systematic, table

WRITES = [Place("contoso", 1), Place("fabrikam", 1)]
WISH = Wish(seconds=1, cases=1, seed=7)
QUIET = Command("a command", 0, "", "")
DONE = Trial({}, {}, {}, (QUIET, QUIET), QUIET)


def ended(*found: Violation, error: Exception | None = None) -> Future[Any]:
    """Return a case that has come to its end."""
    done: Future[Any] = Future()
    if error is None:
        done.set_result((DONE, found))
    else:
        done.set_exception(error)
    return done


def told(done: Future[Any]) -> dict[str, Any]:
    result = Result()
    result.note(Case("small", "case", seed=7), done)
    return summary(result, WISH, 1, 0.5)


def test_seed_stands_for_one_case() -> None:
    drawn = [by_chance("small", WRITES, seed) for seed in range(40)]

    assert drawn == [by_chance("small", WRITES, seed) for seed in range(40)]
    assert len({case.name for case in drawn}) > 30


def test_every_write_meets_every_fault() -> None:
    names = {case.name for case in systematic("small", WRITES)}
    here = {name.replace("contoso-1", "") for name in names if "contoso-1" in name}

    assert len(here) > 40
    assert here == {name.replace("fabrikam-1", "") for name in names if "fabrikam-1" in name}


def test_clean_cases_are_well() -> None:
    assert told(ended())["ok"]


@pytest.mark.parametrize("promise", COUNTS)
def test_broken_promise_is_counted(promise: str) -> None:
    said = told(ended(Violation(promise, "I0", "what was seen")))

    assert not said["ok"]
    assert said["counts"][promise] == 1
    assert "what was seen" in table(said)
    assert "--seed 7" in table(said)


def test_case_that_never_ended_is_counted() -> None:
    said = told(ended(error=TimeoutError("no end")))

    assert not said["ok"]
    assert "no end" in table(said)


def test_nothing_done_is_not_well() -> None:
    assert not summary(Result(), WISH, 1, 0.5)["ok"]
