"""The days of the demo, lived through as it does, and days that promise what does not come about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import demo
import living
import pytest
import warmed
from lent import lent, portal
from living import (
    CLARA,
    DAYS,
    GRACE,
    JOINER,
    MOVER,
    SHOWN,
    BrokenPromise,
    Company,
    Day,
    Person,
    Promise,
    hold,
    live,
)
from pages import ROOT
from rehearsing import repository


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """The example company, with the link of the demo applied."""
    folder = repository(tmp_path / "checkout", ROOT / "tenants")
    with lent(portal()) as emulator:
        words = ("new", "link", demo.LINK, "--source", living.SOURCE, "--target", living.TARGET)
        for arguments in (words, ("apply", "--yes")):
            ran = warmed.kept().run(arguments, emulator, folder)
            assert ran.code == 0, ran.stderr + ran.stdout
            if arguments is words:
                demo.fill_in(folder / "tenants" / "shared" / "links" / f"{demo.LINK}.yaml")
        emulator.control("POST", "cycles", {"tenant": living.SOURCE})
        yield Company(emulator)


def test_each_day_brings_what_it_promises(company: Company) -> None:
    told: list[str] = []

    live(company, told.append)

    shown = "".join(told)
    assert all(JOINER[name] in shown and MOVER[name] in shown for name in SHOWN)
    assert [day.title for day in DAYS if day.title not in shown] == []
    with pytest.raises(BrokenPromise, match=r"clara.chen@contoso.example is blocked in the target, not there"):
        live(company, told.append, [Day("Nothing happens.", 1, lambda company: None, [Promise(CLARA, "there")])])


HERE = Person("1", "there", JOINER)


@pytest.mark.parametrize(
    ("promise", "before", "after", "words"),
    [
        (Promise(GRACE, "blocked"), HERE, HERE, "is there in the target, not blocked"),
        (Promise(GRACE, "soft-deleted"), HERE, None, "is unknown in the target, not soft-deleted"),
        (Promise(GRACE, "there", MOVER), HERE, replace(HERE, attributes={**MOVER, "surname": "Gomez"}), "Gomez"),
        (Promise(GRACE, "there"), HERE, replace(HERE, id="2"), "is another account than before"),
        (Promise(GRACE, "there"), None, HERE, "is another account than before"),
        (Promise(GRACE, "there", same=False), HERE, HERE, "was there before"),
    ],
)
def test_broken_promise_is_one(promise: Promise, before: Person | None, after: Person | None, words: str) -> None:
    with pytest.raises(BrokenPromise, match=words):
        hold(promise, before, after)


def test_seven_attributes_change() -> None:
    assert set(JOINER) == set(MOVER) == set(SHOWN)
    assert [name for name in SHOWN if JOINER[name] == MOVER[name]] == []
    assert [promise.attributes for day in DAYS[:2] for promise in day.promises] == [JOINER, MOVER]
