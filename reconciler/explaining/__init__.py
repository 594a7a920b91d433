"""Who gets from one tenant into another, and what stands in the way: both directions, from both tenants' settings.

Pure, and only for reading: nothing that writes may decide by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.explaining.choosing import choose
from reconciler.explaining.judging import Pair, judge
from reconciler.explaining.views import View
from reconciler.model import Body, Direction, Explanation

__all__ = ["View", "choose", "explain"]


def explain(one: View, two: View, stock: Body, names: Mapping[str, str], *, declared: bool = False) -> Explanation:
    """Return what holds from `one` to `two`, and back.

    `stock` is the default as the service makes it, `names` what people call the ids in the settings; `declared` only
    says that the states are what the files want.
    """
    directions = tuple(
        Direction(home.party.name, resource.party.name, judge(Pair(home, resource, stock, names)))
        for home, resource in ((one, two), (two, one))
    )
    return Explanation((one.party, two.party), (directions[0], directions[1]), declared, names)
