"""What may befall the change and the removal of links that work. `make soak` does it at length."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from breakages import Breakage, Place, lost_answer
from changed_links import NAME, Course, befall, broken, kept, narrowed, remapped, severed, unassigned
from linked_trials import Death, Stage

LAG = 30
# Each where most is open: what was written is not shown to the next run for half a minute.
BEFALLEN: list[tuple[Callable[..., Stage], list[Breakage | Death]]] = [
    (kept, [Death(Place("contoso", 2), "inside")]),
    (unassigned, [Death(Place("contoso", 3), "inside"), lost_answer(Place("contoso", 4))]),
    (severed, [Death(Place("contoso", 3), "before")]),
    (remapped, [Death(Place("contoso", 2), "inside")]),
    (narrowed, [Death(Place("contoso", 5), "inside")]),
]
GOING = (kept, unassigned, severed)
WITH_PEOPLE = (unassigned, severed)


def standing(course: Course, kind: str) -> int:
    """Return how many of a part of the link are there in the end."""
    return sum(one.startswith(f"('contoso', '{kind}', '{NAME}") for one in course.end)


@pytest.mark.parametrize(("make", "strokes"), BEFALLEN, ids=lambda one: getattr(one, "__name__", ""))
def test_change_that_something_befell_ends_as_without(
    make: Callable[..., Stage], strokes: list[Breakage | Death], tmp_path: Path
) -> None:
    stage = make(tmp_path, LAG)
    calm = befall(stage)

    assert broken(calm, calm) == []
    assert [standing(calm, kind) for kind in ("application", "configuration", "job")] == [int(make not in GOING)] * 3
    there = [sum(one.startswith(f"fabrikam {kind} Megan") for one in calm.end) for kind in ("user", "deletedItem")]
    assert there == ([1, 1] if make in WITH_PEOPLE else [2, 0])
    for one in strokes:
        assert broken(befall(stage, one), calm) == []


def test_judge_sees_what_ended_otherwise(tmp_path: Path) -> None:
    calm = befall(kept(tmp_path))
    worse = replace(calm, end=[one for one in calm.end if not one.startswith("fabrikam user")])

    assert [one.promise for one in broken(worse, calm)] == ["touched"]


def test_judge_sees_writes_that_no_plan_shows(tmp_path: Path) -> None:
    calm = befall(kept(tmp_path))
    ((plan, command),) = calm.runs
    silent = {**plan, "tenants": [{**tenant, "steps": tenant["steps"][:1]} for tenant in plan["tenants"]]}
    report = command.stdout.replace('"applied"', '"failed"')
    course = Course([(silent, replace(command, stdout="")), (plan, replace(command, stdout=report))], calm.end, ())

    assert {one.promise for one in broken(course, calm)} >= {"unplanned", "unreported", "false exit 0"}
