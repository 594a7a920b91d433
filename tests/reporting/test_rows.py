from __future__ import annotations

from plans import ENGINEERING, FABRIKAM, FINANCE, WIDENED, setting

from reconciler.model import Action, Address, Change, Json
from reconciler.reporting.rows import INHERITED, Row, Word, blocks

GROUPS = [(f"00000000-0000-4000-8000-{number:012}", "group") for number in range(500)]


def rows(before: Json, after: Json) -> list[Row]:
    """Return the rows of a change of one block of a partner."""
    change = Change(
        Action.UPDATE,
        Address("contoso", "partner", FABRIKAM),
        {"block": before},
        {"block": after},
        names={FINANCE: "Finance"},
    )
    [block] = blocks(change)
    return list(block.rows)


def test_one_more_group_is_one_row() -> None:
    found = rows(setting("allowed", GROUPS), setting("allowed", [*GROUPS, (FINANCE, "group")]))

    assert found == [Row("+", FINANCE, ("usersAndGroups", "targets"), "Finance", kind="group")]


def test_replaced_list_names_every_target() -> None:
    found = rows(setting("allowed", [("AllUsers", "user")]), setting("allowed", [(ENGINEERING, "group")]))

    assert [(row.sign, row.name) for row in found] == [("+", ENGINEERING), ("-", "AllUsers")]


def test_same_target_of_another_type_shows() -> None:
    found = rows(setting("allowed", [(FINANCE, "group")]), setting("allowed", [(FINANCE, "user")]))

    assert [(row.sign, row.kind) for row in found] == [("-", "group"), ("+", "user")]


def test_null_reads_as_inheriting() -> None:
    assert rows({"flag": True}, {"flag": None}) == [
        Row("~", "flag", before=Word("true"), after=Word(INHERITED)),
    ]


def test_inherited_block_shows_each_leaf() -> None:
    found = rows(None, {"flag": False, "other": None})

    assert Row("~", "flag", before=Word(INHERITED), after=Word("false")) in found


def test_text_differs_from_truth() -> None:
    assert rows({"flag": "true"}, {"flag": True}) == [
        Row("~", "flag", before=Word("true", literal=True), after=Word("true"))
    ]


def test_only_differing_leaves_are_rows() -> None:
    trust = next(block for block in blocks(WIDENED.change) if block.name == "inboundTrust")

    assert [row.name for row in trust.rows] == ["isMfaAccepted"]


def test_no_difference_is_lost() -> None:
    """Entries that nothing tells apart are shown whole rather than not at all."""
    twice = [{"a": 1}, {"a": 1}]
    [block] = blocks(
        Change(Action.UPDATE, Address("contoso", "partner", FABRIKAM), {"block": twice}, {"block": [{"a": 1}]})
    )

    assert block.rows or block.before != block.after


def test_plain_list_has_a_row_for_each_entry() -> None:
    assert [(row.sign, row.name) for row in rows(["a", "b"], ["b", "c", "d"])] == [("-", "a"), ("+", "c"), ("+", "d")]
    assert [(row.sign, row.name) for row in rows([], ["a", "b"])] == [("+", "a"), ("+", "b")]


def test_list_with_an_order_is_one_row() -> None:
    found = rows({"order": ["b", "a"], "rest": "x"}, {"order": ["a", "b"], "rest": "x"})

    assert found == [Row("~", "order", (), "", Word("b, a", literal=True), Word("a, b", literal=True))]
