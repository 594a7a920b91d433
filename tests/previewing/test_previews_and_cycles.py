"""A preview says what the emulator's next cycle then does, person by person: for random estates, and after an apply.

`make soak` compares two hundred estates instead of a few.
"""

from __future__ import annotations

from pathlib import Path

import driving
import pytest
from agreeing import compared, disagreements, files
from driving import Rehearsal
from foreseen import documents, done, foreseen, seed

from reconciler.kinds import ALL
from reconciler.model import Estate, Json
from reconciler.model.people import Fate


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    return files(tmp_path_factory.mktemp("files"))


@pytest.mark.parametrize("first", range(0, 20, 5))
def test_random_previews_agree_with_cycles(first: int, estate: Estate) -> None:
    numbers = range(first, first + 5)

    assert {number: found for number in numbers if (found := disagreements(number, estate))} == {}


def test_what_the_files_want_is_what_an_applied_cycle_does(tmp_path: Path) -> None:
    users = {"ada": {"department": "Sales"}, "bob": {"department": "IT"}, "eve": {"department": "Sales"}}
    groups = {"sales": {"members": ["ada", "bob"]}, "others": {"members": ["eve"]}}
    clauses = [{"attribute": "department", "operator": "EQUALS", "value": "Sales"}]
    assigned = {"groups": [{"name": "Sales"}, {"name": "Others"}]}
    spec: Json = {
        "scope": {"assigned": assigned, "filters": [{"clauses": clauses}]},
        "mappings": {"jobTitle": {"constant": "Seller"}},
        "accidentalDeletion": {"threshold": 500},
    }
    wanted = documents(**spec)
    pair = foreseen(tmp_path, seed(users, groups=groups, assigned=["sales"]), wanted)
    pair.cycle()
    found = pair.preview()

    rehearsal, plan, _ = driving.agreed(Rehearsal(pair.world, pair.estate, ALL), tmp_path, wanted)
    report = rehearsal.apply(plan)

    assert {outcome.verdict.value for outcome in report.outcomes} == {"applied"}, report
    assert list(compared(pair, found, done(pair, everybody=False), live=False)) == []
    assert [found.wanted.counts[fate] for fate in (Fate.CREATE, Fate.UPDATE, Fate.REMOVE)] == [1, 1, 1]
