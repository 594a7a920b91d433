"""Every assumption about synchronization does what it says, in both positions."""

from __future__ import annotations

import pytest
from sync_pair import Pair
from sync_switches import SYNCHRONIZATION

from reconciler.emulator.calls import Json


def pair_with(**switches: Json) -> Pair:
    lag = {"new_object_lag_seconds": 15} if "newborn_refusal" in switches else {}
    return Pair(switches={**lag, **switches})


@pytest.mark.parametrize("name", SYNCHRONIZATION)
def test_default_of_synchronization_does_what_it_says(name: str) -> None:
    see, shown, _, _ = SYNCHRONIZATION[name]
    pair = Pair(switches={"new_object_lag_seconds": 15}) if name == "newborn_refusal" else Pair()

    assert see(pair) == shown


@pytest.mark.parametrize("name", SYNCHRONIZATION)
def test_other_setting_of_synchronization_does_what_it_says(name: str) -> None:
    see, _, setting, shown = SYNCHRONIZATION[name]

    assert see(pair_with(**{name: setting})) == shown


def test_trees_that_agree_are_accepted_when_compared() -> None:
    pair = pair_with(source_trees_compared=True)

    assert pair.put_schema(pair.schema()).status == 204
