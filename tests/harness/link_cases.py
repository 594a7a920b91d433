"""What can befall the creation of a link: where its writes are, and the faults that only links know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from breakages import Breakage, Place, faults, lost_answer, lost_request, places
from link_stages import crossed, namesake, pair, twins
from linked_trials import Death, Stage, When, shown
from oracle import Trial, Violation, judge

WRITES = [*(Place("contoso", number) for number in range(1, 10)), Place("fabrikam", 1), Place("fabrikam", 2)]
INSTANTIATE = Place("contoso", 2)
MOMENTS: tuple[When, ...] = ("before", "inside", "after")
# As many as the pauses in which a new service principal is waited for make a minute.
_REFUSALS = 6
FLAWS = [
    Breakage(
        f"{status}-for-the-newborn",
        (
            {
                "match": {"path": "*/synchronization/*", "write": True},
                "times": _REFUSALS,
                "action": {"status": status},
            },
        ),
    )
    for status in (403, 404, 409)
]
# What the service itself does twice, nobody can keep from being there twice.
_NOT_OURS = "duplicate"


def violations(trial: Trial) -> tuple[Violation, ...]:
    """Return the broken promises; what a dead process leaves in files is not tried here."""
    return tuple(one for one in judge(trial) if one.rule != "I6")


def named(stage: Stage) -> list[Place]:
    """Return every write of a stage's plan."""
    return places(shown(stage.rehearsal().plan()))


def blind(breakage: Breakage, *, seconds: float) -> Breakage:
    """Return the same while nobody sees what was written for so long."""
    stale = {"match": {"write": False, "path": "*/servicePrincipals*"}, "action": {"stale": {"seconds": seconds}}}
    return Breakage(f"{breakage.name}-blind-{seconds:g}s", (*breakage.rules, stale), codes=())


def faulty(place: Place) -> list[Breakage]:
    """Return what a busy service answers at a write."""
    return [one for one in faults(place) if one.name.startswith(("429", "503-before"))]


def cases(folder: Path) -> Iterator[tuple[str, Stage, Sequence[Breakage | Death]]]:
    """Yield everything that can befall the creation of links, for `make soak`."""
    lags: Mapping[str, Mapping[str, Any]] = {
        "plain": {},
        "reads 30 s late": {"read_lag_seconds": 30},
        "newborns 30 s late": {"new_object_lag_seconds": 30},
        "both": {"read_lag_seconds": 30, "new_object_lag_seconds": 15, "newborn_refusal": 403},
        "assignments 30 s late": {"assignment_lag_seconds": 30},
    }
    for make in (pair, twins, crossed, namesake):
        for lag, switches in lags.items():
            stage = make(folder / f"{make.__name__} {lag}", switches)
            where = named(stage)
            for place in where:
                for when in MOMENTS:
                    yield f"{make.__name__}: {lag}", stage, [Death(place, when)]
                yield f"{make.__name__}: {lag}", stage, [lost_request(place)]
                yield f"{make.__name__}: {lag}", stage, [lost_answer(place)]
            for place in where if lag == "plain" else ():
                for breakage in faults(place):
                    if _NOT_OURS not in breakage.name or place.tenant != "contoso":
                        yield f"{make.__name__}: {lag}", stage, [breakage]
            for flaw in FLAWS:
                yield f"{make.__name__}: {lag}", stage, [flaw]
