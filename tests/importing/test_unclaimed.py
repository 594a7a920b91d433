"""Sync configurations that no link claims: plans tell of them, coverage counts them, nothing touches them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import arriving
import emulated
import pytest
from linked import ALONE, FABRIKAM, LINK, TAILSPIN, configuration, imported, plan, world

from reconciler import reconciling
from reconciler.emulator.world import World
from reconciler.kinds import ALL
from reconciler.loading import load
from reconciler.model import Coverage, Finding, Share

FOREIGN = configuration(FABRIKAM, displayName=f"MTO_Sync_{FABRIKAM}", assigned=[])


def told(there: World, folder: Path) -> Finding | None:
    """Return the note of contoso's plan about configurations, after a look that it plans nothing."""
    found = plan(there, folder)
    assert not found.steps
    notes = [one for tenant in found.tenants for one in tenant.findings if "that no link claims" in one.message]
    return notes[0] if notes else None


def covered(there: World, folder: Path) -> Coverage:
    estate = load(folder, ALL)
    tenants = {name: arriving.known(there, tenant) for name, tenant in estate.tenants.items()}
    desired = reconciling.Desired(replace(estate, tenants=tenants), ALL, "", there.clock.now().date())
    found = asyncio.run(reconciling.coverage(desired, emulated.network(there).reader))
    return next(one for one in found if one.tenant == "contoso")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tenants"


def test_note_offers_the_document(folder: Path) -> None:
    there = world(one=configuration(), two=configuration(TAILSPIN, displayName="Suppliers"))
    imported(there, folder)
    (folder / ALONE).unlink()

    note = told(there, folder)
    assert note is not None
    assert note.message == "1 sync configuration there that no link claims, left alone"
    assert note.details[0].startswith("Suppliers (application ")
    place, _, text = note.suggestion.partition("\n")
    assert place == f"# {ALONE}"
    (folder / ALONE).write_text(text)
    assert told(there, folder) is None


def test_configuration_of_the_admin_center_is_told_and_offers_nothing(folder: Path) -> None:
    there = world(one=configuration(), two=FOREIGN)
    imported(there, folder)

    note = told(there, folder)
    assert note is not None
    assert note.details[0].endswith("belongs to the Microsoft 365 admin center, which nobody may take over")
    assert not note.suggestion


def test_deleting_what_is_undeclared_leaves_configurations_alone(folder: Path) -> None:
    there = world(one=configuration(), two=FOREIGN, three=configuration(TAILSPIN))
    imported(there, folder)
    (folder / ALONE).unlink()
    path = folder / "contoso/tenant.yaml"
    path.write_text(f"{path.read_text()}undeclared: delete\n")

    assert told(there, folder) is not None


def test_ignored_configurations_are_not_told(folder: Path) -> None:
    there = world(one=configuration(), two=FOREIGN)
    imported(there, folder)
    path = folder / "contoso/tenant.yaml"
    path.write_text(f"{path.read_text()}undeclared: ignore\n")

    assert told(there, folder) is None


def test_coverage_counts_links_and_the_rest(folder: Path) -> None:
    there = world(one=configuration(), two=FOREIGN)
    imported(there, folder)

    shares = {one.kind: one.objects for one in covered(there, folder).kinds}
    assert shares["configuration"] == Share(managed=1, undeclared=1)
    assert shares["assignment"] == Share(managed=1)


def test_coverage_counts_nobody_twice_who_is_named_without_id(folder: Path) -> None:
    there = world(one=configuration())
    imported(there, folder)
    path = folder / LINK
    path.write_text("".join(line.partition(", id:")[0] + "}]}}\n" if ", id:" in line else line for line in lines(path)))

    shares = {one.kind: one.objects for one in covered(there, folder).kinds}
    assert shares["assignment"] == Share(managed=1)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines(keepends=True)


def test_kinds_that_were_not_read_have_no_numbers(folder: Path) -> None:
    there = world()
    imported(there, folder)

    assert {one.kind for one in covered(there, folder).kinds}.isdisjoint({"configuration", "job", "assignment"})
