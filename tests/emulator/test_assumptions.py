from dataclasses import fields
from pathlib import Path

from reconciler.emulator import assumptions
from reconciler.emulator.switches import Switches

PAGE = Path(__file__).resolve().parents[2] / "docs" / "assumptions.md"


def test_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8").startswith(assumptions.page())


def test_page_names_every_switch_once() -> None:
    rows = [line.split("|")[1].strip() for line in assumptions.page().splitlines() if line.startswith("| `")]

    assert sorted(rows) == sorted(f"`{switch.name}`" for switch in fields(Switches))
