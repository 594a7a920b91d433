"""An explanation whose every string is hostile, in every output, judged by parsers that are not ours."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from corpus import HOSTILE, HUGE, poisoned
from judges import acting, blocks, commands, filtered, html_in, inline_markup

from reconciler.model import (
    Answer,
    Capability,
    Direction,
    Explanation,
    Judgement,
    Obstacle,
    Origin,
    Party,
    Side,
    Source,
)
from reconciler.reporting import render_explanation

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-explanation.schema.json"
LINE = Origin("tenants/contoso/partners/fabrikam.yaml", 4, 1)
BLOCK = {"usersAndGroups": {"accessType": "allowed", "targets": [{"target": "g1", "targetType": "group"}]}}
SIDES = (
    Side(
        "contoso",
        "b2bCollaborationOutbound",
        Answer.SOME,
        BLOCK,
        "users allowed: g1",
        "its entry",
        {"": Source.ENTRY},
        origin=LINE,
    ),
    Side("fabrikam", "b2bCollaborationInbound", Answer.UNKNOWN, None, "unknown", "not read", {"": Source.UNREAD}),
)
OBSTACLES = (
    Obstacle("contoso", "b2bCollaborationOutbound", "contoso lets only some out", "write more", LINE),
    Obstacle("", "", "groups are not offered"),
)
JUDGEMENTS = (
    Judgement(Capability.COLLABORATION, Answer.SOME, SIDES, OBSTACLES, ("g1",), ("a1",), ("a remark",)),
    Judgement(Capability.CONSENT, Answer.NO),
)
FOUND = Explanation(
    (
        Party("contoso", "Contoso", "c0000000-0000-4000-8000-000000000001", ours=True, cloud="global"),
        Party("fabrikam", "Fabrikam", "fab00000-0000-4000-8000-000000000002", ours=False, reason="503", exit_code=9),
    ),
    (Direction("contoso", "fabrikam", JUDGEMENTS), Direction("fabrikam", "contoso", JUDGEMENTS)),
    names={"g1": "the plant"},
)
HARMLESS = "harmless "
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


@hostile
def test_explained_text_never_acts(text: str) -> None:
    page = render_explanation(poisoned(FOUND, text))

    assert not acting(page)
    assert not commands(page)
    assert page.count("\n") == render_explanation(poisoned(FOUND, HARMLESS)).count("\n")


@hostile
def test_explained_markdown_keeps_its_structure(text: str) -> None:
    page, expected = (render_explanation(poisoned(FOUND, one), "markdown") for one in (text, HARMLESS))

    assert blocks(page) == blocks(expected)
    assert html_in(page) == html_in(expected)
    assert inline_markup(page) == inline_markup(expected)
    assert not filtered(page)


@hostile
def test_explained_json_stays_inert(text: str) -> None:
    page = render_explanation(poisoned(FOUND, text), "json")

    assert page.isascii()
    assert not acting(page)
    assert not commands(page)


def test_megabyte_in_an_explanation_is_cut() -> None:
    side = poisoned(SIDES[1], HUGE)
    one = Judgement(Capability.TRUST, Answer.UNKNOWN, (side,))
    found = Explanation(FOUND.parties, (Direction("contoso", "fabrikam", (one,)), FOUND.directions[1]))

    assert len(render_explanation(found)) < 60_000


def test_explained_json_fits_its_schema() -> None:
    document = json.loads(render_explanation(FOUND, "json"))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert (document["exitCode"], document["parties"][1]["known"]) == (9, False)


def test_labels_stand_beside_ids() -> None:
    assert "through get: the plant (g1); to: a1\n" in render_explanation(FOUND)


def test_declared_is_told_in_every_output() -> None:
    declared = Explanation(FOUND.parties, FOUND.directions, declared=True)

    assert "if all were as the files say" in render_explanation(declared)
    assert "if all were as the files say" in render_explanation(declared, "markdown")
    assert json.loads(render_explanation(declared, "json"))["declared"]


def test_answers_have_colours_only_when_asked() -> None:
    assert "\x1b[35munknown " in render_explanation(FOUND, colour=True)
    assert "\x1b" not in render_explanation(FOUND)


def test_summary_comes_last() -> None:
    assert render_explanation(FOUND).splitlines()[-2:] == [
        "contoso → fabrikam: collaboration some, consent no.",
        "fabrikam → contoso: collaboration some, consent no.",
    ]
