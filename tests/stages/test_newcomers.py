"""Who is looked up in the directory: partners that would be created, and nobody else."""

from collections.abc import Mapping
from pathlib import Path

import driving
import pytest

from reconciler.emulator.world import World
from reconciler.errors import PlanStale
from reconciler.model import Finding, Json

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
TENANT = {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}
ASKING = {"match": {"path": "*findTenantInformation*"}}


def key(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-000000000000"


def world(there: int = 0, **more: Json) -> World:
    """A tenant with that many partners, in a cloud where eighty organizations can be found."""
    organizations = {f"other{at}": {"tenantId": key(at), "domain": f"other{at}.example"} for at in range(1, 81)}
    partners = [{"tenantId": key(at), "inboundTrust": {"isMfaAccepted": False}} for at in range(1, there + 1)]
    return World.from_seed(
        {"organizations": organizations, "tenants": {"contoso": {**TENANT, "partners": partners}}, **more}
    )


def rows(numbers: range, **more: Json) -> list[dict[str, Json]]:
    """A row for each of these organizations."""
    return [{"name": f"other{at}", "tenantId": key(at), "domain": f"other{at}.example", **more} for at in numbers]


def documents(numbers: range, *others: dict[str, Json]) -> driving.Documents:
    """Documents about these organizations, which inherit everything, and other rows."""
    named = [*rows(numbers, spec={}), *others]
    tenant = {"kind": "Tenant", **TENANT, "management": "here", "owner": "it"}
    partners = {"kind": "PartnerSet", "owner": "it", "partners": named}
    return {"contoso/tenant.yaml": tenant, "contoso/partners.yaml": partners}


def rehearsal(there: World, papers: driving.Documents, folder: Path) -> driving.Rehearsal:
    return driving.Rehearsal(there, driving.estate(folder, papers))


@pytest.fixture
def reading(tmp_path: Path) -> Mapping[str, int]:
    """How many requests a plan needs in which no partner is named."""
    tenant = documents(range(1, 2))["contoso/tenant.yaml"]
    return dict(asked(world(20), {"contoso/tenant.yaml": tenant}, tmp_path / "nobody"))


def asked(there: World, papers: driving.Documents, folder: Path) -> Mapping[str, int]:
    """Return how many requests a plan needs."""
    rehearsal(there, papers, folder).plan()
    return there.requests.counts[CONTOSO]


def findings(there: World, papers: driving.Documents, folder: Path) -> list[Finding]:
    [tenant] = rehearsal(there, papers, folder).plan().tenants
    return [found for found in tenant.findings if found.rule == 1]


def test_partners_that_are_there_are_not_looked_up(reading: Mapping[str, int], tmp_path: Path) -> None:
    assert asked(world(20), documents(range(1, 21)), tmp_path) == reading


def test_new_partners_are_looked_up_twenty_at_a_time(reading: Mapping[str, int], tmp_path: Path) -> None:
    counts = asked(world(20), documents(range(1, 61)), tmp_path)

    assert counts["inner"] == reading["inner"] + 40
    assert counts["batches"] == reading["batches"] + 2


def test_whose_a_domain_is_is_asked_only_where_it_is_not_the_first(reading: Mapping[str, int], tmp_path: Path) -> None:
    others = [{**row, "domain": f"not.{row['domain']}"} for row in rows(range(41, 43), spec={})]
    there = world()

    assert len(findings(there, documents(range(1, 31), *others), tmp_path)) == 2
    assert there.requests.counts[CONTOSO]["inner"] == reading["inner"] + 32 + 2


def test_partner_that_shall_go_is_not_looked_up(reading: Mapping[str, int], tmp_path: Path) -> None:
    papers = documents(range(1, 1), *rows(range(1, 3), state="absent"))

    # Each of the two is asked for by itself, since no list shows it.
    assert asked(world(), papers, tmp_path)["inner"] == reading["inner"] + 2


@pytest.mark.parametrize(
    "action", [{"status": 403}, {"status": 503}, {"status": 500}, {"garbage": "empty"}, {"status": 404}]
)
def test_lookup_that_fails_asks_and_stops_nothing_else(action: dict[str, Json], tmp_path: Path) -> None:
    found = findings(world(faults=[{**ASKING, "action": action}]), documents(range(1, 3)), tmp_path)

    assert [one.message.rpartition(": ")[2] for one in found] == ["the directory does not say who that is"] * 2
    assert all(one.stops and one.details for one in found)


def test_directory_that_changes_its_mind_makes_the_plan_stale(tmp_path: Path) -> None:
    there = world()
    run = rehearsal(there, documents(range(1, 3)), tmp_path)
    plan = run.plan()
    there.add_fault({**ASKING, "action": {"status": 403}})

    with pytest.raises(PlanStale, match="becomes a partner"):
        run.apply(plan)

    assert not there.store.all(CONTOSO, "partner")


def test_eighty_new_partners_that_files_and_directory_know_ask_nothing(tmp_path: Path) -> None:
    assert findings(world(), documents(range(1, 81)), tmp_path) == []
