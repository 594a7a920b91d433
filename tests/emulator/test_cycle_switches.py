"""Every assumption about cycles does what it says, in both positions."""

from __future__ import annotations

import pytest
from cycle_switches import BESIDE, CYCLES, THRESHOLD
from cycling import Cycling

from reconciler.emulator.calls import Json


def cycling(name: str, **switches: Json) -> Cycling:
    guarded = {"settings": {"SyncNotificationSettings": THRESHOLD}} if name.startswith("guard") else {}
    return Cycling(configuration=guarded, switches={**BESIDE.get(name, {}), **switches})


@pytest.mark.parametrize("name", CYCLES)
def test_default_of_cycles_does_what_it_says(name: str) -> None:
    see, shown, _, _ = CYCLES[name]

    assert see(cycling(name)) == shown


@pytest.mark.parametrize("name", CYCLES)
def test_other_setting_of_cycles_does_what_it_says(name: str) -> None:
    see, _, setting, shown = CYCLES[name]

    assert see(cycling(name, **{name: setting})) == shown
