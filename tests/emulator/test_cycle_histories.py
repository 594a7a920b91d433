"""Random histories of people, groups and jobs: after every cycle both tenants are what a second account says.

`make soak` lives thousands of them, and longer ones.
"""

from __future__ import annotations

import pytest
from random_histories import disagreements

HISTORIES, AT_ONCE, ROUNDS = 160, 10, 4


@pytest.mark.parametrize("first", range(0, HISTORIES, AT_ONCE))
def test_both_tenants_are_what_the_oracle_says(first: int) -> None:
    assert disagreements(range(first, first + AT_ONCE), ROUNDS) == {}
