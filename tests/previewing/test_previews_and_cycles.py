"""For random estates a preview says what the emulator's next cycle then does, person by person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import driving
import pytest
from foreseen import SALES, Done, Foreseen, after, documents, done
from random_people import drawn

from reconciler.kinds import ALL
from reconciler.model import Estate, Json
from reconciler.model.people import Fate, Forecast

# What no client of Graph can read, or is not a property of the user that is written.
SECRET = {"alternativeSecurityIds", "IsSoftDeleted"}


def check(number: int, estate: Estate) -> None:
    """Preview an estate, run its next cycle, and compare."""
    pair, everybody = drawn(number, estate)
    found = pair.preview()
    assert found.exit_code == 0, found.missed
    people = {one.source_id: one for one in found.people.forecasts(live=True)}
    did = done(pair, everybody=everybody)
    # Who is neither in scope nor linked is passed over by a cycle, and not named by a preview.
    assert {did[key].fate for key in did.keys() - people.keys()} <= {Fate.SKIP}
    several = shared(pair, did)
    for key, one in people.items():
        if key in several:
            assert one.notes or one.fate in (Fate.CREATE, Fate.SKIP) or key == min(several), f"{number}: {one}"
        elif key in did:
            assert told(one) == seen(pair, did[key]), f"{number}: {one}"
        else:
            assert not everybody or one.fate is Fate.SKIP, f"{number}: {one}"


def shared(pair: Foreseen, did: Mapping[str, Done]) -> set[str]:
    """Return who is one user of the target with somebody else: what a cycle does hangs on whom it comes to first."""
    often = Counter(one.target for one in did.values() if one.target)
    return {key for key, one in did.items() if often[one.target] > 1}


def told(one: Forecast) -> Json:
    return one.fate, "" if one.fate is Fate.CONFLICT else one.target_id, after(one)


def seen(pair: Foreseen, one: Done) -> Json:
    changes = {name: value for name, value in one.changes.items() if name not in SECRET}
    if "manager" in changes:
        changes["manager"] = pair.home_of(changes["manager"])
    return one.fate, "" if one.fate in (Fate.CREATE, Fate.CONFLICT) else one.target, changes


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    return driving.estate(tmp_path_factory.mktemp("files"), documents(**SALES), ALL)


@pytest.mark.parametrize("number", range(20))
def test_previews_agree(number: int, estate: Estate) -> None:
    check(number, estate)
