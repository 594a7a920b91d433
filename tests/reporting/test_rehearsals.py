"""A plan that was made against an emulator says so, in every form."""

from dataclasses import replace

import pytest
from plans import ENVELOPE, PLAN

from reconciler.reporting import Output, render_plan
from reconciler.reporting.wording import REHEARSAL

SHOWN: list[Output] = ["text", "markdown", "html"]


@pytest.mark.parametrize("output", SHOWN)
def test_rehearsal_is_marked(output: Output) -> None:
    assert REHEARSAL in render_plan(PLAN, replace(ENVELOPE, rehearsal=True), output)
    assert REHEARSAL not in render_plan(PLAN, ENVELOPE, output)


def test_mark_stands_above_all_that_the_comment_shows() -> None:
    page = render_plan(PLAN, replace(ENVELOPE, rehearsal=True), "markdown")

    assert page.index(REHEARSAL) < page.index("| Tenant |")
