"""The table that people wrote, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest
from picturing import answers, judgement, there
from ruamel.yaml import YAML

from reconciler.model import Answer, Capability, Json

ROWS: list[dict[str, Json]] = YAML(typ="safe").load(Path(__file__).with_name("truth_table.yaml").read_text("utf-8"))
UNTOUCHED = {**dict.fromkeys((one.value for one in Capability), Answer.NO), "collaboration": Answer.YES}
WORDS = {"about", "home", "resource", "answers", "ways", "through"}

row = pytest.mark.parametrize("said", ROWS, ids=[one["about"].rstrip(".").replace(" ", "-") for one in ROWS])


@row
def test_row_holds(said: dict[str, Json]) -> None:
    assert not said.keys() - WORDS
    found = answers(there(said.get("home", {}), said.get("resource", {})))

    assert found == {**UNTOUCHED, **said["answers"]}


@row
def test_row_tells_what_is_in_the_way(said: dict[str, Json]) -> None:
    direction = there(said.get("home", {}), said.get("resource", {}))

    for capability, ways in said.get("ways", {}).items():
        told = [obstacle.message for obstacle in judgement(direction, capability).obstacles]
        assert len(told) == len(ways), told
        assert all(part in message for part, message in zip(ways, told, strict=True)), told


@row
def test_row_tells_who_gets_through(said: dict[str, Json]) -> None:
    direction = there(said.get("home", {}), said.get("resource", {}))

    for capability, (users, applications) in said.get("through", {}).items():
        found = judgement(direction, capability)
        assert (found.users, found.applications) == ((users,), (applications,))


@row
def test_anything_but_yes_has_a_reason(said: dict[str, Json]) -> None:
    direction = there(said.get("home", {}), said.get("resource", {}))

    for one in direction.judgements:
        assert bool(one.obstacles) == (one.answer is not Answer.YES)
