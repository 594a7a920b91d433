"""Too much at once, and too little in Git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from situations import (
    CONTOSO,
    DEFAULT,
    HERE,
    OPEN,
    OTHER,
    PARTNER,
    crowd,
    default,
    document,
    documented,
    judge,
    marks,
    only,
    partner,
    yes,
)

from reconciler.guarding import vanished
from reconciler.model import Address, Document, Finding, Json, Resource, State, Undeclared

OUT = "b2bCollaborationOutbound"


def counted(there: int, *, deleted: int = 0, updated: int = 0, created: int = 0, **more: Json) -> list[Finding]:
    """Return what rule 9 says when so many of the objects that are there go or change; the default is one of them."""
    live = {**default(), **crowd(there - 1)}
    partners = [address for address in live if address.kind == "partner"]
    changed = {
        address: Resource({**live[address].body, OUT: OPEN}) for address in partners[deleted : deleted + updated]
    }
    extra = {address: one for address, one in crowd(there - 1 + created).items() if address not in live}
    kept: State = {address: one for address, one in live.items() if address not in partners[:deleted]}
    return [
        one for one in judge(live, {**kept, **changed, **extra}, **more) if one.rule == 9 and one.severity == "block"
    ]


@pytest.mark.parametrize(
    ("there", "deleted", "asks"),
    [(2, 1, False), (5, 1, False), (20, 2, False), (19, 2, True), (30, 3, False), (29, 3, True), (100, 11, True)],
)
def test_deletions_are_counted(there: int, deleted: int, asks: bool) -> None:
    assert bool(counted(there, deleted=deleted)) is asks


@pytest.mark.parametrize(
    ("there", "updated", "asks"),
    [(4, 3, False), (5, 4, True), (13, 4, True), (14, 4, False), (100, 30, False), (100, 31, True)],
)
def test_updates_are_counted(there: int, updated: int, asks: bool) -> None:
    assert bool(counted(there, updated=updated)) is asks


def test_creates_are_never_too_many() -> None:
    assert counted(2, created=100) == []


def test_other_kinds_are_counted() -> None:
    groups = {Address("contoso", "group", str(at)): Resource({}) for at in range(3)}

    assert "block 9" in marks(judge({**default(), **groups}, {**default()}))


def test_unmanaged_objects_are_counted() -> None:
    """The share is taken of what is really there, whether Git speaks of it or not."""
    live = {**default(), **crowd(40), **partner(), **partner(OTHER)}
    desired = {**default(), **crowd(40)}

    assert only(judge(live, {**default()}), 9).message.startswith("42 objects would be deleted and 0 updated, of 43 ")
    assert not [one for one in judge(live, desired, documents=documented(default())) if one.rule == 9]


def test_numbers_are_told() -> None:
    [found] = counted(10, deleted=2, updated=5)

    assert found.message == "2 objects would be deleted and 5 updated, of 10 that are there: is that meant?"
    assert found.details == ("without a question: 1 deletion or 10 %, 3 updates or 30 %",)
    assert "countMax: 7" in found.suggestion
    assert found.origin == HERE


@pytest.mark.parametrize(("most", "stops"), [(6, True), (7, False), (8, False)])
def test_number_is_acknowledged(most: int, stops: bool) -> None:
    tenant = replace(CONTOSO, acknowledge=(yes(9, count_max=most),))

    [found] = counted(10, deleted=2, updated=5, tenant=tenant)

    assert found.stops is stops


def test_exact_words_are_no_number() -> None:
    [found] = counted(10, deleted=2, updated=5, tenant=replace(CONTOSO, acknowledge=(yes(9),)))

    assert found.stops
    assert found.details[-1] == "the acknowledgement at a.yaml:9:3 names no countMax"


# ---------------------------------------------------------------------------------------------- rule 10

THERE = {**default(), **partner()}
ABSENT = {PARTNER: document(PARTNER, absent=True)}


@pytest.mark.parametrize(
    ("remembered", "named", "expected"),
    [
        (None, [], []),
        (0, [], []),
        (1, [], ["error 10"]),
        (5, [], ["error 10"]),
        (1, [DEFAULT], []),
        (2, [DEFAULT], ["error 10"]),
        (2, [DEFAULT, PARTNER], []),
        (2, [PARTNER], []),
    ],
)
def test_forgotten_objects_are_an_error(remembered: int | None, named: list[Address], expected: list[str]) -> None:
    papers = {address: document(address, THERE[address].body) for address in named}

    assert marks(judge(THERE, THERE, documents=papers, remembered=remembered)) == expected


def test_forgotten_objects_are_told() -> None:
    found = only(judge(THERE, THERE, documents={}, remembered=1), 10)

    assert found.message.startswith(
        "the last apply managed 1 object here, and Git names none now; bring the files back"
    )
    assert found.origin == HERE


def test_removal_that_is_said_is_not_forgotten() -> None:
    assert marks(judge(THERE, default(), documents=ABSENT, remembered=2)) == ["block 8 partner"]


EMPTYING = replace(CONTOSO, undeclared=Undeclared.DELETE)


def test_emptying_by_silence_is_an_error() -> None:
    found = judge(THERE, default(), documents=documented(default()), tenant=EMPTYING)

    assert "error 10" in marks(found)
    assert only(found, 10).details == (f"Fabrikam ({PARTNER.key})",)


@pytest.mark.parametrize("papers", [ABSENT, {OTHER: document(OTHER)}])
def test_naming_a_partner_is_not_silence(papers: Mapping[Address, Document]) -> None:
    assert "error 10" not in marks(judge(THERE, THERE, documents=papers, tenant=EMPTYING))


def test_empty_tenant_cannot_be_emptied() -> None:
    assert marks(judge(default(), default(), tenant=EMPTYING)) == []


@pytest.mark.parametrize("undeclared", [Undeclared.REPORT, Undeclared.IGNORE])
def test_silence_alone_is_fine(undeclared: Undeclared) -> None:
    tenant = replace(CONTOSO, undeclared=undeclared)

    assert marks(judge(THERE, THERE, documents=documented(default()), tenant=tenant)) == []


@pytest.mark.parametrize(("remembered", "what"), [(3, "3 objects"), (1, "1 object"), (0, "all that was applied there")])
def test_vanished_tenant_is_an_error(remembered: int, what: str) -> None:
    found = vanished("contoso", remembered)

    assert (found.severity, found.rule, found.tenant, found.stops) == ("error", 10, "contoso", True)
    assert found.message.startswith(f"its tenant.yaml is gone: {what} would stay as it is")
